"""`k5 ledger month`: the operator's month for the accountant."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from k5web.cli.context import open_house
from k5web.cli.terminal import echo, echo_json, month_of
from k5web.domain.books.month import Column, Line, MonthTable
from k5web.domain.money import Money
from k5web.services.books import month as months

if TYPE_CHECKING:
    from k5web.services.books.month import Month

WIDTH = 15  # of a column of sums
NAMES = 40  # of the lines' names


@click.command("month")
@click.argument("first", metavar="[YYYY-MM]", required=False, callback=month_of)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def month(first: date | None, as_json: bool) -> None:
    """Show the whole house's month, this one by default: opened with, came in, charged, given back, closed with.

    A table for each currency; allowances of minutes, messages and data are no money and are left out. Exit 1 where the
    opening and all lines do not come to the closing.
    """
    with open_house() as ports:
        today = ports.today()
        if first is not None and first > today:
            raise click.BadParameter(f"{first:%Y-%m} is still to come", param_hint="[YYYY-MM]")
        found = months.show(ports, first or today)
    if as_json:
        echo_json(_facts(found))
    else:
        _echo(found)
    sys.exit(0 if found.agrees else 1)


def _echo(found: Month) -> None:
    until = "" if found.is_over else "; it is not over yet"
    echo(f"{found.first:%Y-%m}: {found.first} to {found.last}, Moscow time{until}")
    if not found.tables:
        echo("no account of money is open yet")
    for table in found.tables:
        echo()
        for line in _lines(table):
            echo(line)


def _lines(table: MonthTable) -> Iterator[str]:
    yield f"{table.currency:<{NAMES}}" + "".join(f"{column:>{WIDTH}}" for column in table.columns)
    yield _row("opened with", table, table.opened)
    for section, of_section in groupby(table.lines, key=lambda line: line.section):
        lines = list(of_section)
        yield _row(section, table, _total(lines))
        yield from (_row(f"  {_words(line)}", table, line.sums) for line in lines)
    yield _row("closed with", table, table.closed)
    if table.agrees:
        yield "the opening and all lines come to the closing"
    for column in table.columns:
        if (left := table.difference(column)).minor:
            yield f"{column}: {left} of the closing is not explained; ask k5 ledger verify"


def _row(name: str, table: MonthTable, sums: dict[Column, int]) -> str:
    shown = (str(Money(sums.get(column, 0), table.currency)) for column in table.columns)
    return f"{name:<{NAMES}}" + "".join(f"{text:>{WIDTH}}" for text in shown)


def _words(line: Line) -> str:
    return line.what.replace("_", " ")


def _total(lines: list[Line]) -> dict[Column, int]:
    return {column: sum(line.sums.get(column, 0) for line in lines) for column in Column}


def _facts(found: Month) -> dict[str, Any]:
    return {
        "month": f"{found.first:%Y-%m}",
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "is_over": found.is_over,
        "agrees": found.agrees,
        "currencies": [_table_facts(table) for table in found.tables],
    }


def _table_facts(table: MonthTable) -> dict[str, Any]:
    def told(sums: dict[Column, int]) -> dict[str, str]:
        return {str(column): str(Money(sums.get(column, 0), table.currency)) for column in table.columns}

    return {
        "currency": table.currency,
        "opened": told(table.opened),
        "lines": [{"section": str(line.section), "what": line.what, "sums": told(line.sums)} for line in table.lines],
        "closed": told(table.closed),
        "agrees": table.agrees,
    }
