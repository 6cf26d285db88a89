"""Terms other than the minute's price: shown before the button, asked about anew, explained to the kopeck."""

import re

import pytest

from k5web.domain.money import rub
from k5web.web import forms
from tests.fakes.doors import change_plan
from tests.services.house import House
from tests.web.calls.call_page import PAGE, field, made, plain, press
from tests.web.conftest import PASSWORD, Browser

TO = "+74951234567"
FEE = {"connect_fee_micro": 5_000_000}
THREE = {"minimum_s": 180}


def test_a_fee_and_a_minimum_stand_beside_the_price_before_the_button(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.reprice("7495", "1.00", **FEE, **THREE)
    page = plain(phone.get(PAGE))
    assert "2,75 ₽ за минуту + 5,00 ₽ за соединение" in page
    assert "Москва городской; за соединение 5,00 ₽, не меньше 3 мин" in page
    assert "первая минута 9,75 ₽" in page
    assert "Позвонить 2,75 ₽ за минуту + 5,00 ₽" in page
    assert page.index("за соединение") < page.index("Позвонить 2,75")
    assert (
        "Звонок собеседнику. Неполная минута считается целой. Считаем не меньше 3 мин. До 3 секунд – бесплатно." in page
    )


def test_where_there_is_nothing_but_whole_minutes_only_that_is_said(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = plain(phone.get(PAGE))
    assert "Неполная минута считается целой. До 3 секунд – бесплатно. Если никто не ответит" in page
    assert "первая минута" not in page
    assert "за соединение" not in page


def test_a_price_in_parts_of_a_kopeck_says_what_a_minute_will_cost(phone: Browser, k5: House) -> None:
    """Both legs are rounded: 0.445 and 1.75 are shown as 2.195 and charged as 2.20."""
    k5.top_up("50.00")
    k5.reprice("7495", "0.445")
    page = phone.get(PAGE)
    assert "2,195 ₽ за минуту" in plain(page)
    assert "первая минута 2,20 ₽" in plain(page)
    press(phone, page)
    call = k5.talk(made(k5)[0], "40")
    assert call.cost == rub("2.20")
    words = plain(phone.get(f"/c/{call.id}"))
    assert "звонок собеседнику 1 мин × 0,445 ₽, округлено 0,45 ₽" in words


@pytest.mark.parametrize(
    ("price", "terms", "said"),
    [
        ("0.45", FEE, "За соединение теперь 5,00 ₽. Деньги не списаны."),
        ("0.45", THREE, "Время теперь считается иначе. Деньги не списаны."),
        ("0.45", {"free_below_s": 0}, "Время теперь считается иначе. Деньги не списаны."),
        ("0.75", FEE, "была 2,20 ₽, стала 2,50 ₽ за минуту. За соединение теперь 5,00 ₽. Деньги не списаны."),
        ("0.10", FEE, "За соединение теперь 5,00 ₽. Деньги не списаны."),
    ],
)
def test_a_new_or_dearer_term_asks_again(
    phone: Browser, k5: House, price: str, terms: dict[str, int], said: str
) -> None:
    k5.top_up("50.00")
    page = phone.get(PAGE)
    k5.reprice("7495", price, **terms)
    answer = press(phone, page)
    assert answer.status_code == 409
    assert said in plain(answer)
    assert made(k5) == []
    assert press(phone, answer).status_code == 303, "what the new page shows is agreed to"


def test_terms_that_fell_are_simply_taken(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.reprice("7495", "0.45", **FEE, **THREE)
    page = phone.get(PAGE)
    k5.reprice("7495", "0.45")
    assert press(phone, page).status_code == 303


def test_every_explained_sum_adds_up(phone: Browser, k5: House) -> None:
    """The result, the call in detail and the statement say the same, and each row is the sum of what it names."""
    k5.top_up("50.00")
    k5.reprice("7495", "1.00", **FEE, **THREE)
    call = k5.talk(k5.order(), "15")
    assert call.cost == rub("9.75")
    result = plain(phone.get(f"/c/{call.id}"))
    assert "звонок на ваш телефон 1 мин × 1,75 ₽ 1,75 ₽" in result
    assert "звонок собеседнику 3 мин × 1,00 ₽ + 5,00 ₽ за соединение 8,00 ₽" in result
    detail = plain(phone.get(f"/me/calls/{call.id}"))
    assert re.search(
        r"Округлено 3 мин Цена минуты 1,00 ₽ Откуда цена прайс-лист k5, № 2 За соединение 5,00 ₽ Сумма 8,00 ₽", detail
    )
    assert "15 с от ответа собеседника, округлено до 3 мин: 3 мин × 1,00 ₽ + 5,00 ₽ за соединение." in detail
    assert "Списано 9,75 ₽" in detail
    assert "−9,75 ₽" in plain(phone.get("/me/statement"))


def test_no_money_for_the_first_minute_names_its_whole_price(phone: Browser, k5: House) -> None:
    k5.top_up("3.00")
    k5.reprice("7495", "1.00", **FEE)
    words = plain(phone.get(PAGE))
    assert "На счёте 3,00 ₽, а первая минута стоит 7,75 ₽. Пополните хотя бы на 4,75 ₽." in words


def test_seconds_are_bridged_to_the_minutes_that_are_charged(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "15")
    words = plain(phone.get(f"/c/{call.id}"))
    assert "15 с разговора Неполная минута считается целой. До 3 секунд – бесплатно." in words
    assert "звонок на ваш телефон 1 мин × 1,75 ₽ 1,75 ₽" in words


def test_money_is_told_apart_from_the_longest_call_and_the_limit(phone: Browser, k5: House) -> None:
    k5.top_up("500.00")
    assert "На счёте 500,00 ₽. Хватит на 227 мин. Один разговор – до 60 мин." in plain(phone.get(PAGE))
    k5.top_up("1234067.89")
    assert "На счёте 1 234 567,89 ₽. Хватит на 561 167 мин. Один разговор – до 60 мин." in plain(phone.get(PAGE))


def test_a_call_that_costs_nothing_names_no_end_of_the_money(phone: Browser, k5: House) -> None:
    k5.reprice("79", "0.00")
    words = plain(phone.get("/79261234567"))
    assert "На счёте 0,00 ₽. Один разговор – до 60 мин." in words


def test_which_phone_rings_and_from_which_number_is_said(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    said = "Позвоним вам на +7 916 123-45-67 с номера +7 495 000-00-00. Собеседник увидит этот же номер."
    assert said in plain(phone.get(PAGE))
    call = k5.order()
    assert "Звоним на +7 916 123-45-67 с номера +7 495 000-00-00." in plain(phone.get(f"/c/{call.id}"))


def test_the_price_list_names_fee_and_minimum_beside_the_price(phone: Browser, k5: House) -> None:
    k5.reprice("7495", "1.00", **FEE, **THREE)
    terms = "за соединение 5,00 ₽, не меньше 3 мин"
    assert f"+7495; {terms} 2,75 ₽" in plain(phone.get("/tariffs"))
    exact = plain(phone.get("/tariffs?q=84951234567"))
    assert "2,75 ₽ за минуту с вашего телефона и 5,00 ₽ за соединение" in exact
    assert f"Москва городской; {terms} 1,00 ₽" in exact
    both = plain(phone.get("/tariffs?q=89161234567&to=84951234567"))
    assert "2,75 ₽ за минуту звонка и 5,00 ₽ за соединение" in both
    assert f"Москва городской; {terms} 1,00 ₽" in both
    one = plain(phone.get("/tariffs/7495"))
    assert "Считаем не меньше 3 мин" in one
    assert "За соединение 5,00 ₽" in one
    assert "2,75 ₽ за минуту с вашего телефона и 5,00 ₽ за соединение" in one


def test_a_countdown_counts_the_fee_too(phone: Browser, k5: House) -> None:
    """«Звонить сразу, если минута не дороже …»: the first minute with all that is taken."""
    k5.top_up("100.00")
    press(phone, phone.get(PAGE))
    k5.talk(made(k5)[0], "30")
    phone.press("/me/devices", "/me/devices/at-once", on="1", limit="5,00", password=PASSWORD)
    contacts = {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}
    assert 'id="at-once"' in phone.get(PAGE, **contacts).text
    k5.reprice("7495", "0.45", **FEE)
    assert 'id="at-once"' not in phone.get(PAGE, **contacts).text


def test_ringing_that_costs_since_the_page_was_shown_asks_again(
    phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version of the plan took force between page and press: leg A counts from its own answer now."""
    k5.top_up("50.00")
    page = phone.get(PAGE)
    change_plan(monkeypatch, a_leg_from="a_answer")
    answer = press(phone, page)
    assert answer.status_code == 409
    said = "Звонок на ваш телефон теперь платный, даже если собеседник не ответит. Деньги не списаны."
    assert said in plain(answer)
    assert (made(k5), k5.held()) == ([], rub("0.00"))
    press(phone, answer)
    assert made(k5)[0].a_leg_from == made(k5)[0].quote.a_leg_from == "a_answer"


def test_a_form_that_does_not_say_from_when_leg_a_counts_is_shown_anew(phone: Browser, k5: House) -> None:
    """Pages of the version before stay open for days."""
    k5.top_up("50.00")
    page = phone.get(PAGE)
    with phone.client.application.test_request_context():
        facts = forms.unseal(forms.CALL_SALT, field(page, "form_key")) or []
        old = forms.seal(forms.CALL_SALT, facts[:5] + facts[6:])
    k5.clock.forward(seconds=2)
    answer = phone.press(PAGE, "/call", None, number=TO, form_key=old)
    assert answer.status_code == 409
    assert "Нажмите ещё раз." in plain(answer)
    assert made(k5) == []
