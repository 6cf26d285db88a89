"""The page of the browser as a phone: its account, its headers, its prices (B7)."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from k5web.config.settings import Settings
from k5web.domain.pbx.people import OPENING, SipAccount
from k5web.storage.pbx import people_rows
from tests.services.house import House
from tests.services.pbx.organisations import take_plan
from tests.web.conftest import Browser


@pytest.fixture
def phone(make_app: Callable[..., Flask], settings: Settings) -> Browser:
    """A phone of somebody whose K5 has a real switch."""
    switch = replace(settings.switches[0], kind="asterisk")
    browser = Browser(make_app(switches=(switch,)).test_client())
    assert browser.log_in().status_code == 303
    return browser


def kept(k5: House) -> list[SipAccount]:
    with k5.ports.sessions.read() as db:
        return people_rows.accounts(db, k5.caller.id)


def told(browser: Browser, number: str) -> dict[str, str]:
    answer = browser.client.get("/me/phone/price", query_string={"number": number}, base_url=browser.site)
    assert answer.mimetype == "application/json"
    found: dict[str, str] = json.loads(answer.text)
    return found


def test_each_look_has_an_account_whose_password_nobody_has(phone: Browser, k5: House) -> None:
    page = phone.get("/me/phone").text
    [account] = kept(k5)
    assert re.findall(r'data-login="([^"]+)" data-digest="([^"]+)"', page) == [(account.login, account.password_digest)]
    assert account.until == k5.clock() + timedelta(hours=8)
    assert account.login not in phone.get("/me/phone").text


def test_only_this_page_may_use_the_microphone(phone: Browser) -> None:
    here, elsewhere = phone.get("/me/phone"), phone.get("/me")
    assert "microphone=(self)" in here.headers["Permissions-Policy"]
    assert "microphone=()" in elsewhere.headers["Permissions-Policy"]
    assert here.headers["Content-Security-Policy"] == elsewhere.headers["Content-Security-Policy"]
    assert here.headers["Cache-Control"] == "no-store"


def test_the_script_is_fetched_by_this_page_alone(phone: Browser) -> None:
    [script] = re.findall(r'<script src="(/static/phone\.[0-9a-f]{10}\.js)" defer>', phone.get("/me/phone").text)
    assert "phone." not in "".join(re.findall(r'<script src="([^"]+)"', phone.get("/me").text))
    answer = phone.get(script, **{"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.data) < 64 * 1024


def test_a_guess_of_the_browser_makes_no_account(phone: Browser, k5: House) -> None:
    assert phone.get("/me/phone", **{"Sec-Purpose": "prefetch"}).status_code == 503
    assert kept(k5) == []


def test_log_out_ends_it_at_once(phone: Browser, k5: House) -> None:
    phone.get("/me/phone")
    phone.press("/me", "/logout")
    assert kept(k5) == []


def test_a_device_taken_off_the_list_loses_it(phone: Browser, k5: House) -> None:
    phone.get("/me/phone")
    [selector] = re.findall(r'action="/me/devices/([^/"]+)/end"', phone.get("/me/devices").text)
    phone.press("/me/devices", f"/me/devices/{selector}/end")
    assert kept(k5) == []


def test_the_price_is_told_before_and_is_of_the_other_leg(phone: Browser, k5: House) -> None:
    k5.top_up("4.50")
    found = told(phone, "8 (495) 123-45-67")
    assert found["call"] == "74951234567"
    assert "0,45" in found["said"]
    assert "Хватит на 10 мин." in found["said"]
    assert "0,45" in found["button"]
    assert "0,45" in phone.get("/me/phone?number=%2B74951234567").text, "without a script too"


@pytest.mark.parametrize(
    ("number", "said"), [("abc", "номер"), ("112", "экстренн"), ("+74951234567", "Пополните"), ("<b>", "номер")]
)
def test_a_refusal_is_told_in_words_and_calls_nobody(phone: Browser, number: str, said: str) -> None:
    found = told(phone, number)
    assert found["call"] == ""
    assert said.lower() in found["said"].lower()


def test_a_colleague_costs_nothing(phone: Browser, k5: House) -> None:
    take_plan(k5)
    phone.press("/me/pbx", "/me/pbx", title="Анна")
    found = told(phone, "201")
    assert (found["call"], found["button"]) == ("201", "Позвонить бесплатно")
    assert "201 Анна" in found["said"]


def test_a_stranger_is_asked_to_log_in(make_app: Callable[..., Flask]) -> None:
    for path in ("/me/phone", "/me/phone/price?number=201"):
        answer = make_app().test_client().get(path, base_url="http://localhost")
        assert answer.status_code in {302, 303}


def test_a_page_read_too_often_says_so(phone: Browser, k5: House) -> None:
    for _ in range(OPENING.at_once):
        assert phone.get("/me/phone").status_code == 200
    late = phone.get("/me/phone")
    assert (late.status_code, "data-login" in late.text) == (429, False)
    assert "microphone=()" in late.headers["Permissions-Policy"]


def test_the_simulated_switch_has_nobody_to_speak_with(browser: Browser, k5: House) -> None:
    browser.log_in()
    page = browser.get("/me/phone")
    assert "учебные" in page.text
    assert "data-login" not in page.text
    assert '"/me/phone"' not in browser.get("/me").text
    assert kept(k5) == []


def test_the_call_page_leads_here(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    assert "/me/phone?number=%2B74951234567" in phone.get("/74951234567").text
