"""Money to another subscriber as people meet it: two steps, a password, calm refusals, nothing without them."""

import re
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, blocking
from tests.services.books.two import PHONE, Two
from tests.services.house import House
from tests.web.calls.call_page import plain as words
from tests.web.conftest import PASSWORD, Browser, token_of


@pytest.fixture
def two(phone: Browser, k5: House) -> Two:
    """Anna at her phone with 1000 roubles, and Ivan."""
    return Two(k5)


def ask(phone: Browser, to: str = PHONE, amount: str = "300") -> TestResponse:
    return phone.press("/me/transfer", "/me/transfer", receiver=to, sum=amount)


def press(phone: Browser, page: TestResponse, password: str = PASSWORD, **changed: str) -> TestResponse:
    found = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert found, words(page)
    fields = {"form_key": found[1], "password": password, **changed}
    return phone.post("/me/transfer/send", None, csrf_token=token_of(page), **fields)


def test_the_way_leads_from_the_account_and_from_paying(two: Two, phone: Browser) -> None:
    for page in ("/me", "/pay"):
        assert 'href="/me/transfer"' in phone.get(page).text
    assert "Сейчас можно перевести до 1 000,00 ₽." in words(phone.get("/me/transfer"))


def test_two_steps_move_the_money_and_both_statements_say_so(two: Two, phone: Browser) -> None:
    page = ask(phone)
    said = words(page)
    assert "Получатель И. П. Вы написали +79160000067 Сумма 300,00 ₽ Останется у вас 700,00 ₽" in said
    assert "Иван" not in page.text
    assert two.balances() == ["1000.00", "0.00"]
    done = press(phone, page)
    assert (done.status_code, done.headers["Location"]) == (303, "/me/statement/2")
    assert "Перевод участнику И. П., …67 −300,00 ₽" in words(phone.get("/me/statement/2"))
    assert two.balances() == ["700.00", "300.00"]
    ivan = Browser(phone.client.application.test_client())
    ivan.log_in(PHONE)
    statement = words(ivan.get("/me/statement"))
    assert "Перевод от А., …67" in statement
    assert "+300,00 ₽" in statement


def test_the_same_form_twice_is_one_transfer(two: Two, phone: Browser) -> None:
    page = ask(phone)
    assert press(phone, page).headers["Location"] == press(phone, page).headers["Location"]
    assert two.balances() == ["700.00", "300.00"]


def test_a_wrong_password_shows_the_same_page_again(two: Two, phone: Browser) -> None:
    page = ask(phone)
    wrong = press(phone, page, "wrong horse")
    assert wrong.status_code == 403
    assert "Пароль не подходит. Осталось попыток: 4." in words(wrong)
    assert "Получатель И. П." in words(wrong)
    assert two.balances() == ["1000.00", "0.00"]
    assert press(phone, wrong).status_code == 303
    assert two.balances() == ["700.00", "300.00"]


def test_the_password_is_asked_though_it_was_typed_just_now(two: Two, phone: Browser) -> None:
    assert press(phone, ask(phone), "").status_code == 403
    assert two.balances() == ["1000.00", "0.00"]


REFUSALS = [
    ("+79269999999", "300", 409, "Участника с таким номером нет. Проверьте номер. Деньги не списаны."),
    ("", "300", 409, "Участника с таким номером нет."),
    ("+79161234567", "300", 409, "Это ваш собственный счёт. Напишите номер другого участника."),
    (PHONE, "0,99", 400, "Перевести можно от 1,00 ₽."),
    (PHONE, "1000,01", 402, "На счёте 1 000,00 ₽, а нужно 1 000,01 ₽. Пополните хотя бы на 0,01 ₽."),
    (PHONE, "1e3", 400, "Это не похоже на сумму."),
    (PHONE, "", 400, "Это не похоже на сумму."),
    (PHONE, "-5", 400, "Это не похоже на сумму."),
]


def test_a_refusal_keeps_what_was_typed(two: Two, phone: Browser) -> None:
    for to, amount, status, said in REFUSALS:
        page = ask(phone, to, amount)
        assert page.status_code == status, (to, amount)
        assert said in words(page), (to, amount)
        assert f'value="{amount}"' in page.text, (to, amount)
        assert 'name="form_key"' not in page.text, (to, amount)


def test_a_day_s_rest_is_named(two: Two, phone: Browser, k5: House) -> None:
    limited = replace(k5.ports, transfer_day=rub("500.00"))
    phone.client.application.extensions["k5.ports"] = limited
    press(phone, ask(phone))
    assert "Сейчас можно перевести до 200,00 ₽." in words(phone.get("/me/transfer"))
    page = ask(phone, amount="200,01")
    assert page.status_code == 409
    assert "За день можно перевести 500,00 ₽, сегодня осталось 200,00 ₽. Деньги не списаны." in words(page)


def test_who_may_not_receive_is_told_in_plain_words(two: Two, phone: Browser, k5: House) -> None:
    accounts.add_subscriber(k5.ports, Msisdn("996555123456"), PASSWORD, "Айгуль", "KGS")
    assert "У этого участника счёт в другой валюте" in words(ask(phone, "+996555123456"))
    page = ask(phone)
    blocking.block(k5.ports, two.ivan.id, "staff:1", "тест")
    assert "Этот участник сейчас не может получать переводы. Деньги не списаны." in words(press(phone, page))
    assert two.balances() == ["1000.00", "0.00"]


def test_whoever_tries_numbers_is_slowed_down(two: Two, phone: Browser) -> None:
    for n in range(10):
        ask(phone, f"+7926000000{n}")
    page = ask(phone)
    assert page.status_code == 429
    assert "Слишком часто. Подождите 15 минут." in words(page)


def test_a_form_that_was_changed_or_is_anothers_moves_nothing(two: Two, phone: Browser, k5: House) -> None:
    page = ask(phone)
    found = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert found
    for forged in ("", "x", found[1][:-1], found[1] + "x"):
        assert press(phone, page, form_key=forged).status_code == 400
    olga = accounts.add_subscriber(k5.ports, Msisdn("79160000068"), PASSWORD, "Ольга")
    other = Browser(phone.client.application.test_client())
    other.log_in(f"K5-{olga.id}")
    token = token_of(other.get("/me/transfer"))
    stolen = other.post("/me/transfer/send", csrf_token=token, form_key=found[1], password=PASSWORD)
    assert stolen.status_code == 400
    assert two.balances() == ["1000.00", "0.00"]


def test_a_stale_form_is_shown_again_with_what_was_typed(two: Two, phone: Browser) -> None:
    page = phone.post("/me/transfer", csrf_token="old", receiver=PHONE, sum="300")
    assert page.status_code == 400
    assert f'value="{PHONE}"' in page.text
    assert phone.post("/me/transfer/send", csrf_token="old", password=PASSWORD).status_code == 400
