"""Foreign text is shown, never obeyed. Trials: S28, issue of the field C4."""

import json

import pytest

from k5web.domain.bank.printable import printable


@pytest.mark.parametrize("text", ["", "Лицевой счёт № 8841", "«Ромашка» — ₽", "a\\u001b"])
def test_what_has_a_picture_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        ("\x1b", "\\u001b"),
        ("\0", "\\u0000"),
        ("\x7f", "\\u007f"),
        ("\x9b", "\\u009b"),
        ("\n", "\\u000a"),
        ("\r", "\\u000d"),
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\u200b", "\\u200b"),
        ("\ufeff", "\\ufeff"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\udb40\\udc41"),
    ],
)
def test_what_steers_or_hides_is_shown_as_json_would(sign: str, shown: str) -> None:
    assert printable(f"a{sign}б") == f"a{shown}б"
    assert json.loads(f'"{shown}"') == sign


def test_a_line_end_stays_where_lines_are_meant() -> None:
    assert printable("one\ntwo\x1b", keep="\n") == "one\ntwo\\u001b"
