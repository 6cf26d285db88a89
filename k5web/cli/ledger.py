"""`k5 ledger`: the money asked about itself, and its journal as files; each longer command has a module."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from k5web.cli.archive import archive
from k5web.cli.bill_check import bill_check
from k5web.cli.context import open_house
from k5web.cli.month import month
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import day_of, echo
from k5web.cli.verify import verify
from k5web.domain.bank.exchange_writer import CODING
from k5web.domain.bank.parts import is_our_kind, plain_account
from k5web.errors import WrongFile
from k5web.services.bank import exchange_export
from k5web.services.books import journal_export, sealing
from k5web.whole_file import appearing

if TYPE_CHECKING:
    from k5web.services.books.journal_export import Days, Progress
    from k5web.services.ports import Ports

FORMATS: dict[str, Callable[[Ports, Days, TextIO, Progress], int]] = {
    "csv": lambda *asked: journal_export.write_csv(*asked),  # named when it runs: help waits for no database
    "hledger": lambda *asked: journal_export.write_hledger(*asked),
}


def _account(_ctx: click.Context, _param: click.Parameter, text: str | None) -> str:
    account = plain_account(text or "")
    if text and not is_our_kind(account):
        raise click.BadParameter(f"'{text}' is not an account of 20 digits")
    return account


@click.group()
def ledger() -> None:
    """The ledger."""


ledger.add_command(verify)
ledger.add_command(month)
ledger.add_command(bill_check)
ledger.add_command(archive)


@ledger.command()
@click.option("--from", "first", required=True, callback=day_of, metavar="DATE", help="The first day, Moscow time.")
@click.option("--to", "last", required=True, callback=day_of, metavar="DATE", help="The last day; it is included.")
@click.option("--format", "form", type=click.Choice([*FORMATS, "1c"]), default="csv", show_default=True)
@click.option("--account", callback=_account, help="Ours, of the 1C file; the payee's of the settings otherwise.")
@click.option("--out", type=click.Path(path_type=Path), help="The file, instead of the screen; it appears when whole.")
def export(first: date, last: date, form: str, account: str, out: Path | None) -> None:
    """Write the journal of these days: as a table, as plain-text accounting that hledger reads, or what came in and
    went back as documents that 1C loads.

    Ids only, no subscriber's name or number. The progress is on stderr.
    """
    if first > last:
        raise click.UsageError(f"--from {first} is after --to {last}: name the first day, then the last")
    if account and form != "1c":
        raise click.UsageError(f"--account belongs to --format 1c, not to {form}")
    with open_house() as ports:
        if form == "1c":
            done = _write_1c(ports, (first, last), account, out)
        else:
            with shown_progress() as progress, _opened(out) as to:
                told: Progress = lambda written, total: progress("export", written, total)  # noqa: E731
                done = f"{FORMATS[form](ports, (first, last), to, told)} postings"
        is_over = last < ports.today()
    if not is_over:
        echo("the last day is not over: what is posted later is not in the file", err=True)
    if out is not None:
        echo(f"{done}: see {out}")


def _write_1c(ports: Ports, days: Days, account: str, out: Path | None) -> str:
    with _opened(out, CODING) as to:
        done = exchange_export.write(ports, days, account, to)
    if done.left_out:
        words = "the format of 1C has roubles alone, --format csv has them too"
        echo(f"postings in other currencies left out: {done.left_out}; {words}", err=True)
    return f"{done.documents} documents, {done.received} RUB came, {done.spent} RUB went back"


@contextmanager
def _opened(out: Path | None, coding: str = "utf-8") -> Iterator[TextIO]:
    """Open the file that is to appear, or the screen; a letter that the coding lacks is a question mark there.

    Raises: WrongFile.
    """
    if out is None:
        screen = io.TextIOWrapper(sys.stdout.buffer, encoding=coding, errors="replace", newline="")
        yield screen
        screen.detach()  # it is flushed, and stays open for what is told after it
        return
    try:
        with appearing(out, coding, "replace") as to:
            yield to
    except OSError as error:
        raise WrongFile(file=str(out), reason=(error.strerror or "failed").lower()) from error


@ledger.command()
def close() -> None:
    """Close and seal the days that are over; nothing is booked into them any more."""
    with open_house() as ports, shown_progress() as progress:
        made = sealing.close_due(ports, progress)
        for seal in made:
            echo(f"{seal.day}  {seal.digest.hex()}")
        if not made:
            sealed = sealing.seals(ports)
            echo(f"nothing to close; the last sealed day is {sealed[-1].day}" if sealed else "nothing to close")
