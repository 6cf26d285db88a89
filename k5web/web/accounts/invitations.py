"""Invitations: the member's links, and the two pages by which somebody joins (A8)."""

import secrets

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts.invitation import MOST_JOIN, MOST_LIVE
from k5web.domain.accounts.login import LONGEST_LOGIN
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    AlreadyThere,
    Busy,
    InvitationOver,
    K5Error,
    ServicesSuspended,
    SmsCountryClosed,
    SmsSpent,
    TooMany,
    TooOften,
    WeakPassword,
    WrongName,
    WrongNumber,
    WrongOneTimeCode,
)
from k5web.paper import svg
from k5web.services.accounts import invitations
from k5web.services.accounts.accounts import Browser
from k5web.services.accounts.invitations import Invited, JoinForm
from k5web.services.books import bonuses
from k5web.web.accounts import browsers
from k5web.web.context import current_subscriber, login_required, ports, set_device_cookie, settings
from k5web.web.errors import words
from k5web.web.forms import LONGEST_KEY
from k5web.web.texts import _

bp = Blueprint("invitations", __name__)

ASKED = "join"  # in the session: the invitation's code, the phone's digits and the name of the request
LONGEST_NAME = 60
FIELDS: dict[type[K5Error], str] = {WeakPassword: "new_password", WrongName: "name"}  # what is wrong, else the code


@bp.get("/me/invite")
@login_required
def mine() -> ResponseReturnValue:
    """Show the member's links with their codes and texts, and who came."""
    return _mine_page()


@bp.post("/me/invite")
@login_required
def make() -> ResponseReturnValue:
    """Make a link; the same form makes no second one."""
    try:
        invitations.make(ports(), current_subscriber().id, request.form.get("form_key", "")[:LONGEST_KEY])
    except TooMany as refusal:
        return _mine_page(words(refusal), refusal.status)
    except ServicesSuspended as refusal:
        return _mine_page(status=refusal.status)
    return redirect(url_for(".mine"), 303)


@bp.post("/me/invite/<invitation>/revoke")
@login_required
def revoke(invitation: str) -> ResponseReturnValue:
    """Let nobody join by this link any more."""
    invitations.revoke(ports(), current_subscriber().id, invitation)
    return redirect(url_for(".mine"), 303)


@bp.errorhandler(InvitationOver)
def over(error: InvitationOver) -> ResponseReturnValue:
    """Say that the link is over, whatever the reason, and how else one may come."""
    return make_response(render_template("invitations/over.html", said=words(error)), error.status)


@bp.get("/join/<invitation>")
def welcome(invitation: str) -> ResponseReturnValue:
    """Say who invites to what, and ask for the phone."""
    return _welcome_page(invitations.show(ports(), invitation))


@bp.post("/join/<invitation>")
def send_code(invitation: str) -> ResponseReturnValue:
    """Send a code; the answer is the same whoever has the phone."""
    typed = request.form.get("phone", "").strip()[:LONGEST_LOGIN]
    try:
        phone, name = invitations.ask(ports(), invitation, typed, request.remote_addr)
    except (WrongNumber, TooOften, SmsCountryClosed, SmsSpent) as refusal:
        return _welcome_page(invitations.show(ports(), invitation), typed, words(refusal), refusal.status)
    session[ASKED] = [invitation, phone.digits, name]
    return redirect(url_for(".details", invitation=invitation), 303)


@bp.get("/join/<invitation>/details")
def details(invitation: str) -> ResponseReturnValue:
    """Ask for the code, the name and a password."""
    invited = invitations.show(ports(), invitation)
    return _details_page(invited) if _asked(invitation) else redirect(url_for(".welcome", invitation=invitation), 303)


@bp.post("/join/<invitation>/details")
def join(invitation: str) -> ResponseReturnValue:
    """Make a subscriber of whoever has the code, and let them in."""
    asked = _asked(invitation)
    if asked is None:
        return redirect(url_for(".welcome", invitation=invitation), 303)
    name, password = request.form.get("name", "").strip(), request.form.get("new_password", "")
    sent = JoinForm(*asked, request.form.get("code", ""), name[: LONGEST_NAME + 1], password)
    browser = Browser(browsers.name_of(request.user_agent.string), request.remote_addr)
    try:
        visit = invitations.join(ports(), invitation, sent, browser)
    except (WeakPassword, WrongName, Busy, WrongOneTimeCode, TooOften, AlreadyThere) as refusal:
        invited, at = invitations.show(ports(), invitation), FIELDS.get(type(refusal), "code")
        return _details_page(invited, sent, _told(refusal), at, refusal.status)
    session.clear()  # nothing from before the log-in is good after it
    set_device_cookie(visit)
    return redirect("/", 303)


def _told(refusal: K5Error) -> str:
    if isinstance(refusal, AlreadyThere):
        return _("Этот номер уже зарегистрирован: войдите с паролем или получите новый по SMS.")
    return _("Напишите имя: от 1 до 60 знаков.") if isinstance(refusal, WrongName) else words(refusal)


def _asked(invitation: str) -> tuple[Msisdn, str] | None:
    kept = session.get(ASKED)
    return (Msisdn(kept[1]), kept[2]) if kept and kept[0] == invitation else None


def _mine_page(said: str | None = None, status: int = 200) -> Response:
    owner = current_subscriber()
    links = [
        (each, address, svg.draw_code(address.encode(), _("Код приглашения")))
        for each in invitations.good(ports(), owner.id)
        for address in [f"{settings().public_url}{url_for('.welcome', invitation=each.code)}"]
    ]
    page = render_template(
        "invitations/mine.html",
        links=links,
        guests=invitations.guests(ports(), owner.id),
        earned=bonuses.earned(ports(), owner.id),
        bonus=ports().bonus,
        most=MOST_JOIN,
        is_full=len(links) >= MOST_LIVE,
        form_key=secrets.token_urlsafe(12),
        said=said,
    )
    return make_response(page, status)


def _welcome_page(invited: Invited, typed: str = "", said: str | None = None, status: int = 200) -> Response:
    page = render_template("invitations/welcome.html", invited=invited, typed=typed, said=said)
    return make_response(page, status)


def _details_page(
    invited: Invited, sent: JoinForm | None = None, said: str | None = None, at: str = "", status: int = 200
) -> Response:
    number = Msisdn(session[ASKED][1])
    page = render_template("invitations/details.html", invited=invited, number=number, sent=sent, said=said, at=at)
    return make_response(page, status)
