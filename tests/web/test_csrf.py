"""No page of another site, and no link, makes a subscriber's browser do anything (S13; docs/pages.md)."""

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask

from tests.services.house import OWN, House
from tests.web.conftest import PASSWORD, Browser, token_of


def test_a_form_without_the_pages_token_is_refused(phone: Browser) -> None:
    token = token_of(phone.get("/me/profile"))
    head, _, signature = token.rpartition(".")
    for sent in ("", "x", f"{head}.{signature[::-1]}", head, head.partition(".")[0]):
        phone.post("/me/devices/end", csrf_token=sent)
        phone.post("/me/devices/end")
        assert phone.get("/me/profile").status_code == 200
    assert phone.post("/me/devices/end", csrf_token=token).status_code == 303
    assert phone.get("/me/profile").status_code == 303


def test_another_browsers_token_is_refused(phone: Browser, app: Flask) -> None:
    foreign = token_of(Browser(app.test_client()).get("/login"))
    phone.get("/me/profile")
    phone.post("/me/devices/end", csrf_token=foreign)
    assert phone.get("/me/profile").status_code == 200


def test_a_token_lives_as_long_as_its_session(phone: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(phone.get("/me/profile"))
    # The session cookie itself grows years old too, so it is kept open; only the token's age is looked at
    monkeypatch.setattr("flask.sessions.SecureCookieSessionInterface.open_session", _kept_open(phone))
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda self: 1_900_000_000)
    assert "Clear-Site-Data" in phone.post("/me/devices/end", csrf_token=token).headers


def _kept_open(phone: Browser) -> Callable[..., object]:
    with phone.client.session_transaction() as session:
        kept = dict(session)

    def open_session(self: object, app: Flask, request: object) -> object:
        return app.session_interface.session_class(kept)  # type: ignore[attr-defined]

    return open_session


def test_a_stale_login_form_comes_back_filled_in(browser: Browser) -> None:
    page = browser.post("/login", csrf_token="old", login=OWN, password=PASSWORD, remember="1", next="/me/devices")
    assert page.status_code == 400
    assert "Нажмите ещё раз." in page.text
    assert f'value="{OWN}"' in page.text
    again = browser.post("/login", csrf_token=token_of(page), login=OWN, password=PASSWORD, next="/me/devices")
    assert again.headers["Location"] == "/me/devices"


@pytest.mark.parametrize("action", ["/me/devices/end", "/me/profile/password", "/me/devices/at-once"])
def test_a_stale_form_of_a_setting_shows_its_page_again(phone: Browser, action: str) -> None:
    back = phone.post(action, {"Referer": "http://localhost/me/profile"}, csrf_token="old", on="1")
    assert (back.status_code, back.headers["Location"]) == (303, "/me/profile")
    assert "Нажмите ещё раз." in phone.get("/me/profile").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "https://localhost"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "Cross-Site", "Origin": "http://localhost"},
    ],
    ids=str,
)
def test_a_form_on_another_site_is_refused_even_with_the_right_token(phone: Browser, headers: dict[str, str]) -> None:
    refused = phone.press("/me/profile", "/me/devices/end", headers)
    assert refused.status_code == 403
    assert phone.get("/me/profile").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "HTTP://LOCALHOST"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_own_forms_and_silent_old_phones_are_let_in(phone: Browser, headers: dict[str, str]) -> None:
    assert phone.press("/me/profile", "/me/devices/end", headers).status_code == 303
    assert phone.get("/me/profile").status_code == 303


def test_https_without_a_referrer_is_let_in(make_app: Callable[..., Flask]) -> None:
    browser = Browser(make_app(public_url="https://t.k5.example").test_client(), "https://t.k5.example")
    assert browser.log_in().status_code == 303


def test_other_ways_to_send_a_form_are_refused(phone: Browser) -> None:
    token = token_of(phone.get("/me/profile"))
    address = "/me/devices/end"
    tries = [
        phone.client.get(address, query_string={"csrf_token": token}),
        phone.client.get(address, headers={"X-HTTP-Method-Override": "POST"}),
        phone.client.get(address, query_string={"_method": "POST", "csrf_token": token}),
        phone.client.post(address, data=f'{{"csrf_token": "{token}"}}', content_type="text/plain"),
        phone.client.post(address, json={"csrf_token": token}),
        phone.client.post(f"{address}?csrf_token={token}"),
        phone.client.put(address, data={"csrf_token": token}),
        phone.client.delete(address),
    ]
    assert {answer.status_code for answer in tries} <= {303, 400, 403, 404, 405}
    assert phone.get("/me/profile").status_code == 200


def test_a_guess_of_the_browser_is_not_a_wish(phone: Browser) -> None:
    for header, value, path in product(
        ["Sec-Purpose", "Purpose", "X-Moz"],
        ["prefetch", "prefetch;prerender", "Prefetch"],
        ["/login", "/me/profile", "/74951234567", "/"],
    ):
        answer = phone.get(path, **{header: value})
        assert (answer.status_code, answer.data) == (503, b"")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_a_prefetch_does_not_use_up_a_token(phone: Browser, k5: House) -> None:
    phone.get("/me/profile")
    kept = phone.cookie()
    k5.clock.forward(days=2)
    phone.get("/me/profile", **{"Sec-Purpose": "prefetch"})
    assert phone.cookie() == kept
