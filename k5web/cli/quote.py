"""`k5 quote`: the price of a minute between two numbers."""

import json
from datetime import UTC, datetime

import click

from k5web.cli.context import open_database
from k5web.cli.terminal import echo
from k5web.domain.money import MICRO_PER_MINOR
from k5web.domain.prices.number import Msisdn, other_reading
from k5web.domain.prices.plan import PUBLIC_DECK
from k5web.domain.prices.rating import Quote, Rate
from k5web.services.prices import one_quote

NAMES = {
    "connect_fee": "for the connection, once",
    "increment_s": "seconds: time is rounded up to these",
    "minimum_s": "seconds at least",
    "free_below_s": "seconds: a shorter talk is free",
}


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
    with open_database() as sessions:
        found = one_quote.quote(sessions, PUBLIC_DECK, numbers[0], numbers[1], datetime.now(UTC))
    legs = {"a": (numbers[0], found.a), "b": (numbers[1], found.b)}
    currency = found.per_minute.currency
    if as_json:
        facts = {leg: _facts(number, rate) for leg, (number, rate) in legs.items()}
        whole = {**facts, "per_minute": str(found.per_minute), "currency": currency}
        if _has_extras(found):
            whole |= {"connect_fee": str(found.connect_fee), "first_minute": str(found.first_minute)}
        echo(json.dumps(whole, ensure_ascii=False))
        return
    for number, rate in legs.values():
        echo(f"{number.grouped:<20} {rate.per_minute!s:>8}  {rate.destination} ({rate.prefix})")
        for name, value in _extras(rate).items():
            echo(f"{'':<20} {value!s:>8}  {NAMES[name]}")
    echo(f"{'a minute':<20} {found.per_minute!s:>8}  {currency}")
    if _has_extras(found):
        echo(f"{'the first minute':<20} {found.first_minute!s:>8}  as it is charged, with all of the above")


def _has_extras(found: Quote) -> bool:
    """Return whether a minute is not charged what the sum of both prices says: fees, steps, parts of a kopeck."""
    is_rounded = found.first_minute.minor * MICRO_PER_MINOR != found.per_minute.micro
    return is_rounded or bool(_extras(found.a) or _extras(found.b))


def _extras(rate: Rate) -> dict[str, str | int]:
    """Return the terms that differ from what every price list has: whole minutes, under three seconds free, no fee."""
    usual = Rate("", "", rate.per_minute)
    counted = {name: getattr(rate, name) for name in ("increment_s", "minimum_s", "free_below_s")}
    extras: dict[str, str | int] = {name: value for name, value in counted.items() if value != getattr(usual, name)}
    return ({"connect_fee": str(rate.fee)} if rate.fee.micro else {}) | extras


def _facts(number: Msisdn, rate: Rate) -> dict[str, str | int]:
    return {
        "number": str(number),
        "destination": rate.destination,
        "prefix": rate.prefix,
        "per_minute": str(rate.per_minute),
        **_extras(rate),
    }
