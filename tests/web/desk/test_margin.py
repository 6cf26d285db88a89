"""The page of margins: what is sold below cost is red and said in words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from k5web.domain.calls.call import Trunk
from k5web.domain.prices.margin import MarginLine
from k5web.services.prices import margins
from k5web.services.prices.margins import MonthMargins
from k5web.web.desk.margin import percent
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
