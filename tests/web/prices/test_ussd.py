"""Codes of a mobile phone: balance, remainders, options, the plan; one text of at most 182 letters (E3 to E5)."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from k5web.domain.languages import NAMES
from k5web.domain.money import rub
from k5web.services.accounts import accounts
from k5web.web import language
from k5web.web.prices.ussd import shortened
from tests.services.house import OWN, House
from tests.services.prices.test_subscriptions import connect, fresh

SECRET = "s" * 32


@pytest.fixture
def gateway(k5: House, make_app: Callable[..., Flask]) -> FlaskClient:
    app = make_app()
    app.config["K5_USSD_SECRET"] = SECRET
    return app.test_client()


def dial(gateway: FlaskClient, text: str, msisdn: str = OWN, session: str = "", secret: str = SECRET) -> str:
    answer = gateway.post(f"/hooks/ussd/{secret}", data={"msisdn": msisdn, "text": text, "session": session})
    assert answer.status_code == 200
    assert len(answer.text) <= 182
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_balance_and_what_is_left(gateway: FlaskClient, k5: House) -> None:
    k5.top_up("50.00")
    assert dial(gateway, "*100#") == "На счёте 50,00 ₽."
    assert dial(gateway, "*100*1#") == "Пакетов нет."
    connect(k5, "plan", "economny")
    assert "Минуты на операторов региона: 50 из 50 мин. на сегодня" in dial(gateway, "*100*1#")


def test_the_plan_and_its_packages_by_their_codes(gateway: FlaskClient, k5: House) -> None:
    k5.top_up("300.00")
    assert dial(gateway, "*800*2#", session="1") == "Экономный: подключено, списано 5,00 ₽. Дальше 5,00 ₽ в день."
    assert fresh(k5).plan_code == "economny"
    assert (
        dial(gateway, "*509*30#", session="2") == "SMS пакет 30: подключено, списано 40,00 ₽. Дальше 40,00 ₽ в месяц."
    )
    assert dial(gateway, "*509*60#", session="3").startswith("SMS пакет 60: подключено, списано 75,00 ₽.")
    assert dial(gateway, "*509*100#", session="4").startswith("SMS пакет 100: подключено, списано 100,00 ₽.")
    assert dial(gateway, "*509*0#") == "SMS пакет 100: отключено, работает до конца оплаченного."
    assert dial(gateway, "*525*1#", session="5").startswith("Безлимитный интернет по всей стране: подключено")
    assert dial(gateway, "*525*2#").startswith("Безлимитный интернет по всей стране: отключено")
    assert k5.balance() == rub("300.00") - rub("5.00") - rub("215.00") - rub("75.00")


def test_a_repeat_of_the_gateway_orders_once(gateway: FlaskClient, k5: House) -> None:
    k5.top_up("300.00")
    dial(gateway, "*800*2#", session="1")
    for _ in range(2):
        dial(gateway, "*509*30#", session="2")
    assert k5.balance() == rub("255.00")


def test_what_cannot_be_is_said_in_words(gateway: FlaskClient, k5: House) -> None:
    assert dial(gateway, "*509*30#") == "Такой команды нет. Баланс: *100#, остатки: *100*1#."
    assert dial(gateway, "*100#", msisdn="+79160000000") == "Этот номер не подключён."
    assert dial(gateway, "*100#", msisdn="x") == "Этот номер не подключён."
    assert "На счёте" in dial(gateway, "*800*2#")
    assert fresh(k5).plan_code == "k5"


def test_without_the_secret_there_is_nothing(gateway: FlaskClient, make_app: Callable[..., Flask]) -> None:
    assert gateway.post("/hooks/ussd/wrong", data={"msisdn": OWN, "text": "*100#"}).status_code == 404
    assert make_app().test_client().post("/hooks/ussd/", data={}).status_code == 404
    assert gateway.get(f"/hooks/ussd/{SECRET}").status_code in {404, 405}


def test_a_long_text_is_cut_between_words() -> None:
    assert shortened("слово " * 40) == "слово " * 29 + "слово…"
    assert shortened("я" * 182) == "я" * 182


def test_an_answer_is_in_the_language_that_the_owner_of_the_phone_chose(
    gateway: FlaskClient, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "OFFERED", tuple(NAMES))
    k5.top_up("50.00")
    accounts.choose_language(k5.ports, k5.caller.id, "en")
    assert "50.00" in dial(gateway, "*100#")
    accounts.choose_language(k5.ports, k5.caller.id, "kk")
    assert "50,00" in dial(gateway, "*100#")
    assert dial(gateway, "*100#", msisdn="79160000099") == "Этот номер не подключён."
