"""TOML from outside is read within bounds, and each oddity is refused in words."""

import pytest

from k5web.domain import strict_toml


@pytest.mark.parametrize("content", [b"n = 1\n", b"\xef\xbb\xbfn = 1\n", b"n = 1\r\n"])
def test_a_byte_order_mark_and_other_line_ends_change_nothing(content: bytes) -> None:
    assert strict_toml.read(content) == {"n": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"n = " + b"9" * 5000, "digits"),
        (b"n = " + b"[" * 5000, "too deep"),
        (b"#" * (strict_toml.LARGEST + 1), "larger than 1 MB"),
        (b"\xff", "utf-8"),
        (b"n = ", "Invalid value"),
    ],
)
def test_what_cannot_be_read_is_a_value_error_in_words(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        strict_toml.read(content)
