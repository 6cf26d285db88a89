"""`k5 number`: the stock of numbers to rent."""

from pathlib import Path

import click

from k5web.cli.context import actor, open_house
from k5web.cli.progress import shown_progress
from k5web.cli.rejected_rows import echo_rejected
from k5web.cli.terminal import echo, moment
from k5web.domain.accounts.stock_number import CODES, NumberState, StockNumber
from k5web.errors import WrongStock
from k5web.services.accounts import number_stock
from k5web.services.prices import deckfiles


@click.group()
def number() -> None:
    """Numbers to rent: add, list, import."""


@number.command()
@click.argument("text", metavar="NUMBER")
@click.option("--beautiful", "is_beautiful", is_flag=True, help="Mark it as beautiful for who chooses.")
def add(text: str, is_beautiful: bool) -> None:
    """Put NUMBER, like +74951234567, into the stock."""
    with open_house() as ports:
        echo(f"{number_stock.add(ports, text, is_beautiful, actor())} is free")


@number.command("list")
@click.option("--code", type=click.Choice(CODES), help="Of this code alone.")
@click.option("--state", type=click.Choice([state.value for state in NumberState]), help="In this state alone.")
def list_(code: str | None, state: str | None) -> None:
    """List the stock: number, state, since when, until when, whose, beautiful or not."""
    with open_house() as ports:
        found = number_stock.listed(ports, code, NumberState(state) if state else None)
        for one in found:
            echo(_line(one, is_free=one.is_free(ports.clock())))
    echo(f"numbers: {len(found)}", err=True)


@number.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Put the numbers of FILE (CSV or XLSX: number, and yes where it is beautiful) into the stock, all or none."""
    content = deckfiles.read_bytes(file)
    layout = deckfiles.Layout(delimiter=max(",;\t", key=lambda sign: content.count(sign.encode())))
    with open_house() as ports, shown_progress() as progress:
        try:
            rows = deckfiles.read_rows(file.name, content, layout)
            found = number_stock.import_numbers(ports, file.name, rows, actor(), progress)
        except WrongStock as wrong:
            echo_rejected(wrong.facts["rejected"])
            raise
    echo(f"{file.name}: {found.added} numbers were added, {found.known} were there already")


def _line(one: StockNumber, *, is_free: bool) -> str:
    state = NumberState.FREE if is_free else one.state
    until = "" if is_free or one.until is None else f" until {moment(one.until)}"
    owner = "" if is_free or one.owner_id is None else f" {one.owner_id}"
    return f"{one.msisdn} {state:<10}{owner}{until}{' beautiful' if one.is_beautiful else ''}".rstrip()
