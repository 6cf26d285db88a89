"""What an order's state says about money: each state, each trap of the sums, each row of the edge cases it decides."""

import json
from dataclasses import replace

import pytest

from connectors.cards import states, wire
from connectors.cards.wire import OrderState
from k5web.domain.money import Money, rub
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import SavedCard, TopUp, TopUpState
from tests.conftest import Clock
from tests.connectors.cards.acquirer import ANSWER, MD_ORDER, a_top_up

S = TopUpState


def seen(top_up: TopUp, clock: Clock, sums: tuple[int, int] | None = None, **changed: object) -> Seen:
    """Return what an answer with these fields says; `sums` are the deposited and the refunded amount."""
    answer = {**ANSWER, **changed}
    if sums:
        answer["paymentAmountInfo"] = {"depositedAmount": sums[0], "refundedAmount": sums[1]}
    return states.seen(wire.read_order(wire.read_fields(json.dumps(answer).encode())), top_up, clock())


@pytest.fixture
def top_up(clock: Clock) -> TopUp:
    """A top-up that is registered and waits."""
    return a_top_up(clock, state=S.WAITING, provider_id=MD_ORDER)


@pytest.fixture
def paid(clock: Clock) -> TopUp:
    """A top-up that is credited."""
    return a_top_up(clock, state=S.PAID, provider_id=MD_ORDER)


def test_a_taken_order_is_paid_with_its_sum_its_time_and_its_card(top_up: TopUp, clock: Clock) -> None:
    found = seen(top_up, clock)
    assert (found.state, found.amount, found.refunded, found.provider_id) == (
        S.PAID,
        rub("500.00"),
        rub("0.00"),
        MD_ORDER,
    )
    assert found.occurred_at is not None
    assert found.occurred_at.isoformat() == "2026-12-01T10:00:08+00:00"
    assert found.saved_card == SavedCard("fdbbc879-c171", "4111**1111", "203012")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *[(0, S.WAITING), (1, S.HELD), (2, S.PAID), (3, S.DECLINED), (5, S.WAITING), (6, S.WAITING)],
        *[(7, S.WAITING), (8, S.HELD), ("2", S.PAID)],
    ],
)
def test_each_state_of_an_order_has_ours(status: object, state: TopUpState, top_up: TopUp, clock: Clock) -> None:
    assert seen(top_up, clock, orderStatus=status).state is state


def test_every_state_is_known_and_an_unknown_one_is_an_error(top_up: TopUp, clock: Clock) -> None:
    for state in OrderState:
        assert isinstance(seen(top_up, clock, orderStatus=int(state.value), sums=(50000, 50000)).state, TopUpState)
    for unknown in (9, -1, "paid", True):
        with pytest.raises(ValueError, match="not a valid OrderState"):
            seen(top_up, clock, orderStatus=unknown)


def test_an_answer_without_a_state_is_unclear(top_up: TopUp, clock: Clock) -> None:
    answer = {name: value for name, value in ANSWER.items() if name != "orderStatus"}
    order = wire.read_order(wire.read_fields(json.dumps(answer).encode()))
    assert states.seen(order, top_up, clock()).state is S.UNCLEAR


@pytest.mark.parametrize(
    "changed",
    [
        {"orderNumber": "K5-8841-13"},
        {"orderNumber": "K5-8841-12-2"},
        {"attributes": [{"name": "mdOrder", "value": "another"}]},
        {"attributes": []},
        {"attributes": "none"},
    ],
)
def test_an_answer_about_another_order_is_nothing_of_ours(
    changed: dict[str, object], top_up: TopUp, clock: Clock
) -> None:
    found = seen(top_up, clock, None, **changed)
    assert (found.state, found.is_foreign, found.amount) == (S.UNCLEAR, True, None)


@pytest.mark.parametrize("currency", ["999", None])
def test_an_order_in_no_currency_of_ours_is_unclear(currency: str | None, top_up: TopUp, clock: Clock) -> None:
    found = seen(top_up, clock, currency=currency)
    assert (found.state, found.amount) == (S.UNCLEAR, None)


MARKED = "K5-8841-12-QKXR7T2P4W"


@pytest.mark.parametrize(
    ("changed", "is_ours"),
    [
        ({}, True),
        ({"orderDescription": MARKED}, True),
        ({"date": -599}, True),
        ({"date": -601}, False),
        ({"date": -86_400 * 365}, False),
        ({"amount": 50001}, False),
        ({"orderDescription": "K5-8841-12"}, False),
        ({"orderNumber": "K5-8841-12"}, False),
    ],
)
def test_an_order_found_by_its_number_is_ours_by_its_date_its_sum_and_its_words(
    changed: dict[str, object], is_ours: bool, clock: Clock
) -> None:
    """The answer to its registration was lost: nothing else tells whose it is."""
    asked = a_top_up(clock, mark="QKXR7T2P4W")
    at = int(clock().timestamp()) + int(str(changed.get("date", 5)))
    found = seen(asked, clock, None, **{"orderNumber": MARKED, **changed, "date": at * 1000})
    assert (found.is_foreign, found.state is S.PAID) == (not is_ours, is_ours)


@pytest.mark.parametrize(("age_s", "is_ours"), [(-5, True), (3600, False), (None, False)])
def test_an_old_number_without_letters_is_ours_by_its_date_alone(
    age_s: int | None, is_ours: bool, clock: Clock
) -> None:
    dated = {} if age_s is None else {"date": (int(clock().timestamp()) - age_s) * 1000}
    assert seen(a_top_up(clock), clock, None, **dated).is_foreign is not is_ours


def test_every_declined_try_counts_that_the_gateway_tells_of(top_up: TopUp, clock: Clock) -> None:
    failed = {"orderStatus": 6, "actionCode": 116}
    assert seen(top_up, clock, orderStatus=0, actionCode=-100).declines == 0
    assert seen(top_up, clock, None, **failed).declines == 1
    assert seen(top_up, clock, None, **failed, operations=[{"actionCode": 116}, {"actionCode": 116}]).declines == 2
    assert seen(top_up, clock, orderStatus=6, actionCode=-2013).declines == 3
    assert seen(top_up, clock, operations=[{"actionCode": 116}, {"actionCode": 0}, "odd", {}]).declines == 1


def test_row_11_another_sum_is_told_as_it_is(top_up: TopUp, clock: Clock) -> None:
    assert seen(top_up, clock, sums=(49999, 0)).amount == rub("499.99")
    assert seen(top_up, clock, currency="417").amount == Money(50000, "KGS")


def test_row_12_the_old_number_of_the_rouble_is_read(top_up: TopUp, clock: Clock) -> None:
    assert seen(top_up, clock, currency="810").amount == rub("500.00")
    assert "810" not in wire.CURRENCIES.values()


def test_row_20_a_part_that_went_back_shows_as_all_of_it(paid: TopUp, clock: Clock) -> None:
    for deposited in (50000, 40000):  # some gateways lower it
        found = seen(paid, clock, orderStatus=4, sums=(deposited, 10000))
        assert (found.state, found.amount, found.refunded) == (S.PART_REFUNDED, rub("500.00"), rub("100.00"))
    for deposited in (50000, 0):
        found = seen(paid, clock, orderStatus=4, sums=(deposited, 50000))
        assert (found.state, found.amount, found.refunded) == (S.REFUNDED, rub("500.00"), rub("500.00"))


def test_row_9_a_refund_that_is_heard_of_first_tells_both_sums(top_up: TopUp, clock: Clock) -> None:
    found = seen(top_up, clock, orderStatus=4, sums=(50000, 20000))
    assert (found.amount, found.refunded) == (rub("500.00"), rub("200.00"))


def test_a_refund_without_a_sum_is_unclear(top_up: TopUp, clock: Clock) -> None:
    assert seen(top_up, clock, orderStatus=4, paymentAmountInfo={}).state is S.UNCLEAR


def test_row_17_a_payment_reversed_at_the_bank_goes_back(paid: TopUp, top_up: TopUp, clock: Clock) -> None:
    found = seen(paid, clock, orderStatus=3, sums=(0, 0))
    assert (found.state, found.refunded) == (S.REFUNDED, rub("500.00"))
    assert seen(top_up, clock, orderStatus=3, sums=(0, 0)).state is S.DECLINED  # nothing was credited


def test_a_part_reversed_at_the_bank_goes_back(paid: TopUp, clock: Clock) -> None:
    found = seen(paid, clock, sums=(40000, 0))
    assert (found.state, found.refunded) == (S.PART_REFUNDED, rub("100.00"))


@pytest.mark.parametrize(
    ("action", "early", "late"),
    [
        (116, S.WAITING, S.DECLINED),  # not enough money: two tries are left
        (101, S.WAITING, S.DECLINED),
        (-100, S.WAITING, S.EXPIRED),
        (-2007, S.EXPIRED, S.EXPIRED),
        (-2013, S.DECLINED, S.DECLINED),
        (910, S.UNCLEAR, S.UNCLEAR),
        (1001, S.UNCLEAR, S.UNCLEAR),
        (1018, S.UNCLEAR, S.UNCLEAR),
        (1019, S.UNCLEAR, S.UNCLEAR),
    ],
)
def test_a_failed_try_ends_nothing_before_the_order_s_time(
    action: int, early: TopUpState, late: TopUpState, top_up: TopUp, clock: Clock
) -> None:
    assert seen(top_up, clock, orderStatus=6, actionCode=action).state is early
    clock.forward(minutes=20)
    assert seen(top_up, clock, orderStatus=6, actionCode=action).state is late


def test_a_saved_card_is_tried_once_where_its_owner_sees_no_page(clock: Clock) -> None:
    alone = a_top_up(clock, state=S.WAITING, provider_id=MD_ORDER, saved_card_id="fdbbc879-c171", is_automatic=True)
    assert seen(alone, clock, orderStatus=6, actionCode=116).state is S.DECLINED
    on_a_page = replace(alone, pay_url="https://bank.example/page", is_automatic=False)
    assert seen(on_a_page, clock, orderStatus=6, actionCode=116).state is S.WAITING


def test_somebody_else_s_card_is_not_kept(top_up: TopUp, clock: Clock) -> None:
    assert seen(top_up, clock, bindingInfo={"clientId": "k5-cust-other", "bindingId": "b"}).saved_card is None
