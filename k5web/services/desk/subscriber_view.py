"""One subscriber on one page: the newest of everything, read in one transaction by statements that count by kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from k5web.domain.accounts.contract import Acceptance
from k5web.domain.accounts.ending import Ending
from k5web.domain.accounts.profile import Profile
from k5web.domain.accounts.standing import Overdue
from k5web.domain.accounts.stock_number import StockNumber
from k5web.domain.accounts.subscriber import Block, Device, Phone, Subscriber
from k5web.domain.bank.invoice import Invoice
from k5web.domain.books.claim import Claim
from k5web.domain.books.ledger import Hold, Purpose, Purse
from k5web.domain.books.period import FIRST_DAY, LAST_DAY, Movements
from k5web.domain.calls.call import CallOrder, CallState
from k5web.domain.calls.own_limit import OwnLimit
from k5web.domain.pbx.switch_tables import AheadKey
from k5web.domain.prices.number import Msisdn
from k5web.domain.reason import checked_reason
from k5web.services.accounts import blocking, staff_access
from k5web.services.accounts.staff_access import Reader
from k5web.services.books import statements
from k5web.services.books.statements import StatementLine
from k5web.services.calls import safety
from k5web.services.calls.safety import Safety
from k5web.services.ports import Ports
from k5web.services.prices import subscriptions
from k5web.services.prices.subscriptions import Overview
from k5web.storage.accounts import (
    acceptance_rows,
    access_rows,
    device_rows,
    email_rows,
    ending_rows,
    number_rows,
    personal_rows,
    phone_rows,
    subscribers,
)
from k5web.storage.accounts.access_rows import StaffAccess
from k5web.storage.bank import invoice_rows
from k5web.storage.books import claim_rows, ledger, statement_rows
from k5web.storage.calls import call_rows, caller_rows, limit_rows
from k5web.storage.desk import subscriber_rows
from k5web.storage.desk.subscriber_rows import ActHead, Place, ToldMessage
from k5web.storage.payments import top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.pbx import ahead_rows

SHOWN = 5  # rows of a section
PAGE = 50  # rows of a whole list
MOST_ACTS = 120  # of one subscriber: ten years
COMMAND = "desk identity"  # how a reading at the desk is named beside those by commands


@dataclass(frozen=True, slots=True)
class Standing:
    """Who it is, as much as everybody at the desk may know, and what stops them."""

    owner: Subscriber
    registered_at: datetime
    erased_at: datetime | None
    blocks: Sequence[Block]  # newest first
    borne: Sequence[Overdue]  # a debt, a breach
    ending: Ending | None
    phones: Sequence[Phone]


@dataclass(frozen=True, slots=True)
class MoneySide:
    """Accounts, what is reserved on them, what came in."""

    purses: Mapping[Purpose, Purse]
    holds: Sequence[Hold]
    ahead: Mapping[str, AheadKey]  # by the reference of the hold: those for calls that may come while K5 is silent
    payments: Sequence[StatementLine]
    top_ups: Sequence[KeptTopUp]


@dataclass(frozen=True, slots=True)
class Papers:
    """What there is on paper between the subscriber and the operator."""

    acts: Sequence[ActHead]
    invoices: Sequence[Invoice]
    accepted: Sequence[Acceptance]  # newest first
    claims: Sequence[Claim]


@dataclass(frozen=True, slots=True)
class SubscriberView:
    """Everything about one subscriber, in short."""

    standing: Standing
    money: MoneySide
    calls: Sequence[CallOrder]
    connected: Overview
    numbers: Sequence[StockNumber]
    devices: Sequence[Device]
    messages: Sequence[ToldMessage]
    papers: Papers
    safety: Safety
    own_limits: Mapping[str, OwnLimit]
    looks: Sequence[StaffAccess]  # of staff, newest first


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a subscriber is, for whoever gave a reason."""

    owner: Subscriber
    phones: Sequence[Phone]
    profile: Profile | None
    email: str


@dataclass(frozen=True, slots=True)
class LookPage:
    """A page of readings by staff, newest first."""

    looks: Sequence[StaffAccess]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of messages, newest first."""

    messages: Sequence[ToldMessage]
    next_before: Place | None


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A page of what came in and what of it went back, newest first."""

    lines: Sequence[StatementLine]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class TopUpPage:
    """A page of payments that were begun here, newest first."""

    top_ups: Sequence[KeptTopUp]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ActPage:
    """A page of everybody's acts of a month, by owner. `next_after`: owner and version."""

    acts: Sequence[ActHead]
    next_after: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class BeforeStep:
    """What decides what a step with a subscriber will do."""

    phone: Msisdn | None
    waiting: int  # ordered calls that no switch has yet: they would be given up
    live: int  # calls at a switch: they end by themselves
    devices: Sequence[Device]
    opened: frozenset[str]  # kinds and prefixes of directions


def show(ports: Ports, owner_id: int) -> SubscriberView:
    """Return one subscriber in short. Raises: NotFound."""
    with ports.sessions.read() as db:
        standing = _standing(ports, db, owner_id)
        facts = caller_rows.facts(db, owner_id)
        return SubscriberView(
            standing=standing,
            money=_money(ports, db, facts.purses),
            calls=call_rows.page(db, owner_id, None, SHOWN),
            connected=subscriptions.overview_in(ports, db, standing.owner, facts.purses),
            numbers=number_rows.of_owner(db, owner_id),
            devices=_devices(ports, db, owner_id),
            messages=subscriber_rows.messages(db, owner_id, None, SHOWN),
            papers=_papers(db, owner_id),
            safety=safety.show_in(ports, db, facts),
            own_limits={key: each for key, each in facts.own.items() if each.is_set(ports.clock())},
            looks=[look for _, look in access_rows.newest(db, owner_id, None, SHOWN)],
        )


def identity(ports: Ports, owner_id: int, actor: str, reason: str) -> Identity:
    """Return who a subscriber is; that it was read, and why, is written down first. Raises: NotFound, WrongReason."""
    note_reading(ports, owner_id, actor, reason)
    with ports.sessions.read() as db:
        told = [each for each in personal_rows.history(db, owner_id) if each.what != "email"]
        newest = told[-1] if told else None
        email = email_rows.find(db, owner_id)
        return Identity(
            owner=subscribers.get(db, owner_id),
            phones=phone_rows.of_owner(db, owner_id),
            profile=Profile(newest.what, newest.facts) if newest and newest.what != "email" else None,
            email=str(email.address) if email else "",
        )


def note_reading(ports: Ports, owner_id: int, actor: str, reason: str, command: str = COMMAND) -> None:
    """Write down that staff are about to read who a subscriber is. Raises: NotFound, WrongReason."""
    staff_access.note(ports, [owner_id], Reader(actor, command, checked_reason(reason)))


def looks(ports: Ports, owner_id: int, before_n: int | None) -> LookPage:
    """Return who of the staff read a subscriber's data, newest first. Raises: NotFound."""
    with ports.sessions.read() as db:
        subscribers.get(db, owner_id)
        found = access_rows.newest(db, owner_id, before_n, PAGE + 1)
    shown = found[:PAGE]
    return LookPage([look for _, look in shown], shown[-1][0] if len(found) > PAGE else None)


def messages(ports: Ports, owner_id: int, before: Place | None) -> MessagePage:
    """Return what was sent to a subscriber, newest first. Raises: NotFound."""
    with ports.sessions.read() as db:
        subscribers.get(db, owner_id)
        found = subscriber_rows.messages(db, owner_id, before, PAGE + 1)
    return MessagePage(found[:PAGE], found[PAGE - 1].place if len(found) > PAGE else None)


def before_step(ports: Ports, owner_id: int) -> BeforeStep:
    """Return what decides what a step with a subscriber will do. Raises: NotFound."""
    with ports.sessions.read() as db:
        owner = subscribers.get(db, owner_id)
        live = call_rows.live(db, owner_id)
        waiting = sum(call.state is CallState.RESERVED for call in live)
        return BeforeStep(
            phone=owner.phone,
            waiting=waiting,
            live=len(live) - waiting,
            devices=_devices(ports, db, owner_id),
            opened=limit_rows.opened(db, owner_id),
        )


def payments(ports: Ports, owner_id: int, before_seq: int | None) -> PaymentPage:
    """Return what came in and what of it went back, newest first. Raises: NotFound."""
    with ports.sessions.read() as db:
        main, ever = ledger.purse(db, owner_id), (FIRST_DAY, LAST_DAY)
        found = statement_rows.lines(db, owner_id, main.account_id, ever, before_seq, PAGE + 1, Movements.PAYMENTS)
        lines = statements.explained(ports, db, owner_id, found[:PAGE])
    return PaymentPage(lines, lines[-1].posting.seq if len(found) > PAGE else None)


def top_ups(ports: Ports, owner_id: int, before_n: int | None) -> TopUpPage:
    """Return the payments that were begun here, newest first. Raises: NotFound."""
    with ports.sessions.read() as db:
        subscribers.get(db, owner_id)
        found = top_up_rows.page(db, owner_id, before_n, PAGE + 1)
    return TopUpPage(found[:PAGE], found[PAGE - 1].n if len(found) > PAGE else None)


def acts_of(ports: Ports, owner_id: int) -> Sequence[ActHead]:
    """Return the acts of one subscriber, newest first. Raises: NotFound."""
    with ports.sessions.read() as db:
        subscribers.get(db, owner_id)
        return subscriber_rows.acts_of_owner(db, owner_id, MOST_ACTS)


def acts(ports: Ports, month: date, after: tuple[int, int]) -> ActPage:
    """Return everybody's acts of a month, by owner."""
    with ports.sessions.read() as db:
        found = subscriber_rows.acts_of_month(db, month, after, PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return ActPage(found[:PAGE], (last.owner_id, last.version) if last else None)


def _standing(ports: Ports, db: Session, owner_id: int) -> Standing:
    owner = subscribers.get(db, owner_id)
    return Standing(
        owner=owner,
        registered_at=subscribers.registered_at(db, owner_id),
        erased_at=subscribers.erased_at(db, owner_id),
        blocks=subscribers.blocks(db, owner_id, SHOWN)[::-1],
        borne=blocking.borne_by(ports, db, owner),
        ending=ending_rows.standing(db, owner_id),
        phones=phone_rows.of_owner(db, owner_id),
    )


def _money(ports: Ports, db: Session, purses: Mapping[Purpose, Purse]) -> MoneySide:
    main = purses["main"]
    ever = FIRST_DAY, LAST_DAY
    paid = statement_rows.lines(db, main.owner_id, main.account_id, ever, None, SHOWN, Movements.PAYMENTS)
    return MoneySide(
        purses=purses,
        holds=subscriber_rows.open_holds(db, main.owner_id, SHOWN),
        ahead={each.call_id: each.key for each in ahead_rows.of_owner(db, main.owner_id)},
        payments=statements.explained(ports, db, main.owner_id, paid),
        top_ups=top_up_rows.page(db, main.owner_id, None, SHOWN),
    )


def _devices(ports: Ports, db: Session, owner_id: int) -> list[Device]:
    now = ports.clock()
    return [record.device for record in device_rows.live(db, owner_id) if now < record.expires_at]


def _papers(db: Session, owner_id: int) -> Papers:
    return Papers(
        acts=subscriber_rows.acts_of_owner(db, owner_id, SHOWN),
        invoices=invoice_rows.newest(db, owner_id, SHOWN),
        accepted=acceptance_rows.of_owner(db, owner_id)[::-1],
        claims=claim_rows.newest(db, owner_id, SHOWN),
    )
