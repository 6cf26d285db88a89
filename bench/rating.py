"""Calls rated a second of one core, with options and allowances, against the plain lookup of both legs' prices."""

import csv
import random
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from bench import Measure
from bench.lookups import times_of
from k5web import plans, pricelists
from k5web.domain.money import Price
from k5web.domain.prices.allowances import AllowanceBook
from k5web.domain.prices.plan_rating import PlanMeter
from k5web.domain.prices.rating import Rate, RateTable, charge_leg
from k5web.domain.prices.usage import Kind, UsageEvent, Zone
from k5web.services.in_force.plan_folder import PlanFolder, parse

FULL = 100_000  # calls
SUBSCRIBERS = 1_000  # whose allowances are kept
WISHED = {"k5": 30_000, "economny": 15_000}  # calls a second of one core's time, whatever else the machine does
PARTS_OF_MEMORY = 10
OWN = "79161234567"
STARTS = ("7990", "7860", "7916", "7495", "7978", "38044", "99412", "4420")
OPTIONS = (frozenset[str](), frozenset({"vklyuchaysya"}), frozenset({"vklyuchaysya", "sms-100", "unlimited-internet"}))
START = datetime(2026, 12, 1, tzinfo=UTC)


def run(size: int = FULL) -> list[Measure]:
    """Return calls a second on two plans, held against the lookup and against the wish; and what memory they keep."""
    table = _k5_list()
    calls = list(_calls(size))

    def find_rate(deck: str, event: UsageEvent, number: str) -> Rate:
        return table.find(number)

    def plain() -> None:
        for event in calls:
            quote = table.quote(OWN, event.to)
            sum((charge_leg(leg, event.quantity).charge.minor for leg in (quote.a, quote.b)), 0)

    meters = {code: PlanMeter(parse(PlanFolder(plans.HERE).text(code)), find_rate) for code in WISHED}
    *rated_s, plain_s = times_of(
        *(partial(_rate, meter, calls) for meter in meters.values()), plain, clock=time.process_time
    )
    found = []
    for code, seconds in zip(WISHED, rated_s, strict=True):
        name = f"calls rated on the plan {code}"
        found.append(Measure(name, size / seconds, "the prices of both legs alone", size / plain_s, "calls/s"))
        found.append(Measure(name, size / seconds, "the wish", WISHED[code], "calls/s", 1.0))
    return [*found, _memory(meters["economny"], size)]


def _rate(meter: PlanMeter, calls: Iterable[UsageEvent]) -> None:
    _take(meter, [AllowanceBook(meter.plan) for _ in range(SUBSCRIBERS)], calls)


def _take(meter: PlanMeter, books: list[AllowanceBook], calls: Iterable[UsageEvent]) -> None:
    for n, event in enumerate(calls):
        book = books[n % SUBSCRIBERS]
        book.take(meter.rate(event, book.left(event), OWN).used)


def _memory(meter: PlanMeter, size: int) -> Measure:
    """Return what the process has after one stream of calls, each made when it is rated, against after its first part.

    The subscribers' allowances are kept from its beginning to its end.
    """
    books = [AllowanceBook(meter.plan) for _ in range(SUBSCRIBERS)]
    stream = _calls(size * PARTS_OF_MEMORY)
    _take(meter, books, islice(stream, size))
    first = _resident_mb()
    _take(meter, books, stream)
    return Measure(f"memory after {PARTS_OF_MEMORY} times as many", _resident_mb(), "after the first", first, "MB")


def _calls(size: int) -> Iterator[UsageEvent]:
    draw = random.Random(12)
    for n in range(size):
        number = draw.choice(STARTS).ljust(5, "1") + "".join(draw.choices("123456789", k=6))
        at = START + timedelta(seconds=20 * n)
        yield UsageEvent(at, Kind.CALL, number, draw.randrange(400_000_000), Zone.HOME, draw.choice(OPTIONS))


def _k5_list() -> RateTable:
    with pricelists.path("k5").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return RateTable("k5", 1, [Rate(row["prefix"], row["destination"], Price.parse(row["per_minute"])) for row in rows])


def _resident_mb() -> float:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024
