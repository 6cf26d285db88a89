"""The staff's way in: password and one-time code, a cookie of its own, an end after hours (S12, S26)."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from k5web.services.desk import staff as services
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.desk.conftest import log_in, take_on


def test_password_and_code_let_in(browser: Browser, k5: House) -> None:
    answer = log_in(browser, k5, take_on(k5, "anna", "desk"))
    assert answer.headers["Location"] == "/desk"
    assert browser.get("/desk").status_code == 200


def test_the_cookie_is_for_this_site_alone_and_scripts_cannot_read_it(browser: Browser, k5: House) -> None:
    answer = log_in(browser, k5, take_on(k5, "anna", "desk"))
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("k5desk=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize("wrong", ["000000", "", "12345", "abcdef"])
def test_a_wrong_code_does_not(browser: Browser, k5: House, wrong: str) -> None:
    answer = log_in(browser, k5, take_on(k5, "anna", "desk"), wrong)
    assert answer.status_code == 403
    assert browser.get("/desk").status_code == 303


def test_a_code_is_good_once(app: Flask, k5: House) -> None:
    made = take_on(k5, "anna", "desk")
    assert log_in(Browser(app.test_client()), k5, made).status_code == 303
    used = services.current_code(k5.ports, "anna")
    fields = {"login": "anna", "password": made.password, "code": used}
    again = Browser(app.test_client()).press("/desk/login", "/desk/login", None, **fields)
    assert again.status_code == 403


def test_a_code_of_half_a_minute_ago_is_still_good_and_one_of_a_minute_ago_is_not(browser: Browser, k5: House) -> None:
    made = take_on(k5, "anna", "desk")
    code = services.current_code(k5.ports, "anna")
    k5.clock.forward(seconds=31)
    fields = {"login": "anna", "password": made.password}
    assert log_in(browser, k5, made, code).status_code == 403  # a minute ago: the form itself waits half of one
    code = services.current_code(k5.ports, "anna")
    k5.clock.forward(seconds=30)
    assert browser.press("/desk/login", "/desk/login", None, **fields, code=code).status_code == 303


def test_nobody_and_a_wrong_password_are_told_the_same(app: Flask, k5: House) -> None:
    made = take_on(k5, "ivan", "desk")
    code = services.current_code(k5.ports, "ivan")
    said = set()
    for login, password in (("ivan", "wrong"), ("nobody", made.password), ("Ан на", made.password)):
        fields = {"login": login, "password": password, "code": code}
        page = Browser(app.test_client()).press("/desk/login", "/desk/login", None, **fields)
        text = re.sub(r'name="csrf_token" value="[^"]*"', "", page.text.replace(login, ""))
        said.add((page.status_code, re.sub(r"<dd>[0-9]{6}</dd>", "", text)))
    assert len(said) == 1


def test_wrong_tries_are_counted_for_the_login(app: Flask, k5: House) -> None:
    made = take_on(k5, "anna", "desk")
    for _ in range(6):
        log_in(Browser(app.test_client()), k5, made, "000000")
    assert log_in(Browser(app.test_client()), k5, made).status_code == 429


def test_half_an_hour_without_use_ends_it(staff: Callable[..., Browser], k5: House) -> None:
    browser = staff("desk")
    k5.clock.forward(minutes=29)
    assert browser.get("/desk").status_code == 200
    k5.clock.forward(minutes=29)
    assert browser.get("/desk").status_code == 200
    k5.clock.forward(minutes=30)
    assert browser.get("/desk").headers["Location"].startswith("/desk/login")


def test_twelve_hours_end_it_however_busy(staff: Callable[..., Browser], k5: House) -> None:
    browser = staff("desk")
    for _ in range(12 * 3):
        assert browser.get("/desk").status_code == 200
        k5.clock.forward(minutes=20)
    assert browser.get("/desk").status_code == 303


def test_out_is_out_for_a_kept_cookie_too(staff: Callable[..., Browser]) -> None:
    browser = staff("desk")
    kept = browser.cookie("k5desk")
    assert browser.press("/desk", "/desk/logout").status_code == 303
    assert browser.cookie("k5desk") == ""
    browser.client.set_cookie("k5desk", kept)
    assert browser.get("/desk").status_code == 303


def test_whoever_has_ended_is_out_at_once(staff: Callable[..., Browser], k5: House) -> None:
    browser = staff("desk")
    services.end(k5.ports, "anna", "staff:root")
    assert browser.get("/desk").status_code == 303


def test_a_new_password_ends_what_was_open(staff: Callable[..., Browser], k5: House) -> None:
    browser = staff("desk")
    services.reset(k5.ports, "anna")
    assert browser.get("/desk").status_code == 303


def test_a_subscriber_is_no_staff_and_staff_are_no_subscribers(phone: Browser, staff: Callable[..., Browser]) -> None:
    assert phone.get("/desk").headers["Location"].startswith("/desk/login")
    assert staff("owner").get("/me").headers["Location"].startswith("/login")


def test_a_damaged_cookie_is_nobody(browser: Browser) -> None:
    for text in ("", "x", "a.b", "s" * 16 + "." + "v" * 43):
        browser.client.set_cookie("k5desk", text)
        assert browser.get("/desk").status_code == 303


def test_after_the_log_in_one_stands_where_one_came_for(browser: Browser, k5: House) -> None:
    made = take_on(k5, "anna", "auditor")
    k5.clock.forward(seconds=31)
    code = services.current_code(k5.ports, "anna")
    fields = {"login": "ANNA ", "password": made.password, "code": code, "next": "/desk/audit?actor=staff%3Ax"}
    assert (
        browser.press("/desk/login", "/desk/login", None, **fields).headers["Location"] == "/desk/audit?actor=staff%3Ax"
    )
