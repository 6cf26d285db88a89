"""Topping up from a saved card when the balance falls below a threshold: once a crossing, within the day's cap."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Money
from k5web.domain.payments.auto_top_up import MOST_REFUSALS, AutoTopUp, OffWhy
from k5web.errors import (
    ContractEnded,
    CurrencyMismatch,
    K5Error,
    NotFound,
    ProviderRefused,
    ProviderUnknown,
    SavedCardGone,
    SubscriberBlocked,
    SumOutsideLimits,
    TooManyCards,
    Unavailable,
)
from k5web.services.payments import saved_cards, topups
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.payments import auto_top_up_rows, saved_card_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

AFTER_REFUSAL = timedelta(hours=1)
UNFINISHED_AFTER = timedelta(minutes=1)  # a process died between taking a crossing up and writing its top-up


@dataclass(frozen=True, slots=True)
class Terms:
    """What the subscriber allows."""

    card_n: int
    threshold: Money
    amount: Money
    daily_cap: Money


@transactional
def find(ports: Ports, owner_id: int) -> AutoTopUp | None:
    """Return the owner's wish, also one that does not run any more."""
    with ports.sessions.read() as db:
        return auto_top_up_rows.find(db, owner_id)


@transactional
def set_up(ports: Ports, owner_id: int, terms: Terms) -> None:
    """Let the card be charged under these terms from now on.

    Raises: NotFound (no such card), SumOutsideLimits, CurrencyMismatch, ContractEnded, Unavailable.
    """
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # the end of a contract switches it off under this lock
        if subscribers.get(db, owner_id).ended_at is not None:
            raise ContractEnded
        card = saved_card_rows.find(db, owner_id, terms.card_n)
        connector = NotFound.unless(ports.connectors.of(card.origin) if card else None, "such card")
        partner = connector.partner
        for money in (terms.threshold, terms.amount, terms.daily_cap):
            if money.currency != partner.currency:
                raise CurrencyMismatch(left=money.currency, right=partner.currency)
        if terms.amount < partner.minimum or partner.maximum < terms.amount or terms.daily_cap < terms.amount:
            raise SumOutsideLimits(minimum=partner.minimum, maximum=min(partner.maximum, terms.daily_cap, key=_minor))
        if terms.threshold.minor < 0 or partner.maximum < terms.threshold:
            raise SumOutsideLimits(minimum=Money(0, partner.currency), maximum=partner.maximum)
        wish = AutoTopUp(
            owner_id,
            terms.card_n,
            terms.threshold,
            terms.amount,
            terms.daily_cap,
            off_why=None,
            is_armed=True,
            round=0,
            refusals=0,
            try_at=None,
        )
        auto_top_up_rows.set_up(db, wish)


@transactional
def switch_off(ports: Ports, owner_id: int, why: OffWhy = "owner") -> None:
    """Charge the card no more by itself."""
    with ports.sessions.begin() as db:
        auto_top_up_rows.switch_off(db, owner_id, why)
    if why != "owner":
        logger.warning("automatic top-ups are switched off", extra={"owner_id": owner_id, "why": why})


def run_due(ports: Ports) -> None:
    """Serve every crossing that is due (run by the worker; any number may run)."""
    for owner_id in _end_and_find(ports):
        wish = _take_up(ports, owner_id)
        if wish is not None:
            _serve(ports, wish)


@transactional
def _end_and_find(ports: Ports) -> list[int]:
    now = ports.clock()
    with ports.sessions.read() as db:
        if not auto_top_up_rows.is_any(db):  # where nobody uses it, nothing is written
            return []
    with ports.sessions.begin() as db:
        auto_top_up_rows.arm(db)
        for owner_id in auto_top_up_rows.end_declined(db):
            logger.warning("automatic top-ups are switched off", extra={"owner_id": owner_id, "why": "declined"})
        return auto_top_up_rows.due(db, now) + auto_top_up_rows.unfinished(db, now - UNFINISHED_AFTER)


@transactional
def _take_up(ports: Ports, owner_id: int) -> AutoTopUp | None:
    """Claim the crossing before the card is charged: of many workers one, and after a crash the same one again."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        wish = auto_top_up_rows.take(db, owner_id, now)
        if wish is None:
            left = auto_top_up_rows.find(db, owner_id)
            return left if owner_id in auto_top_up_rows.unfinished(db, now - UNFINISHED_AFTER) else None
        day = ports.day_began_at()
        if not wish.fits_today(Money(auto_top_up_rows.spent(db, owner_id, day), wish.amount.currency)):
            auto_top_up_rows.put_off(db, owner_id, day + timedelta(days=1))
            return None
        auto_top_up_rows.begin_round(db, wish, now)
        return auto_top_up_rows.find(db, owner_id)


def _serve(ports: Ports, wish: AutoTopUp) -> None:
    """Charge the card. What is not clear is looked after like any top-up; a clear no is counted."""
    try:
        card = saved_cards.find(ports, wish.owner_id, wish.card_n)
    except NotFound:
        switch_off(ports, wish.owner_id, "card_gone")
        return
    asked = topups.TopUpRequest(card.origin, wish.amount, wish.form_key, return_url="", is_automatic=True)
    try:
        saved_cards.charge(ports, _owner(ports, wish.owner_id), card, asked)
    except SavedCardGone:
        return
    except (TooManyCards, ProviderRefused):
        _count_refusal(ports, wish)
    except (ProviderUnknown, Unavailable):
        return
    except SubscriberBlocked:  # since the crossing was found: the same one is served when the block ends
        _arm_again(ports, wish.owner_id)
    except K5Error as error:  # the account, the sum, the partner are not what they were when this was set up
        logger.warning("an automatic top-up was refused", extra={"owner_id": wish.owner_id, "reason": str(error)})
        switch_off(ports, wish.owner_id, "refused")


@transactional
def _owner(ports: Ports, owner_id: int) -> Subscriber:
    with ports.sessions.read() as db:
        return subscribers.get(db, owner_id)


@transactional
def _arm_again(ports: Ports, owner_id: int) -> None:
    with ports.sessions.begin() as db:
        auto_top_up_rows.arm_again(db, owner_id)


@transactional
def _count_refusal(ports: Ports, wish: AutoTopUp) -> None:
    """Try again in an hour, or give up: a provider's trouble is no decline of the card."""
    refusals = wish.refusals + 1
    with ports.sessions.begin() as db:
        if refusals >= MOST_REFUSALS:
            auto_top_up_rows.switch_off(db, wish.owner_id, "refused")
        else:
            auto_top_up_rows.note_refusal(db, wish.owner_id, refusals, ports.clock() + AFTER_REFUSAL)


def _minor(money: Money) -> int:
    return money.minor
