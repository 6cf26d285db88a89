"""The register of a day: read line by line, believed only where its total is right."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from k5web.domain.money import Money
from k5web.domain.payments.connector import ReadsRegister, RegisterLine
from k5web.errors import WrongRegister
from tests.connectors.qiwi.wire_requests import OSMP, opened

SAMPLE = [
    "700100200300\t20.11.2026\t14:30:05\t996555010203\t250.00",
    "700100200301\t20.11.2026\t14:31:40\t996700111222\t1000.00",
    "Total:\t2\t1250.00",
]


def read(lines: list[str], **keys: object) -> list[RegisterLine]:
    partner = opened(OSMP, **keys)
    assert isinstance(partner, ReadsRegister)
    return list(partner.read_register(lines))


def test_the_sample_is_read() -> None:
    at = datetime(2026, 11, 20, 11, 30, 5, tzinfo=UTC)
    first, second = read(SAMPLE)
    assert first == RegisterLine(1, "700100200300", at, "996555010203", Money(25000, "KGS"))
    assert (second.line_no, second.key, str(second.amount)) == (2, "700100200301", "1000.00")


@pytest.mark.parametrize(
    "lines",
    [
        [f"{line}\r\n" for line in SAMPLE],
        [f"{line}\r" for line in SAMPLE],
        [SAMPLE[0].replace("20.11.2026", "2026-11-20"), *SAMPLE[1:]],
        ["\ufeff" + SAMPLE[0], *SAMPLE[1:], ""],
        ["registry@bank.example", "", *SAMPLE],
    ],
)
def test_the_habits_of_different_banks_are_read_alike(lines: list[str]) -> None:
    assert [line.at for line in read(lines)] == [line.at for line in read(SAMPLE)]
    assert [line.key for line in read(lines)] == ["700100200300", "700100200301"]


def test_the_clock_is_the_partners() -> None:
    assert read(SAMPLE, zone="Asia/Bishkek")[0].at == datetime(2026, 11, 20, 8, 30, 5, tzinfo=UTC)


def test_a_payment_named_twice_is_shown_twice() -> None:
    assert len(read([SAMPLE[0], SAMPLE[0], "Total:\t2\t500.00"])) == 2


def test_an_empty_day_has_a_total_too() -> None:
    assert read(["Total:\t0\t0.00"]) == []
    assert read(["Total:\t0\t0.00", "bank@example.kg"]) == []


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([], 1),
        (SAMPLE[:2], 2),
        ([*SAMPLE[:2], "Total:\t2\t1250.01"], 3),
        ([*SAMPLE[:2], "Total:\t3\t1250.00"], 3),
        ([*SAMPLE[:2], "Total:\t2"], 3),
        ([*SAMPLE[:2], "Total:\t2\t1e3"], 3),
        ([*SAMPLE, SAMPLE[0]], 4),
        ([SAMPLE[0].replace("250.00", "250,00"), *SAMPLE[1:]], 1),
        ([SAMPLE[0].replace("250.00", "-250.00"), *SAMPLE[1:]], 1),
        ([SAMPLE[0], "not a line", SAMPLE[2]], 2),
        ([SAMPLE[0], SAMPLE[1].replace("20.11.2026", "31.11.2026")], 2),
        ([SAMPLE[0], SAMPLE[1].replace("14:31:40", "24:31")], 2),
        ([SAMPLE[0], SAMPLE[1].replace("700100200301", "7001٠")], 2),
        (["\t" * 2000], 1),
        (["\r".join(SAMPLE)], 1),
        (["a@b.example", SAMPLE[0], "a@b.example"], 3),
    ],
)
def test_a_wrong_register_is_refused_by_its_line(lines: list[str], line: int) -> None:
    with pytest.raises(WrongRegister) as refusal:
        read(lines)
    assert refusal.value.facts["line"] == line


def test_a_long_register_is_read_in_little_memory() -> None:
    count = 5_000

    def lines() -> Iterator[str]:
        for number in range(count):
            yield f"{number}\t20.11.2026\t14:30:05\t1042\t250.00\n"
        yield f"Total:\t{count}\t{count * 250}.00\n"

    partner = opened(OSMP)
    assert isinstance(partner, ReadsRegister)
    tracemalloc.start()
    try:
        assert sum(1 for _ in partner.read_register(lines())) == count
        assert tracemalloc.get_traced_memory()[1] < 300_000
    finally:
        tracemalloc.stop()
