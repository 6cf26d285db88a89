"""The hook of the SMS gateway: A6, A7, and what it must not tell."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from k5web.config.messages import read
from k5web.domain.languages import NAMES
from k5web.domain.messaging.sms_text import command_of
from k5web.services.accounts import accounts
from k5web.services.messaging import codes
from k5web.storage.messaging import outbox_rows
from k5web.web import language
from tests.services.house import OWN, House
from tests.services.messaging.test_codes import PHONE

SECRET = "s" * 32
STRANGER = "79160000001"


@pytest.fixture
def gateway(make_app: Callable[..., Flask]) -> FlaskClient:
    return make_app(messages=read({"K5_SMS_SECRET": SECRET})).test_client()


def ask(gateway: FlaskClient, text: str, name: str = "1", sender: str = STRANGER, to: str = "4443") -> TestResponse:
    query = f"from={quote(sender)}&to={quote(to)}&text={quote(text)}&smsc=fake&id={name}&time=2026-12-01+09:00:00"
    return gateway.get(f"/hooks/sms/{SECRET}?{query}")


def said(answer: TestResponse) -> str:
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=UTF-8"
    assert (answer.headers.get("X-Kannel-Coding") == "2") == bool(answer.text)
    assert len(answer.text) <= 134
    assert "\N{NO-BREAK SPACE}" not in answer.text
    return answer.text


def test_the_reply_carries_the_password_in_cyrillic(gateway: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """A6."""
    caplog.set_level(logging.INFO)
    first = said(ask(gateway, "reg"))
    assert first.startswith("K5: вы участник. Пароль ")
    assert said(ask(gateway, "reg")) == first
    assert said(ask(gateway, "reg", "2")) == "Вы уже участник K5. Команды: БАЛАНС, ПАРОЛЬ, ЗВОНОК и номер."
    assert first.split()[4].rstrip(",") not in caplog.text
    assert STRANGER not in caplog.text


def test_no_reply_is_sent_from_the_long_number(gateway: FlaskClient) -> None:
    """A7."""
    assert said(ask(gateway, "korova tuman most", to="+79037976171")) == ""


def test_commands_are_answered_in_words(gateway: FlaskClient, k5: House) -> None:
    k5.top_up("50.00")
    assert said(ask(gateway, "баланс", "1", OWN)) == "На счёте 50,00 ₽."
    k5.top_up("50.00")
    assert said(ask(gateway, "баланс", "1", OWN)) == "На счёте 50,00 ₽."  # a repeat is no new question
    assert said(ask(gateway, "ZVONOK 84951234567", "2", OWN)) == (
        "Звоним вам и на +74951234567: минута 2,20 ₽, хватит на 45 мин."
    )
    assert said(ask(gateway, "ЗВОНОК 84951234567", "3", OWN)).startswith("У вас уже идёт звонок")
    assert said(ask(gateway, "ЗВОНОК", "4", OWN)).startswith("Это не похоже на номер телефона")
    assert said(ask(gateway, "ЗВОНОК 112", "5", OWN)).startswith("Это номер экстренной службы")
    assert said(ask(gateway, "баланс", "6")).startswith("Этот номер не подключён.")


@pytest.mark.parametrize(
    "path", ["/hooks/sms/" + "x" * 32, "/hooks/sms/", "/hooks/sms/é", f"/hooks/sms/{SECRET[:-1]}/report"]
)
def test_without_the_secret_there_is_no_such_page(gateway: FlaskClient, path: str) -> None:
    assert gateway.get(f"{path}?from={STRANGER}&to=4443&text=reg&id=1").status_code == 404


def test_the_gateway_asks_from_its_own_network_only(gateway: FlaskClient, make_app: Callable[..., Flask]) -> None:
    path = f"/hooks/sms/{SECRET}?from={STRANGER}&to=4443&text=reg&id=1"
    assert gateway.get(path, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    app = make_app(messages=read({"K5_SMS_SECRET": SECRET, "K5_SMS_ALLOWED": "203.0.113.0/24"}))
    assert app.test_client().get(path, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200


def test_without_a_secret_nothing_is_open(make_app: Callable[..., Flask]) -> None:
    client = make_app().test_client()
    assert client.get(f"/hooks/sms/?from={STRANGER}").status_code == 404
    assert client.get(f"/hooks/sms/{SECRET}?from={STRANGER}&to=4443&text=reg&id=1").status_code == 404


def test_a_report_is_noted_and_odd_ones_do_nothing(gateway: FlaskClient, k5: House) -> None:
    codes.send(k5.ports, PHONE, "reset", None)
    with k5.ports.sessions.begin() as db:
        message = outbox_rows.due(db, k5.clock(), 1)[0]
        outbox_rows.close(db, message, "accepted", k5.clock(), is_secret=True)
    for query in ("ref=none&status=1", f"ref={message.ref}&status=one", f"ref={message.ref}&status=1", "", "status=1"):
        assert gateway.get(f"/hooks/sms/{SECRET}/report?{query}").status_code == 200
    with k5.ports.sessions.begin() as db:
        assert outbox_rows.by_ref(db, message.ref) == (replace(message, facts={}, address=None), "delivered")


def test_a_reply_is_in_the_language_that_the_owner_of_the_phone_chose(
    gateway: FlaskClient, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "OFFERED", tuple(NAMES))
    k5.top_up("50.00")
    accounts.choose_language(k5.ports, k5.caller.id, "en")
    assert "50.00 RUB" in said(ask(gateway, "BALANCE", "1", OWN))
    assert "50.00 RUB" in said(ask(gateway, "BALANCE", "1", OWN)), "a repeat gets the same"
    assert "BALANCE" in said(ask(gateway, "help", "3", OWN))
    assert said(ask(gateway, "*9999#", "2", "+79160000099")).startswith("K5: вы участник.")


@pytest.mark.parametrize("code", NAMES)
def test_the_commands_that_a_reply_names_are_understood(
    gateway: FlaskClient, k5: House, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "OFFERED", tuple(NAMES))
    accounts.choose_language(k5.ports, k5.caller.id, code)
    named = re.findall(r"[^\W\d_]{4,}", said(ask(gateway, "?", "1", OWN)).partition(": ")[2])
    found = [command_of(word) for word in named if word.isupper()]
    assert [order.command for order in found if order] == ["balance", "password", "call"]
