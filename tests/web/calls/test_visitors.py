"""The button as visitors meet it: script, form, answer; no cookie, nothing of the owner, the owner's sites alone."""

import gzip
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from k5web.domain.calls.widget import Widget
from k5web.services.calls import widgets
from k5web.services.calls.widgets import TypedWidget
from tests.services.house import OWN, THEIRS, House
from tests.web.conftest import Browser
from tests.web.test_budgets import KB, linked, weight

SITE = "https://shop.example"
WISH = TypedWidget("Лавка <b>", f"{SITE} http://other.example:8080", "5,00", "20")
OWNERS = ["Анна", "916", "1000,00", "997", "2,20", "5,00"]


@pytest.fixture
def widget(k5: House) -> Widget:
    """A button of somebody with money."""
    k5.top_up("1000.00")
    return widgets.make(k5.ports, k5.caller, WISH)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A browser that knows nothing of K5."""
    return app.test_client()


def press(visitor: FlaskClient, widget: Widget, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    return visitor.post(f"/widget/{widget.code}", data={"number": THEIRS, **fields}, headers=headers or {})


def key_of(page: TestResponse) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_a_visitor_leaves_a_number_and_is_called(visitor: FlaskClient, widget: Widget, k5: House) -> None:
    form = visitor.get(f"/widget/{widget.code}")
    assert "Лавка &lt;b&gt;" in form.text
    sent = press(visitor, widget, key=key_of(form))
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/widget/{widget.code}/thanks")
    assert "Мы вам звоним" in visitor.get(sent.headers["Location"]).text
    k5.work()
    assert [(call.quote.a_number, call.quote.b_number) for call in k5.switch.orders] == [(OWN[1:], THEIRS[1:])]


def test_ten_presses_of_one_form_are_one_call(visitor: FlaskClient, widget: Widget, k5: House) -> None:
    key = key_of(visitor.get(f"/widget/{widget.code}"))
    assert {press(visitor, widget, key=key).status_code for _ in range(10)} == {303}
    k5.work()
    assert len(k5.switch.orders) == 1


def test_no_answer_sets_a_cookie_or_tells_of_the_owner(
    phone: Browser, visitor: FlaskClient, widget: Widget, k5: House
) -> None:
    tries = ("", ".js", "/thanks", "?lang=ru", ".js?lang=ru", "/nothing")
    for client in (visitor, phone.client):
        answers = [client.get(f"/widget/{widget.code}{rest}") for rest in tries]
        answers += [press(client, widget, number=number) for number in (THEIRS, OWN, "12", "+3592123456", "")]
        for answer in answers:
            assert "Set-Cookie" not in answer.headers
            text = re.sub(r'value="[^"]*"', "", answer.text)
            assert not [word for word in OWNERS if word in text], answer.text


def test_only_the_buttons_own_sites_may_show_it_in_a_frame(visitor: FlaskClient, widget: Widget, k5: House) -> None:
    for rest in ("", "/thanks"):
        policy = visitor.get(f"/widget/{widget.code}{rest}").headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://shop.example http://other.example:8080")
    widgets.change(k5.ports, k5.caller.id, widget.code, replace(WISH, sites=""))
    policy = visitor.get(f"/widget/{widget.code}").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": SITE, "Sec-Fetch-Site": "cross-site"}, 303),
        ({"Origin": "http://other.example:8080", "Sec-Fetch-Site": "cross-site"}, 303),
        ({"Origin": "http://other.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": f"{SITE}.evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
    ids=str,
)
def test_only_the_buttons_own_sites_may_hold_the_form(
    visitor: FlaskClient, widget: Widget, k5: House, headers: dict[str, str], status: int
) -> None:
    assert press(visitor, widget, headers).status_code == status
    k5.work()
    assert len(k5.switch.orders) == (status == 303)


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        ("12", 400, "Это не похоже на номер телефона."),
        ("+3592123456", 403, "На этот номер отсюда не звоним."),
        (OWN, 403, "На этот номер отсюда не звоним."),
    ],
)
def test_what_a_visitor_can_mend_is_said_on_the_form(
    visitor: FlaskClient, widget: Widget, k5: House, number: str, status: int, said: str
) -> None:
    widgets.change(k5.ports, k5.caller.id, widget.code, replace(WISH, dearest="2,20"))
    page = press(visitor, widget, number=number)
    assert (page.status_code, said in page.text) == (status, True)
    assert f'value="{number}"' in page.text


def test_a_poor_or_busy_owner_is_nobodys_business(visitor: FlaskClient, widget: Widget, k5: House) -> None:
    k5.order("+77172123456")
    busy = press(visitor, widget)
    assert (busy.status_code, "Сейчас позвонить не получится." in busy.text) == (503, True)
    assert "говорите" not in busy.text


def test_a_button_that_is_off_shows_nothing(visitor: FlaskClient, widget: Widget, k5: House) -> None:
    widgets.switch(k5.ports, k5.caller.id, widget.code, is_on=False)
    assert visitor.get(f"/widget/{widget.code}").status_code == 404
    assert press(visitor, widget).status_code == 404
    script = visitor.get(f"/widget/{widget.code}.js")
    assert (script.status_code, script.data) == (200, b"")


def test_the_script_is_small_and_may_stand_on_any_page(visitor: FlaskClient, widget: Widget) -> None:
    script = visitor.get(f"/widget/{widget.code}.js", headers={"Accept-Encoding": "gzip"})
    assert script.mimetype == "text/javascript"
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert script.headers["Cache-Control"] == "public, max-age=300"
    assert len(gzip.decompress(script.data)) <= 3 * KB
    assert not re.search(rb"cookie|storage|fetch|XMLHttp|https?:", gzip.decompress(script.data), re.IGNORECASE)


def test_the_form_is_one_small_request(app: Flask, widget: Widget) -> None:
    page = Browser(app.test_client()).get(f"/widget/{widget.code}", **{"Accept-Encoding": "gzip"})
    assert linked(page) == []
    assert weight(page) <= 10 * KB
