"""The wallet's daily register."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.elsom.register import read_register
from k5web.domain.money import Money
from k5web.domain.payments.connector import RegisterLine
from k5web.errors import WrongRegister

SAMPLE = """ELS-900001\t24.11.2026\t18:00:00\tK5-1042\t250.00\tP
ELS-900002\t24.11.2026\t18:04:11\tK5-1077\t100.00\tP
ELS-900002\t24.11.2026\t18:20:40\tK5-1077\t-100.00\tC
Total:\t3\t250.00
"""


def test_the_sample_is_read() -> None:
    lines = list(read_register(SAMPLE.splitlines(keepends=True)))
    first = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert lines[0] == RegisterLine(1, "ELS-900001", first, "K5-1042", Money.parse("250.00", "KGS"))
    assert [(line.key, str(line.amount), line.is_cancel) for line in lines[1:]] == [
        ("ELS-900002", "100.00", False),
        ("ELS-900002", "-100.00", True),
    ]


def test_lines_come_one_by_one() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield SAMPLE.splitlines()[0]

    lines = read_register(endless())
    assert [next(lines).key for _line in range(1000)] == ["ELS-900001"] * 1000


@pytest.mark.parametrize(
    ("was", "becomes", "line"),
    [
        ("Total:\t3\t250.00\n", "", 3),
        ("\t3\t250.00", "\t2\t250.00", 4),
        ("\t3\t250.00", "\t3\t250.01", 4),
        ("\t3\t250.00", "\t٣\t250.00", 4),
        ("250.00\n", "250.00\nELS-3\n", 5),
        ("250.00\tP", "250,00\tP", 1),
        ("250.00\tP", "0.00\tP", 1),
        ("250.00\tP", "250.00\tC", 1),
        ("250.00\tP", "250.00\tX", 1),
        ("\t250.00\tP", "\tP", 1),
        ("24.11.2026\t18:00", "2026-11-24\t18:00", 1),
        ("24.11.2026\t18:00", "٢٤.11.2026\t18:00", 1),
        ("ELS-900001", "", 1),
    ],
)
def test_a_register_that_cannot_be_believed_names_its_line(was: str, becomes: str, line: int) -> None:
    with pytest.raises(WrongRegister) as refusal:
        list(read_register(SAMPLE.replace(was, becomes, 1).splitlines()))
    assert refusal.value.facts["line"] == line
