"""A promised payment: lent once at a time, by the operator's terms, back at its end; what it may not be spent on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.books.promised_payment import PromisedPayment, PromiseTerms
from k5web.domain.money import Money, rub
from k5web.errors import InsufficientFunds, PromiseRefused, SubscriberBlocked
from k5web.services.accounts import blocking
from k5web.services.books import corrections, promised_payments, transfers
from k5web.services.books.verify import verify
from k5web.storage.books import ledger
from tests.services.books.two import PHONE, Two
from tests.services.house import PRICES, House, publish

TERMS = PromiseTerms(rub("300.00"), days=3, account_days=90, paid_in=rub("500.00"))


def lend(k5: House, **changed: object) -> None:
    """Let payments be promised in this house."""
    k5.ports = replace(k5.ports, promise=replace(TERMS, **changed))  # type: ignore[arg-type]


def take(k5: House, amount: str = "300.00", form: str = "form-1") -> PromisedPayment:
    return promised_payments.take(k5.ports, k5.caller.id, rub(amount), form)


def refused(k5: House, amount: str = "300.00") -> object:
    with pytest.raises(PromiseRefused) as refusal:
        take(k5, amount, "form-refused")
    return refusal.value.facts["why"]


@pytest.fixture
def old(k5: House) -> House:
    """A house whose subscriber came half a year ago and paid 600 roubles, all of it spent but ten."""
    k5.top_up("600.00")
    k5.clock.forward(days=180)
    two = Two(k5)  # brings a thousand more
    k5.ports = replace(k5.ports, transfer_day=rub("9000.00"))
    two.send("1590.00")
    lend(k5)
    return k5


def spend(k5: House, minutes: int, to: str = "+74951234567") -> None:
    """Talk for so many minutes at 2.20."""
    k5.talk(k5.order(to), f"{60 * minutes}")


def test_it_lowers_the_floor_until_the_end_of_the_last_day(old: House) -> None:
    taken = take(old)
    assert (old.balance(), old.purse().available) == (rub("10.00"), rub("310.00"))
    found = promised_payments.standing(old.ports, old.caller.id)
    assert (found.open, found.owed) == (taken, rub("0.00"))
    assert found.last_day == old.ports.today() + timedelta(days=3)
    old.clock.now = taken.due_at
    old.clock.forward(microseconds=-1)
    assert promised_payments.end_due(old.ports) == 0
    old.clock.forward(microseconds=1)
    assert promised_payments.end_due(old.ports) == 1
    assert old.purse().available == rub("10.00")
    assert promised_payments.end_due(old.ports) == 0
    assert verify(old.ports) == []


def test_calls_go_on_below_zero_and_stop_at_the_end_until_a_top_up(old: House) -> None:
    taken = take(old)
    spend(old, 20)
    assert old.balance() == Money(1000 - 4400)
    assert promised_payments.standing(old.ports, old.caller.id).owed == rub("34.00")
    old.clock.now = taken.due_at
    promised_payments.end_due(old.ports)
    with pytest.raises(InsufficientFunds):
        old.order()
    assert refused(old) == "owed"
    found = promised_payments.standing(old.ports, old.caller.id)
    assert (found.open, found.owed) == (None, rub("34.00"))
    old.top_up("33.99")
    assert refused(old) == "owed"
    old.top_up("100.00")
    spend(old, 1)
    assert take(old, form="form-2").n == 2
    assert verify(old.ports) == []


def test_one_that_nobody_swept_for_days_ends_once(old: House) -> None:
    take(old)
    old.clock.forward(days=40)
    assert [breach.invariant for breach in verify(old.ports)] == ["I16"]
    assert promised_payments.end_due(old.ports) == 1
    assert promised_payments.end_due(old.ports) == 0
    assert verify(old.ports) == []


def test_the_same_form_is_one_promise_also_after_its_end(old: House) -> None:
    first = take(old)
    assert take(old) == first
    old.clock.now = first.due_at
    promised_payments.end_due(old.ports)
    again = take(old)
    assert (again.n, again.is_open) == (1, False)
    assert old.purse().available == rub("10.00")


def test_only_one_at_a_time(old: House) -> None:
    take(old, "100.00")
    assert refused(old, "100.00") == "open"
    assert old.purse().available == rub("110.00")


@pytest.mark.parametrize("amount", ["9.99", "300.01", "0.00"])
def test_a_sum_outside_the_terms_is_refused(old: House, amount: str) -> None:
    assert refused(old, amount) == "sum"
    take(old, "10.00")


def test_nothing_is_promised_without_the_operators_terms(old: House) -> None:
    old.ports = replace(old.ports, promise=None)
    assert refused(old) == "off"
    found = promised_payments.standing(old.ports, old.caller.id)
    assert (found.terms, found.last_day) == (None, None)
    assert found.refusal is not None


def test_a_young_account_and_one_that_paid_little_are_refused(k5: House) -> None:
    lend(k5)
    assert refused(k5) == "young"
    k5.clock.forward(days=89, hours=23)
    k5.top_up("600.00")
    assert refused(k5) == "young"
    k5.clock.forward(hours=1)
    take(k5)
    lend(k5, paid_in=rub("600.01"))
    promised_payments.end_early(k5.ports, k5.caller.id)
    assert refused(k5) == "unpaid"


def test_what_others_sent_is_not_paid_in(k5: House) -> None:
    two = Two(k5)
    two.send("900.00")
    k5.clock.forward(days=100)
    lend(k5)
    with pytest.raises(PromiseRefused) as refusal:
        promised_payments.take(k5.ports, two.ivan.id, rub("100.00"), "form-1")
    assert refusal.value.facts["why"] == "unpaid"


def test_a_blocked_subscriber_promises_nothing(old: House) -> None:
    blocking.block(old.ports, old.caller.id, "staff:1", "test")
    with pytest.raises(SubscriberBlocked):
        take(old)


def test_promised_money_is_for_ordinary_directions_alone(old: House) -> None:
    old.clock.forward(seconds=2)
    publish(old.ports, PRICES | {"61": ("Австралия", "9.00")}, version=77)
    old.clock.forward(seconds=2)
    take(old)
    with pytest.raises(InsufficientFunds) as refusal:
        old.order("+61291234567")  # 10.75 a minute for both legs: costly, and ten roubles are there
    assert refusal.value.facts["available"] == rub("10.00")
    old.top_up("20.00")
    assert old.order("+61291234567").hold == rub("21.50")
    assert old.purse().available.minor > 0


def test_promised_money_is_not_passed_on(old: House) -> None:
    take(old)
    with pytest.raises(InsufficientFunds):
        transfers.offer(old.ports, old.caller, PHONE, rub("10.01"))
    assert transfers.passable(old.ports, old.caller.id).most == rub("10.00")


def test_promised_money_is_not_paid_out_as_a_refund(old: House) -> None:
    take(old)
    name = EventName("test:bank", "in-1")
    with pytest.raises(InsufficientFunds) as refusal:
        corrections.refund(old.ports, old.caller.id, name, rub("10.01"), "a1", "staff:1")
    assert refusal.value.facts["available"] == rub("10.00")
    assert old.balance() == rub("10.00")
    corrections.refund(old.ports, old.caller.id, name, rub("10.00"), "a2", "staff:1")
    spend(old, 1)
    assert not corrections.refund(old.ports, old.caller.id, name, rub("10.00"), "a2", "staff:1").is_new
    assert verify(old.ports) == []


def test_the_fee_is_taken_with_the_promise_and_once(old: House) -> None:
    lend(old, fee=rub("5.00"))
    take(old)
    take(old)
    assert (old.balance(), old.purse().available) == (rub("5.00"), rub("305.00"))
    assert verify(old.ports) == []


def test_it_ends_early_where_nothing_is_owed(old: House) -> None:
    promised_payments.end_early(old.ports, old.caller.id)
    take(old)
    spend(old, 5)
    with pytest.raises(PromiseRefused):
        promised_payments.end_early(old.ports, old.caller.id)
    old.top_up("1.00")
    promised_payments.end_early(old.ports, old.caller.id)
    promised_payments.end_early(old.ports, old.caller.id)
    assert (old.balance(), old.purse().available) == (rub("0.00"), rub("0.00"))
    assert take(old, form="form-2").n == 2
    assert verify(old.ports) == []


def test_a_hold_outlives_the_promise_and_its_call_is_charged(old: House) -> None:
    taken = take(old)
    call = old.order()
    old.clock.now = taken.due_at
    promised_payments.end_due(old.ports)
    assert old.purse().available.minor < 0
    old.clock.now = taken.taken_at
    old.talk(call, "600")
    assert old.balance() == Money(1000 - 2200)


def test_a_promise_torn_before_its_fee_never_was(old: House, monkeypatch: pytest.MonkeyPatch) -> None:
    lend(old, fee=rub("5.00"))

    def torn(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("k5web.storage.books.ledger.charge", torn)
    with pytest.raises(KeyboardInterrupt):
        take(old)
    monkeypatch.undo()
    assert (old.purse().available, verify(old.ports)) == (rub("10.00"), [])
    assert take(old).n == 1


def test_a_busy_account_keeps_no_sweep_waiting_and_is_ended_by_the_next(old: House, database_url: str) -> None:
    taken = take(old)
    old.clock.now = taken.due_at
    if database_url.startswith("postgresql"):  # one writer at a time on the other: nothing is ever busy there
        with old.ports.sessions.begin() as db:
            ledger.lock_purse(db, old.caller.id)
            assert promised_payments.end_due(old.ports) == 0
    assert promised_payments.end_due(old.ports) == 1
