"""What everybody may see: what K5 is, and what a minute costs anywhere (A2, A3, A4, A5)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from k5web.domain.money import Price, rub
from k5web.domain.prices.rating import Rate
from k5web.services.ports import start_of_day
from k5web.services.prices import subscriptions
from k5web.storage.prices import rates
from tests.fakes.doors import K5, change_plan
from tests.services.house import PRICES, House, publish
from tests.services.prices.test_subscriptions import fresh
from tests.web.calls.call_page import plain
from tests.web.conftest import Browser

LONG_LIST = {f"1{n:03}": (f"Страна {n:03}", "1.00") for n in range(200, 260)}


def test_the_front_door_tells_strangers_what_it_is_and_shows_the_printed_sums(browser: Browser) -> None:
    """A4: the eight examples of the leaflet, computed from the price list in force."""
    page = browser.get("/")
    words = plain(page)
    for pair in ["2,20 ₽ 1,75 ₽ + 0,45", "2,27 ₽ 1,75 ₽ + 0,52", "0,97 ₽ 0,45 ₽ + 0,52", "1,90 ₽ 0,91 ₽ + 0,99"]:
        assert pair in words
    for pair in ["2,01 ₽ 1,75 ₽ + 0,26", "3,50 ₽ 1,75 ₽ + 1,75", "0,78 ₽ 0,52 ₽ + 0,26", "3,07 ₽ 0,99 ₽ + 2,08"]:
        assert pair in words
    assert 'href="/login"' in page.text
    assert page.headers["X-Robots-Tag"] == "all"


def test_the_front_door_stands_also_without_a_price_list(browser: Browser, k5: House) -> None:
    k5.clock.forward(days=-1)  # nothing is in force yet
    page = browser.get("/")
    assert page.status_code == 200
    assert "Примеры" not in page.text


def test_a_subscriber_sees_the_list_of_the_own_plan(phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(k5.ports, {"79": ("Россия моб.", "1.30"), "7495": ("Москва фикс.", "1.20")}, 2, name="other")
    assert "2,20 ₽" in plain(phone.get("/tariffs?q=%2B7495"))
    change_plan(monkeypatch, deck="other", rates=(replace(K5.rates[0], deck="other"),))
    assert "2,50 ₽" in plain(phone.get("/tariffs?q=%2B7495"))


def test_where_the_own_leg_is_free_nothing_is_added_to_a_price(phone: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    change_plan(monkeypatch, pays_leg_a=False)
    for path in ("/tariffs?q=%2B7495", "/tariffs/7495", "/tariffs?q=%2B79161234567&to=%2B74951234567"):
        words = plain(phone.get(path))
        assert "0,45 ₽" in words, path
        assert "2,20 ₽" not in words, path
        assert "+ звонок на ваш телефон" not in words, path


def test_a_plan_that_prices_by_groups_shows_them_with_their_prices(phone: Browser, k5: House) -> None:
    """A subscriber of «Экономный» with «Включайся»: groups, a number, a place, two numbers, one direction."""
    k5.top_up("100.00")
    subscriptions.connect(k5.ports, fresh(k5), "plan", "economny", "form-1", rub("5.00"))
    assert "Украина +380 20,00 ₽" in plain(phone.get("/tariffs"))
    assert "Другие страны 50,00 ₽" in plain(phone.get("/tariffs"))
    for path in ("?q=%2B74951234567", "?q=москва", "?q=%2B79161234567&to=%2B74951234567", "/7495", "/73"):
        page = phone.get(f"/tariffs{path}")
        assert page.status_code == 200, path
        assert "Другие операторы России" in plain(page), path
        assert "2,00 ₽" in plain(page), path
    assert phone.get("/tariffs/7").status_code == 404
    hrefs = re.findall(r'href="(/tariffs/[0-9]+)"', phone.get("/tariffs").text)
    assert len(hrefs) == 7
    assert {phone.get(href).status_code for href in hrefs} == {200}


@pytest.mark.parametrize(
    ("query", "found", "missed"),
    [
        ("москва", "Москва городской", "Казань"),
        ("мобильный", "Россия мобильный", "Москва"),
        ("+7 843", "Казань городской", ""),
        ("8 495 123-45-67", "Москва городской, код +7495", ""),
    ],
)
def test_one_field_takes_a_country_an_operator_or_a_number(
    browser: Browser, query: str, found: str, missed: str
) -> None:
    """A5"""
    words = plain(browser.get(f"/tariffs?q={query.replace('+', '%2B')}")).partition("Показать цену")[2]
    assert found in words
    assert not missed or missed not in words


def test_a_closed_direction_is_shown_as_such_and_cannot_be_called(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    k5.clock.forward(seconds=2)
    publish(k5.ports, {"7": ("Россия", "1.69"), "79": ("Россия мобильный", "1.75"), "7940": ("Абхазия", "blocked")}, 7)
    assert "Абхазия +7940 не звоним" in plain(phone.get("/tariffs?q=абхазия"))
    assert "Не звоним Абхазия, код +7940" in plain(phone.get("/tariffs?q=%2B79401234567"))
    assert "Не звоним" in plain(phone.get("/tariffs/7940"))
    page = phone.get("/+79401234567")
    assert page.status_code == 404
    assert "Сюда мы не звоним: «Абхазия»." in plain(page)


def test_two_numbers_give_the_price_of_the_call(browser: Browser) -> None:
    """A3: with two numbers, the sum of both."""
    words = plain(browser.get("/tariffs?q=8+916+1234567&to=84951234567"))
    assert "2,20 ₽ за минуту звонка" in words
    assert re.search(r"\+7 916 123-45-67 Россия мобильный 1,75 ₽ \+7 495 123-45-67 Москва городской 0,45 ₽", words)


@pytest.mark.parametrize(
    ("to", "said"),
    [("абв", "Это не похоже на номер телефона."), ("+99912345678", "Проверьте код страны.")],
)
def test_a_wrong_second_number_is_named_and_kept(browser: Browser, to: str, said: str) -> None:
    page = browser.get(f"/tariffs?q=89161234567&to={to.replace('+', '%2B')}")
    assert said in plain(page)
    assert f'value="{to}"' in page.text
    assert "<title>Ошибка:" in page.text


def test_nothing_found_says_what_to_try(browser: Browser) -> None:
    assert "Ничего не нашлось." in plain(browser.get("/tariffs?q=Атлантида"))


def test_the_list_is_paged_by_key_and_keeps_the_question(browser: Browser, k5: House) -> None:
    """A5: twenty-five rows a page."""
    publish(k5.ports, LONG_LIST, version=7)
    k5.clock.forward(seconds=5)
    path: str | None = "/tariffs?q=страна"
    sizes, seen = [], set()
    while path:
        page = browser.get(path)
        rows = re.findall(r'href="/tariffs/(\d+)"', page.text)
        sizes.append(len(rows))
        seen.update(rows)
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = following[1].replace("&amp;", "&") if following else None
    assert sizes == [25, 25, 10]
    assert len(seen) == 60


def test_a_direction_has_a_page_of_its_own(phone: Browser) -> None:
    words = plain(phone.get("/tariffs/7495"))
    assert "2,20 ₽ за минуту с вашего телефона" in words
    assert "звонок на ваш телефон Россия мобильный 1,75 ₽ звонок собеседнику Москва городской 0,45 ₽" in words


def test_a_member_sees_whole_prices(phone: Browser) -> None:
    """A3: half a price is no price."""
    rows = plain(phone.get("/tariffs?q=казань"))
    assert "Казань городской +7843 2,74 ₽" in rows
    assert "звонок вам (1,75 ₽) вместе" in rows
    exact = plain(phone.get("/tariffs?q=%2B78431234567"))
    assert "2,74 ₽ за минуту с вашего телефона" in exact
    assert "0,99 ₽ за минуту" not in exact


def test_a_stranger_sees_what_is_added_to_a_price(browser: Browser) -> None:
    """A3"""
    rows = plain(browser.get("/tariffs?q=казань"))
    assert "Казань городской +7843 0,99 ₽ + звонок на ваш телефон" in rows
    exact = plain(browser.get("/tariffs?q=%2B78431234567"))
    assert "0,99 ₽ за минуту + звонок на ваш телефон" in exact
    assert "1,75 ₽ за минуту, вместе 2,74 ₽" in exact


@pytest.mark.parametrize("prefix", ["749", "74951", "x", "7" * 16])
def test_a_direction_that_is_not_in_the_list_is_not_found(browser: Browser, prefix: str) -> None:
    assert browser.get(f"/tariffs/{prefix}").status_code == 404


def test_the_price_list_names_what_changes_and_when(browser: Browser, phone: Browser, k5: House) -> None:
    """B2: whoever is told of a day finds what changes on it, strangers too."""
    assert "цены меняются" not in plain(browser.get("/tariffs"))
    day = k5.ports.today() + timedelta(days=12)
    prices = PRICES | {"7495": ("Москва городской", "0.60"), "3592": ("София городской", "2.00")}
    listed = [(Rate(prefix, name, Price.parse(price)), start_of_day(day)) for prefix, (name, price) in prices.items()]
    with k5.ports.sessions.begin() as db:
        rates.add_version(db, "k5", start_of_day(day), k5.clock(), "test", bytes(32), listed)
    k5.clock.forward(seconds=1)
    for reader in (browser, phone):
        said = plain(reader.get("/tariffs"))
        assert "С 13.12.2026 цены меняются Дороже или хуже: 1 Москва городской 0,45 ₽ → 0,60 ₽" in said
        assert "Дешевле и новое: 1 София городской 2,08 ₽ → 2,00 ₽" in said
    k5.clock.now = start_of_day(day)
    assert "цены меняются" not in plain(browser.get("/tariffs"))
