"""A provider's register against the ledger: what each line can turn out to be, and when a payment came late."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable
from zoneinfo import ZoneInfo

from k5web.domain.money import Money
from k5web.domain.payments.connector import RegisterLine
from k5web.domain.workday import LATE_AFTER_DAYS, working_days
from k5web.errors import WrongRegister

Row = TypeVar("Row")
_ZONES = {"RUB": ZoneInfo("Europe/Moscow"), "KGS": ZoneInfo("Asia/Bishkek")}


class RegisterVerdict(StrEnum):
    """What a line, or a payment without a line, turned out to be."""

    CONFIRMED = "confirmed"
    MISSING_HERE = "missing_here"  # only theirs: credited by a person, under the same name
    MISSING_THERE = "missing_there"  # only ours: never taken back by itself
    SUM_MISMATCH = "sum_mismatch"
    DUPLICATE = "duplicate_in_register"
    LATE = "late"  # credited, more than three working days after it was paid


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person must look at. `line_no` is None where the register has no line."""

    verdict: RegisterVerdict
    key: str
    line_no: int | None
    theirs: Money | None
    ours: Money | None
    at: datetime | None


@runtime_checkable
class KeepsZone(Protocol):
    """A connector whose register is written by a clock of its own."""

    zone: tzinfo


def zone_of(connector: object, currency: str) -> tzinfo:
    """Return by whose clock a register's days begin."""
    return connector.zone if isinstance(connector, KeepsZone) else _ZONES[currency]


def is_late(paid_at: datetime, recorded_at: datetime, zone: tzinfo) -> bool:
    """Return whether a payment came later than promised, by the working days of the operator's country: Russia's."""
    day, end = paid_at.astimezone(zone).date(), recorded_at.astimezone(zone).date()
    return working_days(day, end) > LATE_AFTER_DAYS


def lines_within_total(
    rows: Iterable[tuple[int, Row]],
    is_total: Callable[[Row], bool],
    read_line: Callable[[int, Row], RegisterLine],
    read_total: Callable[[int, Row], tuple[int, int]],
) -> Iterator[RegisterLine]:
    """Yield a register's lines as they are read; the last row must tell their count and their sum in minor units.

    `rows` are numbered as in the file. Raises: WrongRegister, at the end too where the total is missing or wrong.
    """
    count = total_minor = at = 0
    is_over = False
    for at, row in rows:
        if is_over:
            raise WrongRegister(line=at, reason="stands below the total")
        if is_total(row):
            is_over, told = True, read_total(at, row)
            if told != (count, total_minor):
                made = f"{count} and {total_minor}"
                reason = f"the total says {told[0]} lines and a sum of {told[1]} in minor units, the lines make {made}"
                raise WrongRegister(line=at, reason=reason)
        else:
            line = read_line(at, row)
            count, total_minor = count + 1, total_minor + line.amount.minor
            yield line
    if not is_over:
        raise WrongRegister(line=max(1, at), reason="the line with the total is missing")
