"""Money comes in: a payment credited to whom it is for, and top-ups that subscribers begin on our pages.

The row of a top-up is written before the provider is asked, and no transaction waits for the provider's answer.
"""

import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName, Posted
from k5web.domain.money import Money
from k5web.domain.payments.connector import KeepsCards, Looks, PaymentConnector, Starts
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import (
    Conflict,
    CurrencyMismatch,
    NotFound,
    ProviderRefused,
    SubscriberErased,
    SumOutsideLimits,
    TooManyCards,
    TooManyOpen,
    WrongMoney,
)
from k5web.services.books.crediting import Credit, credit_in
from k5web.services.payments import card_limits, open_orders, starting
from k5web.services.payments.booking import book_seen
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.accounts.subscribers import MainAccount
from k5web.storage.books import ledger
from k5web.storage.payments import top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PAYABLE_FOR = timedelta(minutes=20)  # where the provider names no end
CODE_LIVES = timedelta(minutes=15)
CODE_DIGITS = 7
PAGE = 25


@transactional
def credit(
    ports: Ports, owner_id: int, name: EventName, amount: Money, counter: str, actor: str, occurred_at: datetime
) -> Posted:
    """Credit a payment to the owner's main account, once; whoever repeats it gets the first answer.

    Raises: Conflict (the name is known with other facts), NotFound, CurrencyMismatch, AccountClosed,
    SubscriberErased, Unavailable.
    """
    if amount.minor <= 0:
        raise WrongMoney(text=str(amount))
    try:
        with ports.sessions.begin() as db:
            return credit_payment(ports, db, Credit(owner_id, None, name, amount, counter, actor, occurred_at))
    except Conflict:
        # A provider that changed its mind or a forger: somebody must look
        logger.error("payment conflicts with a known one", extra={"origin": name.origin, "key": name.key})
        raise


def credit_payment(ports: Ports, db: Session, credit: Credit) -> Posted:
    """Do so in the caller's transaction, for whatever sum above zero."""
    account = _account(db, credit.owner_id, credit.name, credit.amount)
    if account.is_erased and not ledger.is_known(db, credit.owner_id, credit.name):
        raise SubscriberErased
    return credit_in(ports, db, replace(credit, account_id=account.account_id))


def _account(db: Session, owner_id: int, name: EventName, amount: Money) -> MainAccount:
    """Return the account to credit. A known name is never judged by it: with other facts it is a conflict."""
    try:
        account = subscribers.main_account(db, owner_id)
        if account.currency != amount.currency:
            raise CurrencyMismatch(left=amount.currency, right=account.currency)
    except (NotFound, CurrencyMismatch):
        if ledger.is_known(db, owner_id, name):
            raise Conflict(origin=name.origin, key=name.key) from None
        raise
    return account


# --- begun on our pages


@dataclass(frozen=True, slots=True)
class TopUpRequest:
    """A top-up that a subscriber asks for. In `return_url` the word {reference} stands for the top-up's."""

    origin: str
    amount: Money
    form_key: str
    return_url: str
    language: str = "ru"
    saved_card_id: str = ""
    keeps_card: bool = False  # the payer wishes the provider to keep the card
    is_automatic: bool = False
    is_confirmed: bool = False  # the payer typed the password just now
    leads_to: str = ""  # our own page to go on to when it is paid


def begin(ports: Ports, owner: Subscriber, wish: TopUpRequest) -> TopUp:
    """Begin a top-up and return what the payer needs; the same form key gets the same top-up again.

    Where the way of paying is asked by the payer's own program, K5 gives a short code to type there.
    Raises: SubscriberBlocked, NotFound (no such way or card), ProviderRefused, ProviderUnknown (it is looked after),
    SumOutsideLimits, CurrencyMismatch, TooManyCards, TooManyOpen, PasswordNeeded, SavedCardGone, Conflict, Unavailable.
    """
    connector = _way(ports, wish)
    try:
        kept, is_new = _write(ports, owner, connector, wish)
    except TooManyCards:
        card_limits.list_tester(ports, owner.id)
        raise
    except TooManyOpen:
        open_orders.take_back_oldest(ports, owner.id)
        kept, is_new = _write(ports, owner, connector, wish)
    if not is_new or not isinstance(connector, Starts):
        return kept
    return starting.start(ports, connector, kept)


def look(ports: Ports, reference: str) -> TopUp:
    """Ask the provider about a top-up, book what it says, return how the top-up stands.

    Raises: NotFound, ProviderUnknown, Unavailable.
    """
    kept = find(ports, reference)
    return ask(ports, ports.connectors.of(kept.origin), kept)


def ask(ports: Ports, connector: PaymentConnector | None, asked: TopUp, failed: int = 0) -> TopUp:
    """Do so for one attempt, of which a notice says that `failed` tries to pay were declined.

    Raises: ProviderUnknown, Unavailable.
    """
    if not isinstance(connector, Looks):
        return asked
    seen = connector.look(asked)
    found = book_seen(ports, connector, asked, seen, failed)
    if isinstance(connector, KeepsCards) and (failed or seen.declines):
        card_limits.stop_tester(ports, found.owner_id)
    return found


@transactional
def ask_soon(ports: Ports, reference: str, owner_id: int) -> None:
    """Let the worker ask the provider about the owner's top-up now: no page waits for a provider. Raises: NotFound."""
    kept = find(ports, reference, owner_id)
    with ports.sessions.begin() as db:
        top_up_rows.wish_look(db, owner_id, kept.n, ports.clock())


def is_asked(ports: Ports, kept: KeptTopUp) -> bool:
    """Return whether the provider is being asked about an open top-up, or will be at once."""
    now = ports.clock()
    is_due = kept.look_at is not None and kept.look_at <= now
    return kept.state.is_open and (is_due or (kept.quiet_until is not None and now < kept.quiet_until))


@transactional
def begun_by(ports: Ports, owner_id: int, form_key: str) -> TopUp | None:
    """Return the top-up this form began, if it began one."""
    with ports.sessions.read() as db:
        kept = top_up_rows.find_by_form_key(db, owner_id, form_key)
    return kept


def cancel(ports: Ports, owner_id: int, reference: str) -> TopUp:
    """Take back an unpaid top-up at its provider; return how it stands then. Where that cannot be had it stays open
    until its time is over: what is paid for it is credited. Raises: NotFound, ProviderUnknown, Unavailable."""
    return open_orders.take_back(ports, find(ports, reference, owner_id))


@transactional
def find(ports: Ports, reference: str, owner_id: int | None = None) -> KeptTopUp:
    """Return a top-up; with `owner_id` only to its owner. Raises: NotFound."""
    with ports.sessions.read() as db:
        kept = top_up_rows.find(db, reference)
    if owner_id not in {None, kept.owner_id}:
        raise NotFound(what="such top-up")
    return kept


@transactional
def page(ports: Ports, owner_id: int, before_n: int | None = None) -> list[KeptTopUp]:
    """Return the owner's top-ups, newest first."""
    with ports.sessions.read() as db:
        return top_up_rows.page(db, owner_id, before_n, PAGE)


def _way(ports: Ports, wish: TopUpRequest) -> PaymentConnector:
    connector = NotFound.unless(ports.connectors.of(wish.origin), "such way to pay")
    partner = connector.partner
    if not partner.is_open:
        raise ProviderRefused(reason="closed")
    if wish.amount.currency != partner.currency:
        raise CurrencyMismatch(left=wish.amount.currency, right=partner.currency)
    if wish.amount < partner.minimum or partner.maximum < wish.amount:
        raise SumOutsideLimits(minimum=partner.minimum, maximum=partner.maximum)
    return connector


@transactional
def _write(ports: Ports, owner: Subscriber, connector: PaymentConnector, wish: TopUpRequest) -> tuple[KeptTopUp, bool]:
    now = ports.clock()
    is_started = isinstance(connector, Starts)
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, owner.id)
        if purse.balance.currency != wish.amount.currency:
            raise CurrencyMismatch(left=wish.amount.currency, right=purse.balance.currency)
        known = top_up_rows.find_by_form_key(db, owner.id, wish.form_key)
        if known is not None:
            facts = (known.origin, known.amount, known.saved_card_id)
            if facts != (wish.origin, wish.amount, wish.saved_card_id):
                raise Conflict(origin=wish.origin, key=wish.form_key)
            return known, False
        subscribers.admit(db, owner.id)
        if isinstance(connector, KeepsCards):
            card_limits.check(ports, db, owner.id, wish.origin, wish.saved_card_id)
        if wish.saved_card_id and not (wish.is_automatic or wish.is_confirmed):
            card_limits.check_unasked(ports, db, owner.id, wish.amount)
        if not wish.is_automatic and len(top_up_rows.still_open(db, owner.id, now)) >= ports.most_open:
            raise TooManyOpen(limit=ports.most_open)
        top_up = TopUp(
            reference="",  # made with the number
            owner_id=owner.id,
            origin=wish.origin,
            amount=wish.amount,
            state=TopUpState.NEW if is_started else TopUpState.WAITING,
            created_at=now,
            expires_at=now + (PAYABLE_FOR if is_started else CODE_LIVES),
            return_url=wish.return_url,
            language=wish.language,
            mark=top_up_rows.new_mark(db),
            code="" if is_started else _free_code(db, wish.origin, now),
            payer_key=_payer_key(db, owner.id, connector, wish),
            payer_phone=owner.phone.digits if owner.phone else "",
            saved_card_id=wish.saved_card_id,
            is_automatic=wish.is_automatic,
            leads_to=wish.leads_to,
        )
        kept = top_up_rows.add(db, top_up, wish.form_key, _first_look(connector, now))
        return_url = wish.return_url.replace("{reference}", kept.reference)
        return top_up_rows.change(db, kept, now, return_url=return_url), True


def _payer_key(db: Session, owner_id: int, connector: PaymentConnector, wish: TopUpRequest) -> str:
    """Return how the provider knows the payer. One that keeps cards is told by payers who wish it, and no others."""
    if isinstance(connector, KeepsCards) and not (wish.saved_card_id or (wish.keeps_card and connector.offers_keeping)):
        return ""
    return top_up_rows.payer_key(db, owner_id, wish.origin) or secrets.token_hex(8)


def _first_look(connector: PaymentConnector, now: datetime) -> datetime | None:
    return now + timedelta(seconds=connector.pauses_s()[0]) if isinstance(connector, Looks) else None


def _free_code(db: Session, origin: str, now: datetime) -> str:
    """Return digits that no payer has in hand now."""
    while True:
        code = "".join(secrets.choice("0123456789") for _place in range(CODE_DIGITS))
        if not any(now < kept.expires_at for kept in top_up_rows.by_code(db, code, origin)):
            return code
