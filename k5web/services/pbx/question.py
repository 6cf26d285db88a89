"""The question of a switch: may this leg begin, for how long, by which lines. Answered from one short transaction."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from k5web.domain.accounts.stock_number import NumberState, plan_of_code, unpaid_plan
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import Purse
from k5web.domain.calls.call import CallKind, CallOrder, Switch, split_call_id
from k5web.domain.calls.risk import Risk
from k5web.domain.pbx.question import No, Question, no, yes
from k5web.domain.pbx.rule import Rule
from k5web.domain.prices.call_cover import NO_COVERS, Cover
from k5web.domain.prices.call_limits import Limits
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.rating import Quote
from k5web.domain.prices.usage import Kind
from k5web.errors import (
    CallsStopped,
    DailyLimit,
    FirstDayLimit,
    InsufficientFunds,
    K5Error,
    NotFound,
    NumberStopped,
    OwnLimitReached,
    PlanUnpaid,
    TooManyCalls,
    TooManyUnanswered,
    Unavailable,
)
from k5web.services.calls import routing, safety
from k5web.services.calls.granting import grant, hold
from k5web.services.pbx import paid_calls
from k5web.services.ports import Ports
from k5web.services.prices import call_covers, number_plans
from k5web.storage.accounts import number_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows, caller_rows, limit_rows
from k5web.storage.calls.call_rows import Begun
from k5web.storage.calls.caller_rows import CallerFacts
from k5web.storage.pbx import image_rows, pbx_rows, question_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

MOST_FORWARDS = 3  # of one caller at once: a fourth is a circle of two numbers that lead to each other

KEPT = timedelta(days=7)  # a question whose call is over

# What is said of a refusal; of any other that is not our own trouble, that this is closed
_WHY: Mapping[type[K5Error], No] = {
    InsufficientFunds: No.FUNDS,
    PlanUnpaid: No.FUNDS,
    CallsStopped: No.STOP_LIST,
    NumberStopped: No.STOP_LIST,
    DailyLimit: No.LIMIT,
    FirstDayLimit: No.LIMIT,
    OwnLimitReached: No.LIMIT,
    TooManyCalls: No.LIMIT,
    TooManyUnanswered: No.LIMIT,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """By which terms a leg may begin, that nothing but money and lines can refuse any more."""

    plan: Plan
    quote: Quote  # leg B is the one that is paid for
    covers: tuple[Cover, ...]
    risk: Risk


@transactional
def answer(ports: Ports, question: Question) -> str:
    """Return the line that the switch gets, and hold the money where it is a yes. The same question gets it again.

    The account's lock lets one question of an owner in at a time. Raises: Unavailable, NoDeck: our own trouble, of
    which nothing is kept.
    """
    with ports.sessions.begin() as db:
        try:
            ledger.lock_purse(db, question.owner_id)
        except NotFound:
            return no(No.CLOSED)
        known = question_rows.answer_of(db, question)
        if known is not None:
            return known
        paid_calls.end_earlier(ports, db, question)
        said, call = _decide(ports, db, question, ledger.purse(db, question.owner_id))
        n = split_call_id(call.id)[1] if call else None
        if not question_rows.add(db, question, said, n, ports.clock()):
            raise Unavailable  # we are late: nothing is held for who went on without us
    facts = {"owner_id": question.owner_id, "call_kind": question.kind, "switch": question.switch}
    logger.info("switch answered", extra=facts | {"answer": said.partition("|")[0] if call else said})
    return said


@transactional
def forget_old(ports: Ports) -> int:
    """Delete questions of long ago; return how many."""
    with ports.sessions.begin() as db:
        return question_rows.forget(db, ports.clock() - KEPT)


def _decide(ports: Ports, db: Session, question: Question, purse: Purse) -> tuple[str, CallOrder | None]:
    """Return the answer, and the call whose money is held."""
    try:
        found = _terms_and_limits(ports, db, question)
    except K5Error as refusal:
        if refusal.status >= 500:
            raise
        if isinstance(refusal, safety.COUNTED):
            limit_rows.count_refusal(db, question.owner_id, refusal.code, ports.clock())
        return no(_why(refusal)), None
    if isinstance(found, No):
        return no(found), None
    terms, limits = found
    switch = ports.switches.named(question.switch)
    trunks = _trunks(ports, db, switch, question, terms)
    if not trunks:
        return no(No.LIMIT), None
    call = _begin(ports, db, question, purse, terms, limits, trunks)
    organisation = pbx_rows.find(db, question.owner_id)
    shown = "" if question.kind is CallKind.INCOMING else terms.quote.a_number
    is_recorded = organisation is not None and organisation.is_recorded
    return yes(call.id, call.talk_ms, call.leg_a_s, trunks, shown, is_recorded=is_recorded), call


def _why(refusal: K5Error) -> No:
    return next((why for kind, why in _WHY.items() if isinstance(refusal, kind)), No.CLOSED)


def _terms_and_limits(ports: Ports, db: Session, question: Question) -> tuple[Terms, Limits] | No:
    """Return the terms and how long the money lasts by them. Raises: what refuses any call."""
    owner = subscribers.serve(db, question.owner_id)
    if not _is_believed(ports, db, question):
        return No.CLOSED
    if question.kind is CallKind.FORWARD and _leads_back(ports, db, question):
        return No.CLOSED
    facts = caller_rows.facts(db, owner.id)
    terms = _terms(ports, db, question, owner, facts)
    _check_calls_at_once(db, question, terms.plan)
    used = safety.used(db, ports, facts, terms.quote.b_number)
    if question.kind is CallKind.OUTGOING:
        safety.check_unanswered(ports, facts, used, terms.quote.b_number)
    if question.kind is CallKind.INCOMING:
        rule = image_rows.facts_of(db, [owner.id])[owner.id].rule(question.did)
        # They ask for money while this leg holds some
        others = forward_quotes(ports, db, owner, facts, rule, question.did)
        return terms, grant(db, ports, facts, used, terms.plan, terms.quote, terms.risk, terms.covers, "", others)
    return terms, grant(db, ports, facts, used, terms.plan, terms.quote, terms.risk, terms.covers)


def forward_quotes(
    ports: Ports, db: Session, owner: Subscriber, facts: CallerFacts, rule: Rule, number: str
) -> list[Quote]:
    """Return what a minute costs to each phone that the rule of a number may lead its callers to."""
    found = []
    for called in rule.forwards():
        with suppress(K5Error):  # nobody will be led there
            found.append(outgoing_terms(ports, db, owner, facts, number, Msisdn.e164(called), "forwarding").quote)
    return found


def _is_believed(ports: Ports, db: Session, question: Question) -> bool:
    """Return whether the owner that the switch names has what it names: the number that was called, or the account that
    calls. Somebody who was put through calls by a line; then it is the number, or the conversation, that is theirs."""
    owner_id = question.owner_id
    if question.kind is CallKind.INCOMING:
        return question.did == question.called and _rents(db, owner_id, question.did)
    is_theirs = bool(question.did) and (question.did == ports.shared_number or _rents(db, owner_id, question.did))
    if question.kind is CallKind.FORWARD:
        return is_theirs
    if question_rows.has_login(db, owner_id, question.endpoint, ports.clock()):
        return True
    is_line = any(trunk.code == question.endpoint for trunk in routing.trunks(ports.switches))
    return is_line and (is_theirs or question_rows.is_known_conversation(db, question))


def _rents(db: Session, owner_id: int, digits: str) -> bool:
    try:
        return number_rows.get(db, digits).is_rented_by(owner_id)
    except NotFound:
        return False


def _leads_back(ports: Ports, db: Session, question: Question) -> bool:
    """Return whether a forward would come in again, or is one of a circle that grows."""
    if question.called == ports.shared_number or number_rows.is_ours(db, question.called):
        return True
    return question_rows.live_forwards(db, question.owner_id, question.caller) >= MOST_FORWARDS


def _terms(ports: Ports, db: Session, question: Question, owner: Subscriber, facts: CallerFacts) -> Terms:
    if question.kind is CallKind.INCOMING:
        return incoming_terms(ports, db, owner, question.did, question.caller)
    shown = question.did if question.kind is CallKind.FORWARD else _shown(ports, db, question)
    what = "forwarding" if question.kind is CallKind.FORWARD else "calls"
    return outgoing_terms(ports, db, owner, facts, shown, Msisdn.e164(question.called), what)


def incoming_terms(ports: Ports, db: Session, owner: Subscriber, number: str, caller: str) -> Terms:
    """Return by which terms the owner of a number pays for its caller: by the plan that gives the number (D4).

    Raises: NotOffered, PlanUnpaid, NotInPlan, CurrencyMismatch, CallsStopped, NumberStopped.
    """
    held = number_plans.held(ports, db, owner)
    giving = plan_of_code(held, number[1:4])
    if unpaid_plan(held, giving) is not None:
        raise PlanUnpaid(what="calls")
    theirs = caller if caller.isdigit() else ""
    plan, quote = ports.plans.quote_leg(giving.code, owner.currency, number, theirs, Kind.INCOMING)
    safety.check_caller(db, ports, owner.id, quote)
    return Terms(plan, quote, NO_COVERS, Risk.ORDINARY)


def outgoing_terms(
    ports: Ports, db: Session, owner: Subscriber, facts: CallerFacts, shown: str, called: Msisdn, what: str
) -> Terms:
    """Return by which terms a leg to another phone begins; `what` it is to plans: calls, forwarding.

    Raises: as `call_covers.price_leg`, and what `safety.check_called` raises.
    """
    plan, quote, covers = call_covers.price_leg(ports, db, owner, facts.purses, shown, called.digits, what)
    return Terms(plan, quote, covers, safety.check_called(db, ports, facts, quote))


def _shown(ports: Ports, db: Session, question: Question) -> str:
    """Return which number the other party sees of a call that a PBX user makes: of those that carriers let through."""
    rented = [each for each in number_rows.of_owner(db, question.owner_id) if each.state is NumberState.RENTED]
    local = [each for each in rented if not each.msisdn.is_toll_free]
    return next((each.msisdn.digits for each in local), ports.switches.named(question.switch).caller_id)


def _check_calls_at_once(db: Session, question: Question, plan: Plan) -> None:
    """Refuse one more call than the plan has. What one leg asked for is one call: an 8-800 call that is put through.

    Raises: TooManyCalls.
    """
    others = [call for call in call_rows.live(db, question.owner_id) if call.asked_by != question.leg_uuid]
    if len(others) >= plan.calls_at_once:
        raise TooManyCalls(live_call_id=others[0].id, live_number=others[0].quote.b_number)


def _trunks(ports: Ports, db: Session, switch: Switch, question: Question, terms: Terms) -> tuple[str, ...]:
    """Return by which trunks the paid leg goes; a caller's came by the one that it is on."""
    if question.kind is not CallKind.INCOMING:
        return routing.trunks_of_leg(ports, db, switch, terms.plan.code, terms.quote)
    codes = [trunk.code for trunk in switch.trunks]
    return (question.endpoint,) if question.endpoint in codes else tuple(codes[:1])


def _begin(
    ports: Ports, db: Session, question: Question, purse: Purse, terms: Terms, limits: Limits, trunks: tuple[str, ...]
) -> CallOrder:
    """Write the call down as one that rings, and hold its money."""
    call = call_rows.add(
        db,
        owner_id=question.owner_id,
        account_id=purse.account_id,
        form_key=question.form_key,
        quote=terms.quote,
        limits=limits,
        a_leg_from="b_answer",
        ring_a_s=0,
        ring_b_s=terms.plan.ring_b_s,
        at_once=False,
        press_1=False,
        risk=terms.risk,
        ordered_at=ports.clock(),
        begun=Begun(question.kind, question.switch, question.leg_uuid, trunks),
    )
    hold(db, call, purse, limits)
    return call
