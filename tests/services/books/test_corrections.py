"""What went wrong is answered, never edited. Promises: B12, docs/ledger.md."""

import pytest

from k5web.domain.books.ledger import Event, EventName, Move, Posted
from k5web.domain.money import Money, rub
from k5web.errors import Conflict, CurrencyMismatch, InsufficientFunds, NotFound, RefundTooLarge, WrongMoney
from k5web.services.books.corrections import chargeback, refund, reverse
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors

OWNER, STAFF = 100001, "staff:17"
PAID = EventName("cards:test", "order-1")


class Desk:
    """A subscriber who paid 100 roubles by card, and the clerk who corrects."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        with ports.sessions.begin() as db:
            ledger.open_account(db, OWNER, "main", "RUB")
        self.pay("100.00", PAID)

    def pay(self, amount: str, name: EventName) -> None:
        credit(self.ports, OWNER, name, rub(amount), "cash.card", "connector:cards", self.ports.clock())

    def refund(self, amount: str, application: str) -> Posted:
        return refund(self.ports, OWNER, PAID, rub(amount), application, STAFF)

    def chargeback(self, amount: str, case: str) -> Posted:
        return chargeback(self.ports, OWNER, PAID, rub(amount), case, "connector:cards", self.ports.clock())

    @property
    def balance(self) -> str:
        assert verify(self.ports) == []
        with self.ports.sessions.read() as db:
            return str(ledger.purse(db, OWNER).balance)


@pytest.fixture
def desk(sessions: Sessions, clock: Clock) -> Desk:
    """The desk on this test's database."""
    return Desk(open_doors(sessions, clock))


def test_a_reversal_mirrors_its_original_once(desk: Desk) -> None:
    first = reverse(desk.ports, OWNER, PAID, STAFF)
    assert [(str(posting.amount), posting.counter) for posting in first.postings] == [("-100.00", "cash.card")]
    assert reverse(desk.ports, OWNER, PAID, STAFF).postings == first.postings
    assert desk.balance == "0.00"


def test_a_reversal_is_a_fact_also_where_the_money_is_spent(desk: Desk) -> None:
    with desk.ports.sessions.begin() as db:
        purse = ledger.purse(db, OWNER)
        ledger.hold(db, OWNER, purse.account_id, "c1", rub("100.00"), desk.ports.clock(), desk.ports.clock())
    reverse(desk.ports, OWNER, PAID, STAFF)
    assert desk.balance == "0.00"


def test_what_never_happened_cannot_be_reversed(desk: Desk) -> None:
    with pytest.raises(NotFound):
        reverse(desk.ports, OWNER, EventName("cards:test", "order-2"), STAFF)
    with pytest.raises(NotFound):
        reverse(desk.ports, OWNER + 1, PAID, STAFF)


def test_refunds_never_exceed_the_payment(desk: Desk) -> None:
    desk.pay("500.00", EventName("cards:test", "order-2"))
    desk.refund("30.00", "a1")
    assert not desk.refund("30.00", "a1").is_new
    with pytest.raises(RefundTooLarge) as refusal:
        desk.refund("70.01", "a2")
    assert refusal.value.facts["left"] == rub("70.00")
    assert desk.refund("70.00", "a2").is_new
    with pytest.raises(RefundTooLarge):
        desk.refund("0.01", "a3")
    assert desk.balance == "500.00"


def test_money_that_is_spent_is_not_refunded(desk: Desk) -> None:
    with desk.ports.sessions.begin() as db:
        purse = ledger.purse(db, OWNER)
        ledger.hold(db, OWNER, purse.account_id, "c1", rub("60.00"), desk.ports.clock(), desk.ports.clock())
    with pytest.raises(InsufficientFunds):
        desk.refund("40.01", "a1")
    assert desk.refund("40.00", "a1").is_new


def test_one_application_is_one_refund(desk: Desk) -> None:
    desk.refund("30.00", "a1")
    with pytest.raises(Conflict):
        desk.refund("31.00", "a1")
    assert desk.balance == "70.00"


def test_what_went_back_in_part_is_not_reversed_as_a_whole(desk: Desk) -> None:
    desk.pay("500.00", EventName("cards:test", "order-2"))
    desk.refund("30.00", "a1")
    with pytest.raises(RefundTooLarge) as refusal:
        reverse(desk.ports, OWNER, PAID, STAFF)
    assert refusal.value.facts["left"] == rub("70.00")
    assert desk.balance == "570.00"


def test_nothing_is_refunded_after_a_reversal_or_a_chargeback(desk: Desk) -> None:
    desk.pay("500.00", EventName("cards:test", "order-2"))
    desk.chargeback("100.00", "case-1")
    with pytest.raises(RefundTooLarge):
        desk.refund("0.01", "a1")
    assert desk.balance == "500.00"


def test_a_chargeback_may_go_below_zero_and_comes_once(desk: Desk) -> None:
    desk.refund("60.00", "a1")
    first = desk.chargeback("100.00", "case-1")
    assert first.postings[0].counter == "loss"
    assert not desk.chargeback("100.00", "case-1").is_new
    assert desk.balance == "-60.00"


def test_a_charge_can_be_given_back_by_reversing_it(desk: Desk) -> None:
    fee = EventName("chargeback", "case-9")
    desk.chargeback("10.00", "case-9")
    reverse(desk.ports, OWNER, fee, STAFF)
    assert desk.balance == "100.00"


def test_what_an_event_took_does_not_stand_against_refunding_what_it_gave(desk: Desk) -> None:
    now = desk.ports.clock()
    with desk.ports.sessions.begin() as db:
        main = ledger.purse(db, OWNER).account_id
        seconds = ledger.open_account(db, OWNER, "minutes", "SEC")
        moves = (Move(main, 500, "gift"), Move(seconds, -60, "gift"))
        ledger.record(db, Event(OWNER, EventName("order", "1"), moves, STAFF, now), desk.ports.today(), now)
    assert refund(desk.ports, OWNER, EventName("order", "1"), rub("5.00"), "a1", STAFF).is_new
    with pytest.raises(RefundTooLarge):
        refund(desk.ports, OWNER, EventName("order", "1"), rub("0.01"), "a2", STAFF)


@pytest.mark.parametrize("minor", [0, -100])
def test_a_refund_is_more_than_nothing(desk: Desk, minor: int) -> None:
    with pytest.raises(WrongMoney):
        refund(desk.ports, OWNER, PAID, Money(minor), "a1", STAFF)


def test_a_refund_is_in_the_money_that_was_paid_and_of_a_payment(desk: Desk) -> None:
    with pytest.raises(CurrencyMismatch):
        refund(desk.ports, OWNER, PAID, Money(1, "KGS"), "a1", STAFF)
    desk.refund("1.00", "a1")
    with pytest.raises(NotFound):
        refund(desk.ports, OWNER, EventName("refund", "a1"), rub("1.00"), "a2", STAFF)
