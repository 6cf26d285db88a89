"""What people type is kept when it can be seen: emoji of any make, and nothing that hides."""

import pytest

from k5web.domain.readable import is_readable

EMOJI = [
    "Мама ❤️",
    "👩\u200d👩\u200d👧\u200d👦 семья",  # a family, joined
    "Врач 👩🏽\u200d⚕️",  # a skin tone, then a joined sign
    "❤️\u200d🔥",
    "🏳️\u200d🌈",
    "🧑🏻\u200d❤️\u200d💋\u200d🧑🏿",
    "🇰🇬 Бишкек",  # a flag of two letters
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # a flag of a region
    "1️⃣ дом",
]
HIDDEN = [
    "Ма\u200dма",  # joins nothing
    "👩\u200d",
    "\u200d👩",
    "👩\u200d\u200d👩",
    "👩\u200dа",
    "а\U000e0067\U000e0062\U000e007f",  # letters of a flag without one
    "🏴\U000e0067\U000e0062",
    "a\u202eb",
    "\u2066a",
    "\u200b",
    "\ufeffa",
    "a\0b",
    "a\nb",
]


@pytest.mark.parametrize("text", EMOJI)
def test_emoji_of_several_signs_are_read_as_one(text: str) -> None:
    assert is_readable(text)


@pytest.mark.parametrize("text", HIDDEN)
def test_a_sign_that_hides_is_not(text: str) -> None:
    assert not is_readable(text)
