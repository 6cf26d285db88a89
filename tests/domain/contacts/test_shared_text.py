"""Numbers in what another program hands over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.contacts.shared_text import MOST_NUMBERS, MOST_TRIED, numbers_in
from k5web.domain.prices.number import Msisdn

MOSCOW, MUM, OSH = "74951234567", "79161234567", "996555123456"


@pytest.mark.parametrize(
    ("text", "home", "found"),
    [
        ("tel:+7-495-123-45-67", "RU", [MOSCOW]),
        ("8 (495) 123-45-67", "RU", [MOSCOW]),
        ("996555123456", "RU", [OSH]),
        ("0555 123456", "KG", [OSH]),
        ("https://t.k5.ru/+74951234567", "RU", [MOSCOW]),
        ("Офис\n+7 495 123-45-67", "RU", [MOSCOW]),
        ("Мама, 8 916 123-45-67, звонить после 18:00", "RU", [MUM]),
        ("Алёна 0555 123456 Ош", "KG", [OSH]),
        ("Офис 8(495)1234567 или 8 916 123 45 67, ещё раз 8 495 123-45-67", "RU", [MOSCOW, MUM]),
        ("Заказ 1234567890123 от 12.05.2026, сумма 1500", "RU", []),
        ("https://example.org/?id=12345", "RU", []),
        ("", "RU", []),
    ],
)
def test_numbers_are_found_as_people_write_them(text: str, home: str, found: list[str]) -> None:
    assert [number.digits for number in numbers_in(text, home)] == found


def test_a_long_list_is_cut() -> None:
    text = "\n".join(f"+7 495 123-45-{n:02d}" for n in range(30))
    assert len(numbers_in(text, "RU")) == MOST_NUMBERS


def test_a_text_of_nothing_but_digits_is_left_after_some_tries() -> None:
    """What one may hand over in a link costs little, whatever it holds."""
    orders = [f"Заказ {n}" for n in range(1_000_000, 1_000_100)]
    assert numbers_in("\n".join([*orders[:20], "+7 495 123-45-67"]), "RU") == [Msisdn(MOSCOW)]
    assert numbers_in("\n".join([*orders, "+7 495 123-45-67"]), "RU") == []
    same = "Дом 8 495 123-45-67\n" * MOST_TRIED
    assert numbers_in(f"{same}Мама 8 916 123-45-67", "RU") == [Msisdn(MOSCOW)]


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert len(numbers_in(text, "KG")) <= MOST_NUMBERS
