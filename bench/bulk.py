"""Calls rated in bulk a second, against copying the same file through the bare csv module."""

import csv
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from app import open_ports
from bench import Measure
from bench.house import house
from bench.lookups import times_of
from k5web.config.settings import Settings
from k5web.domain.prices.plan import FIRST_PLAN
from k5web.services.ports import Ports
from k5web.services.prices.bulk import INPUT, rate_file
from k5web.services.prices.dated_plans import DatedPlan

FULL = 100_000  # calls
SUBSCRIBERS = 20_000  # numbers that the calls are among
PLACES = {"+79": 12, "+7495": 12, "+7343": 12, "+7812": 12, "+77172": 12, "+44207946": 13, "+4930": 12, "+3592": 12}


def run(size: int = FULL) -> list[Measure]:
    """Return calls a second: among known numbers, as in a month's file, and with each number seen once."""
    with house() as environ:
        ports = open_house(environ)
        try:
            folder = Path(environ["K5_VAR"])
            return [
                _measure(ports, folder, f"calls rated, among {SUBSCRIBERS} numbers", size, SUBSCRIBERS),
                _measure(ports, folder, "calls rated, each number once", size, 2 * size),
            ]
        finally:
            ports.sessions.dispose()


def open_house(environ: Mapping[str, str]) -> Ports:
    """Open the ports of a benchmark's house in this process."""
    return open_ports(Settings.from_env({name: value for name, value in environ.items() if name.startswith("K5_")}))


def _measure(ports: Ports, folder: Path, name: str, size: int, known: int) -> Measure:
    calls, out, copy = (folder / f"{part}.csv" for part in ("calls", "out", "copy"))
    _write(calls, size, known, ports.clock())

    def ours() -> None:
        done = rate_file(calls, DatedPlan.published(ports, FIRST_PLAN), out)
        assert (done.lines, done.failed) == (size, 0)

    def bare() -> None:
        with calls.open(newline="") as source, copy.open("w", newline="") as target:
            csv.writer(target).writerows(csv.reader(source))

    our_s, bare_s = times_of(ours, bare)
    return Measure(name, size / our_s, "copying the file by the csv module", size / bare_s, "calls/s")


def _write(path: Path, size: int, known: int, since: datetime) -> None:
    draw = random.Random(6)
    starts = draw.choices(list(PLACES), weights=[9, 3, 1, 1, 1, 1, 1, 1], k=known)
    numbers = [start + "".join(draw.choices("123456789", k=PLACES[start] - len(start))) for start in starts]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(INPUT)
        for number in range(size):
            moment = (since + timedelta(seconds=number)).isoformat(timespec="seconds")
            a, b = (numbers[(2 * number + leg) % known] for leg in (0, 1))
            microseconds = draw.randrange(400_000_000)
            seconds = f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"
            writer.writerow((number, moment, a, b, seconds, seconds))
