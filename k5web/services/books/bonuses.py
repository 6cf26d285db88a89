"""Bonuses of sponsors: given month by month for calls that newcomers paid, taken back with what earned them (A9).

One sponsor and newcomer is one transaction; a bonus has the name of its newcomer, level and month, so that whoever
repeats it finds it given. Any number of workers may run it.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from k5web.domain.accounts.bonus import (
    CATCH_UP_MONTHS,
    ORIGIN,
    PURPOSE,
    TAKEN_BACK_MONTHS,
    Bonus,
    bad_money_off,
    before,
)
from k5web.domain.books.ledger import Event, EventName, Move, Purse
from k5web.domain.money import Money
from k5web.errors import NotFound, Unavailable
from k5web.services.ports import Ports
from k5web.storage.accounts import referral_rows, subscribers
from k5web.storage.books import bonus_rows, ledger
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ACTOR = "job:bonuses"
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Earned:
    """What a sponsor has of bonuses, and by whom it was earned. Units of `by`: minor, by the newcomer's id."""

    left: Money
    whole: Money
    by: dict[int, Money]


def run(ports: Ports) -> int:
    """Give what is due and take back what is no longer earned; return how many sponsors' months moved. Repeatable."""
    moved = 0
    for newcomer_id in _newcomers(ports):
        try:
            moved += sum(_settle(ports, newcomer_id, level, owner) for level, owner in _sponsors(ports, newcomer_id))
        except Unavailable:
            logger.warning("bonuses wait for the next run", extra={"owner_id": newcomer_id})
    return moved


@transactional
def earned(ports: Ports, owner_id: int) -> Earned:
    """Return what a sponsor earned, without what was taken back, and what of it may still be spent."""
    with ports.sessions.read() as db:
        found = bonus_rows.of_owner(db, owner_id)
        currency = subscribers.get(db, owner_id).currency
        purse = _purse(db, owner_id)
    by: dict[int, Money] = {}
    for each in found:
        own = Money(each.bonus_minor - each.taken_back_minor, currency)
        by[each.newcomer_id] = by.get(each.newcomer_id, Money(0, currency)) + own
    return Earned(purse.available if purse else Money(0, currency), sum(by.values(), Money(0, currency)), by)


def _newcomers(ports: Ports) -> Iterator[int]:
    after = 0
    while found := _some(ports, after):
        yield from found
        after = found[-1]


@transactional
def _some(ports: Ports, after: int) -> list[int]:
    with ports.sessions.read() as db:
        return bonus_rows.newcomers(db, after, AT_ONCE)


@transactional
def _sponsors(ports: Ports, newcomer_id: int) -> list[tuple[int, int]]:
    """Return who earns by a newcomer, with the level: the sponsor, the sponsor's sponsor, …"""
    found: list[tuple[int, int]] = []
    with ports.sessions.read() as db:
        below = newcomer_id
        for level in range(1, len(ports.bonus.levels) + 1):
            referral = referral_rows.sponsor_of(db, below)
            if referral is None or referral.sponsor_id >= below:  # a sponsor was there first: no chain is a ring
                break
            below = referral.sponsor_id
            found.append((level, below))
    return found


@transactional
def _settle(ports: Ports, newcomer_id: int, level: int, owner_id: int) -> int:
    """Bring one sponsor's bonuses by one newcomer up to date, in one transaction; return how many months moved."""
    last = ports.bonus.vested(ports.today())
    months = [before(last, back) for back in range(TAKEN_BACK_MONTHS)]
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if not _may_earn(db, owner_id, newcomer_id):
            return 0
        known = {
            each.month: each
            for each in bonus_rows.of_pair(db, owner_id, newcomer_id, months[-1])
            if each.level == level
        }
        paid = _paid(db, newcomer_id, sorted({*known, *months[:CATCH_UP_MONTHS]}))
        moved = sum(_take_back(ports, db, each, paid[month]) for month, each in known.items())
        for month in reversed(months[:CATCH_UP_MONTHS]):
            if month not in known:
                moved += _give(ports, db, Bonus(owner_id, newcomer_id, level, month, paid[month], 0))
    return moved


def _may_earn(db: Session, owner_id: int, newcomer_id: int) -> bool:
    """Return whether a sponsor may earn by a newcomer: not when blocked, in another currency, or by the same card."""
    sponsor, newcomer = subscribers.get(db, owner_id), subscribers.get(db, newcomer_id)
    if sponsor.blocked_at is not None or sponsor.currency != newcomer.currency:
        return False
    return not bonus_rows.cards(db, owner_id) & bonus_rows.cards(db, newcomer_id)


def _paid(db: Session, newcomer_id: int, months: Sequence[date]) -> dict[date, int]:
    calls = [(month, max(0, bonus_rows.paid_calls(db, newcomer_id, month, before(month, -1)))) for month in months]
    return bad_money_off(calls, bonus_rows.bad_money(db, newcomer_id))


def _give(ports: Ports, db: Session, due: Bonus) -> bool:
    """Give a month's bonus, once. The caller holds the lock of the sponsor's main account."""
    amount = ports.bonus.share(due.level, due.paid_minor)
    if ports.bonus.most_a_month_minor is not None:
        amount = min(amount, ports.bonus.most_a_month_minor - bonus_rows.given(db, due.owner_id, due.month))
    if amount <= 0 or not bonus_rows.add(db, replace(due, bonus_minor=amount), ports.clock()):
        return False
    _record(ports, db, due.owner_id, due.key, amount)
    logger.info("bonus given", extra={"owner_id": due.owner_id, "month": due.month, "bonus_minor": amount})
    return True


def _take_back(ports: Ports, db: Session, given: Bonus, paid_minor: int) -> bool:
    """Take back what is no longer earned, also below zero: later bonuses pay it."""
    still = min(given.bonus_minor, ports.bonus.share(given.level, paid_minor))
    whole = given.bonus_minor - still
    if paid_minor >= given.paid_minor or whole <= given.taken_back_minor:
        return False
    _record(ports, db, given.owner_id, f"{given.key}:back {whole}", given.taken_back_minor - whole)
    bonus_rows.take_back(db, given, whole)
    logger.info("bonus taken back", extra={"owner_id": given.owner_id, "month": given.month, "whole_minor": whole})
    return True


def _record(ports: Ports, db: Session, owner_id: int, key: str, amount: int) -> None:
    purse, now = _purse(db, owner_id), ports.clock()
    if purse is None:
        currency = subscribers.get(db, owner_id).currency
        account_id = ledger.open_account(db, owner_id, PURPOSE, "KGS" if currency == "KGS" else "RUB")
    else:
        account_id = purse.account_id
    event = Event(owner_id, EventName(ORIGIN, key), (Move(account_id, amount, "gift"),), ACTOR, now)
    ledger.record(db, event, ports.today(), now)


def _purse(db: Session, owner_id: int) -> Purse | None:
    try:
        return ledger.purse(db, owner_id, PURPOSE)
    except NotFound:
        return None
