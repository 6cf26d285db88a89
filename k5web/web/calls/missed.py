"""«Звонок без интернета»: whom each access number rings for this subscriber, and what became of the last calls."""

import contextlib
from http import HTTPStatus

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error, NotFound
from k5web.services.calls import missed_calls
from k5web.web.context import current_subscriber, in_one_look, login_required, ports
from k5web.web.errors import words
from k5web.web.texts import _

bp = Blueprint("missed", __name__)

LATEST = 5


@bp.get("/me/access")
@in_one_look
@login_required
def show() -> ResponseReturnValue:
    """Show the access numbers and who stands behind them."""
    return _page()


@bp.post("/me/access")
@login_required
def assign() -> ResponseReturnValue:
    """Let an access number ring a contact at the price of now."""
    caller, chosen = current_subscriber(), request.form.get("access", "")
    try:
        number = Msisdn.parse(request.form.get("number", ""), caller.home)
        missed_calls.assign(ports(), caller, chosen, number, request.form.get("name", ""))
    except K5Error as refusal:
        if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR or chosen not in ports().access_numbers:
            raise  # not what was typed is wrong
        return _page(chosen, refusal)
    return redirect(url_for(".show"), 303)


@bp.post("/me/access/release")
@login_required
def release() -> ResponseReturnValue:
    """Let an access number ring nobody."""
    with contextlib.suppress(NotFound):
        missed_calls.release(ports(), current_subscriber().id, request.form.get("access", ""))
    return redirect(url_for(".show"), 303)


def outcome_words(outcome: str) -> str:
    """Return what became of a missed call, in a few words."""
    match outcome:
        case "called":
            return _("перезвонили")
        case "insufficient_funds":
            return _("не хватило денег")
        case "too_many_calls":
            return _("другой звонок ещё шёл")
        case "price_rose":
            return _("минута подорожала, выберите контакт ещё раз")
        case "too_often":
            return _("слишком часто, мы подождали")
        case "called_too_late":
            return _("узнали поздно и не перезвонили")
        case "not_assigned":
            return _("контакт не выбран")
        case "own_limit":
            return _("не дал ваш собственный лимит")
        case "daily_limit" | "first_day_limit":
            return _("лимит на звонки исчерпан")
        case "too_many_unanswered":
            return _("контакт за час не ответил много раз, мы подождали")
        case "direction_closed" | "emergency_number" | "own_trunk_number" | "number_stopped":
            return _("на этот номер звонить нельзя")
        case "blocked" | "suspended" | "calls_stopped":
            return _("обслуживание приостановлено")
        case "phone_not_verified":
            return _("ваш телефон ещё не подтверждён")
        case _:
            return _("не получилось")


def _page(chosen: str = "", refusal: K5Error | None = None) -> Response:
    if not ports().access_numbers:
        abort(404)
    caller = current_subscriber()
    page = render_template(
        "missed/missed.html",
        phone=caller.phone,
        numbers=ports().access_numbers,
        contacts=missed_calls.contacts(ports(), caller.id),
        latest=missed_calls.latest(ports(), caller.id, LATEST),
        chosen=chosen,
        typed=request.form,
        said=words(refusal) if refusal else None,
    )
    return make_response(page, refusal.status if refusal else 200)
