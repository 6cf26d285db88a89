"""The page of margins: what is sold below cost is red and said in words."""

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from k5web.domain.calls.trunk import Trunk
from k5web.domain.prices.margin import MarginLine
from k5web.services.prices import margins
from k5web.services.prices.margins import MonthMargins
from k5web.web.desk.margin import PAGE, percent
from tests.services.house import House, publish
from tests.web.conftest import Browser

MOSCOW = MarginLine("deck k5 1", "Москва городской", "RUB", 1, 60, 100, 1, 60, 100, 135)


def test_a_direction_below_cost_is_red_and_said_in_words(
    staff: Callable[..., Browser], k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = replace(MOSCOW, destination="Казань", cost_minor=50)
    monkeypatch.setattr(margins, "month", lambda *_: MonthMargins([MOSCOW, fine], [], ["deck k5"]))
    page = staff("prices").get("/desk/margin").text
    assert page.count('class="loss"') == 1
    assert "ниже себестоимости на 0,35\N{NO-BREAK SPACE}₽/мин" in page
    assert "<svg" in page


def further_pages(page: str) -> list[str]:
    """Return the links to what comes after this page; the languages' links lead to the page itself."""
    return [link for link in re.findall(r'href="(\?[^"]*after=[^"]*)"', page) if "lang=" not in link]


def test_pages_go_by_key_so_that_no_direction_is_left_out_when_sums_change(
    staff: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two pages one direction of the first page got better and stands lower: nothing is skipped."""
    lines = [replace(MOSCOW, destination=f"Город {n:03d} & сын", cost_minor=1000 - n) for n in range(PAGE + 10)]
    browser, found = staff("prices"), MonthMargins(lines, [], ["deck k5"])
    monkeypatch.setattr(margins, "month", lambda *_: found)
    first = browser.get("/desk/margin?list=deck+k5").text
    assert (f"Город {PAGE - 1:03d}" in first, f"Город {PAGE:03d}" in first) == (True, False)
    [further] = further_pages(first)
    assert "list=deck+k5" in further
    better = [*lines[1:], replace(lines[0], cost_minor=0)]
    monkeypatch.setattr(margins, "month", lambda *_: MonthMargins(better, [], ["deck k5"]))
    second = browser.get(f"/desk/margin{html.unescape(further)}").text
    assert re.findall(r"<td[^>]*>Город (\d+)", second) == [f"{n:03d}" for n in [*range(PAGE, PAGE + 10), 0]]
    assert not further_pages(second)


def test_calls_of_a_month_are_shown_and_another_month_has_none(staff: Callable[..., Browser], k5: House) -> None:
    k5.top_up("100.00")
    k5.talk(k5.order("+74951234567"), "50")
    browser = staff("prices")
    page = browser.get("/desk/margin?month=2026-12&list=deck+k5").text
    assert "Москва городской" in page
    assert "себестоимость неизвестна: 1" in page
    assert "таких звонков нет" in browser.get("/desk/margin?month=2026-11").text


def test_a_minute_of_today_is_held_against_the_carriers(staff: Callable[..., Browser], k5: House) -> None:
    k5.switch.trunks = [Trunk("trunk", 2000, deck="carrier")]
    publish(k5.ports, {"7495": ("Москва", "0.60")}, 2, name="carrier")
    page = staff("prices").get("/desk/margin").text
    assert "ниже себестоимости на 0,15\N{NO-BREAK SPACE}₽/мин" in page


def test_percents_are_rounded_half_up_and_below_zero_have_their_sign() -> None:
    lines = [replace(MOSCOW, known_minor=minor, cost_minor=cost) for minor, cost in ((200, 99), (100, 135), (0, 5))]
    assert [percent(line) for line in lines] == ["50,5 %", "\N{MINUS SIGN}35,0 %", "–"]
