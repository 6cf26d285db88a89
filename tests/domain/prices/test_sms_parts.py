"""Parts of an SMS: each is paid for (E7)."""

import pytest

from k5web.domain.prices.sms_parts import is_7bit, sms_parts

EMOJI = "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("z" * 160, 1),
        ("z" * 161, 2),
        ("z" * 306, 2),
        ("z" * 307, 3),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("z" * 69 + "я", 1),  # one letter that is not Latin makes the whole message such a one
        ("z" * 70 + "я", 2),
        (EMOJI, 1),
        (EMOJI * 35, 1),  # each takes two places
        (EMOJI * 36, 2),
        ("z" * 66 + EMOJI + "z" * 3, 2),  # is not cut in two: the first part ends before it
        (EMOJI * 66, 2),
        (EMOJI * 67, 3),  # 33 fit into a part of 67
        ("€" * 80, 1),  # two places each in the Latin alphabet of messages
        ("€" * 81, 2),
        ("z" * 152 + "€" + "z" * 8, 2),
        ("@£$¥èéùìòÇ\n ~{}[]\\^|", 1),
    ],
)
def test_a_message_has_the_parts_its_alphabet_makes(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


def test_russian_needs_the_wide_alphabet() -> None:
    assert is_7bit("Balance: 5.00 RUB")
    assert not is_7bit("Баланс")
    assert not is_7bit("«a»")
