"""Prices of both legs a second, one process, against a plain dictionary and a loop over the number's beginnings."""

import csv
import random
import time
from collections.abc import Callable
from functools import partial

from bench import Measure
from bench.turns import medians
from k5web import pricelists
from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate, RateTable

AIM = 0.4
PREFIXES = 50_000
FULL = 100_000  # pairs of numbers


def run(size: int = FULL) -> list[Measure]:
    """Return prices a second over K5's own list and over random prefixes."""
    draw = random.Random(5)
    own, scattered = own_list(), _scattered(draw)
    return [
        _compare("prices, K5's list, numbers all over it", own, numbers_of(draw, own, size)),
        _compare("prices, K5's list, Russian mobiles", own, ["79" + _digits(draw, 9) for _ in range(2 * size)]),
        _compare(f"prices, {PREFIXES} random prefixes", scattered, numbers_of(draw, scattered, size)),
    ]


def _compare(name: str, rates: list[Rate], numbers: list[str]) -> Measure:
    table = RateTable("bench", 1, rates)
    plain = {rate.prefix: rate for rate in rates}
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))

    def ours() -> None:
        for a, b in pairs:
            table.quote(a, b)

    def bare() -> int:
        return sum(_longest(plain, a).per_minute.micro + _longest(plain, b).per_minute.micro for a, b in pairs)

    our_s, bare_s = times_of(ours, bare)
    return Measure(name, len(pairs) / our_s, "a dictionary and a loop", len(pairs) / bare_s, "calls/s", AIM)


def times_of(*works: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Return the median time of each work, taken in turns. Units: seconds."""
    return list(medians({str(place): partial(_seconds, work, clock) for place, work in enumerate(works)}).values())


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return clock() - began


def _longest(rates: dict[str, Rate], number: str) -> Rate:
    for end in range(len(number), 0, -1):
        rate = rates.get(number[:end])
        if rate is not None:
            return rate
    raise LookupError(number)


def own_list() -> list[Rate]:
    """Return the rows of the price list that K5 comes with."""
    with pricelists.path("k5").open(encoding="utf-8", newline="") as file:
        return [Rate(row["prefix"], row["destination"], Price.parse(row["per_minute"])) for row in csv.DictReader(file)]


def _scattered(draw: random.Random) -> list[Rate]:
    prefixes: set[str] = set()
    while len(prefixes) < PREFIXES:
        prefixes.add(draw.choice("123456789") + _digits(draw, draw.randrange(10)))
    return [Rate(prefix, f"Направление {prefix[:3]}", Price(draw.randrange(10_000_000))) for prefix in sorted(prefixes)]


def numbers_of(draw: random.Random, rates: list[Rate], size: int) -> list[str]:
    """Return two numbers a pair, each under a prefix drawn from the rates."""
    prefixes = [draw.choice(rates).prefix for _ in range(2 * size)]
    return [prefix + _digits(draw, max(0, 11 - len(prefix))) for prefix in prefixes]


def _digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choices("0123456789", k=count))
