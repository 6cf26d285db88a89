"""Many at once: one payment is one credit, one reserve too many is refused. Promises: R2, R3, R7, W3."""

import logging
import random
from collections.abc import Callable
from functools import partial

import pytest

from k5web.domain.books.ledger import Event, EventName, Hold, Move, Posted, Purse
from k5web.domain.money import Money, rub
from k5web.errors import Conflict, InsufficientFunds, Unavailable
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.session import transactional
from tests.proofs import figure, progress
from tests.reliability.crowd import Crowd, insist

OWNER, OTHER = 100001, 100002
DELIVERIES = 32


def rounds(few: int, many: int) -> pytest.MarkDecorator:
    """So many rounds with every change, and so many in the long run."""
    long = pytest.param(many, marks=[pytest.mark.full, pytest.mark.timeout(7200)])
    return pytest.mark.parametrize("times", [few, long])


def open_accounts(ports: Ports, *owners: int) -> None:
    with ports.sessions.begin() as db:
        for owner_id in owners:
            ledger.open_account(db, owner_id, "main", "RUB")


def pay(ports: Ports, owner_id: int, key: str, amount: Money) -> Posted:
    return credit(ports, owner_id, EventName("qiwi:test", key), amount, "cash.qiwi", "test", ports.clock())


def purse(ports: Ports, owner_id: int) -> Purse:
    with ports.sessions.read() as db:
        return ledger.purse(db, owner_id)


@rounds(10, 200)
def test_simultaneous_deliveries_of_one_payment_are_one_credit(ports: Ports, crowd: Crowd, times: int) -> None:
    """R2."""
    open_accounts(ports, OWNER)
    later = 0
    for turn in range(times):
        progress(turn, times, "rounds")
        answers = crowd.at_once(*[partial(pay, ports, OWNER, f"p{turn}", rub("1.00"))] * DELIVERIES)
        answered = [answer for answer in answers if isinstance(answer, Posted)]
        assert all(isinstance(answer, Posted | Unavailable) for answer in answers)
        assert sum(answer.is_new for answer in answered) == 1
        assert len({answer.postings for answer in answered}) == 1
        later += DELIVERIES - len(answered)
    assert purse(ports, OWNER).balance == Money(100 * times)
    assert verify(ports) == []
    figure(f"R2: {times} rounds of {DELIVERIES} deliveries in one instant: {times} credits, {later} times later")


@rounds(10, 200)
def test_one_name_for_two_owners_is_credited_to_one(ports: Ports, crowd: Crowd, times: int) -> None:
    """W3."""
    open_accounts(ports, OWNER, OTHER)
    for turn in range(times):
        owners = [OWNER, OTHER] * (DELIVERIES // 2)
        answers = crowd.at_once(*[partial(pay, ports, owner, f"p{turn}", rub("1.00")) for owner in owners])
        answered = [answer for answer in answers if isinstance(answer, Posted)]
        assert all(isinstance(answer, Posted | Conflict | Unavailable) for answer in answers)
        assert sum(answer.is_new for answer in answered) == 1
        assert len({answer.postings[0].owner_id for answer in answered}) == 1
    assert purse(ports, OWNER).balance + purse(ports, OTHER).balance == Money(100 * times)
    assert verify(ports) == []
    figure(f"W3: {times} names for two owners, {DELIVERIES} deliveries each: credited to one")


@rounds(100, 2000)
def test_known_names_with_other_facts_are_alarms_among_true_repeats(
    ports: Ports, crowd: Crowd, times: int, caplog: pytest.LogCaptureFixture, dice: random.Random
) -> None:
    """R3."""
    open_accounts(ports, OWNER, OTHER)
    first = [pay(ports, OWNER, f"p{n}", Money(100 + n)).postings for n in range(times)]
    before = purse(ports, OWNER)
    works = [partial(pay, ports, OWNER, f"p{n}", Money(100 + n)) for n in range(times)]
    for n in range(times):
        sum_, account, unit = (OWNER, Money(99 + n)), (OTHER, Money(100 + n)), (OWNER, Money(100 + n, "KGS"))
        owner_id, amount = dice.choice([sum_, account, unit])
        works.append(partial(pay, ports, owner_id, f"p{n}", amount))
    order = list(range(2 * times))
    dice.shuffle(order)
    with caplog.at_level(logging.ERROR):
        shuffled = crowd.share(partial(insist, works[place]) for place in order)
    answers = dict(zip(order, shuffled, strict=True))
    repeats = [answers[n] for n in range(times)]
    assert [answer.postings for answer in repeats if isinstance(answer, Posted) and not answer.is_new] == first
    assert all(isinstance(answers[n], Conflict) for n in range(times, 2 * times))
    assert sum(record.levelname == "ERROR" for record in caplog.records) == times
    assert (purse(ports, OWNER), purse(ports, OTHER).balance) == (before, rub("0.00"))
    assert verify(ports) == []
    figure(f"R3: {times} known names with other facts among {times} repeats: no credit, {times} alarms")


@transactional
def reserve(ports: Ports, owner_id: int, account_id: int, call_id: str) -> Hold:
    """Hold ten roubles, as a call does."""
    with ports.sessions.begin() as db:
        return ledger.hold(db, owner_id, account_id, call_id, rub("10.00"), ports.clock(), ports.clock())


@transactional
def charge(ports: Ports, owner_id: int, account_id: int, key: str) -> Posted:
    """Take a fee of ten roubles, if it is there."""
    move = Move(account_id, -1000, "sale.fee")
    event = Event(owner_id, EventName("order", key), (move,), "test", ports.clock())
    with ports.sessions.begin() as db:
        return ledger.charge(db, event, ports.today(), ports.clock())


@pytest.mark.parametrize("fees", [0, 32], ids=["reserves alone", "fees against reserves"])
@rounds(10, 500)
def test_money_for_ten_is_given_to_ten_of_sixty_four(
    ports: Ports, crowd: Crowd, times: int, fees: int, dice: random.Random
) -> None:
    """R7."""
    for turn in range(times):
        progress(turn, times, "rounds")
        owner_id = OWNER + turn
        open_accounts(ports, owner_id)
        pay(ports, owner_id, f"p{turn}", rub("100.00"))
        account_id = purse(ports, owner_id).account_id
        works: list[Callable[[], Hold | Posted]] = [
            partial(reserve, ports, owner_id, account_id, f"c{n}") for n in range(64 - fees)
        ]
        works += [partial(charge, ports, owner_id, account_id, f"f{n}") for n in range(fees)]
        dice.shuffle(works)
        answers = crowd.at_once(*[partial(insist, work) for work in works])
        assert sum(isinstance(answer, Hold | Posted) for answer in answers) == 10
        assert sum(isinstance(answer, InsufficientFunds) for answer in answers) == 54
        assert purse(ports, owner_id).available == rub("0.00")
    assert verify(ports) == []
    figure(f"R7: {times} rounds of {64 - fees} reserves and {fees} fees at once for the money of ten: 10 granted each")
