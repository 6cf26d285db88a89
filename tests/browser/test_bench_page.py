"""`k5 bench page`: it presses in a real browser. The figures are the machine's and are not judged here."""

import click
import pytest
from playwright.sync_api import Browser

from bench import page

pytestmark = pytest.mark.browser


def test_the_first_press_is_measured_warm_and_cold_in_the_language_asked_for(chromium: Browser) -> None:
    found = list(page.measured(chromium, 1, ["ky"]))
    assert [measure.name for measure in found] == ["first press, warm, ky: allowed"] * 2 + [
        "first press, cold, ky: allowed"
    ] * 2
    warm, _, cold, _ = (measure.theirs for measure in found)
    assert warm > 0
    assert cold > page.HANDSHAKES_S
    assert [measure.aim for measure in found] == [1.0, None] * 2


def test_without_chromium_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "CHROMIUM", None)
    with pytest.raises(click.ClickException, match="apt-get install chromium"):
        list(page.run())
