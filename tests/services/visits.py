"""Logging in and being recognised, as the tests of accounts, logins and devices do it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import pytest
from sqlalchemy import event

from k5web.errors import K5Error, LoginPaused, WrongLogin
from k5web.services.accounts import accounts, devices
from k5web.services.accounts.accounts import Browser
from k5web.services.accounts.devices import Visit
from k5web.storage.session import Sessions
from tests.services.house import OWN, House

Given = ParamSpec("Given")
Got = TypeVar("Got")

RIGHT, WRONG = "correct horse", "battery staple"
PHONE = Browser("Chrome, Android", "192.0.2.77")


def log_in(k5: House, login: str = OWN, password: str = RIGHT, browser: Browser = PHONE) -> Visit:
    return accounts.log_in(k5.ports, login, password, browser)


def token(visit: Visit | None) -> str:
    assert visit is not None
    assert visit.token is not None
    return visit.token


def is_known(k5: House, cookie: str) -> bool:
    return devices.recognise(k5.ports, cookie) is not None


def fail(k5: House, times: int, login: str = OWN, browser: Browser = PHONE) -> K5Error:
    """Type a wrong password so often, waiting every pause out; return the last refusal."""
    last: K5Error = WrongLogin(attempts_left=0)
    for _ in range(times):
        try:
            log_in(k5, login, WRONG, browser)
        except LoginPaused as paused:
            k5.clock.forward(seconds=int(str(paused.facts["wait_s"])))
            last = refusal(lambda: log_in(k5, login, WRONG, browser))
        except K5Error as refused:
            last = refused
    return last


def refusal(act: Callable[[], object]) -> K5Error:
    with pytest.raises(K5Error) as caught:
        act()
    return caught.value


def counting(act: Callable[Given, Got], into: list[str]) -> Callable[Given, Got]:
    """Return this function, whose name is written down each time."""

    def counted(*given: Given.args, **named: Given.kwargs) -> Got:
        into.append(act.__name__)
        return act(*given, **named)

    return counted


@contextmanager
def statements(sessions: Sessions, into: list[str], only: tuple[str, ...] = ()) -> Iterator[None]:
    """Write down the statements that reach either door."""

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not only or statement.startswith(only):
            into.append(statement)

    doors = {id(engine): engine for engine in (sessions.write, sessions._read)}.values()
    for engine in doors:
        event.listen(engine, "before_cursor_execute", note)
    yield
    for engine in doors:
        event.remove(engine, "before_cursor_execute", note)
