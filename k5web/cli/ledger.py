"""`k5 ledger`: the money asked about itself, and its journal as files."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TextIO

import click

from k5web.cli.context import open_house
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import day_of, echo
from k5web.errors import WrongFile
from k5web.services.books import journal_export
from k5web.services.books import verify as verifying
from k5web.services.books.journal_export import Days, Progress
from k5web.services.ports import Ports
from k5web.whole_file import appearing

FORMATS: dict[str, Callable[[Ports, Days, TextIO, Progress], int]] = {
    "csv": journal_export.write_csv,
    "hledger": journal_export.write_hledger,
}


@click.group()
def ledger() -> None:
    """The ledger."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def verify(as_json: bool) -> None:
    """Ask every invariant of the ledger; exit 1 and the offending rows where one fails."""
    with open_house() as ports:
        breaches = verifying.verify(ports)
    if as_json:
        echo(json.dumps({"breaches": [asdict(breach) for breach in breaches]}, ensure_ascii=False))
    elif not breaches:
        echo("every invariant holds")
    else:
        for breach in breaches:
            echo(f"{breach.invariant}  {breach.where}: {breach.found}")
    if breaches:
        sys.exit(1)


@ledger.command()
@click.option("--from", "first", required=True, callback=day_of, metavar="DATE", help="The first day, Moscow time.")
@click.option("--to", "last", required=True, callback=day_of, metavar="DATE", help="The last day; it is included.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="csv", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="The file, instead of the screen; it appears when whole.")
def export(first: date, last: date, form: str, out: Path | None) -> None:
    """Write the journal of these days: as a table, or as plain-text accounting that hledger reads.

    Ids only, nobody's name or number. The progress is on stderr.
    """
    if first > last:
        raise click.UsageError(f"--from {first} is after --to {last}: name the first day, then the last")
    with open_house() as ports, shown_progress() as progress, _opened(out) as to:
        written = FORMATS[form](ports, (first, last), to, lambda done, total: progress("export", done, total))
        is_over = last < ports.today()
    if not is_over:
        echo("the last day is not over: what is posted later is not in the file", err=True)
    if out is not None:
        echo(f"{written} postings: see {out}")


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Open the file that is to appear, or the screen. Raises: WrongFile."""
    if out is None:
        screen = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        yield screen
        screen.detach()  # it is flushed, and stays open for what is told after it
        return
    try:
        with appearing(out) as to:
            yield to
    except OSError as error:
        raise WrongFile(file=str(out), reason=(error.strerror or "failed").lower()) from error
