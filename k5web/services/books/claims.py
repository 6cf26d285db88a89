"""Claims: a subscriber disputes a charge, staff answer in 30 days, what was wrong is given back (B11)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from k5web.domain.books import claim as rules
from k5web.domain.books import service
from k5web.domain.books.claim import Claim, ClaimForm
from k5web.domain.books.ledger import Event, Move, Posting
from k5web.domain.money import Money
from k5web.domain.readable import is_readable
from k5web.domain.reason import LONGEST_REASON, checked_reason
from k5web.errors import (
    ClaimAnswered,
    NotClaimable,
    NotFound,
    NothingToPay,
    RefundTooLarge,
    SubscriberErased,
    WrongClaim,
)
from k5web.services.books import corrections
from k5web.services.messaging import sending
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage.accounts import subscribers
from k5web.storage.books import claim_rows, ledger, statement_rows
from k5web.storage.books.statement_rows import Line
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

KEPT_UNTIL_PAID = timedelta(days=3650)  # a hold ends by itself; this one is ended by the payment


@dataclass(frozen=True, slots=True)
class Disputable:
    """A movement as its owner may dispute it: until when, or why not; and the claims about it, the oldest first."""

    posting: Posting
    last_day: date
    refusal: NotClaimable | None
    claims: Sequence[Claim]


@transactional
def look(ports: Ports, owner_id: int, seq: int) -> Disputable:
    """Return whether a movement of the main account may be disputed now. Raises: NotFound."""
    with ports.sessions.read() as db:
        return _look(db, owner_id, seq, ports.today())


@transactional
def of_owner(ports: Ports, owner_id: int) -> list[Claim]:
    """Return a subscriber's claims, the oldest first."""
    with ports.sessions.read() as db:
        return claim_rows.of_owner(db, owner_id)


@transactional
def find(ports: Ports, owner_id: int, n: int) -> Claim:
    """Return a claim of this owner's. Raises: NotFound."""
    with ports.sessions.read() as db:
        return _find(db, owner_id, n)


@transactional
def waiting(ports: Ports) -> list[Claim]:
    """Return the claims that wait for an answer or for their money, the nearest deadline first."""
    with ports.sessions.read() as db:
        found = claim_rows.waiting(db)
    return sorted(found, key=lambda each: (each.deadline or date.max, each.owner_id, each.n))


@transactional
def open_claim(
    ports: Ports, owner_id: int, seq: int, form: ClaimForm, actor: str, received_on: date | None = None
) -> Claim:
    """Open a claim about a charge; the same form gets the same claim again. Nothing else changes.

    Blocked subscribers and ended contracts may dispute, too: the money was taken. `received_on`: the day on which a
    letter came. Raises: NotClaimable, WrongClaim, SubscriberErased, NotFound.
    """
    day = received_on or ports.today()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        known = claim_rows.by_form(db, owner_id, form.form_key)
        if known is not None:
            return known
        if subscribers.erased_at(db, owner_id) is not None:
            raise SubscriberErased
        found = _look(db, owner_id, seq, day)
        if found.refusal is not None:
            raise found.refusal
        checked = _checked(form, -found.posting.amount)
        added = claim_rows.add(db, found.posting, checked, ports.clock(), actor, day + rules.ANSWERED_WITHIN)
    logger.info("claim opened", extra={"owner_id": owner_id, "n": added.n, "actor": actor})
    return added


@transactional
def uphold(
    ports: Ports, owner_id: int, n: int, given: Money | None, *, to_bank: bool | None, answer: str, actor: str
) -> Claim:
    """Give back what was disputed, or `given`, and say why; the same answer again changes nothing.

    `to_bank`: the money is to be paid to the bank account in five banking days and is kept until then; None: as the
    subscriber wished. Raises: NotFound, WrongReason, ClaimAnswered, RefundTooLarge, InsufficientFunds (the money would
    go to a bank account, and the account owes it), AccountClosed.
    """
    with ports.sessions.begin() as db:
        claim, moved = uphold_in(ports, db, owner_id, n, given, to_bank=to_bank, answer=answer, actor=actor)
    _log_answer(claim, is_new=bool(moved))
    return claim


def uphold_in(
    ports: Ports,
    db: Session,
    owner_id: int,
    n: int,
    given: Money | None,
    *,
    to_bank: bool | None,
    answer: str,
    actor: str,
) -> tuple[Claim, tuple[Posting, ...]]:
    """Do so in the caller's transaction; return what moved as well, nothing where it was answered so before."""
    said = checked_reason(answer, rules.LONGEST_ANSWER)
    ledger.lock_purse(db, owner_id)
    claim = _find(db, owner_id, n)
    sum_given = claim.disputed if given is None else given
    is_to_bank = claim.wants_money if to_bank is None else to_bank
    if claim.answered_at is not None:
        return _same_or_refused(claim, sum_given, said, is_to_bank=is_to_bank), ()
    line = NotFound.unless(statement_rows.line(db, owner_id, claim.account_id, claim.seq), f"movement {claim.seq}")
    corrected = service.corrected_name(claim.charge)
    moved = corrections.give_back_in(ports, db, line.posting, sum_given, corrected, actor)
    pay_by = _keep_for_bank(ports, db, claim, sum_given) if is_to_bank else None
    return _answer(ports, db, claim, actor, sum_given, said, pay_by), moved


@transactional
def givable(ports: Ports, claim: Claim, given: Money | None) -> Money:
    """Return what an answer would give back now. Raises: RefundTooLarge where the charge has not so much left."""
    wanted = claim.disputed if given is None else given
    with ports.sessions.read() as db:
        is_gone = bool(ledger.taken_back(db, claim.owner_id, claim.charge))
    left = Money(0, claim.charged.currency) if is_gone else claim.charged
    if not 0 < wanted.minor <= left.minor:
        raise RefundTooLarge(origin=claim.charge.origin, key=claim.charge.key, left=left)
    return wanted


@transactional
def reject(ports: Ports, owner_id: int, n: int, answer: str, actor: str) -> Claim:
    """Answer that the charge is right, and why; the same answer again changes nothing.

    Raises: NotFound, WrongReason, ClaimAnswered.
    """
    said = checked_reason(answer, rules.LONGEST_ANSWER)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        claim = _find(db, owner_id, n)
        nothing = Money(0, claim.charged.currency)
        if claim.answered_at is not None:
            return _same_or_refused(claim, nothing, said, is_to_bank=False)
        answered = _answer(ports, db, claim, actor, nothing, said, None)
    _log_answer(answered, is_new=True)
    return answered


@transactional
def pay(ports: Ports, owner_id: int, n: int, document: str, actor: str) -> Claim:
    """Book that the bank paid the money of a claim by this document; the same document again changes nothing.

    Raises: NotFound, WrongReason, NothingToPay.
    """
    with ports.sessions.begin() as db:
        paid, moved = pay_in(ports, db, owner_id, n, document, actor)
    if moved:
        logger.warning("claim paid", extra={"owner_id": owner_id, "n": n, "actor": actor})
    return paid


def pay_in(
    ports: Ports, db: Session, owner_id: int, n: int, document: str, actor: str
) -> tuple[Claim, tuple[Posting, ...]]:
    """Do so in the caller's transaction; return what moved as well, nothing where it was paid so before."""
    text, now = checked_reason(document, LONGEST_REASON), ports.clock()
    ledger.lock_purse(db, owner_id)
    claim = _find(db, owner_id, n)
    if claim.document == text:
        return claim, ()
    _check_payable(claim)
    assert claim.given is not None
    move = Move(claim.account_id, -claim.given.minor, "refund")
    event = Event(owner_id, claim.refund, (move,), actor, now)
    posted = ledger.settle(db, event, claim.hold, ports.today(), now)
    claim_rows.note_paid(db, claim, now, actor, text)
    facts = {"n": n, "given_minor": claim.given.minor, "currency": claim.given.currency}
    sending.queue_notice(db, owner_id, "claim_paid", facts, f"claim {n} paid", now)
    return _find(db, owner_id, n), posted.postings


def _look(db: Session, owner_id: int, seq: int, day: date) -> Disputable:
    account_id = ledger.purse(db, owner_id).account_id
    line = NotFound.unless(statement_rows.line(db, owner_id, account_id, seq), f"movement {seq}")
    claims = claim_rows.of_charge(db, owner_id, service.first_charge(line.posting.name))
    last_day = rules.last_claim_day(line.posting.day)
    why = _why_not(db, line, claims, day, last_day)
    facts = {"n": claims[-1].n if claims else None, "last_day": last_day}
    return Disputable(line.posting, last_day, NotClaimable(why=why, **facts) if why else None, claims)


def _why_not(db: Session, line: Line, claims: Sequence[Claim], day: date, last_day: date) -> str:
    """Return why a movement cannot be disputed on a day, "" where it can."""
    name = line.posting.name
    is_charge = line.posting.amount.minor < 0 and service.is_charge(line.posting.counter)
    if not is_charge or line.reverses is not None:
        return "no_charge"
    if service.is_corrected(name):
        return "corrected"
    if any(each.answered_at is None for each in claims):
        return "open"
    if ledger.taken_back(db, line.posting.owner_id, name):
        return "returned"
    return "late" if day > last_day else ""


def _checked(form: ClaimForm, charged: Money) -> ClaimForm:
    """Return what was said as it is kept. Raises: WrongClaim."""
    text = " ".join(form.text.split())
    if form.disputed.currency != charged.currency or not 0 < form.disputed.minor <= charged.minor:
        raise WrongClaim(key="sum", most=charged)
    if form.reason not in rules.CLAIM_REASONS:
        raise WrongClaim(key="reason", most=1)
    if len(text) > rules.LONGEST_TEXT or not is_readable(text) or (form.reason == "other" and not text):
        raise WrongClaim(key="text", most=rules.LONGEST_TEXT)
    return replace(form, text=text)


def _same_or_refused(claim: Claim, given: Money, answer: str, *, is_to_bank: bool) -> Claim:
    """Return a claim that was answered in the same way. Raises: ClaimAnswered."""
    if (claim.given, claim.answer, claim.pay_by is not None) == (given, answer, is_to_bank):
        return claim
    assert claim.answered_at is not None
    at = f"{claim.answered_at.astimezone(OPERATOR_ZONE):%Y-%m-%d %H:%M}"
    raise ClaimAnswered(n=claim.n, outcome=claim.outcome, by=claim.answered_by, at=at)


def _keep_for_bank(ports: Ports, db: Session, claim: Claim, given: Money) -> date:
    """Keep the money aside so that nothing else can spend it; return by when it is paid. Raises: InsufficientFunds."""
    now = ports.clock()
    ledger.hold(db, claim.owner_id, claim.account_id, claim.hold, given, now, now + KEPT_UNTIL_PAID)
    corrections.refuse_promised(db, claim.owner_id, given)
    return rules.pay_by(ports.today())


def _answer(
    ports: Ports, db: Session, claim: Claim, actor: str, given: Money, answer: str, pay_by: date | None
) -> Claim:
    now = ports.clock()
    claim_rows.note_answered(db, claim, now, actor, given, answer, pay_by)
    facts = {"n": claim.n, "given_minor": given.minor, "currency": given.currency}
    facts |= {"pay_by": pay_by.isoformat()} if pay_by else {}
    sending.queue_notice(db, claim.owner_id, "claim_answered", facts, f"claim {claim.n} answered", now)
    return _find(db, claim.owner_id, claim.n)


def _log_answer(claim: Claim, *, is_new: bool) -> None:
    if is_new:
        logger.warning("claim answered", extra={"owner_id": claim.owner_id, "n": claim.n, "actor": claim.answered_by})


def _check_payable(claim: Claim) -> None:
    """Raises: NothingToPay."""
    if claim.paid_at is not None:
        raise NothingToPay(n=claim.n, why=f"it was paid by {claim.document}")
    if claim.pay_by is None:
        why = "it is not answered" if claim.answered_at is None else "its answer promises no payment to a bank account"
        raise NothingToPay(n=claim.n, why=why)


def _find(db: Session, owner_id: int, n: int) -> Claim:
    return NotFound.unless(claim_rows.find(db, owner_id, n), f"claim {n}")
