"""The page of charts: each on a table with the same figures, in words for whoever cannot see it."""

import re
from xml.etree import ElementTree

import pytest

from tests.services.house import House
from tests.web.calls.call_page import words
from tests.web.conftest import Browser

MOSCOW, ASTANA = "+74951234567", "+77172123456"


def test_three_charts_stand_on_tables_with_their_figures(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(MOSCOW), "65")
    k5.talk(k5.order(ASTANA), "10")
    page = phone.get("/me/spending")
    said = words(page)
    assert "Потрачено на услуги 6,41 ₽" in said
    assert "День Потрачено 01.12.2026 6,41 ₽" in said
    assert "Направление Потрачено Россия 4,40 ₽ Казахстан 2,01 ₽" in said
    assert "Месяц Разговоры 12.2026 1 мин 15 с" in said
    charts = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page.text, re.DOTALL)]
    assert [len(chart.findall("rect")) for chart in charts] == [1, 2, 1]
    for chart in charts:
        assert (chart.get("role"), bool(chart.findtext("title")), bool(chart.findtext("desc"))) == ("img", True, True)
    assert " style=" not in page.text


def test_a_month_is_chosen_and_an_empty_one_says_so(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(MOSCOW), "65")
    k5.clock.forward(days=31)
    now = words(phone.get("/me/spending"))
    assert "Расходы за 01.2027" in now
    assert "В этом месяце расходов не было." in now
    assert "Месяц Разговоры 12.2026 1 мин 05 с" in now
    assert "Россия 4,40 ₽" in words(phone.get("/me/spending?month=2026-12"))


def test_whoever_never_talked_is_told_so(phone: Browser) -> None:
    assert "За двенадцать месяцев разговоров не было." in words(phone.get("/me/spending"))


@pytest.mark.parametrize("month", ["2026-13", "x", "9999-12", "1999-12", "2027-01"])
def test_a_month_that_is_none_is_not_found(phone: Browser, month: str) -> None:
    assert phone.get(f"/me/spending?month={month}").status_code == 404


def test_the_account_and_the_statement_lead_there(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(MOSCOW), "65")
    assert 'href="/me/spending"' in phone.get("/me").text
    assert 'href="/me/spending?month=2026-12"' in phone.get("/me/statement").text
