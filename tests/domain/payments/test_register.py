"""Lines of a provider's register against its total, and when a payment came late. Promises: B4, R21."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from k5web.domain.money import Money
from k5web.domain.payments.connector import RegisterLine
from k5web.domain.payments.register import is_late, lines_within_total, zone_of
from k5web.errors import WrongRegister

MOSCOW, BISHKEK = ZoneInfo("Europe/Moscow"), ZoneInfo("Asia/Bishkek")


@pytest.mark.parametrize(
    ("paid", "recorded", "late"),
    [
        ("2026-11-30", "2026-11-30", False),  # a Monday
        ("2026-11-30", "2026-12-03", False),
        ("2026-11-30", "2026-12-04", True),
        ("2026-11-27", "2026-12-02", False),  # over a week-end
        ("2026-11-27", "2026-12-03", True),
        ("2026-11-28", "2026-12-02", False),  # a Saturday
        ("2026-11-01", "2026-11-30", True),
        ("2026-11-30", "2026-11-20", False),
    ],
)
def test_a_payment_is_late_after_three_working_days(paid: str, recorded: str, late: bool) -> None:
    def noon(day: str) -> datetime:
        return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)

    assert is_late(noon(paid), noon(recorded), MOSCOW) is late


@pytest.mark.parametrize(("zone", "late"), [(MOSCOW, False), (BISHKEK, True)])
def test_the_day_is_that_of_the_providers_clock(zone: tzinfo, late: bool) -> None:
    """22:30 of Thursday in Moscow is already Friday in Bishkek."""
    paid, recorded = datetime(2026, 11, 30, 9, tzinfo=UTC), datetime(2026, 12, 3, 19, 30, tzinfo=UTC)
    assert is_late(paid, recorded, zone) is late


class WithClock:
    """A connector whose register has a clock of its own."""

    zone = UTC


def test_a_registers_days_are_its_connectors_or_those_of_the_currency() -> None:
    assert zone_of(object(), "RUB") == MOSCOW
    assert zone_of(object(), "KGS") == BISHKEK
    assert zone_of(WithClock(), "RUB") == UTC


def read(*rows: str) -> Iterator[RegisterLine]:
    """Read rows that are minor units each, and the total as `= count minor`."""
    return lines_within_total(
        enumerate(rows, start=1),
        is_total=lambda row: row.startswith("="),
        read_line=lambda at, row: RegisterLine(at, f"p{at}", None, "1", Money(int(row))),
        read_total=lambda _at, row: (int(row.split()[1]), int(row.split()[2])),
    )


def test_lines_that_come_to_the_total_are_a_register() -> None:
    assert [line.amount for line in read("1000", "-250", "= 2 750")] == [Money(1000), Money(-250)]
    assert list(read("= 0 0")) == []


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        (["1000", "= 1 999"], 2, "says 1 lines and a sum of 999"),
        (["1000", "= 2 1000"], 2, "the lines make 1 and 1000"),
        (["1000", "= 1 1000", "500"], 3, "below the total"),
        (["1000", "= 1 1000", "= 1 1000"], 3, "below the total"),
        (["1000", "500"], 2, "total is missing"),
        ([], 1, "total is missing"),
    ],
)
def test_a_register_whose_total_does_not_hold_is_refused_by_its_line(rows: list[str], line: int, reason: str) -> None:
    with pytest.raises(WrongRegister, match=reason) as refused:
        list(read(*rows))
    assert refused.value.facts["line"] == line


def test_lines_are_given_as_they_are_read() -> None:
    lines = read("1000", "500")
    assert next(lines).amount == Money(1000)
