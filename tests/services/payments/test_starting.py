"""Top-ups that K5 begins: written before the provider is asked, credited once, whoever brings the news and when.
Promises: A12, S22, docs/ledger.md.

Long because a top-up's life is told in order, from the form to the refund.
"""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub
from k5web.domain.payments.connector import PaymentConnector, Seen, Started
from k5web.domain.payments.top_up import RefundState, TopUp, TopUpState
from k5web.errors import (
    Conflict,
    CurrencyMismatch,
    InsufficientFunds,
    K5Error,
    NotFound,
    NumberUsed,
    ProviderRefused,
    ProviderUnknown,
    RefundInFlight,
    RefundTooLarge,
    SumOutsideLimits,
    WrongMoney,
)
from k5web.services.books import corrections
from k5web.services.payments import order_notices, polling, refunds, search, starting, topups
from k5web.services.payments.booking import book_seen
from k5web.services.payments.rounds import beside
from k5web.services.payments.topups import TopUpRequest
from k5web.services.ports import Connectors, Ports
from k5web.services.turns import TurnsByName
from k5web.storage import outbox
from k5web.storage.payments import top_up_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import TopUpRow
from tests.conftest import Clock
from tests.fakes.connector import FakeConnector
from tests.processes import wait_for
from tests.services.house import subscriber
from tests.services.net import Net

PAID = TopUpState.PAID


class Shop(Net):
    """The house whose made-up network also takes orders."""

    def wish(self, key: str = "form-1", sum: str = "100.00") -> TopUpRequest:
        """What the form asks."""
        return TopUpRequest("fake:bank", rub(sum), key, "https://k5.example/pay/return/{reference}")

    def begin(self, key: str = "form-1", sum: str = "100.00") -> TopUp:
        """Press «Пополнить»."""
        return topups.begin(self.ports, self.caller, self.wish(key, sum))

    def provider_says(self, number: str, state: TopUpState, amount: str = "100.00", refunded: str = "") -> None:
        """Let the provider have this to say about an order."""
        back = rub(refunded) if refunded else None
        self.connector.seen[number] = Seen(state, rub(amount), back, provider_id=f"id-{number}")

    def look(self, top_up: TopUp) -> TopUp:
        """Look as the return page does."""
        return topups.look(self.ports, top_up.reference)

    def state(self, top_up: TopUp) -> TopUpState:
        """Where a top-up stands."""
        return topups.find(self.ports, top_up.reference).state

    def paid(self, key: str = "form-1", sum: str = "100.00") -> TopUp:
        """A top-up that was paid."""
        top_up = self.begin(key, sum)
        self.provider_says(top_up.number, PAID, sum)
        return self.look(top_up)


@pytest.fixture
def shop(sessions: Sessions) -> Shop:
    """A house that begins payments."""
    return Shop(sessions, Clock())


# --- begun


def test_a_form_begins_one_top_up_however_often_it_is_sent(shop: Shop) -> None:
    first = shop.begin()
    assert (first.reference, first.state) == (f"K5-{shop.caller.id}-1", TopUpState.WAITING)
    assert first.pay_url == f"https://fake.example/{first.number}"
    assert first.return_url == f"https://k5.example/pay/return/{first.reference}"
    assert shop.begin().reference == first.reference
    assert len(shop.connector.started) == 1
    with pytest.raises(Conflict):
        shop.begin(sum="101.00")
    assert shop.begin("form-2").reference == f"K5-{shop.caller.id}-2"
    assert shop.connector.started[0].payer_key == shop.connector.started[1].payer_key
    assert shop.caller.phone is not None
    assert shop.caller.phone.digits not in shop.connector.started[0].payer_key


def test_what_the_partner_does_not_take_is_refused_before_any_call(shop: Shop) -> None:
    for sum_, refusal in (("9.99", SumOutsideLimits), ("15000.01", SumOutsideLimits)):
        with pytest.raises(refusal):
            shop.begin(sum=sum_)
    with pytest.raises(NotFound):
        topups.begin(shop.ports, shop.caller, TopUpRequest("fake:nobody", rub("100.00"), "f", ""))
    with pytest.raises(CurrencyMismatch):
        topups.begin(shop.ports, shop.caller, TopUpRequest("fake:bank", Money(10000, "KGS"), "f", ""))
    shop.change(is_open=False)
    with pytest.raises(ProviderRefused):
        shop.begin()
    assert shop.connector.started == []


def test_a_refused_start_is_declined_and_the_form_shows_it(shop: Shop) -> None:
    shop.connector.troubles = [ProviderRefused(reason="no")]
    with pytest.raises(ProviderRefused):
        shop.begin()
    assert shop.begin().state is TopUpState.DECLINED
    assert len(shop.connector.started) == 1


def test_a_lost_start_gets_a_new_number_after_the_first_was_looked_up(shop: Shop) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    first = replace(top_up, attempt=1)
    assert [order.number for order in shop.connector.started] == [first.number, f"{first.number}-2"]
    assert (top_up.state, top_up.attempt) == (TopUpState.WAITING, 2)


def test_an_order_whose_answer_was_lost_is_looked_after_though_the_next_one_is_refused(shop: Shop) -> None:
    troubles = iter([ProviderUnknown(reason="time-out"), ProviderRefused(reason="no connection")])
    shop.connector.on_start = lambda top_up: shop.connector.troubles.append(next(troubles))
    with pytest.raises(ProviderUnknown):
        shop.begin()
    kept = shop.begin()
    assert (kept.state, kept.attempt) == (TopUpState.UNCLEAR, 2)
    assert topups.find(shop.ports, kept.reference).look_at is not None


@pytest.mark.parametrize("end", [TopUpState.DECLINED, TopUpState.EXPIRED, TopUpState.HELD])
def test_what_became_of_a_number_that_was_given_up_is_nothing_of_the_next_one(shop: Shop, end: TopUpState) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    given_up = replace(top_up, attempt=1, provider_id="")
    seen = Seen(end, provider_id=f"id-{given_up.number}")
    assert book_seen(shop.ports, shop.connector, given_up, seen).state is TopUpState.WAITING
    kept = topups.find(shop.ports, top_up.reference)
    assert (kept.provider_id, kept.look_at is None) == (top_up.provider_id, False)


def test_a_start_that_was_paid_meanwhile_is_not_begun_again(shop: Shop) -> None:
    shop.connector.on_start = lambda top_up: shop.provider_says(top_up.number, PAID)
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    assert shop.begin().state is PAID
    assert len(shop.connector.started) == 1
    assert shop.balance() == rub("100.00")


def test_what_is_paid_between_two_attempts_is_not_begun_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def see(ports: Ports, connector: PaymentConnector, asked: TopUp, seen: Seen) -> TopUp:
        found = book_seen(ports, connector, asked, seen)
        assert shop.says(do="order", number=asked.number, sum="100.00") == "noted"
        return found

    monkeypatch.setattr(starting, "book_seen", see)
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    assert (top_up.state, top_up.attempt, len(shop.connector.started)) == (PAID, 1, 1)
    assert shop.balance() == rub("100.00")
    shop.assert_sound()


def test_a_provider_that_stays_silent_is_asked_by_the_worker(shop: Shop) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out"), ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        shop.begin()
    assert len(shop.connector.started) == 1
    top_up = shop.begin()
    assert top_up.state is TopUpState.UNCLEAR
    shop.provider_says(top_up.number, PAID)
    shop.clock.forward(minutes=1)
    assert polling.poll(shop.ports) == 1
    assert shop.balance() == rub("100.00")


def test_the_row_is_there_before_the_provider_is_asked(shop: Shop) -> None:
    """A call-back that is quicker than the answer finds the order, and the answer does not undo it."""

    def pay_at_once(top_up: TopUp) -> None:
        assert shop.says(do="order", number=top_up.number, sum="100.00", id=f"id-{top_up.number}") == "noted"

    shop.connector.on_start = pay_at_once
    assert shop.begin().state is PAID
    assert shop.balance() == rub("100.00")
    shop.assert_sound()


# --- news of it


def test_a_notice_a_return_and_the_worker_together_credit_once(shop: Shop) -> None:
    top_up = shop.begin()
    shop.provider_says(top_up.number, PAID)
    for _ in range(2):
        assert shop.says(do="look", number=top_up.number) == "noted"
        assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"
        assert shop.look(top_up).state is PAID
        shop.clock.forward(minutes=2)
        polling.poll(shop.ports)
    assert shop.balance() == rub("100.00")
    assert shop.incidents() == []
    shop.assert_sound()


@pytest.mark.parametrize("said", [{"sum": "99.99"}, {"sum": "100.01"}, {"sum": "100.00", "currency": "KGS"}])
def test_another_sum_than_the_orders_is_not_credited_and_still_acknowledged(shop: Shop, said: dict[str, str]) -> None:
    top_up = shop.begin()
    assert shop.says(do="order", number=top_up.number, **said) == "noted"
    assert shop.balance() == rub("0.00")
    assert shop.incidents() == ["topup_amount"]
    assert shop.state(top_up) is TopUpState.UNCLEAR


def test_a_notice_about_no_order_of_ours_is_an_alarm(shop: Shop) -> None:
    for reference in ("K5-100001-7", "K5-1-1", "nonsense", "K5-x-1", "K5-1-" + "9" * 40, "K5-１-1"):
        assert shop.says(do="order", number=reference, sum="100.00") == "refused unknown_payment"
        assert shop.says(do="look", number=reference) == "refused unknown_payment"
    assert set(shop.incidents()) == {"unknown_topup"}


def test_a_provider_that_cannot_be_asked_now_is_asked_again(shop: Shop) -> None:
    top_up = shop.begin()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    assert shop.says(do="look", number=top_up.number) == "refused later"


def test_paid_after_its_end_is_believed_when_the_provider_confirms(shop: Shop) -> None:
    top_up = shop.begin()
    shop.provider_says(top_up.number, TopUpState.DECLINED)
    assert shop.says(do="declined", number=top_up.number) == "noted"
    assert shop.state(top_up) is TopUpState.DECLINED
    assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"
    assert shop.balance() == rub("0.00")
    shop.provider_says(top_up.number, PAID)
    assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"
    assert shop.balance() == rub("100.00")


def test_a_notice_that_proves_nothing_still_tells_the_payers_code(shop: Shop) -> None:
    """C3: the code of the SMS finds the payment, also where it was only named by a notice."""
    top_up = shop.begin()
    shop.provider_says(top_up.number, PAID)
    assert shop.says(do="look", number=top_up.number, receipt="PSP269894310") == "noted"
    [found] = search.find_payments(shop.ports, "PSP269894310")
    assert found.top_up is not None
    assert (found.owner_id, found.top_up.reference, found.left) == (shop.caller.id, top_up.reference, rub("100.00"))


def test_an_end_after_the_payment_changes_nothing(shop: Shop) -> None:
    top_up = shop.paid()
    for state in (TopUpState.DECLINED, TopUpState.EXPIRED, TopUpState.WAITING, TopUpState.HELD, TopUpState.NEW):
        shop.provider_says(top_up.number, state)
        assert shop.says(do="declined", number=top_up.number) == "noted"
        assert shop.look(top_up).state is PAID
    assert shop.balance() == rub("100.00")


def test_late_money_is_credited(shop: Shop) -> None:
    top_up = shop.begin()
    shop.clock.forward(minutes=30)
    assert shop.look(top_up).state is TopUpState.EXPIRED
    shop.provider_says(top_up.number, PAID)
    shop.clock.forward(hours=3)
    polling.poll(shop.ports)
    assert shop.balance() == rub("100.00")


def test_a_second_payment_of_an_abandoned_number_is_credited_and_listed(shop: Shop) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    shop.provider_says(top_up.number, PAID)
    shop.look(top_up)
    abandoned = replace(top_up, attempt=1).number
    shop.provider_says(abandoned, PAID)
    for _ in range(2):
        topups.look(shop.ports, top_up.reference, abandoned)
    assert shop.balance() == rub("200.00")
    assert shop.incidents() == ["topup_paid_twice"]
    shop.assert_sound()


# --- the worker


def test_the_worker_looks_by_the_connectors_pauses_and_gives_up_after_a_day(shop: Shop) -> None:
    top_up = shop.begin()
    begun = shop.clock()
    looked = []
    for _ in range(26 * 60):
        shop.clock.forward(minutes=1)
        if polling.poll(shop.ports):
            looked.append((shop.clock() - begun) // timedelta(minutes=1))
    assert looked[:5] == [1, 3, 10, 70, 130]
    assert looked[-1] <= 25 * 60
    assert shop.incidents() == ["topup_unheard"]
    assert shop.state(top_up) is TopUpState.EXPIRED
    assert polling.poll(shop.ports) == 0


def test_trouble_with_one_top_up_stops_no_other(shop: Shop) -> None:
    first, second = shop.begin("form-1"), shop.begin("form-2")
    shop.provider_says(second.number, PAID)
    shop.provider_says(first.number, PAID)
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    shop.clock.forward(minutes=1)
    polling.poll(shop.ports)
    assert sorted(shop.state(top_up) for top_up in (first, second)) == sorted([TopUpState.WAITING, PAID])
    shop.clock.forward(minutes=2)
    polling.poll(shop.ports)
    assert shop.balance() == rub("200.00")


def test_a_provider_that_calls_and_is_silent_takes_few_threads_from_the_notices_of_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = shop.begin()
    monkeypatch.setattr(order_notices, "_LOOKS", TurnsByName(1))
    with order_notices._LOOKS.take("fake:bank"):
        assert shop.says(do="look", number=top_up.number) == "refused later", "it sends it again"
    with order_notices._LOOKS.take("fake:other"):
        assert shop.says(do="look", number=top_up.number) == "noted"


def test_a_silent_provider_keeps_no_other_waiting(shop: Shop) -> None:
    other = FakeConnector(replace(shop.connector.partner, code="other"))
    shop.ports = replace(shop.ports, connectors=Connectors([shop.connector, other]))
    first = shop.begin()
    second = topups.begin(shop.ports, shop.caller, replace(shop.wish("form-2"), origin="fake:other"))
    other.seen[second.number] = Seen(PAID, rub("100.00"), provider_id="id-2")
    shop.clock.forward(minutes=1)
    is_asked, may_answer = threading.Event(), threading.Event()

    def never(top_up: TopUp) -> Seen:
        is_asked.set()
        may_answer.wait(60)
        return Seen(TopUpState.WAITING)

    shop.connector.look = never  # type: ignore[method-assign]
    with beside(shop.ports, lambda: False):
        assert is_asked.wait(60)
        wait_for(lambda: shop.balance() == rub("100.00"), "the other provider's payment is credited meanwhile")
        may_answer.set()
    assert shop.state(first) is TopUpState.WAITING


# --- back


def test_a_refund_goes_back_once(shop: Shop) -> None:
    top_up = shop.paid()
    assert refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1").state is TopUpState.PART_REFUNDED
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
    for _ in range(2):
        shop.look(top_up)
    assert shop.balance() == rub("60.00")
    refunds.refund(shop.ports, top_up.reference, rub("60.00"), "staff:1")
    assert shop.state(top_up) is TopUpState.REFUNDED
    assert shop.balance() == rub("0.00")
    with pytest.raises(RefundTooLarge):
        refunds.refund(shop.ports, top_up.reference, rub("0.01"), "staff:1")
    assert shop.incidents() == []
    shop.assert_sound()


def test_what_may_not_go_back_is_refused_before_any_call(shop: Shop) -> None:
    waiting = shop.begin("form-2")
    top_up = shop.paid()
    with pytest.raises(NotFound):
        refunds.refund(shop.ports, waiting.reference, rub("1.00"), "staff:1")
    with pytest.raises(RefundTooLarge):
        refunds.refund(shop.ports, top_up.reference, rub("100.01"), "staff:1")
    for minor in (0, -1):
        with pytest.raises(WrongMoney):
            refunds.refund(shop.ports, top_up.reference, Money(minor), "staff:1")
    shop.talk(shop.order(), "61")
    with pytest.raises(InsufficientFunds):
        refunds.refund(shop.ports, top_up.reference, rub("100.00"), "staff:1")
    name = EventName("fake:bank", f"id-{top_up.number}")
    corrections.chargeback(shop.ports, shop.caller.id, name, rub("100.00"), "case-1", "staff:1", shop.clock())
    with pytest.raises(RefundTooLarge):
        refunds.refund(shop.ports, top_up.reference, rub("1.00"), "staff:1")
    assert shop.connector.refunded == []


def test_a_refused_refund_frees_the_money(shop: Shop) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderRefused(reason="no")]
    with pytest.raises(ProviderRefused):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert (shop.balance(), shop.held()) == (rub("100.00"), rub("0.00"))
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert shop.balance() == rub("60.00")


@pytest.mark.parametrize("took_place", [True, False])
def test_a_refund_without_an_answer_is_looked_up_before_the_next(shop: Shop, took_place: bool) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert shop.held() == rub("40.00")
    with pytest.raises(RefundInFlight):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    if took_place:
        shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
    shop.clock.now += refunds.SETTLES_IN
    assert polling.poll(shop.ports) == 1
    assert (shop.balance(), shop.held()) == (rub("60.00" if took_place else "100.00"), rub("0.00"))
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.assert_sound()


def test_the_money_of_a_refund_that_may_still_be_carried_out_is_not_freed_by_who_asks_early(shop: Shop) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.clock.now += refunds.SETTLES_IN - timedelta(seconds=1)
    refunds.settle_unheard(shop.ports, top_up.reference)
    assert shop.held() == rub("40.00")
    shop.clock.now += timedelta(seconds=1)
    refunds.settle_unheard(shop.ports, top_up.reference)
    assert (shop.balance(), shop.held()) == (rub("100.00"), rub("0.00"))


def test_a_refund_that_a_look_has_booked_is_not_booked_again_by_its_answer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = shop.paid()

    def refund_and_look(*_asked: object) -> None:
        shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
        shop.look(top_up)

    monkeypatch.setattr(shop.connector, "refund", refund_and_look)
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert (shop.balance(), shop.held(), shop.incidents()) == (rub("60.00"), rub("0.00"), [])
    shop.assert_sound()


def test_a_late_refusal_of_one_refund_frees_nothing_of_the_next(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    top_up, refund = shop.paid(), shop.connector.refund

    def refuse_late(*_asked: object) -> None:
        shop.clock.now += refunds.SETTLES_IN
        refunds.settle_unheard(shop.ports, top_up.reference)
        monkeypatch.setattr(shop.connector, "refund", refund)
        shop.connector.troubles = [ProviderUnknown(reason="time-out")]
        with pytest.raises(ProviderUnknown):
            refunds.refund(shop.ports, top_up.reference, rub("30.00"), "staff:1")
        raise ProviderRefused(reason="no")

    monkeypatch.setattr(shop.connector, "refund", refuse_late)
    with pytest.raises(ProviderRefused):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert (shop.balance(), shop.held()) == (rub("100.00"), rub("30.00"))


@pytest.mark.parametrize(
    ("told", "balance", "held"),
    [
        (RefundState.DONE, "60.00", "0.00"),
        (RefundState.FAILED, "100.00", "0.00"),
        (RefundState.ABSENT, "100.00", "40.00"),
    ],
)
def test_a_provider_that_tells_of_a_refund_by_its_key_is_believed_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, told: RefundState, balance: str, held: str
) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    monkeypatch.setattr(FakeConnector, "refund_state", lambda *_asked: told, raising=False)
    refunds.settle_unheard(shop.ports, top_up.reference)
    assert (shop.balance(), shop.held()) == (rub(balance), rub(held))


def test_refunded_before_paid_was_heard_of_books_both(shop: Shop) -> None:
    top_up = shop.begin()
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="30.00")
    for _ in range(2):
        shop.look(top_up)
    assert shop.balance() == rub("70.00")
    assert shop.state(top_up) is TopUpState.PART_REFUNDED


def test_money_that_went_back_though_it_was_spent_is_a_fact_and_an_alarm(shop: Shop) -> None:
    top_up = shop.paid()
    shop.talk(shop.order(), "61")
    shop.provider_says(top_up.number, TopUpState.REFUNDED)
    shop.look(top_up)
    assert shop.balance() == -rub("4.40")
    assert shop.incidents() == ["topup_refund_short"]


# --- what it causes


def test_a_debit_across_the_threshold_and_a_credit_above_the_floor_are_told_once(shop: Shop) -> None:
    def told(kind: outbox.Kind) -> dict[str, object] | None:
        with shop.ports.sessions.read() as db:
            found = outbox.newest(db, shop.caller.id, kind)
        return None if found is None else found.facts

    shop.top_up("21.00")
    assert told("resume") == {"balance_minor": 2100, "currency": "RUB"}
    assert told("low_balance") is None
    shop.talk(shop.order(), "30")
    low = {"balance_minor": 1880, "threshold_minor": 2000, "currency": "RUB"}
    assert told("low_balance") == low
    shop.talk(shop.order(), "30")
    assert told("low_balance") == low  # below already: nothing new


# --- codes that K5 gives out


class Wallet(FakeConnector):
    """A connector that takes no orders and cannot be asked: its payers type a code of ours."""

    start = look = None  # type: ignore[assignment]


class Biller(Shop):
    """The house with such a wallet in front of it."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        super().__init__(sessions, clock)
        self.connector = Wallet(self.connector.partner)
        self.ports = replace(self.ports, connectors=Connectors([self.connector]))


@pytest.fixture
def biller(sessions: Sessions) -> Biller:
    """A house with a wallet in front of it."""
    return Biller(sessions, Clock())


def test_a_code_decides_account_and_sum_once(biller: Biller) -> None:
    top_up = biller.begin()
    assert len(top_up.code) == 7
    assert top_up.code.isdigit()
    assert biller.pays("1", account="whoever", sum="99.00", code=top_up.code) == "refused conflict"
    assert biller.pays("1", account="whoever", sum="100.00", code="0000000x") == "refused account_unknown"
    first = biller.pays("1", account="whoever", sum="100.00", code=top_up.code)
    assert first.startswith("paid")
    assert biller.pays("1", account="whoever", sum="100.00", code=top_up.code) == first
    assert biller.pays("2", account="whoever", sum="100.00", code=top_up.code) == "refused account_unknown"
    assert biller.balance() == rub("100.00")
    assert biller.state(top_up) is PAID
    biller.assert_sound()


def test_a_code_is_good_for_a_quarter_of_an_hour(biller: Biller) -> None:
    top_up = biller.begin()
    biller.clock.forward(minutes=15)
    assert biller.pays("1", sum="100.00", code=top_up.code) == "refused account_unknown"
    assert biller.balance() == rub("0.00")


def test_a_cancelled_payment_by_code_takes_its_top_up_back(biller: Biller) -> None:
    top_up = biller.begin()
    biller.pays("1", sum="100.00", code=top_up.code)
    assert biller.says(do="cancel", key="1").startswith("undone")
    assert biller.state(top_up) is TopUpState.REFUNDED
    biller.assert_sound()


def test_a_provider_that_says_less_went_back_than_is_booked_is_an_incident(shop: Shop) -> None:
    """B5, the other direction: nothing is credited again by itself."""
    top_up = shop.paid()
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
    shop.look(top_up)
    assert shop.incidents() == []
    for told in ("0.00", "39.99"):
        shop.provider_says(top_up.number, PAID, refunded=told)
        shop.look(top_up)
    assert (shop.incidents(), shop.balance()) == (["topup_refund_less"], rub("60.00"))


@pytest.mark.parametrize("told", ["100.00", "100.01", "60.01"])
def test_a_provider_that_says_more_went_back_than_is_left_takes_nothing_and_is_an_incident(
    shop: Shop, told: str
) -> None:
    """A part was paid back by application, so the rest of the payment is all that may go."""
    top_up = shop.paid()
    name = EventName("fake:bank", f"id-{top_up.number}")
    corrections.refund(shop.ports, shop.caller.id, name, rub("40.00"), "by hand", "staff:1")
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded=told)
    for _ in range(2):
        shop.look(top_up)
    assert (shop.incidents(), shop.balance()) == (["topup_refund_excess"], rub("60.00"))
    shop.assert_sound()


def test_a_provider_that_tells_nothing_of_refunds_is_not_taken_for_one_that_tells_of_none(shop: Shop) -> None:
    top_up = shop.paid()
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.provider_says(top_up.number, PAID)
    shop.look(top_up)
    assert shop.incidents() == []


def test_a_look_that_was_asked_before_a_refund_is_no_incident(shop: Shop) -> None:
    top_up = shop.paid()
    asked = topups.find(shop.ports, top_up.reference)
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    book_seen(shop.ports, shop.connector, asked, Seen(PAID, rub("100.00"), rub("0.00")))
    assert shop.incidents() == []


# --- another house's orders


def test_b2_a_notice_of_another_house_s_number_is_nothing_of_ours(shop: Shop) -> None:
    """Its letters differ; an old one of theirs has none."""
    top_up = shop.begin()
    others = [top_up.reference, f"{top_up.reference}-ABCDEFGHJK", f"{top_up.number}-2", f"{top_up.reference}-2"]
    for number in others:
        assert shop.says(do="order", number=number, sum="100.00") == "refused unknown_payment"
        assert shop.says(do="look", number=number) == "refused unknown_payment"
        assert shop.says(do="declined", number=number) == "refused unknown_payment"
    assert (shop.balance(), shop.state(top_up)) == (rub("0.00"), TopUpState.WAITING)
    assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"


def test_b2_another_partner_vouches_for_no_order_of_this_one(shop: Shop) -> None:
    top_up, bank = shop.begin(), shop.connector
    shop.connector = FakeConnector(replace(bank.partner, code="other"))
    shop.ports = replace(shop.ports, connectors=Connectors([bank, shop.connector]))
    shop.provider_says(top_up.number, PAID)
    for said in ({"do": "order", "sum": "100.00"}, {"do": "look"}, {"do": "declined"}):
        assert shop.says(number=top_up.number, **said) == "refused unknown_payment"
    assert (shop.balance(), shop.state(top_up)) == (rub("0.00"), TopUpState.WAITING)


def test_b2_an_old_number_goes_on_working_and_is_asked_about(shop: Shop) -> None:
    top_up = shop.begin()
    with shop.ports.sessions.begin() as db:
        db.execute(update(TopUpRow).where(TopUpRow.owner_id == shop.caller.id).values(mark=""))
        old = top_up_rows.find(db, shop.caller.id, 1)
    assert old is not None
    assert (old.number, old.provider_id) == (top_up.reference, top_up.provider_id)
    assert shop.says(do="order", number=old.number, sum="100.00") == "noted"
    assert shop.balance() == rub("0.00"), "anybody's notice: the provider still waits"
    shop.provider_says(old.number, PAID)
    shop.connector.seen[old.number] = replace(shop.connector.seen[old.number], provider_id=old.provider_id)
    assert shop.says(do="order", number=old.number, sum="100.00", id=old.provider_id) == "noted"
    assert shop.balance() == rub("100.00")
    [found] = search.find_payments(shop.ports, old.number)
    assert found.top_up is not None
    assert found.top_up.state is PAID


def test_b2_a_payment_is_found_by_the_number_its_provider_has(shop: Shop) -> None:
    top_up = shop.paid()
    for name in (top_up.number, top_up.number.lower(), top_up.reference):
        [found] = search.find_payments(shop.ports, name)
        assert found.top_up is not None
        assert found.top_up.reference == top_up.reference
    with pytest.raises(NotFound):
        search.find_payments(shop.ports, f"{top_up.reference}-ABCDEFGHJK")


def test_b2_somebody_else_s_order_is_listed_and_never_credited(shop: Shop) -> None:
    top_up = shop.begin()
    shop.connector.seen[top_up.number] = Seen(PAID, rub("100.00"), provider_id="theirs", is_foreign=True)
    assert shop.look(top_up).state is TopUpState.WAITING
    assert (shop.balance(), shop.incidents()) == (rub("0.00"), ["order_not_ours"])


def test_b2_an_order_that_paid_one_top_up_pays_no_other(shop: Shop) -> None:
    """The gateway names the first one's id for the second: whoever has it."""
    first = shop.paid()
    second = shop.begin("form-2")
    other = subscriber(shop, 1)
    third = topups.begin(shop.ports, other, shop.wish("form-3"))
    for top_up in (second, third):
        shop.connector.seen[top_up.number] = Seen(PAID, rub("100.00"), provider_id=first.provider_id)
        assert topups.look(shop.ports, top_up.reference).state is TopUpState.WAITING
    assert (shop.balance(), shop.incidents()) == (rub("100.00"), ["order_not_ours", "order_not_ours"])


def test_b2_a_provider_that_calls_our_number_used_gets_another(shop: Shop) -> None:
    shop.connector.troubles = [NumberUsed(reason="x"), NumberUsed(reason="x")]
    top_up = shop.begin()
    numbers = [order.number for order in shop.connector.started]
    assert (len(set(numbers)), numbers[-1], top_up.state) == (3, top_up.number, TopUpState.WAITING)
    assert shop.incidents() == ["order_number_used"]
    assert shop.says(do="order", number=numbers[0], sum="100.00") == "refused unknown_payment"


@pytest.mark.parametrize("state", [TopUpState.WAITING, PAID])
def test_b2_used_after_a_lost_answer_may_be_ours_and_is_asked_about(shop: Shop, state: TopUpState) -> None:
    """A provider that takes the same number again: its second answer speaks of what our first request made."""
    shop.connector = Again(shop.connector.partner)
    shop.ports = replace(shop.ports, connectors=Connectors([shop.connector]))
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    shop.connector.answers = [NumberUsed(reason="it is there")]
    shop.connector.on_start = lambda top_up: shop.provider_says(top_up.number, state)
    if state is PAID:
        assert shop.begin().state is PAID
        assert shop.balance() == rub("100.00")
    else:
        with pytest.raises(ProviderRefused):
            shop.begin()
        assert shop.begin().state is TopUpState.UNCLEAR
    assert len({order.number for order in shop.connector.started}) == 1
    assert "order_number_used" not in shop.incidents()


class Again(FakeConnector):
    """A provider that knows an order by our number: the second start has its own answer."""

    starts_are_repeatable = True
    answers: list[K5Error]

    def start(self, top_up: TopUp) -> Started:
        """Begin it, unless an answer to a repeated start is due."""
        if self.started and self.answers:
            self.started.append(top_up)
            raise self.answers.pop(0)
        return super().start(top_up)


def test_a_change_of_state_that_no_table_knows_is_refused(shop: Shop) -> None:
    top_up = shop.paid()
    with shop.ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, shop.caller.id, 1)
        assert kept is not None
        with pytest.raises(ValueError, match="cannot become waiting"):
            top_up_rows.change(db, kept, shop.clock(), state=TopUpState.WAITING)
        with pytest.raises(ValueError, match="cannot be started again"):
            top_up_rows.start_again(db, kept, shop.clock(), mark=kept.mark, attempt=2)
    assert shop.state(top_up) is PAID
