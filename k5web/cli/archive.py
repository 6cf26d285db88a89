"""`k5 ledger archive`: months older than the legal term as files, and such a file held against itself."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from k5web.cli.context import actor, open_house
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import echo, month_of
from k5web.domain.books.archive import ProvedArchive
from k5web.errors import WrongArchive, WrongFile
from k5web.services.books import archiving
from k5web.whole_file import appearing

if TYPE_CHECKING:
    from k5web.services.books.archiving import Leaving, Progress
    from k5web.services.ports import Ports


@click.command()
@click.option("--until", callback=month_of, metavar="YYYY-MM", help="The last month that leaves; all before it, too.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The folder of the files.")
@click.option("--yes", "is_sure", is_flag=True, help="Write them; without it, only say what would leave.")
@click.option("--check", "proved", type=click.Path(path_type=Path), help="Prove a file instead, without a database.")
def archive(until: date | None, out: Path | None, is_sure: bool, proved: Path | None) -> None:
    """Write the months older than the legal term as files, one a month; or prove such a file.

    Nothing is deleted from the database. A file appears when it is whole and all its digests came out again.
    """
    if proved is not None:
        if until or out or is_sure:
            raise click.UsageError("--check stands alone: it writes nothing")
        _tell_proved(proved, _prove(proved))
        return
    if until is None or out is None:
        raise click.UsageError("name --until YYYY-MM and --out FOLDER, or --check FILE")
    with open_house() as ports:
        months = archiving.leaving(ports, until)
        for month in months:
            _leave(ports, month, out, is_sure)
    if not is_sure:
        echo("Nothing is written: add --yes")


def _leave(ports: Ports, month: Leaving, out: Path, is_sure: bool) -> None:
    target = out / month.name
    if month.made is not None and target.is_file():
        echo(f"{target}: is there  {month.made.digest.hex()}")
    elif not is_sure:
        echo(f"{target}: {month.postings} postings")
    else:
        with shown_progress() as progress:
            _write(ports, month, target, progress)


def _write(ports: Ports, month: Leaving, target: Path, progress: Progress) -> None:
    """Write a file, then its digest as `sha256sum -c` reads it, and list it. Whoever was killed does it again."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with appearing(target) as to:
            made = archiving.write(ports, month, actor(), to, progress)
        with appearing(target.with_name(f"{target.name}.sha256")) as to:
            to.write(f"{made.digest.hex()}  {target.name}\n")
    except OSError as error:
        raise WrongFile(file=str(target), reason=(error.strerror or "failed").lower()) from error
    archiving.note(ports, made)
    echo(f"{target}: {made.postings} postings  {made.digest.hex()}")


def _prove(path: Path) -> ProvedArchive:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return archiving.prove(lines)
    except WrongArchive as error:
        echo(f"k5: {path}: {error}", err=True)
        sys.exit(1)
    except UnicodeDecodeError:
        raise WrongFile(file=str(path), reason="is no archive: not UTF-8") from None
    except OSError as error:
        raise WrongFile(file=str(path), reason=(error.strerror or "failed").lower()) from error


def _tell_proved(path: Path, found: ProvedArchive) -> None:
    echo(f"{path}: {found.postings} postings of {found.accounts} accounts, {found.first_day} to {found.last_day}")
    echo(f"every digest and seal comes out again; the seal of {found.last_day} is")
    echo(found.seal.hex())
    echo("compare it with the letter of that day")
