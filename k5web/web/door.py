"""What is turned away before anything looks at it: a proxy nobody counted, what is no address, what is no text."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue

from k5web import request_id
from k5web.config.settings import Settings
from k5web.domain.address import is_address
from k5web.errors import Unavailable, UnknownProxy, UnreadableText
from k5web.web.context import ports
from k5web.web.headers import SAFE_METHODS

logger = logging.getLogger(__name__)

# Headers that proxies add: where one is there, a proxy stands between us and the visitor
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "X-Client-Ip", "Via")

# How long after the proxy took a request its sender still waits: nginx gives up after 35 s. A request may lie longer
# in a socket that the system holds while K5 cannot start; it is not obeyed, for its sender was told that it failed
WAITED_FOR = timedelta(seconds=30)

NOBODY = "127.0.0.1"  # a server on a socket of files names no address


def register(app: Flask, settings: Settings) -> None:
    """Attach the refusals; they come before all others."""
    tell = _once(
        "requests come through a proxy and K5_TRUSTED_PROXIES is 0: everybody seems to be it. They are refused. "
        "Set K5_TRUSTED_PROXIES=1 where one nginx stands in front, as deploy/nginx/k5.conf is written for"
    )

    def name_request() -> None:
        """Only a proxy that is counted may say how it names the request."""
        request_id.begin(request.headers.get("X-Request-Id") if settings.trusted_proxies else None)

    def refuse() -> ResponseReturnValue | None:
        is_notice = request.blueprint == "hooks"
        is_from_a_proxy = settings.trusted_proxies == 0 and is_forwarded()
        if is_from_a_proxy and request.blueprint != "monitoring" and (is_notice or not settings.is_own_machine):
            tell()
            if is_notice:
                return Response(status=403)  # as a foreign address gets it
            raise UnknownProxy
        if settings.trusted_proxies and is_deed() and is_given_up():
            logger.warning("not obeyed: its sender was told long ago that it failed", extra={"method": request.method})
            raise Unavailable
        if "\0" in request.path:
            abort(404)
        if not is_notice and not (is_address(request.remote_addr or NOBODY) and all(map(is_text, _texts()))):
            raise UnreadableText
        return None

    def tell_name(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = request_id.current()
        return answer

    app.after_request(tell_name)
    app.before_request(name_request)
    app.before_request(refuse)
    app.teardown_request(lambda _error: request_id.end())


def is_forwarded() -> bool:
    """Return whether a proxy says in this request that it stands in between."""
    return any(name in request.headers for name in FORWARDED)


def is_deed() -> bool:
    """Return whether this request does something; not a provider's notice, which comes again and is booked once."""
    return request.method not in SAFE_METHODS and not request.path.startswith("/hooks/")


def is_given_up() -> bool:
    """Return whether nobody waits for the answer any more, by the moment at which the proxy took the request."""
    try:
        taken_at = datetime.fromtimestamp(float(request.headers.get("X-Request-Start", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return ports().clock() - taken_at > WAITED_FOR


def is_text(text: str) -> bool:
    """Return whether a database and an answer can hold this text: no NUL, no half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _texts() -> Iterator[str]:
    """Yield what was sent in query and form."""
    for fields in (request.args, request.form) if request.method not in SAFE_METHODS else (request.args,):
        for name, value in fields.items(multi=True):
            yield name
            yield value


def _once(words: str) -> Callable[[], None]:
    """Return what writes an error into the log the first time, and nothing later."""
    told: list[str] = []

    def tell() -> None:
        if not told:
            told.append(words)
            logger.error(words)

    return tell
