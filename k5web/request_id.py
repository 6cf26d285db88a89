"""The name of the request under way: the log's lines and the audit carry it while it is answered."""

import re
import secrets
from contextvars import ContextVar

_CURRENT: ContextVar[str] = ContextVar("k5_request_id", default="")
_GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)


def begin(given: str | None) -> str:
    """Name the request under way: as a proxy in front names it in its own log, else at random."""
    name = given if given and _GIVEN.fullmatch(given) else secrets.token_hex(8)
    _CURRENT.set(name)
    return name


def end() -> None:
    """The request is answered: what this thread does next is another's."""
    _CURRENT.set("")


def current() -> str:
    """Return its name, "" where no request is under way."""
    return _CURRENT.get()
