"""`k5 act`: acts of services; the worker issues and sends them by itself."""

from datetime import date
from pathlib import Path

import click

from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, look_at
from k5web.cli.terminal import day_of, echo, moment, month_of
from k5web.domain.books.act import Act, read_address
from k5web.errors import NotFound
from k5web.services.accounts import accounts
from k5web.services.books import acts


def _named(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[date, int]:
    try:
        return read_address(text)
    except NotFound:
        raise click.BadParameter(f"'{text}' is not an act like 2026-11, or 2026-11-2 of a corrected one") from None


@click.group()
def act() -> None:
    """Acts of services, by month."""


@act.command("issue")
@click.option("--month", callback=month_of, metavar="MONTH", help="This month alone, also one before acts began.")
def issue(month: date | None) -> None:
    """Issue every act that is due and correct those that the ledger has left behind. Repeatable: nothing twice."""
    with open_house() as ports:
        if month is not None:
            echo(f"{acts.issue(ports, month)} acts issued for {month:%Y-%m}")
            return
        issued, corrected = acts.issue_due(ports), acts.correct_all(ports)
    echo(f"{issued} acts issued, {corrected} corrected")


@act.command("list")
@click.option("--month", callback=month_of, metavar="MONTH", help="All acts of this month.")
@click.option("--subscriber", "login", help="All acts of this subscriber.")
def list_(month: date | None, login: str | None) -> None:
    """List the acts of a month, or of a subscriber: number, day, whose, which, sum."""
    if (month is None) == (login is None):
        raise click.UsageError("either --month or --subscriber says which acts are meant")
    with open_house() as ports:
        if month is not None:
            found = acts.of_month(ports, month)
        else:
            found = acts.of_owner(ports, accounts.find_subscriber(ports, str(login)).id)
    for each in found:
        echo(_line(each))
    if not found:
        echo("no acts")


def _line(each: Act) -> str:
    corrected = f"  corrects {each.corrects}" if each.corrects else ""
    return f"{each.label:>10}  {each.day}  {each.owner_id}  {each.address:<9}  {each.total} {each.currency}{corrected}"


@act.command("originals")
def originals() -> None:
    """List the signed originals that subscribers wait for, the oldest wish first."""
    with open_house() as ports:
        found = acts.originals(ports)
    for each in found:
        echo(f"{each.owner_id}  {each.address:<9}  wanted {moment(each.wanted_at)}")
    if not found:
        echo("nobody waits for a signed act")


@act.command("sent")
@click.argument("owner", type=int)
@click.argument("named", metavar="ACT", callback=_named)
@click.option(
    "--document", required=True, help="The number of the letter, or how it was handed over; the owner sees it."
)
@click.option("--on", "sent_on", callback=day_of, metavar="DAY", help="The day it was sent; today unless given.")
def sent(owner: int, named: tuple[date, int], document: str, sent_on: date | None) -> None:
    """Note that the signed original of ACT (2026-11, or 2026-11-2) was sent to OWNER, at most once."""
    with open_house() as ports:
        is_new = acts.note_sent(ports, owner, *named, sent_on or ports.today(), document, actor())
    echo("noted" if is_new else "noted before: nothing was changed")


@act.command("pdf")
@click.argument("login")
@click.argument("named", metavar="ACT", callback=_named)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@PURPOSE
def pdf(login: str, named: tuple[date, int], file: Path, purpose: str) -> None:
    """Write ACT (2026-11, or 2026-11-2) of LOGIN into FILE, to print and sign. The reading is written down."""
    with open_house() as ports:
        owner = look_at(ports, login, purpose)
        (drawn,) = ports.attach(ports, owner.id, "act", {"month": named[0].isoformat(), "version": named[1]})
    try:
        file.write_bytes(drawn.content)
    except OSError as error:
        raise click.FileError(str(file), str(error.strerror)) from None
    echo(f"{file}: {len(drawn.content)} bytes")
