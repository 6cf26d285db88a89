"""What people write by SMS: A6, A7, A9."""

import pytest

from k5web.domain.messaging.sms_text import Mention, Order, clean, command_of, mentions
from k5web.domain.prices.number import Msisdn

SPONSOR = Msisdn("79161234567")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("БАЛАНС", Order("balance", "")),
        ("баланс.", Order("balance", "")),
        ("Balans", Order("balance", "")),
        ("Пароль!", Order("password", "")),
        ("PAROL'", Order("password", "")),
        ("звонок 8 495 123-45-67", Order("call", "8 495 123-45-67")),
        ("ZVONOK: +74951234567", Order("call", "+74951234567")),
        ("балансировка", None),
        ("мой баланс", None),
        ("", None),
        ("😀", None),
    ],
)
def test_commands_in_russian_and_latin_letters_of_any_size(text: str, order: Order | None) -> None:
    assert command_of(clean(text)) == order


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("reg 89161234567", "reg"),
        ("89161234567 reg", "reg"),
        ("+7 (916) 123-45-67", ""),
        ("korova-tuman 8 916 123 45 67", "korova-tuman"),
        ("8 916 123 45 67 korova-tuman", "korova-tuman"),
        ("korova 42 8 916 123 45 67", "korova 42"),
        ("korova 9161234567 tuman", "korova tuman"),
        ("korova,89161234567", "korova"),
        ("89161234567;korova", "korova"),
        ("tel:  8-916-123-45-67.", "tel:"),
        ("korova ８９１６１２３４５６７", "korova"),
    ],
)
def test_a_sponsors_number_is_found_in_any_order_and_spelling(text: str, without: str) -> None:
    assert Mention(SPONSOR, without) in mentions(clean(text))


@pytest.mark.parametrize("text", ["", "reg", "😀😀😀", "1234", "korova12345678901234567", "a" * 1000, "1 " * 400])
def test_what_is_no_number_is_none(text: str) -> None:
    assert mentions(clean(text)) == []


def test_a_text_of_many_numbers_is_looked_at_to_an_end() -> None:
    text = clean(" ".join(f"8916{n:07d}" for n in range(200)))
    assert len(mentions(text)) <= 60


def test_invisible_signs_are_left_out() -> None:
    assert clean(" a\u202a\n\tb\u200b\x00 ") == "a b"
