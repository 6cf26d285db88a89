"""A contact card as phones read it: RFC 2426, lines of 75 octets that end in CRLF."""

from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.contacts.card import LONGEST_LINE, card
from k5web.domain.prices.number import Msisdn

NUMBER, LINK = Msisdn("74951234567"), "https://t.k5.ru/+74951234567"


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_card_has_the_name_the_number_and_the_call_link() -> None:
    assert card("Мама", NUMBER, LINK) == (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:;Мама;;;\r\nFN:Мама\r\nTEL:+74951234567\r\n"
        "URL:https://t.k5.ru/+74951234567\r\nEND:VCARD\r\n"
    )


def test_signs_that_mean_something_are_escaped() -> None:
    assert "FN:a\\; b\\, c\\\\ d\\ne" in unfolded(card("a; b, c\\ d\ne", NUMBER, LINK))


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_long_names_are_folded_between_letters_and_lose_nothing(name: str) -> None:
    made = card(name, NUMBER, LINK)
    assert all(len(line.encode()) <= LONGEST_LINE for line in made.split("\r\n"))
    said = next(line for line in unfolded(made) if line.startswith("FN:"))
    escaped = name.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert said == f"FN:{escaped}"
