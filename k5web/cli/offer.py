"""`k5 offer`: the documents of the contract: checked, published, listed with whether they are what was published."""

from datetime import date
from pathlib import Path

import click

from k5web.cli.context import actor, open_house
from k5web.cli.terminal import day_of, echo
from k5web.domain.accounts.contract import DOCUMENT_KINDS, in_force
from k5web.errors import WrongFile
from k5web.services.accounts import document_files, documents


@click.group()
def offer() -> None:
    """The offer and the terms of service: check, publish, list."""


@offer.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Check files of documents."""
    wrong = [path for path in files if not _is_fine(path)]
    if wrong:
        ctx.exit(1)


def _is_fine(path: Path) -> bool:
    """Tell what a file holds, or what is wrong with it."""
    try:
        found = document_files.read(path)
    except WrongFile as wrong:
        echo(wrong, err=True)
        return False
    points = sum(len(section.points) for section in found.sections)
    echo(f"{path}: {found.kind} {found.number} is fine: {len(found.sections)} sections, {points} points")
    return True


@offer.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--effective", required=True, callback=day_of, metavar="DATE", help="In force from 00:00 Moscow of this day."
)
@click.option("--dry-run", is_flag=True, help="Check everything and publish nothing.")
def publish(file: Path, effective: date, dry_run: bool) -> None:
    """Publish FILE as the next version of its document, for ever. What worsens anything needs 10 days' notice."""
    with open_house() as ports:
        done = documents.publish(ports, document_files.read(file), effective, actor(), dry_run)
    name = f"{done.document.kind} {done.document.number}"
    if done.is_known:
        echo(f"{name}: this very text is published already for {effective}; nothing was written")
    elif done.version is None:
        echo(f"{name}: dry run, nothing was published")
    else:
        echo(f"{name} is in force from {effective}, digest {done.version.digest.hex()}")


@offer.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """List every version; `*` is in force. Exit 1 where one does not say any more what was published."""
    with open_house() as ports:
        found, now = documents.listed(ports), ports.clock()
    shown = [in_force([each for each in found if each.document.kind == kind], now) for kind in DOCUMENT_KINDS]
    for version in found:
        document, mark = version.document, "*" if version in shown else " "
        worse = ", worsens" if document.is_worse else ""
        echo(
            f"{mark} {document.kind:<6} {document.number:>3} from {documents.first_day(version)}{worse}, "
            f"by {version.actor}, {version.digest.hex()}"
        )
    changed = [f"{version.document.kind} {version.document.number}" for version in found if not version.is_whole]
    for name in changed:
        echo(f"{name} does not say what was published: its digest is another", err=True)
    if not found:
        echo("nothing is published: k5 offer publish FILE --effective DATE")
    if changed:
        ctx.exit(1)
