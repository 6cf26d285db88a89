"""The desk's door: a page nobody said anything about is open to nobody; forms of other sites are refused."""

from collections.abc import Callable

import pytest
from flask import Flask

from k5web.web.desk import door
from tests.services.house import House
from tests.web.conftest import Browser, token_of


def test_a_page_that_names_no_action_is_open_to_nobody(
    staff: Callable[..., Browser], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = staff("owner")
    needs = {view: action for view, action in door.NEEDS.items() if view != "home"}
    monkeypatch.setattr(door, "NEEDS", needs)
    assert browser.get("/desk").status_code == 403


def test_a_form_of_another_site_is_refused(staff: Callable[..., Browser]) -> None:
    browser = staff("owner")
    token = token_of(browser.get("/desk"))
    answer = browser.post("/desk/logout", {"Origin": "https://evil.example"}, csrf_token=token)
    assert answer.status_code == 403
    assert browser.get("/desk").status_code == 200


def test_a_form_without_its_token_is_refused_on_a_page_of_the_desk(staff: Callable[..., Browser]) -> None:
    browser = staff("owner")
    answer = browser.post("/desk/logout", None, csrf_token="x")
    assert answer.status_code == 400
    assert "Страница была открыта давно" in answer.text


def test_https_gives_the_cookie_its_safe_name(make_app: Callable[..., Flask], k5: House) -> None:
    app = make_app(public_url="https://t.k5.example")
    with app.test_request_context():
        cookie = door.set_cookie(app.make_response(""), "token").headers["Set-Cookie"]
    assert cookie.startswith("__Host-k5desk=token; Secure; HttpOnly; Path=/; SameSite=Strict")


def test_no_page_of_the_desk_is_kept_by_a_browser(staff: Callable[..., Browser]) -> None:
    answer = staff("owner").get("/desk/staff")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
