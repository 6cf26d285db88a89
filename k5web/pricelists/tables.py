"""The tables beside this file: the printed prices, the directions with their rules, the leaflet's cities."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Direction:
    """How one destination of CloverTel's list is reached: a line of directions.csv."""

    destination: str
    country: str
    kind: str  # the kind in Russian where the numbers themselves do not tell it
    verb: str  # all, region, kinds, prefix, carrier, series
    arguments: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class City:
    """A city whose price the leaflet prints."""

    prefix: str
    place: str
    per_minute: str


def printed_prices() -> dict[str, str]:
    """Return the price of a minute by destination, in the order of the printed list."""
    return {row["destination"]: row["per_minute"] for row in _rows("clovertel_prices.csv")}


def directions() -> list[Direction]:
    """Return the rules, in the order of the printed list."""
    found = []
    for row in _rows("directions.csv"):
        verb, *words = row["rule"].split()
        named = row["destination"], row["country"], row["kind"]
        found.append(Direction(*named, verb, tuple(words), row["source"]))
    return found


def leaflet_cities() -> list[City]:
    """Return the city codes that the leaflet prices."""
    return [City(row["prefix"], row["place"], row["per_minute"]) for row in _rows("leaflet_cities.csv")]


@cache
def spellings() -> Mapping[str, str]:
    """Return how places and operators are spelled that the package's tables name in several ways, or not in Russian."""
    return {row["name"]: row["spelled"] for row in _rows("spellings.csv")}


def series(name: str, network: str) -> list[str]:
    """Return the prefixes of a table of number series that belong to a network."""
    return [row["prefix"] for row in _rows(name) if row["network"] == network]


def expanded(prefixes: tuple[str, ...]) -> Iterator[str]:
    """Yield single prefixes from a list that may hold ranges such as 7954102-7954103."""
    for item in prefixes:
        if not re.fullmatch(r"\d+(-\d+)?", item):
            raise ValueError(f"not a prefix or a range of prefixes: {item}")
        first, _, last = item.partition("-")
        yield from (str(number) for number in range(int(first), int(last or first) + 1))


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
