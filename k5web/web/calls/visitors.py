"""The button «Звонок с сайта» as visitors of a subscriber's own site meet it: script, form, answer. No cookie, nobody
else's server, and not a word about the owner."""

import re
import secrets
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.calls.widget import Widget
from k5web.errors import (
    K5Error,
    NotForVisitors,
    NotFound,
    ServicesSuspended,
    SubscriberBlocked,
    TooOften,
    WidgetSpent,
    WrongNumber,
)
from k5web.services.calls import widgets
from k5web.services.calls.widgets import Visitor
from k5web.web import assets, headers, language
from k5web.web.context import ports, settings
from k5web.web.errors import words
from k5web.web.texts import _

bp = Blueprint("visitors", __name__)

SCRIPT: Final = "widget.js"
SCRIPT_AGE: Final = "public, max-age=300"  # seconds until a button that was switched off is gone everywhere
TOLD: Final = (WrongNumber, NotForVisitors, TooOften, WidgetSpent)  # what concerns the visitor; the rest does not
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)


@bp.before_request
def keep_no_cookie() -> None:
    """Treat a visitor as a stranger, also where the browser remembers a subscriber."""
    language.without_database()


@bp.errorhandler(ServicesSuspended)
@bp.errorhandler(SubscriberBlocked)
def closed(error: K5Error) -> ResponseReturnValue:
    """Say that the button rests, and not a word about its owner."""
    return make_response(render_template("visitors/closed.html"), error.status)


@bp.get("/widget/<code>.js")
def script(code: str) -> Response:
    """Answer the script that puts the button on a page; an empty one where the button is off."""
    try:
        widgets.show(ports(), code)
        body = assets.content(SCRIPT)
    except (NotFound, ServicesSuspended, SubscriberBlocked):
        body = b""
    answer = Response(body, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = SCRIPT_AGE
    headers.open_to_sites()
    return answer


@bp.get("/widget/<code>")
def form(code: str) -> ResponseReturnValue:
    """Show the form by itself: in a frame of the owner's site, or by its link."""
    return _page(widgets.show(ports(), code))


@bp.post("/widget/<code>")
def press(code: str) -> ResponseReturnValue:
    """Order the call. The form may stand here, or on one of the button's own sites."""
    widget = widgets.show(ports(), code)
    if headers.is_foreign_post(headers.origin_of(settings().public_url), widget.sites):
        return _page(widget, _("Эта форма работает только на сайте владельца. Позвоните по номеру с сайта."), 403)
    typed, key = request.form.get("number", ""), request.form.get("key", "")
    key = key if _KEY.fullmatch(key) else secrets.token_urlsafe(12)  # a form of the owner's own making has none
    try:
        widgets.press(ports(), code, Visitor(typed, key, request.remote_addr))
    except (ServicesSuspended, SubscriberBlocked):
        raise
    except TOLD as refusal:
        return _page(widget, words(refusal), refusal.status, typed)
    except K5Error:  # the owner's money, limits, a busy line: told to the log, not to a visitor
        said = _("Сейчас позвонить не получится. Попробуйте через несколько минут.")
        return _page(widget, said, HTTPStatus.SERVICE_UNAVAILABLE, typed)
    return redirect(url_for(".thanks", code=code), 303)


@bp.get("/widget/<code>/thanks")
def thanks(code: str) -> ResponseReturnValue:
    """Say what happens next."""
    widget = widgets.show(ports(), code)
    headers.open_to_sites(widget.sites)
    return render_template("visitors/thanks.html", widget=widget)


def _page(widget: Widget, said: str | None = None, status: int = 200, typed: str = "") -> Response:
    headers.open_to_sites(widget.sites)
    key = secrets.token_urlsafe(12)
    page = render_template("visitors/form.html", widget=widget, key=key, said=said, typed=typed[:64])
    return make_response(page, status)
