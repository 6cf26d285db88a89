"""«Мои телефоны и компьютеры», the password asked again, the profile."""

import re

import pytest
from flask import Flask

from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, devices
from tests.services.house import OWN, House
from tests.web.conftest import PASSWORD, Browser, token_of

NEW = "новый пароль 7"


@pytest.fixture
def other(app: Flask) -> Browser:
    """The same subscriber's second phone."""
    second = Browser(app.test_client())
    second.log_in()
    return second


def ends(page: str) -> list[str]:
    return re.findall(r'action="(/me/devices/[^/"]+/end)"', page)


def selector(browser: Browser) -> str:
    return browser.cookie().partition(".")[0]


def test_the_list_shows_where_one_is_logged_in_and_which_is_this(phone: Browser, other: Browser) -> None:
    text = phone.get("/me/devices").text
    assert text.count("Chrome, Android</strong>") == 2
    assert text.count("это вы сейчас") == 1
    assert "01.12.2026 12:00" in text
    assert "127.0.0.0/24" in text


def test_a_lost_phone_is_logged_out_from_another(phone: Browser, other: Browser) -> None:
    sent = phone.press("/me/devices", f"/me/devices/{selector(other)}/end")
    assert sent.headers["Location"] == "/me/devices"
    asked = other.get("/me/profile")
    assert asked.headers["Location"] == "/login?next=/me/profile"
    assert other.cookie() == ""
    assert phone.get("/me/profile").status_code == 200


def test_ending_this_phone_is_logging_out(phone: Browser) -> None:
    left = phone.press("/me/devices", f"/me/devices/{selector(phone)}/end")
    assert "Clear-Site-Data" in left.headers
    assert phone.get("/me/profile").status_code == 303


def test_everywhere_means_everywhere(phone: Browser, other: Browser) -> None:
    phone.press("/me/devices", "/me/devices/end")
    assert {browser.get("/me/profile").status_code for browser in (phone, other)} == {303}


def test_nobody_ends_somebody_elses_phone(phone: Browser, app: Flask, k5: House) -> None:
    accounts.add_subscriber(k5.ports, Msisdn("79160000001"), PASSWORD, "Ольга")
    stranger = Browser(app.test_client())
    stranger.log_in("+79160000001")
    assert selector(phone) not in stranger.get("/me/devices").text
    stranger.press("/me/devices", f"/me/devices/{selector(phone)}/end")
    stranger.press("/me/devices", "/me/devices/end")
    assert phone.get("/me/profile").status_code == 200


def test_a_new_password_logs_all_other_phones_out(phone: Browser, other: Browser) -> None:
    sent = phone.press("/me/profile", "/me/profile/password", new_password=NEW)
    assert sent.status_code == 303
    assert "Пароль изменён." in phone.get("/me/profile").text
    assert other.get("/me/profile").status_code == 303
    assert other.log_in().status_code == 403
    assert other.log_in(password=NEW).status_code == 303


def test_after_a_quarter_of_an_hour_the_password_is_asked_again(phone: Browser, other: Browser, k5: House) -> None:
    assert "Нынешний пароль" not in phone.get("/me/profile").text
    k5.clock.forward(minutes=15)
    assert "Нынешний пароль" in phone.get("/me/profile").text
    refused = phone.press("/me/profile", "/me/profile/password", new_password=NEW)
    assert refused.status_code == 403
    assert "Пароль не подходит. Осталось попыток: 4." in refused.text
    assert other.get("/me/profile").status_code == 200
    assert phone.press("/me/profile", "/me/profile/password", password=PASSWORD, new_password=NEW).status_code == 303
    assert other.get("/me/profile").status_code == 303


def test_a_weak_password_is_named_at_its_field(phone: Browser) -> None:
    refused = phone.press("/me/profile", "/me/profile/password", new_password="1234567")
    assert refused.status_code == 400
    assert 'href="#new_password"' in refused.text
    assert "нужно не меньше 8 знаков" in refused.text


def test_calling_at_once_needs_the_password_and_is_this_phones_alone(phone: Browser, other: Browser, k5: House) -> None:
    k5.clock.forward(minutes=15)
    refused = phone.press("/me/devices", "/me/devices/at-once", on="1", limit="3,50")
    assert refused.status_code == 403
    assert "Включено" not in phone.get("/me/devices").text
    phone.press("/me/devices", "/me/devices/at-once", on="1", limit="3,50", password=PASSWORD)
    assert "не дороже 3,50\N{NO-BREAK SPACE}₽" in phone.get("/me/devices").text
    assert "Включено" not in other.get("/me/devices").text
    assert accounts.find_subscriber(k5.ports, OWN).at_once_limit == Price.parse("3.50")
    k5.clock.forward(minutes=15)
    phone.press("/me/devices", "/me/devices/at-once", on="0")  # switching off asks nothing
    assert "Включено" not in phone.get("/me/devices").text


def test_a_wrong_limit_is_said_and_switches_nothing(phone: Browser) -> None:
    refused = phone.press("/me/devices", "/me/devices/at-once", on="1", limit="много")
    assert refused.status_code == 400
    assert "Напишите цену так: 5,00." in refused.text
    assert "Включено" not in phone.get("/me/devices").text


def test_a_foreign_phone_is_never_at_once(browser: Browser, k5: House) -> None:
    browser.log_in(remember="0")
    assert "Звонить сразу" not in browser.get("/me/devices").text
    browser.press("/me/devices", "/me/devices/at-once", on="1", limit="3,50")
    assert [device.at_once for device in devices.list_devices(k5.ports, k5.caller.id).live] == [False]


def test_the_password_page_lets_on(phone: Browser, k5: House) -> None:
    k5.clock.forward(minutes=20)
    token = token_of(phone.get("/confirm?next=/me/devices"))
    wrong = phone.post("/confirm", csrf_token=token, password="battery staple", next="/me/devices")
    assert wrong.status_code == 403
    assert "Пароль не подходит." in wrong.text
    right = phone.post("/confirm", csrf_token=token, password=PASSWORD, next="/me/devices")
    assert right.headers["Location"] == "/me/devices"
    assert "Нынешний пароль" not in phone.get("/me/profile").text
    evil = phone.post("/confirm", csrf_token=token, password=PASSWORD, next="//evil.example")
    assert evil.headers["Location"] == "/"


def test_the_profile_shows_who_one_is(phone: Browser, k5: House) -> None:
    text = phone.get("/me/profile").text
    assert "Анна" in text
    assert "+7\N{NO-BREAK SPACE}916\N{NO-BREAK SPACE}123" in text
    assert f"<dd>{k5.caller.id}</dd>" in text
