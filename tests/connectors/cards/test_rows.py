"""The edge cases of the card gateway, row by row, through the services: the simulated gateway, a real ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.wrappers import Response

from connectors.cards.sandbox_bank import SandboxOrder
from connectors.cards.wire import OrderState
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import InsufficientFunds, ProviderRefused, ProviderUnknown
from k5web.services.payments import topups
from k5web.storage.payments import top_up_rows
from tests.connectors.card_house import CardHouse

pytestmark = pytest.mark.server

S = TopUpState


def first_number(top_up: TopUp) -> str:
    """The number of the attempt whose answer was lost."""
    return replace(top_up, attempt=1).number


def test_row_1_a_lost_registration_gets_another_number_and_only_one_is_credited(house: CardHouse) -> None:
    lost = {"register": lambda: Response(status=504)}
    house.gateway.does_first, house.gateway.trouble = True, lost
    house.gateway.heals_after = 1
    top_up = house.begin()
    assert (top_up.state, top_up.number) == (S.WAITING, f"{first_number(top_up)}-2")
    assert {order.number for order in house.gateway.bank.orders.values()} == {first_number(top_up), top_up.number}
    order = house.pay(top_up)
    assert house.call_back(order) == 200
    assert house.balance() == rub("500.00")


def another_house_s(house: CardHouse, number: str, amount: int = 50000) -> SandboxOrder:
    """An order of this number that somebody else registered long ago, and that was paid."""
    long_ago = house.clock() - timedelta(days=40)
    order = SandboxOrder(number, amount, "643", "https://other.example", long_ago + timedelta(hours=1), False, long_ago)
    house.gateway.bank.register(order)
    order.state, order.deposited, order.action, order.taken_at = OrderState.TAKEN, amount, "0", long_ago
    return order


@pytest.fixture
def same_letters(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The letters of the next numbers: as if another house, or an older copy of this one, had made the same."""
    letters = ["ABCDQQQQQQ", "ABCDZZZZZZ", "ABCDYYYYYY", "ABCDXXXXXX", "ABCDWWWWWW"]
    monkeypatch.setattr(top_up_rows, "new_mark", lambda db: letters.pop(0))
    return letters


def test_b2_row_2_a_number_used_by_somebody_else_is_left_to_him(house: CardHouse, same_letters: list[str]) -> None:
    """The first of the issue's kind: two houses on one login, the old order found paid, and credited."""
    theirs = another_house_s(house, f"K5-{house.owner.id}-1-ABCDQQQQQQ")
    top_up = house.begin()
    assert (top_up.state, top_up.attempt, top_up.mark) == (S.WAITING, 1, "ABCDZZZZZZ")
    assert house.balance() == rub("0.00")
    assert house.incidents() == {"order_number_used"}
    assert house.call_back(theirs) == 500, "their call-back names no order of ours"
    house.clock.forward(hours=2)
    house.poll()
    assert house.balance() == rub("0.00")


def test_b2_a_number_used_by_somebody_else_again_and_again_begins_nothing(
    house: CardHouse, same_letters: list[str]
) -> None:
    for letters in set(same_letters):
        another_house_s(house, f"K5-{house.owner.id}-1-{letters}")
    with pytest.raises(ProviderRefused):
        house.begin()
    [kept] = topups.page(house.ports, house.owner.id)
    assert (kept.state, kept.look_at, house.balance()) == (S.DECLINED, None, rub("0.00"))


@pytest.mark.parametrize("amount", [50000, 30000])
def test_b2_a_lost_answer_does_not_make_somebody_else_s_order_ours(
    amount: int, house: CardHouse, same_letters: list[str]
) -> None:
    another_house_s(house, f"K5-{house.owner.id}-1-ABCDQQQQQQ", amount)
    house.gateway.trouble = {"register": lambda: Response(status=504)}
    house.gateway.heals_after = 1
    top_up = house.begin()
    assert (top_up.state, top_up.mark, house.balance()) == (S.WAITING, "ABCDZZZZZZ", rub("0.00"))
    assert house.incidents() == {"order_number_used"}


def test_b2_the_same_id_for_two_top_ups_credits_one(house: CardHouse) -> None:
    """A gateway that gives an order's id a second time: it is the first one's."""
    first = house.begin()
    house.call_back(house.pay(first))
    again = f'{{"errorCode":"0","orderId":"{first.provider_id}","formUrl":"{house.gateway.url}/pay"}}'
    house.gateway.trouble = {"register": lambda: Response(again, content_type="application/json")}
    house.gateway.heals_after = 1
    second = house.begin()
    assert second.provider_id not in {"", first.provider_id}
    assert (house.balance(), house.incidents()) == (rub("500.00"), {"order_number_used"})


def test_b2_an_older_copy_of_the_database_makes_other_numbers(house: CardHouse) -> None:
    with house.ports.sessions.read() as db:
        first, second = top_up_rows.new_mark(db), top_up_rows.new_mark(db)
    assert (first[:4], first != second) == (second[:4], True)


def test_rows_1_and_2_a_gateway_that_stays_silent_is_asked_later(house: CardHouse) -> None:
    house.gateway.does_first, house.gateway.trouble = True, {"register": lambda: Response(status=504)}
    with pytest.raises(ProviderUnknown):
        house.begin()


def test_row_3_a_call_back_that_overtook_the_answer_is_found_by_its_number(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    with house.ports.sessions.begin() as db:  # as it was before the answer to the registration was kept
        kept = top_up_rows.lock(db, top_up)
        top_up_rows.change(db, kept, house.clock(), pay_url="")
        top_up_rows.start_again(db, kept, house.clock(), mark=kept.mark, attempt=1)
    assert house.call_back(order) == 200
    assert house.balance() == rub("500.00")


def test_row_3_a_call_back_about_nothing_we_know_is_to_be_repeated(house: CardHouse) -> None:
    order = house.order(house.begin())
    assert house.call_back(order, orderNumber="K5-1-1") == 500
    assert house.call_back(order, orderNumber="something-else") == 500


def test_row_4_a_repeated_call_back_credits_once(house: CardHouse) -> None:
    order = house.pay(house.begin())
    assert [house.call_back(order) for _ in range(3)] == [200] * 3
    assert house.balance() == rub("500.00")


@pytest.mark.parametrize("checksum", ["0" * 64, ""])
def test_rows_5_and_6_a_forged_call_back_asks_nobody(checksum: str, house: CardHouse) -> None:
    order = house.pay(house.begin())
    house.gateway.asked.clear()
    said = {"mdOrder": order.id, "orderNumber": order.number, "operation": "deposited", "status": "1"}
    assert house.say(said | ({"checksum": checksum} if checksum else {})) == 403
    assert house.gateway.asked == {}
    assert house.balance() == rub("0.00")


def test_row_8_a_call_back_that_is_early_credits_nothing_yet(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.order(top_up)
    for state in (OrderState.REGISTERED, OrderState.AT_ISSUER):
        order.state = state
        assert house.call_back(order) == 200
        assert (house.balance(), house.state(top_up)) == (rub("0.00"), S.WAITING)
    order.state = OrderState.REGISTERED
    house.pay(top_up)
    assert topups.look(house.ports, top_up.reference).state is S.PAID
    assert house.balance() == rub("500.00")


def test_row_9_a_refund_that_is_told_first_is_booked_after_the_credit(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.gateway.bank.refund(order, 20000)
    assert house.call_back(order, "refunded") == 200
    assert (house.state(top_up), house.balance()) == (S.PART_REFUNDED, rub("300.00"))
    assert house.call_back(order, "deposited") == 200
    assert house.balance() == rub("300.00")
    assert house.amounts() == ["-200.00", "500.00"]


def test_row_10_a_time_out_after_the_payment_changes_nothing(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.call_back(order)
    assert house.call_back(order, "declinedByTimeout") == 200
    assert (house.state(top_up), house.balance()) == (S.PAID, rub("500.00"))


def test_row_11_another_sum_is_an_incident_and_no_credit(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    order.deposited = 49900
    assert house.call_back(order) == 200
    assert house.balance() == rub("0.00")
    assert "topup_amount" in house.incidents()


def test_row_12_the_old_currency_number_is_roubles(house: CardHouse) -> None:
    order = house.pay(house.begin())
    order.currency = "810"
    assert house.call_back(order) == 200
    assert house.balance() == rub("500.00")


def test_row_13_who_never_comes_back_is_found_by_looking(house: CardHouse) -> None:
    top_up = house.begin()
    house.pay(top_up)
    house.clock.forward(seconds=59)
    house.poll()
    assert house.state(top_up) is S.WAITING
    house.clock.forward(seconds=1)
    house.poll()
    assert house.balance() == rub("500.00")


def test_row_14_a_refund_without_an_answer_is_not_made_twice(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.call_back(order)
    house.gateway.does_first, house.gateway.trouble = True, {"refund": lambda: Response(status=504)}
    with pytest.raises(ProviderUnknown):
        house.refund(top_up, "100.00")
    house.gateway.trouble = {}
    assert topups.look(house.ports, top_up.reference).state is S.PART_REFUNDED
    assert (order.refunded, house.balance()) == (10000, rub("400.00"))


def test_row_15_more_than_is_left_is_refused_before_the_gateway_is_asked(house: CardHouse) -> None:
    top_up = house.begin()
    house.call_back(house.pay(top_up))
    house.spend("450.00")
    house.gateway.asked.clear()
    with pytest.raises(InsufficientFunds):
        house.refund(top_up, "100.00")
    assert "refund" not in house.gateway.asked
    house.refund(top_up, "50.00")
    assert house.balance() == rub("0.00")


def test_row_17_a_payment_reversed_in_the_evening_goes_back(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.call_back(order)
    house.spend("100.00")
    house.gateway.bank.reverse(order, None)
    assert house.call_back(order, "reversed") == 200
    assert (house.state(top_up), house.balance()) == (S.REFUNDED, -rub("100.00"))
    assert "topup_refund_short" in house.incidents()


def test_row_18_a_second_paid_order_of_one_top_up_is_credited_and_listed(house: CardHouse) -> None:
    house.gateway.does_first, house.gateway.trouble = True, {"register": lambda: Response(status=504)}
    house.gateway.heals_after = 1
    top_up = house.begin()
    house.call_back(house.pay(top_up))
    lost = next(order for order in house.gateway.bank.orders.values() if order.number == first_number(top_up))
    house.gateway.bank.pay(lost, "4111111111111111", "203012", keeps=False)
    assert house.call_back(lost) == 200
    assert house.balance() == rub("1000.00")
    assert "topup_paid_twice" in house.incidents()


def test_row_20_a_part_given_back_at_the_bank_is_debited_by_difference(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.call_back(order)
    for part, state, left in (("1", S.PART_REFUNDED, "400.00"), ("4", S.REFUNDED, "0.00")):
        house.gateway.bank.refund(order, int(part) * 10000)
        assert [house.call_back(order, "refunded") for _ in range(2)] == [200, 200]
        assert (house.state(top_up), house.balance()) == (state, rub(left))


def test_money_that_comes_after_the_end_is_credited(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.order(top_up)
    house.clock.forward(minutes=20)
    assert topups.look(house.ports, top_up.reference).state is S.EXPIRED
    order.state, order.deposited, order.action, order.taken_at = OrderState.TAKEN, 50000, "0", house.clock()
    assert house.call_back(order) == 200
    assert (house.state(top_up), house.balance()) == (S.PAID, rub("500.00"))


def test_the_same_form_twice_is_one_order(house: CardHouse) -> None:
    first = house.begin(form_key="one")
    assert house.begin(form_key="one").reference == first.reference
    assert len(house.gateway.bank.orders) == 1
