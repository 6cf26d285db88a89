"""The unused advance goes back after the contract, once, within 30 days of the application (B12)."""

import threading
from datetime import date, timedelta

import pytest

from k5web.domain.accounts.ending import Requisites
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.errors import ContractNotEnded, InsufficientFunds, K5Error, NothingToRefund, WrongReason, WrongRefund
from k5web.services.accounts import advances, endings, erasure
from k5web.services.books import corrections
from k5web.services.books.verify import verify
from k5web.storage import outbox
from k5web.storage.accounts import refund_rows, subscribers
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
    assert ended.balance() == ended.held() == rub("100.00"), "nothing moves before it is paid, and nothing is spent"
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


def late_charge(k5: House, minor: int, *, is_fact: bool) -> None:
    """Take money for something after the application: a fact in any case, other things while there is money."""
    with k5.ports.sessions.begin() as db:
        purse = ledger.purse(db, k5.caller.id)
        move = Move(purse.account_id, -minor, "sale.order")
        event = Event(k5.caller.id, EventName("order", "late"), (move,), IVAN, k5.clock())
        (ledger.record if is_fact else ledger.charge)(db, event, k5.ports.today(), k5.clock())


def test_what_was_applied_for_is_kept_aside_until_it_is_paid(ended: House) -> None:
    """B12: no door spends it, whatever comes between applying and paying."""
    advances.apply(ended.ports, ended.caller.id, TO)
    assert (ended.held(), ended.purse().available) == (rub("100.00"), rub("0.00"))
    assert advances.unused(ended.ports, ended.caller.id) == rub("0.00")
    with pytest.raises(InsufficientFunds):
        late_charge(ended, 1, is_fact=False)
    payment = EventName("test:bank", "in-1")
    with pytest.raises(InsufficientFunds):
        corrections.refund(ended.ports, ended.caller.id, payment, rub("100.00"), "card", IVAN)
    at(ended, date(2028, 1, 1))
    ended.sweep()
    assert ended.held() == rub("100.00"), "no term ends it but paying and declining"
    advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert (ended.balance(), ended.held()) == (rub("0.00"), rub("0.00"))
    sound(ended)


def test_what_is_declined_may_be_spent_again(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    advances.decline(ended.ports, ended.caller.id, "the account is another bank's", IVAN)
    assert (ended.held(), advances.unused(ended.ports, ended.caller.id)) == (rub("0.00"), rub("100.00"))
    again = advances.apply(ended.ports, ended.caller.id, TO)
    assert (again.n, ended.held()) == (2, rub("100.00"))


def test_where_the_contract_goes_on_nothing_is_kept_aside(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    endings.keep(ended.ports, ended.caller.id, IVAN)
    late_charge(ended, 10000, is_fact=False)
    assert (ended.balance(), ended.held()) == (rub("0.00"), rub("0.00"))
    sound(ended)


def test_an_application_from_before_money_was_kept_aside_is_paid_as_it_was(ended: House) -> None:
    application = advances.apply(ended.ports, ended.caller.id, TO)
    with ended.ports.sessions.begin() as db:
        ledger.release_all(db, ended.caller.id, application.hold, ended.clock())
    advances.pay(ended.ports, ended.caller.id, "п/п 17", IVAN)
    assert ended.balance() == rub("0.00")
    sound(ended)


def test_money_kept_aside_for_no_open_application_is_found(ended: House) -> None:
    application = advances.apply(ended.ports, ended.caller.id, TO)
    assert list(verify(ended.ports)) == []
    with ended.ports.sessions.begin() as db:
        refund_rows.note_declined(db, application, ended.clock(), IVAN, "by hand")
    assert [(breach.invariant, breach.found) for breach in verify(ended.ports)] == [
        ("I5", "keeps 10000 aside for no open application of this sum")
    ]


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


def test_where_a_late_call_took_of_it_it_is_not_paid_and_a_new_application_names_the_rest(ended: House) -> None:
    advances.apply(ended.ports, ended.caller.id, TO)
    late_charge(ended, 6000, is_fact=True)
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
    late_charge(ended, 6000, is_fact=True)
    now = ended.clock()
    with ended.ports.sessions.begin() as db:
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
