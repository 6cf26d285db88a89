"""A prompt of one's own: its name is a digest, its words are plain. Promises: D2."""

from datetime import UTC, datetime

import pytest

from k5web.domain.pbx.greeting import (
    LONGEST_WORDS,
    Greeting,
    GreetingState,
    digest_of,
    milliseconds_of,
    named,
    words_of,
)
from k5web.errors import WrongGreeting

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DIGEST = digest_of(b"sound")


def test_a_prompt_is_named_by_what_was_uploaded() -> None:
    assert DIGEST == digest_of(b"sound") != digest_of(b"sound ")
    assert named(f"o/8841/{DIGEST}") == (8841, DIGEST)


@pytest.mark.parametrize(
    "path",
    ["greeting", f"o/8841/{DIGEST}x", f"o/8841/{DIGEST[1:]}", f"o//{DIGEST}", f"o/../{DIGEST}", f"o/08841/{DIGEST}",
     f"o/8841/{DIGEST}\n", f"o/8841/{DIGEST.upper()}"],
)  # fmt: skip
def test_no_other_path_names_one(path: str) -> None:
    assert named(path) is None


def test_words_are_one_line_of_plain_signs() -> None:
    assert words_of("  Здравствуйте!\r\n Ждите   ответа. ") == "Здравствуйте! Ждите ответа."
    assert words_of("  ") == ""
    assert words_of("я" * LONGEST_WORDS) == "я" * LONGEST_WORDS
    for typed in ("я" * (LONGEST_WORDS + 1), "a\0b", "a\N{RIGHT-TO-LEFT OVERRIDE}b"):
        with pytest.raises(WrongGreeting):
            words_of(typed)


def test_a_second_is_eight_thousand_bytes() -> None:
    made = bytes(8000 * 7 + 4000)
    ready = Greeting(8841, DIGEST, "Наше", "", GreetingState.READY, "", milliseconds_of(made), NOW, "x")
    assert ready.milliseconds == 7500
