"""Text becomes money exactly or not at all. Promise: R17."""

import random
import re

import pytest

from k5web.domain.money import Money
from k5web.errors import WrongMoney
from tests.proofs import figure

SHAPE = re.compile(r"[0-9]{1,10}\.[0-9]{2}")

NASTY = [
    *("", " ", ".", "0", "1", "100", ".50", "1.", "1.0", "1.5", "1.005", "1.000", "1,00", "1.00.00", "1..00"),
    *("1e3", "1E3", "1e3.00", "0x1.00", "0b1.00", "1_000.00", "1 000.00", "1\u00a0000.00", "1'000.00", "1,000.00"),
    *("-0.00", "-1.00", "+1.00", "\u22121.00", "--1.00", "(1.00)", "1.00-", "1.-0", "1.+0"),
    *("NaN", "nan", "Infinity", "-Infinity", "inf", "sNaN", "None", "null", "true"),
    *(" 1.00", "1.00 ", "\t1.00", "1.00\n", "\n1.00", "1.00\r\n", "1\n.00", "1.00\x00", "\x001.00", "1.\x0000"),
    *("00000000001.00", "12345678901.00", "9" * 40 + ".00", "1." + "0" * 40, "9" * 40, "1" * 5000 + ".00"),
    *("1.00 RUB", "RUB1.00", "1.00\u20bd", "$1.00", "1.00%", "1.00;", "1.00'", '1.00"', "1.00--", "1.00/*"),
    *("1.00\u200b", "\u200b1.00", "\ufeff1.00", "\u202e1.00", "1\u200d.00", "1.0\u0660", "\uff11.\uff10\uff10"),
    *("\u00b2.00", "\u00bd", "1\u066b00", "1\u06d400", "1\u30020\u3002", "1\uff0e00", "1\u2024 00", "\u2460.00"),
    *("{}.00".format("".join(chr(zero + digit) for digit in (5, 0))) for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50)),
    *(f"1.{chr(zero)}{chr(zero)}" for zero in range(0x660, 0x671)),
    *(f"{chr(code)}1.00" for code in range(0x00, 0x30)),
    *(f"1.0{chr(code)}" for code in (*range(0x3A, 0x60), *range(0x7B, 0x90))),
]


def test_every_sum_is_read_exactly_and_printed_as_it_was(dice: random.Random) -> None:
    for _ in range(100_000):
        minor = dice.randrange(10 ** dice.randint(1, 12))
        text = f"{minor // 100}.{minor % 100:02d}"
        money = Money.parse(text)
        assert money.minor == minor
        assert str(money) == text
    figure("100000 sums: parse, then print is the identity")


def test_noise_is_refused_or_read_exactly(dice: random.Random) -> None:
    for _ in range(20_000):
        text = "".join(dice.choices("0123456789.,-+e _\u0660\u0665\n", k=dice.randint(0, 14)))
        if SHAPE.fullmatch(text):
            assert Money.parse(text).minor == int(text.replace(".", "")), repr(text)
        else:
            with pytest.raises(WrongMoney):
                Money.parse(text)


def is_read(text: str) -> bool:
    try:
        Money.parse(text)
    except WrongMoney:
        return False
    return True


def test_nasty_texts_are_refused() -> None:
    assert len(set(NASTY)) >= 200
    assert [text for text in NASTY if is_read(text)] == []
    figure(f"{len(set(NASTY))} texts that are no sum: refused")


def test_the_greatest_sum_fits_the_ledger() -> None:
    assert Money.parse("9999999999.99").minor < 10**15
