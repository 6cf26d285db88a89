"""Sponsors earn by the calls that newcomers pay, and lose it with what earned it: A9, S18."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from k5web.domain.accounts.bonus import BonusPlan
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallOrder
from k5web.domain.money import rub
from k5web.domain.payments.top_up import SavedCard
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import blocking
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import bonuses, corrections
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.payments.topups import credit
from k5web.storage.accounts import referral_rows
from k5web.storage.accounts.referral_rows import Referral
from k5web.storage.books import bonus_rows
from k5web.storage.payments import saved_card_rows
from tests.services.house import THEIRS, House

VESTED = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
WHOLE = BonusPlan((Fraction(99, 100),))


def come(k5: House, n: int, sponsor_id: int, paid: str = "100.00") -> Subscriber:
    """Let somebody join on a recommendation, with money."""
    added = add_subscriber(k5.ports, Msisdn(f"7916000{n:04d}"), "correct horse", "Борис")
    with k5.ports.sessions.begin() as db:
        referral_rows.add(db, Referral(added.id, sponsor_id, "invitation", k5.clock()))
    credit(k5.ports, added.id, EventName("test:bank", f"of {n}"), rub(paid), "cash.test", "connector:test", k5.clock())
    return added


def talk(k5: House, caller: Subscriber) -> CallOrder:
    """Talk two minutes: 4.40."""
    return ordering.show_call(k5.ports, caller.id, k5.talk(k5.order(caller=caller), "61").id).call


@pytest.fixture
def newcomer(k5: House) -> Subscriber:
    return come(k5, 1, k5.caller.id)


def run_when_due(k5: House) -> int:
    k5.clock.now = max(k5.clock.now, VESTED)
    return bonuses.run(k5.ports)


def left(k5: House) -> str:
    return str(bonuses.earned(k5.ports, k5.caller.id).left)


def sound(k5: House) -> bool:
    return list(verify(k5.ports)) == []


def test_five_per_cent_of_a_months_paid_calls_come_once_on_their_day(k5: House, newcomer: Subscriber) -> None:
    talk(k5, newcomer)
    for now, moved in ((datetime(2027, 1, 10, 20, 59, tzinfo=UTC), 0), (datetime(2027, 1, 10, 21, 0, tzinfo=UTC), 1)):
        k5.clock.now = now
        assert bonuses.run(k5.ports) == moved, "the 11th begins in Moscow"
    assert bonuses.run(k5.ports) == 0
    found = bonuses.earned(k5.ports, k5.caller.id)
    assert (found.left, found.whole, found.by) == (rub("0.22"), rub("0.22"), {newcomer.id: rub("0.22")})
    assert k5.balance() == rub("0.00"), "bonuses are no money of the main account"
    assert sound(k5)


def test_a_stand_still_of_two_months_is_caught_up_in_its_months(k5: House, newcomer: Subscriber) -> None:
    talk(k5, newcomer)
    k5.clock.now = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
    talk(k5, newcomer)
    k5.clock.now = datetime(2027, 3, 12, 9, 0, tzinfo=UTC)
    assert bonuses.run(k5.ports) == 2
    assert left(k5) == "0.44"


def test_bonuses_pay_calls_before_the_main_account_does(k5: House, newcomer: Subscriber) -> None:
    k5.ports = replace(k5.ports, bonus=WHOLE)
    talk(k5, newcomer)
    run_when_due(k5)
    assert left(k5) == "4.35"
    assert ordering.offer(k5.ports, k5.caller, Msisdn.parse(THEIRS)).gift_minutes == 1
    k5.top_up("100.00")
    talk(k5, k5.caller)
    assert (left(k5), k5.balance()) == ("0.00", rub("99.95"))
    with k5.ports.sessions.read() as db:
        month = k5.ports.today().replace(day=1)
        assert bonus_rows.paid_calls(db, k5.caller.id, month, k5.ports.today().replace(month=2, day=1)) == 5
    assert sound(k5)


def test_what_is_reversed_before_its_day_never_was_earned(k5: House, newcomer: Subscriber) -> None:
    call = talk(k5, newcomer)
    corrections.reverse(k5.ports, newcomer.id, EventName("call", call.id), "staff:ivan")
    assert run_when_due(k5) == 0
    assert left(k5) == "0.00"


def test_a_bonus_goes_back_with_the_call_that_earned_it_also_when_it_is_spent(k5: House, newcomer: Subscriber) -> None:
    k5.ports = replace(k5.ports, bonus=WHOLE)
    first, _second = talk(k5, newcomer), talk(k5, newcomer)
    run_when_due(k5)
    k5.top_up("100.00")
    talk(k5, k5.caller)
    talk(k5, k5.caller)
    spent = left(k5)
    assert spent == "0.00"
    corrections.reverse(k5.ports, newcomer.id, EventName("call", first.id), "staff:ivan")
    assert bonuses.run(k5.ports) == 1
    assert bonuses.run(k5.ports) == 0
    assert left(k5) == "-4.36", "later bonuses pay it"
    assert bonuses.earned(k5.ports, k5.caller.id).whole == rub("4.35")
    assert sound(k5)
    talk(k5, k5.caller)


def test_calls_paid_by_money_that_its_payer_took_back_earn_nothing(k5: House) -> None:
    thief = come(k5, 1, k5.caller.id, paid="4.40")
    talk(k5, thief)
    corrections.reverse(k5.ports, thief.id, EventName("test:bank", "of 1"), "staff:ivan")
    assert run_when_due(k5) == 0


def test_nobody_earns_by_a_second_phone_that_the_same_card_pays(k5: House, newcomer: Subscriber) -> None:
    talk(k5, newcomer)
    for owner_id, mask in ((k5.caller.id, "4111**1111"), (newcomer.id, "4111**1111")):
        with k5.ports.sessions.begin() as db:
            saved_card_rows.keep(db, owner_id, "fake:bank", SavedCard(f"b{owner_id}", mask, "203012"), k5.clock())
    assert run_when_due(k5) == 0
    assert left(k5) == "0.00"


def test_two_levels_earn_each_their_part_and_a_third_nothing(k5: House, newcomer: Subscriber) -> None:
    k5.ports = replace(k5.ports, bonus=BonusPlan((Fraction(10, 100), Fraction(2, 100))))
    second = come(k5, 2, newcomer.id)
    third = come(k5, 3, second.id)
    talk(k5, second)
    talk(k5, third)
    assert run_when_due(k5) == 4
    assert str(bonuses.earned(k5.ports, second.id).whole) == "0.44"
    assert str(bonuses.earned(k5.ports, newcomer.id).whole) == "0.52"
    assert str(bonuses.earned(k5.ports, k5.caller.id).whole) == "0.08"


def test_a_pair_and_a_sponsor_have_their_caps(k5: House, newcomer: Subscriber) -> None:
    k5.ports = replace(k5.ports, bonus=BonusPlan((Fraction(1, 2),), most_a_pair_minor=100, most_a_month_minor=150))
    for caller in (newcomer, come(k5, 2, k5.caller.id), come(k5, 3, k5.caller.id)):
        talk(k5, caller)
    assert run_when_due(k5) == 2
    assert left(k5) == "1.50"


def test_a_blocked_sponsor_earns_when_the_block_is_over(k5: House, newcomer: Subscriber) -> None:
    talk(k5, newcomer)
    blocking.block(k5.ports, k5.caller.id, "staff:ivan", "why")
    assert run_when_due(k5) == 0
    blocking.unblock(k5.ports, k5.caller.id, "staff:ivan", "why")
    assert run_when_due(k5) == 1


def test_two_workers_at_once_give_one_bonus(k5: House, newcomer: Subscriber) -> None:
    talk(k5, newcomer)
    k5.clock.now = VESTED
    barrier, moved = threading.Barrier(2), list[int]()

    def run() -> None:
        barrier.wait()
        moved.append(bonuses.run(k5.ports))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == 1
    assert left(k5) == "0.22"
    assert sound(k5)
