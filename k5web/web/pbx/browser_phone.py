"""The browser as a phone: a page that may use the microphone, an account for it alone, prices before a call."""

import json

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.pbx.people import REALM
from k5web.domain.prices.number import LONGEST_TEXT
from k5web.errors import K5Error, TooOften
from k5web.services.pbx import browser_phones, dialling
from k5web.services.pbx.dialling import Dialled
from k5web.web.calls.terms import extras
from k5web.web.context import current_device, current_subscriber, known_visit, login_required, ports, settings
from k5web.web.errors import why_unserved, words
from k5web.web.headers import use_microphone
from k5web.web.texts import _
from k5web.web.words import destination, phone, price

bp = Blueprint("browser_phone", __name__, url_prefix="/me/phone")


def is_here() -> bool:
    """Return whether a browser can be a phone: the simulated switch has no one to speak with."""
    return any(switch.kind == "asterisk" for switch in settings().switches)


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """Show the phone, with an account of its own while the page is open; the price of a number that is named."""
    typed = request.args.get("number", "")[:LONGEST_TEXT]
    refusal, account, status = why_unserved(), None, 200
    if is_here() and not refusal:
        visit = known_visit()
        assert visit is not None  # behind login_required
        try:
            account = browser_phones.open_account(ports(), current_subscriber(), current_device(), visit.expires_at)
        except TooOften as error:
            refusal, status = words(error), error.status
    if account is not None:
        use_microphone()
    page = render_template(
        "browser_phone/phone.html",
        account=account,
        until_s=int(account.until.timestamp()) if account and account.until else 0,
        realm=REALM,
        refusal=refusal,
        typed=typed,
        told=_told(typed) if typed else None,
    )
    return page, status


@bp.get("/price")
@login_required
def price_of() -> ResponseReturnValue:
    """Tell the page's script where a number leads and what a minute costs."""
    facts = _told(request.args.get("number", "")[:LONGEST_TEXT])
    return Response(json.dumps(facts, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")


def _told(typed: str) -> dict[str, str]:
    """Return what is dialled, "" where nothing may be, what is said of it, and the words of the button."""
    has_emergency = any(switch.emergency for switch in settings().switches)
    try:
        found = dialling.look_up(ports(), current_subscriber(), typed, has_emergency)
    except K5Error as refusal:
        if refusal.status >= 500:
            raise
        return {"call": "", "said": words(refusal)}
    return {"call": found.dials, **_said(found)}


def _said(found: Dialled) -> dict[str, str]:
    if found.rate is None or found.number is None:
        shown = f"{found.dials} {found.title}".strip()
        return {"shown": shown, "said": _("%(who)s: бесплатно.", who=shown), "button": _("Позвонить бесплатно")}
    shown, minute = phone(found.number), price(found.rate.per_minute)
    where = "; ".join(part for part in (destination(found.rate), extras(found.rate)) if part)
    said = [_("%(number)s, %(where)s: %(price)s за минуту.", number=shown, where=where, price=minute)]
    if found.gift_minutes:
        said.append(_("В подарок %(minutes)s мин.", minutes=found.gift_minutes))
    said.append(_("Хватит на %(minutes)s мин.", minutes=found.minutes))
    return {
        "shown": shown,
        "said": " ".join(said),
        "button": _("Позвонить, %(price)s за минуту", price=minute),
    }
