"""Who may ask for a switch, and what becomes of everything that is no question."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from k5web.config.settings import Settings
from k5web.domain.money import rub
from k5web.errors import Unavailable
from k5web.services.pbx import question as asking
from k5web.storage.session import Sessions, open_sessions
from tests.conftest import Clock
from tests.services.pbx.office import MOBILE, MOSCOW, Office

SECRET = "simulator"


@pytest.fixture
def k5(sqlite_url: str, clock: Clock) -> Office:
    """An office with money behind the pages."""
    sessions: Sessions = open_sessions(sqlite_url, sqlite_url)
    office = Office(sessions, clock)
    office.top_up("100.00")
    return office


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The same house with the switch of the test."""
    return replace(settings, switches=(replace(settings.switches[0], name="fake"),))


def asked(k5: Office, **changes: str) -> dict[str, str]:
    question = {
        "switch": "fake", "channel": "k5-1.77/k5-1.77", "n": "1", "kind": "forward", "owner": str(k5.caller.id),
        "did": MOSCOW, "from": "+79161234567", "to": MOBILE, "user": "trunk-a",
    }  # fmt: skip
    return question | changes


def ask(
    app: Flask, form: Mapping[str, str], secret: str = SECRET, user: str = "switch", address: str = "127.0.0.1"
) -> TestResponse:
    """Ask as the dialplan does."""
    known = b64encode(f"{user}:{secret}".encode()).decode()
    return app.test_client().post(
        "/hooks/switch",
        data=form,
        headers={"Authorization": f"Basic {known}"},
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_a_switch_is_answered_in_one_line(app: Flask, k5: Office) -> None:
    answer = ask(app, asked(k5))
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text == f"yes|{k5.live()[0].id}|3419000|3467|trunk-a|{MOSCOW}|"
    assert "Set-Cookie" not in answer.headers
    assert ask(app, asked(k5)).text == answer.text
    assert k5.held() == rub("99.75")


@pytest.mark.parametrize(
    "who",
    [{"secret": "wrong"}, {"secret": ""}, {"user": "k5"}, {"address": "203.0.113.9"}],
)
def test_nobody_else_is_heard(app: Flask, k5: Office, who: dict[str, str]) -> None:
    answer = ask(app, asked(k5), **who)
    assert (answer.status_code, answer.text) == (403, "")
    assert k5.held() == rub("0.00")


def test_without_a_word_of_who_asks_nobody_is_heard(app: Flask, k5: Office) -> None:
    assert app.test_client().post("/hooks/switch", data=asked(k5)).status_code == 403
    assert ask(app, asked(k5, switch="other")).status_code == 403
    assert app.test_client().get("/hooks/switch").status_code == 404


def test_a_switch_elsewhere_is_heard_from_where_the_settings_say(make_app: Callable[..., Flask], k5: Office) -> None:
    app = make_app(switch_allowed=(ip_network("203.0.113.0/24"),))
    assert ask(app, asked(k5), address="203.0.113.9").status_code == 200
    assert ask(app, asked(k5), address="127.0.0.1").status_code == 403


@pytest.mark.parametrize(
    "form",
    [{"kind": "gift"}, {"owner": "one"}, {"to": "' or 1=1"}, {"from": "x" * 2000}, {"n": ""}],
)
def test_what_is_no_question_gets_no_words(app: Flask, k5: Office, form: dict[str, str]) -> None:
    answer = ask(app, asked(k5, **form))
    assert (answer.status_code, answer.text) == (400, "")


def test_a_field_that_comes_twice_is_no_question(app: Flask, k5: Office) -> None:
    assert ask(app, MultiDict([*asked(k5).items(), ("to", "79160000001")])).status_code == 400


def test_our_own_trouble_is_said_by_the_status_alone(app: Flask, k5: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> str:
        raise Unavailable

    monkeypatch.setattr(asking, "answer", fall)
    answer = ask(app, asked(k5))
    assert (answer.status_code, answer.text) == (503, "")
