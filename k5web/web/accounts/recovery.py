"""The forgotten password, and the one that must be chosen before anything else."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts.login import LONGEST_LOGIN
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    Busy,
    SmsCountryClosed,
    SmsSpent,
    SubscriberBlocked,
    TooOften,
    WeakPassword,
    WrongNumber,
    WrongOneTimeCode,
)
from k5web.services.accounts import recovery
from k5web.services.accounts.accounts import Browser
from k5web.web.accounts import browsers
from k5web.web.context import current_device, current_subscriber, login_required, ports, set_device_cookie
from k5web.web.errors import words

bp = Blueprint("recovery", __name__, url_prefix="/password")

ASKED = "reset"  # in the session: the phone's digits and the name of the request


@bp.get("")
def forgotten() -> ResponseReturnValue:
    """Ask for the phone."""
    return _phone_page()


@bp.post("")
def send_code() -> ResponseReturnValue:
    """Send a code; the answer is the same whoever has the phone."""
    typed = request.form.get("login", "").strip()[:LONGEST_LOGIN]
    try:
        phone, name = recovery.ask(ports(), typed, request.remote_addr)
    except (WrongNumber, TooOften, SmsCountryClosed, SmsSpent) as refusal:
        return _phone_page(typed, words(refusal), refusal.status)
    session[ASKED] = [phone.digits, name]
    return redirect(url_for(".code"), 303)


@bp.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the code that was sent."""
    return _code_page() if ASKED in session else redirect(url_for(".forgotten"), 303)


@bp.post("/code")
def enter() -> ResponseReturnValue:
    """Let in whoever has the code, to choose a new password."""
    if ASKED not in session:
        return redirect(url_for(".forgotten"), 303)
    digits, name = session[ASKED]
    browser = Browser(
        name=browsers.name_of(request.user_agent.string),
        address=request.remote_addr,
        is_own=request.form.get("remember") == "1",
    )
    try:
        visit = recovery.enter(ports(), Msisdn(digits), name, request.form.get("code", ""), browser)
    except (WrongOneTimeCode, SubscriberBlocked) as refusal:
        return _code_page(words(refusal), refusal.status)
    session.clear()  # nothing from before the log-in is good after it
    set_device_cookie(visit)
    return redirect(url_for(".new"), 303)


@bp.get("/new")
@login_required
def new() -> ResponseReturnValue:
    """Ask for a new password where one must be chosen."""
    return _new_page() if current_subscriber().must_change_password else redirect("/", 303)


@bp.post("/new")
@login_required
def choose() -> ResponseReturnValue:
    """Keep the new password."""
    if not current_subscriber().must_change_password:
        return redirect(url_for("accounts.profile"), 303)
    try:
        recovery.choose(ports(), current_subscriber(), request.form.get("new_password", ""), current_device())
    except (WeakPassword, Busy) as refusal:
        return _new_page(words(refusal), refusal.status)
    return redirect("/", 303)


def _phone_page(typed: str = "", said: str | None = None, status: int = 200) -> Response:
    return make_response(render_template("recovery/phone.html", typed=typed, said=said), status)


def _code_page(said: str | None = None, status: int = 200) -> Response:
    page = render_template("recovery/code.html", number=Msisdn(session[ASKED][0]), said=said)
    return make_response(page, status)


def _new_page(said: str | None = None, status: int = 200) -> Response:
    page = render_template("recovery/new.html", subscriber=current_subscriber(), said=said)
    return make_response(page, status)
