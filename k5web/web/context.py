"""Who is asking: the login proxy over our own device token, and the doors of the house for the views.

Flask-Login is untyped and its own cookie names the user for ever; here it only keeps the visitor of one request.
"""

import re
import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar, cast
from urllib.parse import quote, urlsplit

import flask_login
from flask import Flask, Request, Response, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from k5web.config.settings import Settings
from k5web.domain.accounts.subscriber import Device, Subscriber, admitted
from k5web.domain.bank.payee import Payee
from k5web.errors import DeviceReused, PasswordToChange
from k5web.services.accounts import devices
from k5web.services.accounts.devices import Visit
from k5web.services.ports import Ports
from k5web.web.headers import SAFE_METHODS

P = ParamSpec("P")
R = TypeVar("R")

# What was begun before a block and may be followed, or ended
TO_THE_END: Final = frozenset(
    {"calls.follow", "calls.status", "calls.end", "topups.come_back", "topups.show", "topups.look"}
)
CHOOSING: Final = frozenset({"recovery.new", "recovery.choose"})  # a password, where one must be chosen first
FOR_ALL: Final = frozenset({"accounts.login", "accounts.log_in", "accounts.logout", "pages.tariffs", "pages.tariff"})

_PORTS: Final = "k5.ports"
_SETTINGS: Final = "k5.settings"
_LAST_DATA: Final = struct.Struct("=52xI")  # of tcp_info: tcpi_last_data_recv, in milliseconds

# `next`: one slash, then nothing a browser could read as another host (//, /\, control signs, a scheme)
_OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*", re.ASCII)


class _Visitor(flask_login.UserMixin):  # type: ignore[misc]
    """What Flask-Login finds once in a request."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit


def ports() -> Ports:
    """Return the doors of the house; inside `in_one_look` those of that look."""
    return cast(Ports, g.ports if "ports" in g else current_app.extensions[_PORTS])


def settings() -> Settings:
    """Return what the environment decided."""
    return cast(Settings, current_app.extensions[_SETTINGS])


def lain_s() -> float:
    """Return how long this request lay in its socket before a thread took it up; 0 where that is not known.

    The system knows it, whoever sent the request and whatever its clock says. Source: tcp(7), linux/tcp.h.
    """
    connection = request.environ.get("gunicorn.socket")
    if not isinstance(connection, socket.socket) or connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return 0.0
    facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA.size)
    lain_ms: int = _LAST_DATA.unpack(facts)[0]
    return lain_ms / 1000


def help_phone() -> str:
    """Return the digits of the number where people find help; empty where the operator names none."""
    return settings().help_phone


def operator() -> Payee | None:
    """Return who the operator is, None where the settings do not say."""
    return ports().payee


def visitor() -> Subscriber | None:
    """Return who is logged in, or None; for pages that strangers see too.

    Raises: SubscriberBlocked, PasswordToChange.
    """
    visit = _visit()
    return None if visit is None else visit.subscriber


def current_subscriber() -> Subscriber:
    """Return who is logged in; only behind `login_required`."""
    visit = _visit()
    assert visit is not None, "a view that needs a subscriber stands behind login_required"
    return visit.subscriber


def current_device() -> Device:
    """Return the browser that asks; only behind `login_required`."""
    visit = _visit()
    assert visit is not None, "a view that needs a device stands behind login_required"
    return visit.device


def note_confirmed() -> None:
    """Keep for the rest of this request that the password was typed in it: the page it answers with asks no more."""
    device = replace(current_device(), confirmed_at=ports().clock())
    g.visit = replace(g.visit, device=device)


def in_one_look(view: Callable[P, R]) -> Callable[P, R]:
    """Let a page ask all its questions in one transaction. Stands above `login_required`, whose question is the first.

    Only for views that reach nobody outside the house: no transaction waits for a switch or a bank.
    """

    @wraps(view)
    def looking(*args: P.args, **kwargs: P.kwargs) -> R:
        with ports().one_look() as g.ports:
            try:
                return view(*args, **kwargs)
            finally:
                g.pop("ports")

    return looking


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Send strangers to the login page and, after it, back to where they were."""
    guarded: Callable[P, R] = flask_login.login_required(view)
    return guarded


def password_required(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
    """Ask for the password again where it was typed longer than 15 minutes ago. Stands under `login_required`."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
        if devices.is_confirmed(ports(), current_device()):
            return view(*args, **kwargs)
        return redirect(url_for("accounts.confirm", next=came_from()), 303)

    return guarded


def is_own_path(address: str | None) -> bool:
    """Return whether an address is a plain path of our own: the only kind `next` may hold."""
    return address is not None and len(address) <= 500 and _OWN_PATH.fullmatch(address) is not None


def own_path(address: str | None, otherwise: str = "/") -> str:
    """Return the address where it is our own path, else `otherwise`."""
    return address if address is not None and is_own_path(address) else otherwise


def came_from() -> str:
    """Return the page to come back to after a login: this one, or the page whose form was sent."""
    if request.method in SAFE_METHODS:
        query = request.query_string.decode("ascii", "ignore")
        return own_path(quote(request.path, safe="/+") + (f"?{query}" if query else ""))
    number = request.form.get("number", "")
    if re.fullmatch(r"\+?[0-9]{5,19}", number, re.ASCII):
        return f"/{number}"  # with its plus: ten digits may have two readings
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host:
        return "/"
    return own_path(referrer.path + (f"?{referrer.query}" if referrer.query else ""))


def set_device_cookie(visit: Visit) -> None:
    """Send this browser its token with the answer of this request."""
    g.device_cookie = visit


def drop_device_cookie() -> None:
    """Take the token from this browser with the answer of this request."""
    g.device_cookie = None


def device_token() -> str | None:
    """Return the token this browser sent."""
    return request.cookies.get(cookie_name(settings()))


def cookie_name(of: Settings, letter: str = "d") -> str:
    """Return the cookie's name: `__Host-` keeps other hosts' hands off, but needs https."""
    return f"__Host-k5{letter}" if of.is_https else f"k5{letter}"


def now() -> datetime:
    """Return this moment, UTC."""
    return ports().clock()


def register(app: Flask, doors: Ports, settings: Settings) -> None:
    """Attach the doors, the login proxy and the device cookie."""
    app.extensions[_PORTS] = doors
    app.extensions[_SETTINGS] = settings
    login = flask_login.LoginManager()
    login.session_protection = None  # an address changes hourly on mobile: the token is what counts
    login.request_loader(_load)
    login.unauthorized_handler(_ask_to_log_in)
    # Not by `init_app`: its hook reads the session after every answer, and so every answer would vary by the cookie,
    # the style sheets too, which caches must keep for everybody
    app.login_manager = login  # type: ignore[attr-defined]
    app.after_request(_write_device_cookie)


def known_visit() -> Visit | None:
    """Return whose remembered browser asks, also where that subscriber is blocked."""
    if "visit" not in g:
        found: Any = flask_login.current_user
        g.visit = found.visit if found.is_authenticated else None
    return cast(Visit | None, g.visit)


def _visit() -> Visit | None:
    """Return the same for the pages. A blocked subscriber follows what was begun to its end, is a stranger where
    everybody may look, and is told so everywhere else; so is who must choose a password.

    Raises: SubscriberBlocked, PasswordToChange.
    """
    visit = known_visit()
    if visit is None or request.endpoint in TO_THE_END:
        return visit
    is_stopped = visit.subscriber.blocked_at is not None or visit.subscriber.must_change_password
    if is_stopped and request.endpoint in FOR_ALL:
        return None
    if admitted(visit.subscriber).must_change_password and request.endpoint not in CHOOSING:
        raise PasswordToChange
    return visit


def _load(request: Request) -> _Visitor | None:
    token = device_token()
    if token is None:
        return None
    try:
        visit = devices.recognise(ports(), token, may_change=request.method not in SAFE_METHODS)
    except DeviceReused:
        flash("device_reused")
        visit = None
    if visit is not None:
        g.reader_home = visit.subscriber.home
    if visit is None:
        drop_device_cookie()
        return None
    if visit.token is not None:
        set_device_cookie(visit)
    return _Visitor(visit)


def _ask_to_log_in() -> ResponseReturnValue:
    back = came_from()
    return redirect(url_for("accounts.login", next=None if back == "/" else back), 303)


def _write_device_cookie(answer: Response) -> Response:
    if "device_cookie" not in g:
        return answer
    of = settings()
    visit: Visit | None = g.device_cookie
    if visit is None or visit.token is None:
        answer.delete_cookie(cookie_name(of), path="/", secure=of.is_https, httponly=True, samesite="Lax")
        return answer
    answer.set_cookie(
        cookie_name(of),
        visit.token,
        max_age=visit.expires_at - now() if visit.device.is_own else None,  # a foreign phone forgets with the browser
        path="/",
        secure=of.is_https,
        httponly=True,
        samesite="Lax",  # Strict is not sent when a contact list opens the link
    )
    return answer
