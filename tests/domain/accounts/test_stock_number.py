"""Numbers to rent: states, shapes, what the next one costs. Promises: B7, D1, D3, D4, D5."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from k5web.domain.accounts.stock_number import (
    CODES,
    NumberState,
    StockNumber,
    check_move,
    number_offer,
    service_of,
    stock_number,
)
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Fee, Plan, ServicePrice
from k5web.domain.prices.usage import Every
from k5web.errors import NotOffered, NumberLimit, NumberTaken, WrongCode, WrongNumber

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)


def plan(*services: ServicePrice, fee: str = "") -> Plan:
    fees = (Fee(rub(fee), Every.MONTH),) if fee else ()
    named = {service.code: service for service in services}
    return Plan("own", "own", "b_answer", 1, title="Свой", services=named, fees=fees)


def priced(code: str, price: str, **facts: object) -> ServicePrice:
    return ServicePrice(service_of(code), code, rub(price), Every.ONCE, **facts)  # type: ignore[arg-type]


def test_a_number_goes_only_where_the_diagram_leads() -> None:
    free, reserved, rented, rests = NumberState
    ways = {(free, reserved), (reserved, free), (reserved, rented), (rented, rests), (rests, free)}
    assert {(one, later) for one, later in product(NumberState, repeat=2) if one.may_become(later)} == ways


def test_a_rented_number_cannot_be_reserved() -> None:
    number = StockNumber(Msisdn("74950000101"), False, NumberState.RENTED, 5, NOW, None, 2)
    with pytest.raises(NumberTaken):
        check_move(number, NumberState.RESERVED)


def test_a_reservation_is_over_at_its_last_moment() -> None:
    number = StockNumber(Msisdn("74950000101"), False, NumberState.RESERVED, 5, NOW, NOW + timedelta(minutes=15), 1)
    before, then = NOW + timedelta(minutes=14, seconds=59), NOW + timedelta(minutes=15)
    assert (number.is_reserved_by(5, before), number.is_free(before)) == (True, False)
    assert (number.is_reserved_by(5, then), number.is_free(then)) == (False, True)
    assert not number.is_reserved_by(6, before)


@pytest.mark.parametrize("code", CODES)
def test_numbers_of_every_code_that_is_rented_out_are_taken(code: str) -> None:
    assert stock_number(f"+7{code}0000101") == Msisdn(f"7{code}0000101")


@pytest.mark.parametrize("text", ["+79161234567", "+73832000101", "+996312000101", "+4950000101"])
def test_a_number_of_another_code_is_refused_with_the_codes(text: str) -> None:
    with pytest.raises(WrongCode, match="495, 499, 812, 343, 831, 863, 843, 800"):
        stock_number(text)


@pytest.mark.parametrize("text", ["84950000101", "4950000101", "+749500001", "+749500001011", "", "номер"])
def test_a_number_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(WrongNumber):
        stock_number(text)


def test_a_free_number_of_eight_eight_hundred_is_a_service_of_its_own_name() -> None:
    assert (service_of("800"), service_of("495")) == ("number_8800", "number_495")


def test_the_offer_names_the_fee_of_the_code_and_the_day_of_the_plans_next_fee() -> None:
    """D1, D2."""
    prosto = plan(priced("495", "2500.00"), priced("812", "1000.00"), fee="1000.00")
    offer = number_offer(prosto, "495", [], date(2026, 12, 31))
    assert (offer.fee, offer.plan_fee and offer.plan_fee.amount, offer.due) == (
        rub("2500.00"),
        rub("1000.00"),
        date(2027, 1, 1),
    )
    assert number_offer(prosto, "812", ["495", "495"], TODAY).fee == rub("1000.00")


@pytest.mark.parametrize(
    ("today", "every", "due"),
    [
        (date(2028, 1, 31), Every.MONTH, date(2028, 2, 1)),
        (date(2026, 12, 1), Every.MONTH, date(2027, 1, 1)),
        (date(2028, 2, 28), Every.DAY, date(2028, 2, 29)),
    ],
)
def test_the_next_fee_is_due_on_the_first_or_tomorrow(today: date, every: Every, due: date) -> None:
    daily = replace(plan(priced("495", "1.00")), fees=(Fee(rub("1.00"), every),))
    assert number_offer(daily, "495", [], today).due == due


def test_a_plan_without_fees_has_no_next_one() -> None:
    offer = number_offer(plan(priced("495", "1.00")), "495", [], TODAY)
    assert (offer.plan_fee, offer.due) == (None, None)


def test_a_plan_without_the_service_offers_no_number() -> None:
    """D5."""
    with pytest.raises(NotOffered):
        number_offer(plan(priced("495", "1.00")), "812", [], TODAY)


def test_what_recurs_is_not_offered_as_a_fee_of_once() -> None:
    monthly = ServicePrice("number_495", "", rub("100.00"), Every.MONTH)
    with pytest.raises(NotOffered):
        number_offer(plan(monthly), "495", [], TODAY)


def test_one_number_in_either_code_is_part_of_the_plan_and_no_second_one() -> None:
    """B7: «один бесплатный номер в коде 495 или 499»."""
    go = plan(priced("495", "0.00", most=1), priced("499", "0.00", most=1, together_with="number_495"))
    assert number_offer(go, "499", [], TODAY).fee == rub("0.00")
    for wanted, rented in product(("495", "499"), repeat=2):
        with pytest.raises(NumberLimit):
            number_offer(go, wanted, [rented], TODAY)
    assert number_offer(go, "495", ["812"], TODAY).fee == rub("0.00"), "a number of a former plan is not counted"


def test_included_pieces_cost_nothing_and_the_next_one_its_price() -> None:
    offered = plan(priced("495", "300.00", included=2))
    fees = [number_offer(offered, "495", ["495"] * had, TODAY).fee for had in range(4)]
    assert fees == [Money(0), Money(0), rub("300.00"), rub("300.00")]
