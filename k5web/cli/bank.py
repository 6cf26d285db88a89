"""`k5 bank`: statements in, and what they brought to nobody given to whom it was meant for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from k5web.cli.context import open_house
from k5web.cli.doubts import credit, doubtful, join
from k5web.cli.progress import shown_progress
from k5web.cli.suspense import assign, close, match_facts, match_lines, rules, suspense, typed_sum
from k5web.cli.terminal import echo, echo_json
from k5web.domain.bank.parts import is_our_kind, plain_account
from k5web.domain.money import Money
from k5web.domain.workday import LATE_AFTER_DAYS
from k5web.services.bank import statement_import

if TYPE_CHECKING:
    from k5web.services.bank.statement_files import Progress
    from k5web.services.bank.statement_import import BankImport, Taken, Tally

WHY = {
    "nobody": "names no account",
    "unknown": "names an account that is not there",
    "several": "names several accounts",
    "inactive": "the account is closed or blocked",
    "currency": "the account is in another currency",
    "taken_back": "was taken back from the wrong subscriber",
}
IN_ROUBLES = ("810", "643")


@click.group()
def bank() -> None:
    """The bank's statements: credit what came, list what came to nobody or may be known, say what becomes of it."""


def _accounts(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(plain_account(account) for account in given)
    for text, account in zip(given, found, strict=True):
        if not is_our_kind(account):
            raise click.BadParameter(f"'{text}' is not an account of 20 digits")
        if account[5:8] not in IN_ROUBLES:
            raise click.BadParameter(f"'{text}' is not in roubles: its digits 6 to 8 are {account[5:8]}")
    return found


@bank.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--account", "own", multiple=True, callback=_accounts, help="Ours; the payee's of the settings otherwise."
)
@click.option("--received", callback=typed_sum, help="What the bank says came, where the file does not say it.")
@click.option("--yes", "is_sure", is_flag=True, help="Large sums are right: I compared them with the bank.")
@click.option("--dry-run", is_flag=True, help="Say what would be credited and credit nothing.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def import_(
    file: Path, own: tuple[str, ...], received: Money | None, is_sure: bool, dry_run: bool, as_json: bool
) -> None:
    """Credit what FILE says came to our account: 1C exchange text or CSV, believed whole or refused whole.

    The same payment is credited once, in however many files it stands, and however it is spelled. Exit 1 where a
    person must look: a payment is as a known one but for one part, or nothing proves that the file is whole.
    """
    with open_house() as ports, shown_progress() as progress:
        told: Progress = lambda read, total: progress("bank", read, total)  # noqa: E731
        done = statement_import.import_statement(ports, file, own, dry_run, told, is_sure=is_sure, received=received)
    if as_json:
        echo_json(_facts(done, dry_run))
    else:
        _echo(done, dry_run)
    sys.exit(1 if done.needs_a_person else 0)


for command in (suspense, assign, close, rules, doubtful, credit, join):
    bank.add_command(command)


def _echo(done: BankImport, dry_run: bool) -> None:
    for title, tally in (
        ("suspense", done.suspended),
        ("late", done.late),
        ("doubtful", done.doubtful),
    ):
        for line in _lines(title, tally):
            echo(line)
    for line in match_lines("would be closed" if dry_run else "closed", done.closed):
        echo(line)
    verb = "would be credited" if dry_run else "credited"
    echo(f"{verb}: {done.credited.count}, {done.credited.amount} RUB; late by B4: {done.late.count}")
    echo(f"to suspense: {done.suspended.count}, {done.suspended.amount} RUB")
    if done.closed.count:
        verb = "would be closed" if dry_run else "closed"
        echo(f"{verb} by rules, of all that waits: {done.closed.count}, {done.closed.amount} RUB")
    echo(f"known already: {done.known}")
    echo(f"doubtful, not credited: {done.doubtful.count}, {done.doubtful.amount} RUB")
    echo(
        f"left out: {done.outgoing} outgoing, {done.between} between our accounts, {done.foreign} of other accounts, "
        f"{done.pending} not received yet"
    )
    for lenience, times in done.notes.items():
        if times:
            echo(f"read leniently: {times} {lenience}")
    for doubt in done.doubts:
        echo(f"doubt: {doubt}")


def _lines(title: str, tally: Tally) -> Iterator[str]:
    for one in tally.first:
        document = one.document
        yield (
            f"{title}: line {document.line}: No. {document.number} of {document.day:%d.%m.%Y}, {document.amount} RUB"
            f"{_words(one)}"
        )
    if tally.count > len(tally.first):
        yield f"{title}: and {tally.count - len(tally.first)} more"


def _words(one: Taken) -> str:
    if one.doubt is not None:
        press = f"; k5 bank credit {one.number}, or k5 bank join {one.number}" if one.number else ""
        return f": known already but for {one.doubt.differs}{press}"
    if one.why is not None:
        return f": {WHY[one.why]}" + (f", payment {one.number}" if one.number else "")
    if one.days > LATE_AFTER_DAYS:
        return f": {one.days} working days after it came, {one.days - LATE_AFTER_DAYS} late"
    return ""


def _facts(done: BankImport, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "credited": _few_facts(done.credited, with_lines=False),
        "suspense": _few_facts(done.suspended),
        "late": _few_facts(done.late),
        "closed": match_facts(done.closed),
        "doubtful": _few_facts(done.doubtful),
        "known": done.known,
        "outgoing": done.outgoing,
        "between": done.between,
        "foreign": done.foreign,
        "pending": done.pending,
        "leniently": {lenience.name.lower(): times for lenience, times in done.notes.items() if times},
        "doubts": done.doubts,
    }


def _few_facts(tally: Tally, with_lines: bool = True) -> dict[str, Any]:
    facts: dict[str, Any] = {"count": tally.count, "amount": str(tally.amount)}
    return facts | {"payments": [_taken_facts(one) for one in tally.first]} if with_lines else facts


def _taken_facts(one: Taken) -> dict[str, Any]:
    document = one.document
    return {
        "line": document.line,
        "document": document.number,
        "day": document.day.isoformat(),
        "amount": str(document.amount),
        "subscriber": one.owner_id,
        "number": one.number or None,
        "why": one.why,
        "differs": one.doubt.differs if one.doubt else None,
        "working_days": one.days,
        "days_late": max(0, one.days - LATE_AFTER_DAYS),
    }
