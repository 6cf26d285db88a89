"""Differences resolved at the desk: money once, by one person or by two, whatever comes late. Promises: R21, S26."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from k5web.domain.desk.proposal import Proposal, ProposalState
from k5web.domain.money import rub
from k5web.domain.payments.register_day import HowResolved
from k5web.errors import AlreadyThere, Conflict, NotFound, WrongDeed, WrongResolution
from k5web.services.desk import differences, proposals
from k5web.services.payments import register_days
from k5web.services.payments.register_days import Decision
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.house import somebody
from tests.services.payments.test_reconciliation import DAY, Books
from tests.services.payments.test_register_days import ORIGIN, TODAY, decision, shown


@pytest.fixture
def books(sessions: Sessions, tmp_path: Path) -> Books:
    """The books on the day after."""
    return Books(sessions, Clock(), tmp_path)


def credit(books: Books, key: str, form: str = "form-0001", owner_id: int | None = None) -> Proposal:
    wish = decision(books, key, HowResolved.CREDITED, owner_id=owner_id or books.caller.id)
    done = differences.resolve(books.ports, wish, form)
    assert done is not None
    return done


def test_crediting_what_only_they_have_credits_once_and_the_day_agrees(books: Books) -> None:
    books.reconcile(books.register([("700", DAY, rub("100.00"))]))
    assert books.incidents() == ["register_difference"]
    assert credit(books, "700").state is ProposalState.DONE
    (done,) = register_days.resolutions(books.ports, ORIGIN, TODAY)
    assert (done.theirs, done.ours, done.actor, books.balance()) == (rub("100.00"), None, "staff:anna", rub("100.00"))
    assert (shown(books), books.incidents()) == ([], [])
    (kept,) = register_days.kept_days(books.ports, TODAY, TODAY)
    assert (kept.agrees, kept.figure("confirmed").count) == (True, 1)
    assert books.says(do="pay", key="700", account="9161234567", sum="100.00").startswith("paid")
    assert books.balance() == rub("100.00"), "its notice came late"
    books.assert_sound()


def test_a_credit_by_hand_and_its_late_notice_at_the_same_moment_credit_once(books: Books) -> None:
    """R21, with threads, on both databases."""
    for n in range(10):
        key = f"late-{n}"
        books.reconcile(books.register([(key, DAY, rub("10.00"))], name=f"{n}.csv"))
        wish = decision(books, key, HowResolved.CREDITED, owner_id=books.caller.id)
        together = Barrier(3)

        def by_hand(form: str, wish: Decision = wish, together: Barrier = together) -> None:
            together.wait(30)
            with suppress(AlreadyThere, NotFound, Conflict, WrongDeed):  # the notice or the other press was quicker
                differences.resolve(books.ports, wish, form)

        def by_notice(key: str = key, together: Barrier = together) -> str:
            together.wait(30)
            return books.says(do="pay", key=key, account="9161234567", sum="10.00")

        with ThreadPoolExecutor(3) as pool:
            pressed = [pool.submit(by_hand, f"form-{n:03}{side}") for side in "ab"]
            assert pool.submit(by_notice).result().startswith("paid")
            for press in pressed:
                press.result()
        assert books.balance() == rub(f"{n + 1}0.00")
        assert shown(books) == []
    books.assert_sound()


def test_a_payment_that_another_subscriber_has_is_credited_to_nobody_else(books: Books) -> None:
    books.reconcile(books.register([("700", DAY, rub("100.00"))]))
    wish = decision(books, "700", HowResolved.CREDITED, owner_id=somebody(books, 5).id)
    books.says(do="pay", key="700", account="9161234567", sum="100.00")
    with pytest.raises((Conflict, NotFound)):
        differences.resolve(books.ports, wish, "form-0001")
    assert books.balance() == rub("100.00")


def test_a_sum_above_the_limit_waits_for_a_second_person(books: Books) -> None:
    """S26: whoever names the subscriber does not credit a large sum alone."""
    books.ports = replace(books.ports, two_persons_above=rub("99.99"))
    books.reconcile(books.register([("700", DAY, rub("100.00"))]))
    waiting = credit(books, "700")
    assert (waiting.state, books.balance(), len(shown(books))) == (ProposalState.WAITING, rub("0.00"), 1)
    assert credit(books, "700").id == waiting.id, "the same form"
    proposals.approve(books.ports, waiting.id, "staff:boris")
    assert (books.balance(), shown(books)) == (rub("100.00"), [])
    (done,) = register_days.resolutions(books.ports, ORIGIN, TODAY)
    assert (done.how, done.actor, books.incidents()) == (HowResolved.CREDITED, "staff:boris", [])
    (kept,) = register_days.kept_days(books.ports, TODAY, TODAY)
    assert kept.agrees
    books.assert_sound()


def test_what_was_clarified_meanwhile_is_not_credited_by_the_second_person(books: Books) -> None:
    books.ports = replace(books.ports, two_persons_above=rub("99.99"))
    books.reconcile(books.register([("700", DAY, rub("100.00"))]))
    waiting = credit(books, "700")
    differences.resolve(books.ports, decision(books, "700", HowResolved.CLARIFIED), "form-0002")
    with pytest.raises(AlreadyThere):
        proposals.approve(books.ports, waiting.id, "staff:boris")
    assert books.balance() == rub("0.00")


def test_money_goes_to_somebody_and_other_ways_out_move_none(books: Books) -> None:
    books.reconcile(books.register([("700", DAY, rub("100.00"))]))
    with pytest.raises(WrongResolution):
        differences.resolve(books.ports, decision(books, "700", HowResolved.CREDITED), "form-0001")
    assert differences.resolve(books.ports, decision(books, "700", HowResolved.CLARIFIED), "form-0001") is None
    assert (books.balance(), shown(books)) == (rub("0.00"), [])
