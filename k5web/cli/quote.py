"""`k5 quote`: the price of a minute between two numbers."""

import json

import click

from k5web.cli.context import open_house
from k5web.cli.terminal import echo
from k5web.domain.number import Msisdn, other_reading
from k5web.domain.plan import PUBLIC_DECK
from k5web.domain.rating import Rate
from k5web.services import tariffs


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("a")
@click.argument("b")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def quote(a: str, b: str, as_json: bool) -> None:
    """Print what a minute of a callback from A to B costs: both legs are paid for."""
    numbers = [Msisdn.parse(text) for text in (a, b)]
    for text, number in zip((a, b), numbers, strict=True):
        other = other_reading(text)
        if other is not None:
            echo(f"{text} is read as {number}; for the other reading write {other}", err=True)
    with open_house() as ports:
        found = tariffs.quote(ports, PUBLIC_DECK, *numbers)
    legs = {"a": (numbers[0], found.a), "b": (numbers[1], found.b)}
    currency = found.per_minute.currency
    if as_json:
        facts = {leg: _facts(number, rate) for leg, (number, rate) in legs.items()}
        whole = {**facts, "per_minute": str(found.per_minute), "currency": currency}
        echo(json.dumps(whole, ensure_ascii=False))
        return
    for number, rate in legs.values():
        echo(f"{number.grouped:<20} {rate.per_minute!s:>8}  {rate.destination} ({rate.prefix})")
    echo(f"{'a minute':<20} {found.per_minute!s:>8}  {currency}")


def _facts(number: Msisdn, rate: Rate) -> dict[str, str]:
    return {
        "number": str(number),
        "destination": rate.destination,
        "prefix": rate.prefix,
        "per_minute": str(rate.per_minute),
    }
