"""Wrong rows of a file: the first ones, and how many more there are."""

import pytest

from k5web.cli.rejected_rows import ROWS_SHOWN, echo_rejected
from k5web.domain.prices.deck import RejectedRow


def test_a_file_in_the_wrong_format_fills_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    echo_rejected(tuple(RejectedRow(line, "wrong") for line in range(1, ROWS_SHOWN + 3)))
    told = capsys.readouterr().err.splitlines()
    assert (told[0], told[-1], len(told)) == ("line 1: wrong", "and 2 more", ROWS_SHOWN + 1)


def test_what_concerns_no_line_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    echo_rejected((RejectedRow(0, "two lists"),))
    assert capsys.readouterr().err == "two lists\n"
