"""A month of calls as a file, made as the worker makes it, in a process of its own: seconds, and memory in all."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from bench import Measure
from bench.bulk import open_house
from bench.house import house
from k5web.domain.books.export import ExportWish, Format, Paper
from k5web.domain.books.period import Movements, Period
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Rate
from k5web.services.accounts.accounts import add_subscriber, find_subscriber
from k5web.services.books import exports
from k5web.storage.books import ledger
from k5web.storage.prices.kept_rates import rate_facts
from k5web.storage.tables import CallRow, CdrRow, PostingRow, TransactionRow

FULL: Final = 100_000  # lines: one payment, all others calls
SECONDS, MEGABYTES = 60, 300  # what a PDF may take
PHONE: Final = "+79160009900"
MONTH: Final = Period.month(date(2026, 10, 1))
NUMBERS: Final = 300  # that are called
BATCH: Final = 5_000
OWN = Rate("79", "Россия мобильный", Price.parse("1.75"), source="deck k5 1")
OTHER = Rate("7495", "Москва городской", Price.parse("0.45"), source="deck k5 1")


def measure(size: int = FULL) -> list[Measure]:
    """Return seconds and megabytes of each format against what a PDF may take."""
    measures = []
    with house() as environ:
        _fill(environ, size)
        for form in Format:
            seconds, megabytes = _made(environ, form)
            name = f"{size} lines as {form.upper()}"
            aim = 1.0 if form is Format.PDF else None
            measures.append(Measure(f"{name}: allowed", SECONDS, "its making", seconds, "s", aim))
            measures.append(Measure(f"{name}: allowed", MEGABYTES, "its most memory", megabytes, "MB", aim))
    return measures


def _made(environ: Mapping[str, str], form: Format) -> tuple[float, float]:
    """Return the seconds and the megabytes that a process takes which makes one file."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "bench.long_statement", form]
    said = subprocess.run(command, env=dict(environ), check=True, stdout=subprocess.PIPE, text=True).stdout
    return time.perf_counter() - began, int(said) / 1024


def _peak_kb() -> int:
    """Return the most memory that this process ever had, begun anew at its start as `ru_maxrss` is not."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1])


def make(environ: Mapping[str, str], form: Format, out: Path | None = None) -> None:
    """Ask for the statement of the month and make it; write it into a file, too, where one is named."""
    ports = open_house(environ)
    owner_id = find_subscriber(ports, PHONE).id
    wish = ExportWish(Paper.STATEMENT, MONTH, Movements.ALL, form)
    asked = exports.ask(ports, owner_id, wish, f"bench {form}")
    assert exports.make_due(ports) == 1
    if out is not None:
        with out.open("wb") as file:
            file.writelines(exports.content(ports, exports.ready(ports, owner_id, asked.token)))
    ports.sessions.dispose()


def _fill(environ: Mapping[str, str], size: int) -> None:
    """Write a month of calls as the house does, each with both legs and its charge."""
    ports = open_house(environ)
    owner_id = add_subscriber(ports, Msisdn.parse(PHONE), "bench-password-8841", "ООО «Ромашка»").id
    with ports.sessions.read() as db:
        account_id = ledger.purse(db, owner_id).account_id
    paid = size * 440
    for start in range(0, size, BATCH):
        lines = [_line(owner_id, account_id, n, paid) for n in range(start, min(start + BATCH, size))]
        with ports.sessions.begin() as db:
            for table in (TransactionRow, PostingRow, CallRow, CdrRow):
                if rows := [row for line in lines for of, row in line if of is table]:
                    db.execute(insert(table), rows)
    ports.sessions.dispose()


def _line(owner_id: int, account_id: int, n: int, paid: int) -> list[tuple[Any, dict[str, Any]]]:
    """Return the rows of one line: the payment first, then a call of 65 seconds each."""
    at = datetime(2026, 10, 1, 0, 5, tzinfo=UTC) + timedelta(seconds=24 * n)
    origin, key, counter = ("call", f"{owner_id}-{n}", "sale.call") if n else ("test:bank", "bench", "cash.test")
    name = {"owner_id": owner_id, "origin": origin, "key": key}
    event = {"fingerprint": bytes(32), "actor": "bench", "occurred_at": at, "recorded_at": at}
    sums = {"unit": "RUB", "amount_minor": -440 if n else paid, "balance_minor": paid - 440 * n}
    posting = {"account_id": account_id, "day": at.date(), "seq": n + 1, "counter": counter}
    rows: list[tuple[Any, dict[str, Any]]] = [(TransactionRow, name | event), (PostingRow, name | posting | sums)]
    return rows + list(_call(owner_id, account_id, n, at)) if n else rows


def _call(owner_id: int, account_id: int, n: int, at: datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    number = f"7495{1_000_000 + n % NUMBERS}"
    legs = {"a_number": PHONE[1:], "b_number": number, "a_rate": rate_facts(OWN), "b_rate": rate_facts(OTHER)}
    limits = {"minutes": 10, "hold_minor": 2200, "ring_a_s": 40, "ring_b_s": 40, "talk_ms": 600_000, "leg_a_s": 640}
    end = {"state": "settled", "outcome": "done_b", "cost_minor": 440, "ended_at": at, "a_leg_from": "b_answer"}
    answered = at - timedelta(seconds=65)
    moments = {"ordered_at": at - timedelta(seconds=80), "changed_at": at, "b_answered_at": answered}
    order = {"owner_id": owner_id, "n": n, "account_id": account_id, "form_key": str(n), "currency": "RUB"}
    yield CallRow, order | legs | limits | end | moments | {"at_once": False, "a_answered_at": answered}
    for leg, rung in (("a", PHONE[1:]), ("b", number)):
        leg_of = {"owner_id": owner_id, "switch": "bench", "leg_uuid": f"{n}-{leg}", "n": n, "leg": leg, "number": rung}
        facts = {"cause": 16, "source": "b", "dial_status": "ANSWER"}
        yield CdrRow, leg_of | facts | {"started_at": moments["ordered_at"], "answered_at": answered, "ended_at": at}


if __name__ == "__main__":
    make(os.environ, Format(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    sys.stdout.write(f"{_peak_kb()}\n")
