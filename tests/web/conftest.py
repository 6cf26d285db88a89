"""The whole web on SQLite: the demo house behind it, a browser without scripts in front of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from k5web.config.settings import Settings
from k5web.services.accounts import tokens
from k5web.storage.session import open_sessions
from tests.conftest import Clock
from tests.services.house import OWN, House
from tests.web.programs import Program

PASSWORD = "correct horse"
CHROME = "Mozilla/5.0 (Linux; Android 9; Redmi 7A) AppleWebKit/537.36 Chrome/96.0.4664.104 Mobile Safari/537.36"


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Keep pytest-flask from holding one request open: every request of a test must find an empty `g`."""


@pytest.fixture
def postgres_url(kept_postgres_url: str) -> str:
    """A database whose connections serve one test after another."""
    return kept_postgres_url


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """Settings of a house tried on one machine, by plain http."""
    return Settings.from_env({"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)})


@pytest.fixture
def k5(sqlite_url: str, clock: Clock) -> Iterator[House]:
    """The house behind the pages: one subscriber, prices, a switch that the test plays."""
    sessions = open_sessions(sqlite_url, sqlite_url)
    yield House(sessions, clock)
    sessions.dispose()


@pytest.fixture
def make_app(k5: House, settings: Settings) -> Callable[..., Flask]:
    """Return an application over this house, with settings changed by name."""

    def make(**changes: object) -> Flask:
        app = create_app(replace(settings, **changes), k5.ports)  # type: ignore[arg-type]
        app.config["TESTING"] = False  # errors become pages, as for people
        app.config["PROPAGATE_EXCEPTIONS"] = False
        return app

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application as ./run starts it."""
    return make_app()


class Browser:
    """A browser without scripts: keeps cookies, sends the page's token with its form."""

    def __init__(self, client: FlaskClient, site: str = "http://localhost") -> None:
        self.client = client
        self.site = site

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=self.site, headers={"User-Agent": CHROME, **headers})

    def press(self, page: str, action: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        """Open a page, take the token of its forms and send these fields to an address."""
        token = token_of(self.get(page))
        return self.post(action, headers, csrf_token=token, **fields)

    def post(self, action: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        """Send a form just so."""
        sent = {"User-Agent": CHROME, **(headers or {})}
        return self.client.post(action, base_url=self.site, data=fields, headers=sent)

    def read(self) -> None:
        """Let as much time pass as a page must stand on the screen before its buttons are obeyed."""
        self.client.application.extensions["k5.ports"].clock.forward(seconds=1)

    def log_in(self, login: str = OWN, password: str = PASSWORD, **fields: str) -> TestResponse:
        """Fill the login form."""
        return self.press("/login", "/login", None, **{"login": login, "password": password, "remember": "1", **fields})

    def cookie(self, name: str = "k5d") -> str:
        """Return the value of a cookie, empty where there is none."""
        kept = self.client.get_cookie(name)
        return kept.value if kept else ""


def token_of(page: TestResponse) -> str:
    """Return the token that the page's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, f"no form on the page: {page.status}"
    return found[1]


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A phone nobody has logged in on."""
    return Browser(app.test_client())


@pytest.fixture
def phone(browser: Browser) -> Browser:
    """The same phone after its owner logged in."""
    assert browser.log_in().status_code == 303
    return browser


@pytest.fixture
def program(app: Flask, k5: House) -> Program:
    """A program that may call, of somebody with a hundred roubles."""
    k5.top_up("100.00")
    return Program(app, tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call=True))
