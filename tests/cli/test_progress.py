"""How long work shows itself: a bar on a terminal, a line at each quarter in a log; never on stdout."""

import sys

import pytest

from k5web.cli.progress import BAR, shown_progress


def work(total: int, steps: int) -> None:
    with shown_progress() as progress:
        for done in range(steps + 1):
            progress("bank", done * total // steps if steps else 0, total)


def test_a_log_gets_a_line_at_each_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    work(total=1000, steps=1000)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "bank: 25 %\nbank: 50 %\nbank: 75 %\nbank: 100 %\n")


def test_nothing_to_do_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    work(total=0, steps=0)
    assert capsys.readouterr().err == "bank: 100 %\n"


def test_each_work_has_quarters_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress() as progress:
        for what in ("read", "kept"):
            progress(what, 1, 2)
            progress(what, 1, 2)
    assert capsys.readouterr().err == "read: 50 %\nkept: 50 %\n"


def test_a_terminal_has_one_line_that_fills(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    work(total=10_000, steps=10_000)
    told = capsys.readouterr()
    assert told.out == ""
    shown = told.err.split("\r")[1:]
    assert len(shown) == BAR + 1
    assert shown[0] == f"bank     [{' ' * BAR}]   0 %"
    assert shown[-1] == f"bank     [{'#' * BAR}] 100 %\n"
    assert "\n" not in told.err[:-1]
