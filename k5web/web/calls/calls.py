"""The call: its page, its card, its order, its progress. GET reads and only reads; POST /call alone spends."""

import json
import logging
from dataclasses import replace

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import CallKind, Offer
from k5web.domain.contacts import card as contact_card
from k5web.domain.contacts.shared_text import numbers_among_words
from k5web.domain.prices.number import HOME, Msisdn, extension_of, other_reading
from k5web.errors import (
    DailyLimit,
    EmergencyNumber,
    FirstDayLimit,
    HouseRestored,
    InsufficientFunds,
    NoRate,
    NotInPlan,
    NotYourPhone,
    OwnLimitReached,
    OwnNumber,
    PriceRose,
    ServicesSuspended,
    Unavailable,
    WrongNumber,
)
from k5web.paper import svg
from k5web.services.accounts import accounts, phones
from k5web.services.calls import ordering, safety
from k5web.services.calls.ordering import BesidePrice, CallView
from k5web.services.contacts import favourites
from k5web.services.pbx import calling_back
from k5web.web import language
from k5web.web.accounts.accounts import login_page
from k5web.web.calls import at_once, later, progress
from k5web.web.context import came_from, current_subscriber, in_one_look, login_required, ports, settings, visitor
from k5web.web.errors import again, refusal_page, words
from k5web.web.forms import CallForm, is_hasty
from k5web.web.payments.topups import least_top_up
from k5web.web.texts import _
from k5web.web.words import phone

bp = Blueprint("calls", __name__)
logger = logging.getLogger(__name__)

RECENT = 5  # numbers offered under the field
REFRESH_S = 5  # how often a page without script reads its call anew
AGAIN = 409  # a page shown again instead of an order: nothing was wrong with the request, the world had moved


@bp.get("/<number:typed>")
@in_one_look
def show(typed: str) -> ResponseReturnValue:
    """Show the call page of a contact's link: what a minute costs, and one button (A1, A3)."""
    return call_page(typed, allow_at_once=True)


@bp.get("/<number:typed>.vcf")
def card(typed: str) -> ResponseReturnValue:
    """Answer a contact card, version 3.0, with the call link as its web address. Nothing private is inside."""
    caller = visitor()
    number = Msisdn.parse(typed, caller.home if caller else HOME)
    made = contact_card.card(number.grouped, number, f"{settings().public_url}/{number}")
    answer = Response(made, mimetype="text/vcard")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number.digits}.vcf"'
    return answer


@bp.get("/<number:typed>.svg")
def code(typed: str) -> ResponseReturnValue:
    """Answer the call link as a code to print on a card. Nothing private is inside."""
    caller = visitor()
    number = Msisdn.parse(typed, caller.home if caller else HOME)
    label = _("Позвонить %(number)s", number=number.grouped)
    picture = svg.picture(f"{settings().public_url}/{number}".encode(), label)
    answer = Response(picture, mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = f'inline; filename="{number.digits}.svg"'
    return answer


@bp.post("/call")
def order() -> ResponseReturnValue:
    """Order the call the form describes; the same form gets the same call again (docs/pages.md)."""
    typed = request.form.get("number", "")
    caller = visitor()
    if caller is None:
        return login_page(came_from())
    form = CallForm.read(request.form, caller.id)
    if form is None:
        return call_page(typed, _("Нажмите ещё раз."), AGAIN)
    if not (ordering.ordered(ports(), caller.id, form.key) or _may_spend(form, caller)):
        return call_page(typed) if form.device else call_page(typed, _("Проверьте цену и нажмите ещё раз."), AGAIN)
    try:
        rung = replace(caller, phone=Msisdn(form.seen.a_number))  # looked at again when the order is written
        call = ordering.order_call(ports(), rung, form.number, form.key, form.seen, at_once=bool(form.device))
    except PriceRose as error:
        return call_page(typed, " ".join((words(error), _("Если согласны, нажмите ещё раз."))), error.status)
    except NotYourPhone as error:
        return call_page(typed, words(error), error.status)
    except (*safety.COUNTED, InsufficientFunds, NoRate, NotInPlan, OwnNumber, ServicesSuspended) as error:
        return call_page(typed, status=error.status)  # the page names the reason and has no button
    return redirect(url_for("calls.follow", call_id=call.id), 303)


@bp.get("/c/<call_id>")
@in_one_look
@login_required
def follow(call_id: str) -> ResponseReturnValue:
    """Show how the call stands; when it is over, what it cost and why."""
    view = ordering.show_call(ports(), current_subscriber().id, call_id)
    if view.call.kind is not CallKind.CALLBACK:
        return redirect(url_for("cabinet.call", call_id=call_id))  # nobody of ours holds a phone and waits
    return _progress_page(view)


@bp.get("/c/<call_id>/status")
@in_one_look
def status(call_id: str) -> ResponseReturnValue:
    """Tell the page's script the same; nothing where it has this version and knows the costs for long enough."""
    caller = visitor()
    if caller is None:
        return Response(status=401)
    view, now = ordering.show_call(ports(), caller.id, call_id), ports().clock()
    ahead = progress.waits_behind(view, now)
    version = _version(view, ahead)
    runs_out = progress.runs_out(view.call, now, request.args.get("till", type=int))
    if request.args.get("since") == version and not runs_out:
        return Response(status=204, mimetype="application/json")
    facts: dict[str, object] = {"version": version}
    if view.call.state.is_over:
        facts["over"] = True  # the page is read anew
    else:
        a, b = progress.rows(view.call, ahead)
        facts |= {"a": [a.sign, a.word, a.hint], "b": [b.sign, b.word, b.hint]}
    if view.call.cancel_requested_at is not None:
        facts["ending"] = True
    if view.call.b_answered_at is not None:
        facts["talk_s"] = progress.talked_s(view.call, now)
        facts |= {"costs": progress.costs_ahead(view.call, now), "till": progress.costs_till_s(view.call, now)}
    return Response(json.dumps(facts, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")


@bp.post("/c/<call_id>/end")
@login_required
def end(call_id: str) -> ResponseReturnValue:
    """End the call in any state; one that is over stays as it is. The second tap of two that order ends nothing."""
    if is_hasty():
        view = ordering.show_call(ports(), current_subscriber().id, call_id)
        return _progress_page(view, _("Чтобы завершить, нажмите ещё раз."), AGAIN)
    ordering.end_call(ports(), current_subscriber().id, call_id)
    return redirect(url_for("calls.follow", call_id=call_id), 303)


@bp.errorhandler(CSRFError)
@again
def stale(error: CSRFError) -> ResponseReturnValue:
    """Show the same page anew where its token is old: pages stay open in a pocket for days."""
    notice = _("Нажмите ещё раз.")
    caller = visitor()
    if caller is not None and request.endpoint == "calls.end" and request.view_args:
        return _progress_page(ordering.show_call(ports(), caller.id, request.view_args["call_id"]), notice, AGAIN)
    return call_page(request.form.get("number", ""), notice, AGAIN)


@bp.errorhandler(Unavailable)
def put_off(error: Unavailable) -> ResponseReturnValue:
    """Answer a press by the page that repeats it; what only looks is asked for again by whoever looks."""
    is_press = request.endpoint == "calls.order" and not isinstance(error, HouseRestored)
    # A house that was brought back is opened by a person: no press in a row would come through
    form = CallForm.opened(request.form) if is_press else None
    if form is not None:
        return later.page(form, error)
    language.without_database()
    return refusal_page(error)


def call_page(typed: str, notice: str = "", status: int = 200, *, allow_at_once: bool = False) -> ResponseReturnValue:
    """Render the page of one number for whoever asks: strangers get the login form and nothing about anybody."""
    caller = visitor()
    if caller is None:
        return login_page(came_from())
    try:
        number = Msisdn.parse(typed, caller.home)
    except WrongNumber as error:
        return _unclear(caller, typed, error)
    try:
        rung = phones.rung_at(ports(), caller, request.values.get("from", ""))
    except NotYourPhone as error:
        rung, notice, status = caller, words(error), error.status
    beside = ordering.beside(ports(), caller, number)
    context = {
        "number": number,
        "rung": rung.phone,
        "other_phone": rung.phone.digits if rung.phone and rung.phone != caller.phone else None,
        "legs": beside.legs,
        "entry": beside.entry,
    }
    try:
        offer = ordering.offer(ports(), rung, number)
    except (*safety.COUNTED, NoRate, NotInPlan, OwnNumber, ServicesSuspended) as error:
        # A page that refuses orders nothing and writes nothing: its trace is the log
        logger.info("page refused", extra={"owner_id": caller.id, "code": error.code})
        is_limit = isinstance(error, DailyLimit | FirstDayLimit | OwnLimitReached)
        page = render_template(
            "calls/refused.html",
            reason=words(error),
            is_limit=is_limit,
            purse=accounts.purse(ports(), caller.id),
            **context,
        )
        return page, error.status
    form = CallForm.make(caller.id, number, offer.quote, ports().clock())
    may_count = allow_at_once and not notice and rung == caller  # whoever chooses a phone presses
    return (
        render_template(
            "calls/call.html",
            offer=offer,
            form=form,
            ticket=at_once.ticket(form, caller, offer) if may_count else None,
            notice=notice,
            missing=max(offer.needed - offer.spendable, least_top_up(caller)),
            cheaper=ordering.cheaper_leg(beside.legs, offer.quote),
            **_besides(caller, number, typed, offer, beside),
            **context,
        ),
        status,
    )


def _unclear(caller: Subscriber, typed: str, error: WrongNumber) -> ResponseReturnValue:
    """Lead to the number that stands among words, let the reader choose of several, else show the field again."""
    numbers = [] if isinstance(error, EmergencyNumber) else numbers_among_words(typed, caller.home)
    if len(numbers) == 1:
        return redirect(url_for("calls.show", typed=str(numbers[0])), 303)
    if numbers:
        return render_template("calls/choose.html", numbers=numbers)
    return ask_page(caller, typed, words(error)), error.status


def _besides(caller: Subscriber, number: Msisdn, typed: str, offer: Offer, beside: BesidePrice) -> dict[str, object]:
    """Return what a call page says besides the price: what else the text may mean, how the last talk went, whether the
    other party had better ring a number that is rented."""
    last, may_ring_back = offer.last_talk, beside.rents_number and not offer.gift_minutes
    return {
        "other": other_reading(typed, caller.home),
        "extension": extension_of(typed),
        "rings_from": rings_from(),
        "called_back": calling_back.cheaper(ports(), caller, number, offer.quote) if may_ring_back else None,
        "last": last,
        "last_s": progress.talked_s(last, ports().clock()) if last else None,
        "is_free_at_home": number.is_toll_free and number.region == caller.home,
        "link": f"{settings().public_url}/{number}",
    }


def rings_from() -> str:
    """Return the number that both phones will see; several where each switch has its own: it is chosen later."""
    shown = dict.fromkeys(number for switch in settings().switches for number in switch.shown)
    return _(" или ").join(phone(caller) for caller in shown)


def _may_spend(form: CallForm, caller: Subscriber) -> bool:
    return at_once.may_spend(form, caller) if form.device else form.is_ripe(ports().clock())


def ask_page(caller: Subscriber, typed: str = "", wrong: str = "") -> str:
    """Render the field for a number, the last ones called, and the balance (A2)."""
    recent = ordering.recent_numbers(ports(), caller.id, RECENT)
    return render_template(
        "calls/ask.html",
        typed=typed,
        wrong=wrong,
        recent=recent,
        names=favourites.names(ports(), caller.id, [number.digits for number in recent]),
        purse=accounts.purse(ports(), caller.id),
    )


def _progress_page(view: CallView, notice: str = "", status: int = 200) -> ResponseReturnValue:
    call, now = view.call, ports().clock()
    context = {"call": call, "number": Msisdn(call.quote.b_number), "notice": notice}
    if call.state.is_over:
        own = current_subscriber().phone
        context |= {
            "other_phone": call.quote.a_number if own and own.digits != call.quote.a_number else None,
            "verdict": progress.verdict(call),
            "advice": progress.advice(call),
            "charge": view.charge,
            "talked_s": progress.talked_s(call, now),
        }
        return render_template("calls/over.html", **context), status
    ahead = progress.waits_behind(view, now)
    a, b = progress.rows(call, ahead)
    context |= {
        "a": a,
        "b": b,
        "version": _version(view, ahead),
        "talked_s": progress.talked_s(call, now),
        "cost": progress.cost_so_far(call, now),
        "costs": progress.costs_ahead(call, now),
        "costs_till_s": progress.costs_till_s(call, now),
        "ending": call.cancel_requested_at is not None,
        "is_first_look": "auto" not in request.args,
        "rings_from": rings_from(),
        "refresh_s": None if request.args.get("auto") == "0" else REFRESH_S,
    }
    return render_template("calls/progress.html", **context), status


def _version(view: CallView, ahead: int | None) -> str:
    """Return a short name of everything the rows show: it changes when they do."""
    call = view.call
    return "-".join([call.state, *(["end"] if call.cancel_requested_at else []), "" if ahead is None else str(ahead)])
