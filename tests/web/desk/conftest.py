"""The desk in tests: somebody of the staff, logged in at a browser of their own."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.services.desk import staff as services
from k5web.services.desk.staff import Credentials
from tests.services.house import House
from tests.web.conftest import Browser


def take_on(k5: House, login: str, *roles: str) -> Credentials:
    """Return what somebody new of the staff logs in with."""
    return services.add(k5.ports, login, login.capitalize(), roles, "staff:root")


def log_in(browser: Browser, k5: House, made: Credentials, code: str | None = None) -> TestResponse:
    """Fill the log-in form of the desk; half a minute later, so that no code is used twice."""
    k5.clock.forward(seconds=31)
    typed = services.current_code(k5.ports, made.staff.login) if code is None else code
    fields = {"login": made.staff.login, "password": made.password, "code": typed}
    return browser.press("/desk/login", "/desk/login", None, **fields)


@pytest.fixture
def staff(app: Flask, k5: House) -> Callable[..., Browser]:
    """Return the browser of somebody with these roles: `staff("money")`, `staff("desk", login="boris")`."""

    def come(*roles: str, login: str = "anna") -> Browser:
        browser = Browser(app.test_client())
        answer = log_in(browser, k5, take_on(k5, login, *roles))
        assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)
        return browser

    return come
