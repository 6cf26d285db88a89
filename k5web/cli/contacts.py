"""`k5 contacts`: the address book of a phone, with a call link at each number."""

from pathlib import Path

import click

from k5web.cli.context import settings
from k5web.cli.terminal import echo
from k5web.domain.contacts import address_book
from k5web.domain.contacts.links import Fate, Links
from k5web.domain.prices.number import HOME, HOMES
from k5web.errors import WrongFile
from k5web.whole_file import appearing

WHY = {Fate.UNCLEAR: "may mean two numbers", Fate.NO_NUMBER: "no whole number"}


@click.group()
def contacts() -> None:
    """Address books of phones."""


@contacts.command()
@click.argument("book", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--home",
    type=click.Choice(sorted(HOMES.values())),
    default=HOME,
    show_default=True,
    help="Where a number without its country is.",
)
def rewrite(book: Path, out: Path, home: str) -> None:
    """Write BOOK (vCard or Google's CSV) to OUT with the call link of each number; nothing else is changed."""
    try:
        content = book.read_bytes()
    except OSError as error:
        raise WrongFile(file=book, reason=f"cannot be read: {error.strerror}") from error
    rewritten = address_book.rewrite(content, Links(settings().public_url, home))
    try:
        with appearing(out, "latin-1") as target:  # in which each byte is one sign
            target.write(rewritten.content.decode("latin-1"))
    except OSError as error:
        raise WrongFile(file=out, reason=f"cannot be written: {error.strerror}") from error
    for entry in rewritten.of(Fate.UNCLEAR, Fate.NO_NUMBER):
        echo(f"left as it is, {WHY[entry.fate]}: {entry.typed[:64]} ({entry.contact or 'no name'})", err=True)
    added, there = len(rewritten.of(Fate.ADDED)), len(rewritten.of(Fate.THERE))
    echo(f"contacts: {rewritten.contacts}, links added: {added}, there already: {there}")
