"""Forgotten password in the browser, without scripts; a password that must be chosen first: S11, S12."""

import re

import pytest
from werkzeug.test import TestResponse

from k5web.services.accounts import accounts
from k5web.storage.accounts import subscribers
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import OWN, House
from tests.web.calls.call_page import PAGE, plain
from tests.web.conftest import PASSWORD, Browser, token_of

NEW = "four quiet blue horses"


RANDOM = "Set-Cookie"  # signed and packed: its length is that of random text


def ask(browser: Browser, phone: str = OWN) -> TestResponse:
    return browser.press("/password", "/password", None, login=phone)


def enter(browser: Browser, code: str) -> TestResponse:
    return browser.press("/password/code", "/password/code", None, code=code, remember="1")


def test_from_the_log_in_page_to_a_new_password(browser: Browser, k5: House, app: object) -> None:
    other = Browser(browser.client.application.test_client())
    assert other.log_in().status_code == 303
    assert 'href="/password"' in browser.get("/login").text
    assert ask(browser).headers["Location"] == "/password/code"
    page = plain(browser.get("/password/code"))
    assert "на него идёт SMS с кодом" in page
    assert enter(browser, codes_sent(k5)[-1]).headers["Location"] == "/password/new"
    weak = browser.press("/password/new", "/password/new", None, new_password="short")
    assert (weak.status_code, "Пароль короткий" in plain(weak)) == (400, True)
    assert browser.press("/password/new", "/password/new", None, new_password=NEW).status_code == 303
    assert browser.get("/me").status_code == 200
    assert other.get("/me").headers["Location"].startswith("/login"), "every other phone is logged out"
    assert other.log_in().status_code == 403
    assert other.log_in(password=NEW).status_code == 303


def test_known_and_unknown_numbers_get_the_same_answers_to_the_byte(browser: Browser, k5: House) -> None:
    def walk(phone: str) -> list[tuple[int, int, list[tuple[str, int]]]]:
        one = Browser(browser.client.application.test_client())
        answers = [ask(one, phone), one.get("/password/code"), enter(one, "000000")]
        return [
            (each.status_code, len(each.data), [(name, len(value)) for name, value in each.headers if name != RANDOM])
            for each in answers
        ]

    assert walk("+7 916 123-45-67") == walk("+7 916 123-45-68")


def test_a_wrong_code_is_told_and_may_be_typed_again(browser: Browser, k5: House) -> None:
    ask(browser)
    wrong = enter(browser, "1")
    assert wrong.status_code == 403
    assert "Код не подходит" in plain(wrong)
    assert enter(browser, codes_sent(k5)[-1]).status_code == 303


def test_the_fourth_message_of_an_hour_is_refused_alike_for_everybody(browser: Browser, k5: House) -> None:
    for phone in (OWN, "+79169999999"):
        tries = [ask(browser, phone) for _ in range(4)]
        assert [each.status_code for each in tries] == [303, 303, 303, 429]
        assert "Слишком часто" in plain(tries[3])


def test_what_is_no_number_is_named_at_the_field(browser: Browser) -> None:
    page = ask(browser, "мама")
    assert page.status_code == 400
    assert 'value="мама"' in page.text
    assert browser.get("/password/code").headers["Location"] == "/password"


def weak(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        kept = subscribers.password_hash(db, k5.caller.id)
        subscribers.set_password(db, k5.caller.id, kept, k5.clock(), must_change=True)


@pytest.mark.parametrize("path", ["/", PAGE, "/me", "/pay", "/me/profile", "/help"])
def test_a_weak_password_that_came_by_sms_is_changed_before_anything_else(
    browser: Browser, k5: House, path: str
) -> None:
    weak(k5)
    assert browser.log_in().status_code == 303
    page = browser.get(path)
    if path != "/help":
        assert (page.status_code, page.headers["Location"]) == (303, "/password/new")
    browser.press("/password/new", "/password/new", None, new_password=NEW)
    assert browser.get(path).status_code == 200


def test_nothing_is_ordered_before_the_password_is_chosen(browser: Browser, k5: House) -> None:
    k5.top_up("100.00")
    browser.log_in()
    page = browser.get(PAGE)
    weak(k5)
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', page.text))
    browser.read()
    assert browser.post("/call", None, **fields).headers["Location"] == "/password/new"
    assert k5.held().minor == 0


def test_whoever_must_choose_may_log_out(browser: Browser, k5: House) -> None:
    weak(k5)
    browser.log_in()
    token = token_of(browser.get("/password/new"))
    assert browser.post("/logout", None, csrf_token=token).headers["Location"].startswith("/login")


def test_nobody_else_chooses_there(phone: Browser, k5: House) -> None:
    assert phone.get("/password/new").headers["Location"] == "/"
    sent = phone.press("/me/profile", "/password/new", None, new_password=NEW)
    assert sent.headers["Location"] == "/me/profile"
    assert accounts.log_in(k5.ports, OWN, PASSWORD, accounts.Browser("x", None))


def test_what_was_in_the_session_before_is_gone_after_it(browser: Browser, k5: House) -> None:
    ask(browser)
    before = browser.cookie("k5s")
    enter(browser, codes_sent(k5)[-1])
    assert browser.cookie("k5s") != before
    assert browser.get("/password/code").headers["Location"].startswith("/password")
