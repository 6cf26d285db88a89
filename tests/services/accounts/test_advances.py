"""The unused advance goes back after the contract, once, within 30 days of the application (B12)."""

import threading
from datetime import date, timedelta

import pytest

from k5web.domain.accounts.ending import Requisites
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.errors import ContractNotEnded, InsufficientFunds, K5Error, NothingToRefund, WrongReason, WrongRefund
from k5web.services.accounts import advances, endings, erasure
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger, promised_payment_rows
from tests.services.accounts.test_endings import IVAN, at
from tests.services.house import House
from tests.services.prices.test_subscriptions import sound

HERS = Requisites("Анна Петрова", "40817810100000000001", "044525225")


def own(account: str = "40817810100000000001") -> str:
    """Return this account with the key (digit 9) that fits the bank."""
    weights, bank = (7, 1, 3), "225"
    bare = f"{bank}{account[:8]}0{account[9:]}"
    total = sum(int(digit) * weights[n % 3] % 10 for n, digit in enumerate(bare))
    return f"{account[:8]}{total * 3 % 10}{account[9:]}"


TO = Requisites(HERS.recipient, own(), HERS.bank)


@pytest.fixture
def ended(k5: House) -> House:
    """A house whose subscriber's contract ended on 31 December with 100 roubles unused."""
    k5.top_up("100.00")
    endings.apply(k5.ports, k5.caller.id)
    at(k5, date(2027, 1, 1))
    assert endings.carry_out(k5.ports) == 1
    return k5


def test_before_the_end_nothing_is_refunded(k5: House) -> None:
    k5.top_up("100.00")
    endings.apply(k5.ports, k5.caller.id)
    with pytest.raises(ContractNotEnded):
        advances.apply(k5.ports, k5.caller.id, TO)


def test_all_that_is_unused_goes_back_by_one_event_however_often_it_is_said(ended: House) -> None:
    at(ended, date(2027, 1, 15))
    asked = advances.apply(ended.ports, ended.caller.id, TO)
    assert (asked.amount, asked.due_on, asked.to) == (rub("100.00"), date(2027, 2, 14), TO)
    assert advances.apply(ended.ports, ended.caller.id, TO) == asked
    assert advances.waiting(ended.ports) == [asked]
    assert ended.balance() == rub("100.00"), "nothing moves before it is paid"
    for _ in range(2):
        advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert ended.balance() == rub("0.00")
    [paid] = advances.of_owner(ended.ports, ended.caller.id)
    assert (paid.paid_at, paid.document, paid.actor) == (ended.clock(), "п/п 17", IVAN)
    assert advances.waiting(ended.ports) == []
    with pytest.raises(NothingToRefund):
        advances.pay(ended.ports, ended.caller.id, "п/п 18", IVAN)
    with pytest.raises(NothingToRefund):
        advances.apply(ended.ports, ended.caller.id, TO)
    sound(ended)


def test_two_who_pay_at_once_pay_once(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    refused: list[K5Error] = []

    def pay(n: int) -> None:
        try:
            advances.pay(ended.ports, ended.caller.id, f"п/п {n}", IVAN)
        except K5Error as error:
            refused.append(error)

    crowd = [threading.Thread(target=pay, args=(n,)) for n in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert [type(error) for error in refused] == [NothingToRefund] * 3
    assert ended.balance() == rub("0.00")


def test_an_early_application_is_due_thirty_days_after_the_contract(ended: House) -> None:
    assert advances.apply(ended.ports, ended.caller.id, TO).due_on == date(2027, 1, 31)


def test_what_was_spent_meanwhile_is_not_paid_and_a_new_application_names_the_rest(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    with ended.ports.sessions.begin() as db:
        purse = ledger.purse(db, ended.caller.id)
        move = Move(purse.account_id, -6000, "sale.order")
        event = Event(ended.caller.id, EventName("order", "late"), (move,), IVAN, ended.clock())
        ledger.record(db, event, ended.ports.today(), ended.clock())
    with pytest.raises(InsufficientFunds):
        advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert ended.balance() == rub("40.00")
    with pytest.raises(WrongReason):
        advances.decline(ended.ports, ended.caller.id, "", IVAN)
    advances.decline(ended.ports, ended.caller.id, "a call came late", IVAN)
    with pytest.raises(NothingToRefund):
        advances.decline(ended.ports, ended.caller.id, "again", IVAN)
    assert advances.apply(ended.ports, ended.caller.id, TO).amount == rub("40.00")


@pytest.mark.parametrize(
    ("to", "key"),
    [
        (Requisites("", TO.account, TO.bank), "recipient"),
        (Requisites("Анна\nПетрова", TO.account, TO.bank), "recipient"),
        (Requisites("Анна", TO.account[:-1], TO.bank), "account"),
        (Requisites("Анна", TO.account[:-1] + "2", TO.bank), "account"),
        (Requisites("Анна", "40817840100000000001", TO.bank), "account"),
        (Requisites("Анна", TO.account, "944525225"), "bank"),
        (Requisites("Анна", TO.account, ""), "bank"),
    ],
)
def test_where_to_pay_must_be_right(ended: House, to: Requisites, key: str) -> None:
    with pytest.raises(WrongRefund) as wrong:
        advances.apply(ended.ports, ended.caller.id, to)
    assert wrong.value.facts["key"] == key
    assert advances.waiting(ended.ports) == []


def test_whose_data_are_erased_after_the_refund_leaves_no_requisites(ended: House) -> None:
    """B14."""
    advances.apply(ended.ports, ended.caller.id, TO)
    advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert erasure.erase(ended.ports, ended.caller.id, IVAN)
    [paid] = advances.of_owner(ended.ports, ended.caller.id)
    assert (paid.to, paid.amount) == (Requisites("", "", ""), rub("100.00"))


def test_a_document_of_the_bank_pays_one_application(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    paid = advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert (paid.paid_at, paid.document) == (ended.clock(), "п/п 17")
    ended.top_up("50.00")
    second = advances.apply(ended.ports, ended.caller.id, TO)
    assert advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN) == paid, "said again, it is the first one"
    assert ended.balance() == rub("50.00")
    assert advances.waiting(ended.ports) == [second]
    assert advances.pay(ended.ports, ended.caller.id, "п/п 18", IVAN).n == second.n
    sound(ended)


def test_promised_money_is_not_paid_out(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    now = ended.clock()
    with ended.ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, ended.caller.id)
        event = Event(
            ended.caller.id, EventName("order", "late"), (Move(purse.account_id, -6000, "sale.order"),), IVAN, now
        )
        ledger.charge(db, event, ended.ports.today(), now)
        purse = ledger.lock_purse(db, ended.caller.id)
        promised_payment_rows.take(db, purse, "form", rub("300.00"), now, now + timedelta(days=3))
    with pytest.raises(InsufficientFunds) as refused:
        advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert refused.value.facts == {"available": rub("40.00"), "needed": rub("100.00")}
    assert ended.balance() == rub("40.00")


def test_where_the_contract_goes_on_again_the_application_is_declined_and_nothing_is_paid(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    assert endings.keep(ended.ports, ended.caller.id, IVAN)
    with pytest.raises(NothingToRefund):
        advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    [declined] = advances.of_owner(ended.ports, ended.caller.id)
    assert (declined.declined_at, declined.actor, declined.document) == (ended.clock(), IVAN, endings.GOES_ON)
    assert ended.balance() == rub("100.00")


def test_an_application_that_is_open_while_the_contract_goes_on_is_not_paid(ended: House) -> None:
    """One from before a contract that goes on again declined it."""
    advances.apply(ended.ports, ended.caller.id, TO)
    with ended.ports.sessions.begin() as db:
        subscribers.set_ended(db, ended.caller.id, None)
    with pytest.raises(ContractNotEnded):
        advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert ended.balance() == rub("100.00")


def test_whose_advance_was_refunded_is_not_told_to_top_up(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    with ended.ports.sessions.read() as db:
        assert outbox.newest(db, ended.caller.id, "low_balance") is None
