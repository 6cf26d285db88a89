"""The API for subscribers' own programs: JSON, a bearer token, problems instead of pages. No cookie is read or sent."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, abort, g, request, url_for

from k5web.domain import strict_json
from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.accounts.token import ApiToken
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import LegCharge, Rate
from k5web.errors import KeyReused, WrongMoney, WrongPrice, WrongRequest, WrongToken
from k5web.services.accounts import accounts, numbers, phones, tokens
from k5web.services.accounts.tokens import Program
from k5web.services.calls import ordering
from k5web.services.calls.ordering import CallView
from k5web.services.pbx import call_pages
from k5web.services.pbx.call_pages import Talk
from k5web.web import converters, language
from k5web.web.context import ports, settings
from k5web.web.headers import SAFE_METHODS
from k5web.web.problems import moment, money

bp = Blueprint("api", __name__, url_prefix="/api/v1")

OPEN: Final = {"api.describe"}  # what anybody may read
PAPER: Final = json.loads((Path(__file__).parent / "openapi.json").read_text("utf-8"))

_BEARER = re.compile(r"Bearer +([A-Za-z0-9._-]{1,100})", re.ASCII | re.IGNORECASE)
_KEY = re.compile(r'("?)([A-Za-z0-9._:-]{1,64})\1', re.ASCII)  # with quotes, as RFC 8941 writes strings, or without


@bp.before_request
def let_in() -> None:
    """Let a program in by its token alone: what a browser sends by itself (cookies) opens nothing here."""
    language.without_database()
    if request.endpoint in OPEN:
        return
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise WrongToken
    g.program = tokens.recognise(ports(), match[1], to_change=request.method not in SAFE_METHODS)


@bp.get("/openapi.json")
def describe() -> Response:
    """This API, described for machines."""
    return _json(PAPER | {"servers": [{"url": settings().public_url}]})


@bp.get("/account")
def account() -> Response:
    """Tell whose token this is, and how much money is there."""
    caller = _caller()
    purse = accounts.purse(ports(), caller.id)
    return _json(
        {
            "id": caller.id,
            "phone": str(caller.phone) if caller.phone else None,
            "plan": caller.plan_code,
            "balance": money(purse.balance),
            "held": money(purse.held),
            "available": money(purse.available),
        }
    )


@bp.get("/quote")
def quote() -> Response:
    """Tell what a minute to a number costs, and how many minutes the money pays. Nothing is ordered."""
    caller = _rung(_caller(), _own_number(request.args.get("from")))
    offer = ordering.offer(ports(), caller, _number(request.args.get("number"), "number"))
    return _json(
        {
            "a": _leg(offer.quote.a_number, offer.quote.a),
            "b": _leg(offer.quote.b_number, offer.quote.b),
            "per_minute": money(offer.quote.per_minute),
            "connect_fee": money(offer.quote.connect_fee),
            "first_minute": money(offer.quote.first_minute),
            "minutes": offer.minutes,
            "money_minutes": offer.money_minutes,
            "needed": money(offer.needed),
            "live_call": offer.live_call.id if offer.live_call else None,
        }
    )


@bp.post("/calls")
def order() -> Response:
    """Order a call. The same Idempotency-Key gets the same call again, however often and at whatever moment."""
    caller, token = _caller(), _program().token
    form_key = _form_key(token)
    number, most, own = _wish(caller)
    call, status = ordering.ordered(ports(), caller.id, form_key), 200
    if call is None:  # a repeat may come after its phone was taken away
        count = tokens.counting(ports(), token)
        call, status = ordering.order_call(ports(), _rung(caller, own), number, form_key, most, count=count), 201
    is_other_phone = own is not None and own != Msisdn(call.quote.a_number)
    if call.quote.b_number != number.digits or is_other_phone:
        raise KeyReused
    view = ordering.show_call(ports(), caller.id, call.id) if status == 200 else CallView(call, None, None)
    answer = _json(_call_facts(view, None), status)
    answer.headers["Location"] = url_for("api.show", call_id=call.id)
    return answer


@bp.get("/calls")
def list_calls() -> Response:
    """Tell of the calls, newest first: callbacks, and what was paid for in conversations of the PBX."""
    page = call_pages.page(ports(), _caller().id, request.args.get("before"))
    calls = [_call_facts(view, page.conversations.get(view.call.id)) for view in page.views]
    return _json({"calls": calls, "next_before": page.next_before})


@bp.get("/conversations")
def list_conversations() -> Response:
    """Tell of the conversations of the PBX, newest first, with their legs and recordings. Raises: WrongRequest."""
    page = call_pages.conversations(ports(), _caller().id, _place(request.args.get("before")))
    further = page.next_before
    before = f"{moment(further[0])},{further[1]}" if further else None
    return _json({"conversations": [_talk_facts(talk) for talk in page.talks], "next_before": before})


@bp.get("/numbers")
def list_numbers() -> Response:
    """Tell which numbers the account rents."""
    found = [each for each in numbers.of_owner(ports(), _caller().id) if each.state is NumberState.RENTED]
    return _json({"numbers": [{"number": f"+{each.msisdn.digits}", "since": moment(each.since)} for each in found]})


@bp.get("/calls/<call_id>")
def show(call_id: str) -> Response:
    """Tell how a call stands; when it is over, what it cost and why."""
    return _json(_shown(call_id))


@bp.post("/calls/<call_id>/end")
def end(call_id: str) -> Response:
    """End a call in any state; one that is over stays as it is."""
    ordering.end_call(ports(), _caller().id, call_id)
    return _json(_shown(call_id))


def _program() -> Program:
    found: Program = g.program
    return found


def _caller() -> Subscriber:
    return _program().subscriber


def _form_key(token: ApiToken) -> str:
    """Return the order's name: the key belongs to the token, so two programs never meet. Raises: WrongRequest."""
    match = _KEY.fullmatch(request.headers.get("Idempotency-Key", ""))
    if match is None:
        raise WrongRequest(where="Idempotency-Key")
    return f"api:{token.selector}:{match[2]}"


def _rung(caller: Subscriber, own: Msisdn | None) -> Subscriber:
    """Return the caller with the phone of theirs that is to be rung. Raises: NotYourPhone."""
    return caller if own is None else phones.rung_at(ports(), caller, own.digits)


def _own_number(value: object) -> Msisdn | None:
    return None if value is None else _number(value, "from")


def _wish(caller: Subscriber) -> tuple[Msisdn, Price | None, Msisdn | None]:
    """Return the number to call, the dearest first minute that is agreed to, and the phone to ring if one is named.

    Raises: WrongRequest, WrongNumber.
    """
    body = _body()
    unknown = sorted(body.keys() - {"number", "max_price", "from"})
    if unknown:
        named = unknown[0][:40].encode(errors="replace").decode()  # half a character can be sent, but not answered
        raise WrongRequest(where=named)  # a misspelt max_price must not order at any price
    own = _own_number(body.get("from"))
    most = body.get("max_price")
    if most is None:
        return _number(body.get("number"), "number"), None, own
    if not isinstance(most, str):
        raise WrongRequest(where="max_price")
    try:
        return _number(body.get("number"), "number"), Price.parse(most, caller.currency), own
    except (WrongPrice, WrongMoney) as error:
        raise WrongRequest(where="max_price") from error


def _body() -> dict[str, Any]:
    """Return the request's JSON object. Raises: WrongRequest."""
    if request.mimetype != "application/json":
        abort(415)
    try:
        return strict_json.read_object(request.get_data(), whole=int, fraction=strict_json.refuse_number)
    except ValueError as error:
        raise WrongRequest(where="JSON") from error


def _number(value: object, where: str) -> Msisdn:
    if not isinstance(value, str):
        raise WrongRequest(where=where)
    return Msisdn.e164(value)


def _place(text: str | None) -> tuple[datetime, str] | None:
    """Return where a page of conversations begins. Raises: WrongRequest."""
    if text is None:
        return None
    try:
        at, name = text.split(",")
    except ValueError as error:
        raise WrongRequest(where="before") from error
    began_at = converters.moment(at)
    if began_at is None:
        raise WrongRequest(where="before")
    return began_at, name


def _shown(call_id: str) -> dict[str, Any]:
    view = ordering.show_call(ports(), _caller().id, call_id)
    return _call_facts(view, call_pages.conversation_of(ports(), view.call))


def _talk_facts(talk: Talk) -> dict[str, Any]:
    one, owner_id = talk.conversation, talk.conversation.owner_id
    return {
        "id": f"{one.switch}/{one.linked_id}",
        "direction": one.direction,
        "number": one.number,
        "caller": one.caller,
        "called": one.called,
        "began_at": moment(one.began_at),
        "answered_at": moment(one.answered_at),
        "answered_by": one.answered_by,
        "ended_at": moment(one.ended_at),
        "outcome": one.outcome,
        "talk_s": one.talk_s,
        "legs": [
            {
                "endpoint": leg.endpoint,
                "started_at": moment(leg.started_at),
                "answered_at": moment(leg.answered_at),
                "ended_at": moment(leg.ended_at),
                "talk_s": leg.talk_s,
                "call": None if leg.call_n is None else f"{owner_id}-{leg.call_n}",
            }
            for leg in talk.legs
        ],
        "recordings": [
            f"{settings().public_url}{url_for('recordings.listen', switch=each.switch, file=each.file)}"
            for each in talk.recordings
        ],
    }


def _call_facts(view: CallView, conversation: str | None) -> dict[str, Any]:
    """Return what is told of a call; `conversation`: the name of the one that it is of."""
    call, charge = view.call, view.charge
    return {
        "id": call.id,
        "kind": call.kind,
        "conversation": conversation,
        "state": call.state,
        "outcome": call.outcome,
        "is_over": call.state.is_over,
        "a": _leg(call.quote.a_number, call.quote.a, call.a_answered_at, charge.a if charge else None),
        "b": _leg(call.quote.b_number, call.quote.b, call.b_answered_at, charge.b if charge else None),
        "per_minute": money(call.quote.per_minute),
        "minutes": call.minutes,
        "held": money(call.hold),
        "cost": money(call.cost) if call.cost else None,
        "queue_place": view.queue_place,
        "end_requested": call.cancel_requested_at is not None,
        "ordered_at": moment(call.ordered_at),
        "ended_at": moment(call.ended_at),
    }


def _leg(
    number: str, rate: Rate, answered_at: datetime | None = None, charge: LegCharge | None = None
) -> dict[str, Any]:
    return {
        "number": f"+{number}" if number else None,
        "destination": rate.destination,
        "per_minute": money(rate.per_minute),
        "connect_fee": money(rate.fee),
        "increment_s": rate.increment_s,
        "minimum_s": rate.minimum_s,
        "free_below_s": rate.free_below_s,
        "answered_at": moment(answered_at),
        "billed_s": charge.billed_s if charge else None,
        "charge": money(charge.charge) if charge else None,
    }


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")
