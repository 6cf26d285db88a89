"""The promised payment as people meet it: two steps that name sum and last day, what is owed, why there is none."""

import re
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.money import rub
from k5web.services.books import promised_payments
from tests.services.house import House
from tests.web.calls.call_page import plain as words
from tests.web.conftest import Browser, token_of

TERMS = PromiseTerms(rub("300.00"), days=3, account_days=90, paid_in=rub("50.00"))


@pytest.fixture
def lent(phone: Browser, k5: House) -> House:
    """A house where payments may be promised, and somebody who may."""
    k5.clock.forward(days=100)
    k5.top_up("60.00")
    set_terms(phone, k5, TERMS)
    return k5


def set_terms(phone: Browser, k5: House, terms: PromiseTerms | None) -> None:
    k5.ports = replace(k5.ports, promise=terms)
    phone.client.application.extensions["k5.ports"] = k5.ports


def ask(phone: Browser, amount: str = "300") -> TestResponse:
    return phone.press("/me/promise", "/me/promise", sum=amount)


def press(phone: Browser, page: TestResponse, **changed: str) -> TestResponse:
    fields = dict(re.findall(r'name="(form_key|shown)" value="([^"]+)"', page.text))
    assert "form_key" in fields, words(page)
    return phone.post("/me/promise/take", None, csrf_token=token_of(page), **(fields | changed))


def test_two_steps_name_the_sum_the_last_day_and_what_happens_then(lent: House, phone: Browser) -> None:
    assert "От 10,00 ₽ до 300,00 ₽, по 14.03.2027. Бесплатно." in words(phone.get("/me/promise"))
    page = ask(phone)
    said = words(page)
    assert "Сумма 300,00 ₽ Последний день 14.03.2027 Плата бесплатно" in said
    assert "Если не вернуть, звонки и покупки остановятся до пополнения." in said
    assert lent.purse().available == rub("60.00")
    phone.read()
    assert press(phone, page).headers["Location"] == "/me/promise"
    assert lent.purse().available == rub("360.00")
    assert "Обещано 300,00 ₽ Действует по 14.03.2027 Сейчас вы должны 0,00 ₽" in words(phone.get("/me/promise"))


def test_the_second_tap_of_two_promises_nothing_and_the_next_press_does(lent: House, phone: Browser) -> None:
    page = ask(phone)
    again = press(phone, page)
    assert again.status_code == 409
    assert lent.purse().available == rub("60.00")
    phone.read()
    assert press(phone, again).status_code == 303
    assert press(phone, again).status_code == 303
    assert lent.purse().available == rub("360.00")


def test_the_account_tells_what_is_owed_and_until_when(lent: House, phone: Browser) -> None:
    page = ask(phone)
    phone.read()
    press(phone, page)
    lent.talk(lent.order(), "3000")
    assert "Обещанный платёж 300,00 ₽ действует по 14.03.2027. Вы должны 50,00 ₽" in words(phone.get("/me"))
    assert 'action="/me/promise/end"' not in phone.get("/me/promise").text
    token = token_of(phone.get("/me"))
    refused = phone.post("/me/promise/end", csrf_token=token)
    assert "Обещанные деньги уже потрачены. Сначала пополните счёт." in words(refused)
    lent.clock.forward(days=4)
    promised_payments.end_due(lent.ports)
    assert "Срок обещанного платежа прошёл, вы должны 50,00 ₽. Звонки и покупки остановлены" in words(phone.get("/me"))
    assert "Сначала верните долг: пополните счёт." in words(phone.get("/me/promise"))
    lent.top_up("50.00")
    assert "обещанного" not in words(phone.get("/me")).lower()
    assert "От 10,00 ₽ до 300,00 ₽" in words(phone.get("/me/promise"))


def test_it_is_ended_early_by_a_press(lent: House, phone: Browser) -> None:
    page = ask(phone)
    phone.read()
    press(phone, page)
    assert phone.press("/me/promise", "/me/promise/end").status_code == 303
    assert lent.purse().available == rub("60.00")


@pytest.mark.parametrize(
    ("amount", "status", "said"),
    [
        ("9,99", 409, "Пообещать можно от 10,00 ₽ до 300,00 ₽."),
        ("300,01", 409, "Пообещать можно от 10,00 ₽ до 300,00 ₽."),
        ("много", 400, "Это не похоже на сумму."),
    ],
)
def test_a_wrong_sum_is_said_and_kept(lent: House, phone: Browser, amount: str, status: int, said: str) -> None:
    page = ask(phone, amount)
    assert (page.status_code, said in words(page)) == (status, True)
    assert f'value="{amount}"' in page.text


def test_who_may_not_yet_is_told_when(lent: House, phone: Browser) -> None:
    set_terms(phone, lent, replace(TERMS, account_days=101))
    assert "Обещанный платёж можно взять, когда счёту исполнится 101 день." in words(phone.get("/me/promise"))
    set_terms(phone, lent, replace(TERMS, paid_in=rub("60.01")))
    assert "Обещанный платёж можно взять, когда пополнений всего будет на 60,01 ₽." in words(phone.get("/me/promise"))


def test_without_the_operators_terms_no_link_leads_there(lent: House, phone: Browser) -> None:
    for page in ("/me", "/pay"):
        assert 'href="/me/promise"' in phone.get(page).text
    set_terms(phone, lent, None)
    for page in ("/me", "/pay"):
        assert 'href="/me/promise"' not in phone.get(page).text
    assert "Обещанного платежа сейчас нет." in words(phone.get("/me/promise"))


def test_a_form_that_is_forged_or_of_yesterday_promises_nothing(lent: House, phone: Browser) -> None:
    page = ask(phone)
    phone.read()
    for forged in ("", "x"):
        assert press(phone, page, form_key=forged).status_code == 400
    lent.clock.forward(days=1)
    assert press(phone, page).status_code == 400
    assert phone.post("/me/promise/take", csrf_token="old").status_code == 400
    assert lent.purse().available == rub("60.00")


def test_the_fee_is_named_and_has_its_line(lent: House, phone: Browser) -> None:
    set_terms(phone, lent, replace(TERMS, fee=rub("5.00")))
    assert "Плата: 5,00 ₽." in words(phone.get("/me/promise"))
    page = ask(phone)
    phone.read()
    press(phone, page)
    assert "Плата за обещанный платёж" in words(phone.get("/me/statement"))
