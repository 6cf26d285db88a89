"""The subscriber's own phones: added by an SMS code, named, taken away; the one that is rung is chosen here."""

from flask import (
    Blueprint,
    Response,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from k5web.domain.accounts.login import LONGEST_LOGIN
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, K5Error, WrongName
from k5web.services.accounts import devices, phones
from k5web.web.context import current_device, current_subscriber, login_required, password_required, ports
from k5web.web.errors import words
from k5web.web.texts import _

bp = Blueprint("phones", __name__, url_prefix="/me/phones")

ASKED = "phone"  # in the session: whose wish, the phone's digits, the name of the request
SERVER = 500  # from here on not what was typed is wrong


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """Show the subscriber's phones, and how one more is added."""
    return _page()


@bp.post("")
@login_required
@password_required
def ask() -> ResponseReturnValue:
    """Send a code to a phone; the answer is the same whoever else has it."""
    owner, typed = current_subscriber(), request.form.get("phone", "").strip()[:LONGEST_LOGIN]
    try:
        number, name = phones.ask(ports(), owner, typed, request.remote_addr)
    except K5Error as refusal:
        return _page(_told(refusal, _("Этот телефон уже есть в списке.")), _status(refusal), typed)
    session[ASKED] = [owner.id, number.digits, name]
    return redirect(url_for(".code"), 303)


@bp.get("/code")
@login_required
def code() -> ResponseReturnValue:
    """Ask for the code that was sent."""
    return redirect(url_for(".show"), 303) if _asked() is None else _code_page()


@bp.post("/code")
@login_required
def add() -> ResponseReturnValue:
    """Add the phone whose code is right."""
    asked = _asked()
    if asked is None:
        return redirect(url_for(".show"), 303)
    name = request.form.get("name", "")
    try:
        phones.add(ports(), current_subscriber(), *asked, request.form.get("code", ""), name)
    except K5Error as refusal:
        said = _told(refusal, _("Этот номер уже зарегистрирован."))
        return _code_page(said, "name" if isinstance(refusal, WrongName) else "code", _status(refusal))
    session.pop(ASKED)
    flash("added")
    return redirect(url_for(".show"), 303)


@bp.post("/<digits>/name")
@login_required
def name(digits: str) -> ResponseReturnValue:
    """Give a phone another name."""
    try:
        phones.name_it(ports(), current_subscriber().id, Msisdn(digits), request.form.get("name", ""))
    except WrongName as refusal:
        return _page(words(refusal), refusal.status)
    return redirect(url_for(".show"), 303)


@bp.post("/<digits>/choose")
@login_required
@password_required
def choose(digits: str) -> ResponseReturnValue:
    """Have calls ring this phone where nothing else is said."""
    try:
        phones.choose(ports(), current_subscriber().id, Msisdn(digits))
    except K5Error as refusal:
        return _page(words(refusal), _status(refusal))
    return redirect(url_for(".show"), 303)


@bp.post("/<digits>/remove")
@login_required
@password_required
def remove(digits: str) -> ResponseReturnValue:
    """Take a phone away; the last one and the one that is rung stay."""
    try:
        phones.remove(ports(), current_subscriber().id, Msisdn(digits))
    except K5Error as refusal:
        return _page(words(refusal), _status(refusal))
    flash("removed")
    return redirect(url_for(".show"), 303)


def _asked() -> tuple[Msisdn, str] | None:
    kept = session.get(ASKED)
    return (Msisdn(kept[1]), kept[2]) if kept and kept[0] == current_subscriber().id else None


def _told(refusal: K5Error, already: str) -> str:
    return already if isinstance(refusal, AlreadyThere) else words(refusal)


def _status(refusal: K5Error) -> int:
    if refusal.status >= SERVER:
        raise refusal
    return refusal.status


def _page(said: str | None = None, status: int = 200, typed: str = "") -> Response:
    owner, most = current_subscriber(), ports().most_phones
    theirs = phones.of(ports(), owner.id)
    page = render_template(
        "phones/phones.html",
        phones=theirs,
        rung=owner.phone,
        most=most,
        is_full=not said and len(theirs) >= most and all(phone.verified_at for phone in theirs),
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        typed=typed,
        said=said,
        notes=get_flashed_messages(),
    )
    return make_response(page, status)


def _code_page(said: str | None = None, at: str = "code", status: int = 200) -> Response:
    typed = request.form.get("name", "")
    page = render_template("phones/code.html", number=Msisdn(session[ASKED][1]), said=said, at=at, typed=typed)
    return make_response(page, status)
