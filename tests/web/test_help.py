"""Who the operator is, where people find help and by which rules: on every page, error pages too."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from k5web.errors import Unavailable
from k5web.services.calls import widgets
from k5web.services.calls.widgets import TypedWidget
from tests.services.house import House
from tests.web.calls.call_page import plain
from tests.web.conftest import Browser

HELP = '<a href="tel:+74951110001">+7\N{NO-BREAK SPACE}495\N{NO-BREAK SPACE}111'
PAGES = [
    "/",
    "/login",
    "/tariffs",
    "/tariffs/7495",
    "/pay",
    "/help",
    "/nowhere",
    "/me",
    "/74951234567",
    "/+99912345678",
]
PAGES += ["/me/calls", "/me/statement", "/me/devices", "/me/profile", "/me/limits", "/me/tokens", "/me/widgets"]
PAGES += ["/me/invoices", "/me/cards", "/me/pay", "/me/access", "/pay/pd4", "/c/1-1"]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(help_phone="74951110001")


def test_every_page_names_the_operator_the_help_phone_and_the_rules(app: Flask, phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    stranger = Browser(app.test_client())
    for path in [*PAGES, f"/c/{call.id}"]:
        for browser in (phone, stranger):
            page = browser.client.get(path, follow_redirects=True).text
            assert HELP in page, path
            assert k5.ports.payee
            assert k5.ports.payee.name in page, path
            assert 'href="/help"' in page, path


def test_an_error_page_names_them_without_a_database_and_stays_small(
    app: Flask, phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(k5.ports.sessions), "read", lambda *_: (_ for _ in ()).throw(Unavailable()))
    monkeypatch.setattr(type(k5.ports.sessions), "begin", lambda *_: (_ for _ in ()).throw(Unavailable()))
    page = phone.get("/me")
    assert page.status_code == 503
    assert HELP in page.text
    assert len(page.data) <= 3 * 1024


def test_a_visitor_of_a_subscribers_site_finds_the_operator_too(app: Flask, phone: Browser, k5: House) -> None:
    button = widgets.make(k5.ports, k5.caller, TypedWidget("Лавка", "", "5,00", "20"))
    for path in (f"/widget/{button.code}", f"/widget/{button.code}/thanks"):
        assert HELP in Browser(app.test_client()).get(path).text


def test_where_nothing_is_set_nothing_is_made_up(k5: House, make_app: Callable[..., Flask]) -> None:
    k5.ports = replace(k5.ports, payee=None)
    page = Browser(make_app().test_client()).get("/").text
    assert "Помощь:" not in page
    assert "tel:" not in page


def test_the_rules_are_those_in_force(browser: Browser, k5: House) -> None:
    words = plain(browser.get("/help"))
    assert "Неполная минута считается целой. До 3 секунд – бесплатно." in words
    assert "Никто не ответил, занято, телефон выключен или не получилось соединить – деньги не списываются." in words
    assert "длится не дольше 60 мин" in words
    assert "с номера +7 495 000-00-00" in words
    assert re.search(r"ИНН \d{10}", words)
