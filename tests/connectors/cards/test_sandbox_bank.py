"""The simulated gateway's orders: what each test card does, how often, and what may go back; nothing of HTTP."""

import re
from datetime import timedelta

import pytest

from connectors.cards import acquirer
from connectors.cards.sandbox_bank import CARDS, ISSUER_CODE, Bank, Behaviour, Refused, SandboxOrder, lifetime
from connectors.cards.wire import OrderState
from tests.conftest import Clock
from tests.connectors.cards.acquirer import acquirer_table

CARD = {behaviour: card for card, behaviour in CARDS.items()}


class Tried:
    """A bank with one order of 500 roubles, and what it told K5."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.told: list[tuple[str, bool]] = []
        self.bank = Bank(acquirer.read(acquirer_table()), clock, self._tell, late_s=0.01)
        self.order = self.bank.register(self.new("K5-1-1"))

    def new(self, number: str, **facts: bool) -> SandboxOrder:
        now = self.clock()
        ends_at = now + timedelta(minutes=20)
        is_held = facts.get("is_two_stage", False)
        return SandboxOrder(number, 50000, "643", "https://t.k5.ru/x", ends_at, is_held, now, client_id="anna")

    def pay(self, behaviour: Behaviour, keeps: bool = False) -> Behaviour:
        return self.bank.pay(self.order, CARD[behaviour], "203012", keeps)

    def _tell(self, order: SandboxOrder, operation: str, is_success: bool) -> None:
        self.told.append((operation, is_success))


@pytest.fixture
def tried(clock: Clock) -> Tried:
    return Tried(clock)


@pytest.mark.parametrize(
    ("behaviour", "state", "told"),
    [
        (Behaviour.PAYS, OrderState.TAKEN, [("deposited", True)]),
        (Behaviour.ASKS_ISSUER, OrderState.AT_ISSUER, []),
        (Behaviour.DECLINES, OrderState.DECLINED, [("deposited", False)]),
        (Behaviour.TIMES_OUT, OrderState.DECLINED, [("declinedByTimeout", True)]),
    ],
)
def test_each_test_card_does_what_it_is_for(
    tried: Tried, behaviour: Behaviour, state: OrderState, told: list[tuple[str, bool]]
) -> None:
    assert tried.pay(behaviour) is behaviour
    assert (tried.order.state, tried.told) == (state, told)
    assert tried.order.deposited == (50000 if state is OrderState.TAKEN else 0)


def test_a_card_nobody_knows_is_declined(tried: Tried) -> None:
    assert tried.bank.pay(tried.order, "1", "", keeps=False) is Behaviour.DECLINES


def test_a_number_is_registered_once(tried: Tried) -> None:
    with pytest.raises(Refused, match="уже обработан") as refused:
        tried.bank.register(tried.new("K5-1-1"))
    assert refused.value.code == "1"


def test_an_order_is_found_by_its_id_or_its_number(tried: Tried) -> None:
    assert tried.bank.find(tried.order.id) is tried.bank.find("", "K5-1-1") is tried.order
    for order_id, number in (("x", ""), ("", "K5-1-2"), ("", "")):
        with pytest.raises(Refused) as refused:
            tried.bank.find(order_id, number)
        assert refused.value.code == "6"


def test_three_declined_tries_or_a_payment_end_an_order(tried: Tried) -> None:
    for _ in range(3):
        tried.pay(Behaviour.DECLINES)
    assert (tried.order.action, tried.order.is_payable) == ("-2013", False)
    assert [action for _, action in tried.order.failures] == ["116"] * 3
    with pytest.raises(Refused):
        tried.pay(Behaviour.PAYS)


def test_an_order_ends_by_its_time(tried: Tried) -> None:
    tried.clock.forward(minutes=20)
    with pytest.raises(Refused):
        tried.pay(Behaviour.PAYS)
    assert tried.bank.find(tried.order.id).action == "-2007"
    assert tried.told == [("declinedByTimeout", True)]


@pytest.mark.parametrize(
    ("code", "state"), [(ISSUER_CODE, OrderState.TAKEN), ("000000", OrderState.DECLINED), ("", OrderState.DECLINED)]
)
def test_the_issuers_code_decides(tried: Tried, code: str, state: OrderState) -> None:
    with pytest.raises(Refused):
        tried.bank.prove(tried.order, code)  # nobody asked yet
    tried.pay(Behaviour.ASKS_ISSUER)
    assert tried.bank.prove(tried.order, code) is (state is OrderState.TAKEN)
    assert tried.order.state is state


def test_in_two_stages_money_is_held_and_then_taken_or_released(tried: Tried) -> None:
    tried.order = tried.bank.register(tried.new("K5-1-2", is_two_stage=True))
    tried.pay(Behaviour.PAYS)
    assert (tried.order.state, tried.order.deposited, tried.told) == (OrderState.HELD, 0, [("approved", True)])
    for amount in (0, 50001):
        with pytest.raises(Refused):
            tried.bank.deposit(tried.order, amount)
    tried.bank.deposit(tried.order, 40000)
    assert (tried.order.state, tried.order.deposited) == (OrderState.TAKEN, 40000)


def test_a_payment_is_reversed_once_and_on_its_day_only(tried: Tried) -> None:
    tried.pay(Behaviour.PAYS)
    tried.bank.reverse(tried.order, 10000)
    assert (tried.order.state, tried.order.deposited) == (OrderState.TAKEN, 40000)
    with pytest.raises(Refused, match="состояние") as refused:
        tried.bank.reverse(tried.order, 10000)
    assert refused.value.code == "5"
    other = tried.order = tried.bank.register(tried.new("K5-1-2"))
    tried.pay(Behaviour.PAYS)
    tried.clock.forward(days=1)
    with pytest.raises(Refused, match="возврат") as late:
        tried.bank.reverse(other, None)
    assert late.value.code == "7"


def test_no_more_is_refunded_than_was_taken(tried: Tried) -> None:
    with pytest.raises(Refused):
        tried.bank.refund(tried.order, 1)
    tried.pay(Behaviour.PAYS)
    tried.bank.refund(tried.order, 20000)
    for amount in (0, 30001):
        with pytest.raises(Refused):
            tried.bank.refund(tried.order, amount)
    tried.bank.refund(tried.order, 30000)
    assert (tried.order.state, tried.order.refunded) == (OrderState.REFUNDED, 50000)


def test_a_kept_card_is_charged_for_its_owner_until_it_is_forgotten(tried: Tried) -> None:
    tried.pay(Behaviour.ASKS_ISSUER, keeps=True)
    [kept] = tried.bank.bindings
    strange = tried.bank.register(tried.new("K5-2-1"))
    strange.client_id = "boris"
    with pytest.raises(Refused) as refused:
        tried.bank.pay_by_binding(strange, kept)
    assert refused.value.code == "1"
    again = tried.bank.register(tried.new("K5-1-2"))
    again.is_automatic = True
    assert tried.bank.pay_by_binding(again, kept) is Behaviour.PAYS  # the issuer is not asked
    tried.bank.unbind(kept)
    with pytest.raises(Refused) as gone:
        tried.bank.pay_by_binding(tried.bank.register(tried.new("K5-1-3")), kept)
    assert gone.value.code == "2"


def test_a_card_is_kept_once(tried: Tried) -> None:
    tried.pay(Behaviour.DECLINES, keeps=True)
    tried.pay(Behaviour.DECLINES, keeps=True)
    assert len(tried.bank.bindings) == 1


def test_an_unpaid_order_is_declined_and_a_paid_one_is_not(tried: Tried) -> None:
    tried.bank.decline(tried.order)
    assert tried.order.state is OrderState.DECLINED
    with pytest.raises(Refused):
        tried.bank.decline(tried.order)


@pytest.mark.parametrize("seconds", ["-5", "1.5", "soon", "\u0665"])
def test_a_lifetime_that_is_no_whole_number_is_refused(seconds: str, clock: Clock) -> None:
    assert lifetime("60", clock(), 1200) == clock() + timedelta(minutes=1)
    assert lifetime("", clock(), 1200) == clock() + timedelta(minutes=20)
    with pytest.raises(Refused, match=re.escape("sessionTimeoutSecs")):
        lifetime(seconds, clock(), 1200)
