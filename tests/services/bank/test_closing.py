"""Money in suspense that is no subscriber's leaves it once, by the word of a person. Promises: B13, docs/ledger.md."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from k5web.domain.bank.suspense import NOT_OURS
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.money import rub
from k5web.errors import ClosedAlready, GivenAlready, K5Error, NotFound, WrongClosing
from k5web.services.bank.closing import close, reopen
from k5web.services.bank.suspense import assign, closed, suspense
from k5web.services.books import corrections
from tests.services.bank.payouts import PAYOUT, REASON, in_suspense, on, payout, receive, waiting
from tests.services.house import House


def test_what_is_closed_goes_to_the_house_with_who_why_and_when(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    done = close(k5.ports, number, REASON, "staff:1")
    assert (done.is_new, in_suspense(k5), on(k5, NOT_OURS)) == (True, rub("0.00"), rub("985.00"))
    assert on(k5, "cash.bank") == -rub("985.00"), "it came to the bank all the same"
    [put] = closed(k5.ports).first
    facts = put.closing.reason, put.closing.actor, put.closing.closed_at, put.closing.house
    assert facts == (REASON, "staff:1", k5.clock(), NOT_OURS)
    assert (put.payment.number, suspense(k5.ports).count) == (number, 0)
    k5.assert_sound()


def test_the_same_closing_again_changes_nothing_and_another_is_refused(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    first = close(k5.ports, number, REASON, "staff:1")
    k5.clock.forward(hours=1)
    again = close(k5.ports, number, f" {REASON} ", "staff:2")
    assert (again.is_new, again.closing) == (False, first.closing)
    with pytest.raises(ClosedAlready, match=REASON):
        close(k5.ports, number, "an own transfer", "staff:1")
    assert receive(k5, tmp_path, PAYOUT).known == 1
    assert on(k5, NOT_OURS) == rub("985.00")
    k5.assert_sound()


def test_what_is_closed_is_given_to_nobody_and_what_is_given_is_not_closed(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    close(k5.ports, number, REASON, "staff:1")
    with pytest.raises(ClosedAlready):
        assign(k5.ports, number, k5.caller.id, "staff:1")
    other = waiting(k5, tmp_path, payout("6002"))
    assign(k5.ports, other, k5.caller.id, "staff:1")
    with pytest.raises(GivenAlready):
        close(k5.ports, other, REASON, "staff:1")
    with pytest.raises(GivenAlready):
        reopen(k5.ports, other, "staff:1")
    with pytest.raises(NotFound):
        close(k5.ports, 17, REASON, "staff:1")
    assert (k5.balance(), on(k5, NOT_OURS), in_suspense(k5)) == (rub("985.00"), rub("985.00"), rub("0.00"))
    k5.assert_sound()


def test_a_closing_is_taken_back_and_the_money_has_every_way_again(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    with pytest.raises(NotFound):
        reopen(k5.ports, number, "staff:1")
    for _ in range(2):
        close(k5.ports, number, REASON, "staff:1")
        assert [reopen(k5.ports, number, "staff:1").is_new for _ in range(2)] == [True, False]
        assert (in_suspense(k5), on(k5, NOT_OURS), suspense(k5.ports).count) == (rub("985.00"), rub("0.00"), 1)
        k5.assert_sound()
    assign(k5.ports, number, k5.caller.id, "staff:1")
    assert (k5.balance(), in_suspense(k5), closed(k5.ports).count) == (rub("985.00"), rub("0.00"), 0)
    k5.assert_sound()


def test_the_ledgers_own_reversal_takes_a_closing_back_too(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    event = close(k5.ports, number, REASON, "staff:1").closing.event
    corrections.reverse(k5.ports, HOUSE, EventName("close", event), "staff:1")
    assert [one.payment.number for one in suspense(k5.ports).first] == [number]
    k5.assert_sound()


def test_who_assigns_and_who_closes_at_once_take_turns(k5: House, tmp_path: Path) -> None:
    numbers = [waiting(k5, tmp_path, payout(str(n))) for n in range(1, 7)]
    ways: list[Callable[[int], object]] = [
        lambda number: close(k5.ports, number, REASON, "staff:1").is_new,
        lambda number: assign(k5.ports, number, k5.caller.id, "staff:2"),
    ]

    def attempt(way: int, number: int) -> bool:
        try:
            ways[way](number)
        except (ClosedAlready, GivenAlready):
            return False
        return True

    with ThreadPoolExecutor(4) as crowd:
        tries = [crowd.submit(attempt, n % 2, number) for number in numbers for n in range(4)]
        assert sum(one.result() for one in tries) == 2 * len(numbers), "each is closed, or given: the same twice"
    assert (k5.balance() + on(k5, NOT_OURS), in_suspense(k5)) == (rub("5910.00"), rub("0.00"))
    k5.assert_sound()


@pytest.mark.parametrize(
    ("reason", "house"), [("", NOT_OURS), ("x" * 201, NOT_OURS), (REASON, "cash.moon"), (REASON, "sale.call")]
)
def test_money_leaves_with_a_reason_and_to_a_house_account_that_fits(
    k5: House, tmp_path: Path, reason: str, house: str
) -> None:
    number = waiting(k5, tmp_path)
    with pytest.raises(WrongClosing):
        close(k5.ports, number, reason, "staff:1", house)
    assert in_suspense(k5) == rub("985.00")


def test_every_refusal_is_one_of_ours(k5: House) -> None:
    for number in (0, -1, 10**30):
        with pytest.raises(K5Error):
            close(k5.ports, number, REASON, "staff:1")
