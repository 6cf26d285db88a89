"""`k5 db`: make the schema, compare it with what the program expects."""

import sys
from functools import partial
from pathlib import Path

import click

from k5web.cli.context import open_house, settings
from k5web.cli.distribute import distribute
from k5web.cli.terminal import echo
from k5web.services.books import restoring
from k5web.storage import revision, schema

MARGIN = 1000  # numbers of each kind that may have been given since the backup; a busier house says more


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
def upgrade() -> None:
    """Bring the schema to this version; safe to repeat."""
    url = settings().database_url
    if schema.is_current(url):
        echo("the schema is at the newest version")
        return
    schema.upgrade(url, partial(echo, err=True))
    echo("the schema was brought to the newest version")


@db.command()
def check() -> None:
    """Compare the schema, its guards and its grants with what this version expects; exit 1 where they differ."""
    differences = schema.check(settings().database_url)
    for difference in differences:
        echo(difference)
    if differences:
        sys.exit(1)
    echo("the schema is what this version expects, every guard and every grant is there")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy a SQLite database while it is used. FILE appears when it is whole; one that is there is not touched."""
    copied = schema.backup(settings().database_url, file)
    echo(f"{file}: {copied} bytes, a whole database of this moment")


@db.command()
@click.option("--margin", type=click.IntRange(1, 10**6), default=MARGIN, show_default=True)
@click.option("--yes", is_flag=True, help="Do it; without this, only say what would be done.")
def opened(margin: int, yes: bool) -> None:
    """Let a database that was brought back from a backup work again: pages and workers write nothing until then.

    Every number goes on higher by the margin, for those given after the backup are not in it.
    """
    with open_house() as ports:
        found = restoring.look(ports)
        if not found.is_shut:
            echo("nothing is shut: the database is where it was opened; if it was brought back nevertheless:")
            echo("k5 db shut --yes")
            return
        if yes:
            moved = restoring.open_doors(ports, margin)
            echo("opened; the next numbers: " + ", ".join(f"{kind} {number}" for kind, number in moved.items()))
            return
    if found.was == found.here:
        echo("this database was shut by k5 db shut")
    elif found.here:
        echo(f"this database was brought back: it is {found.here} and was opened as {found.was or 'none'}")
    else:
        echo("this database was brought back: it is a backup's file")
    for what, at in found.newest.items():
        echo(f"the newest {what} in it: {f'{at:%Y-%m-%d %H:%M:%S} UTC' if at else 'none'}")
    echo("what came later is not there: see Backup in docs/operators.md, k5 db check, k5 ledger verify; then")
    echo(f"k5 db opened --yes, which moves every number on by {margin} and lets pages and workers write")


@db.command()
@click.option("--yes", is_flag=True, help="Do it; without this, only say what would be done.")
def shut(yes: bool) -> None:
    """Shut a database that was brought back in a way that does not show: pages and workers stop writing in seconds.

    k5 db opened lets it work again.
    """
    with open_house() as ports:
        if restoring.is_shut(ports):
            echo("it is shut already: see k5 db opened")
        elif yes:
            restoring.shut_doors(ports)
            echo("shut: pages and workers write nothing until k5 db opened --yes")
        else:
            echo("nothing is shut; k5 db shut --yes lets pages and workers write nothing until k5 db opened --yes")


@db.command("revision")
@click.argument("what")
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that it is written into, instead of the program's own.",
)
def write_revision(what: str, into: Path | None) -> None:
    """For developers: write the next migration from what the models say now. WHAT: one sentence for its first line."""
    try:
        written = revision.write_revision(what, into or revision.VERSIONS)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="WHAT") from error
    echo(f"written: {written.path}")
    if written.is_empty:
        echo("the models say nothing that the migrations so far do not make: it is empty")
    echo("read it, complete its GRANTS (and grants.txt) and guards, then: k5 db upgrade && k5 db check")


db.add_command(distribute)
