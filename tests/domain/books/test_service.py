"""What a charge was for, by its house account and the name of its event."""

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.books.service import (
    ServiceKind,
    charge_name,
    corrected_name,
    first_charge,
    is_charge,
    is_corrected,
    kind_of,
    order_name,
    ordered_number,
    reversal_of,
)
from k5web.domain.prices.number import Msisdn

CHARGES = {
    ServiceKind.CALLS: ("sale.call", EventName("call", "8841-1")),
    ServiceKind.MONTHLY_FEE: ("sale.fee", EventName("fee", "2:2026-12")),
    ServiceKind.DAILY_FEE: ("sale.fee", EventName("fee", "2:2026-12-03")),
    ServiceKind.NUMBER: ("sale.order", EventName("order", "number 74950000101 form-1")),
    ServiceKind.ORDER: ("sale.order", EventName("order", "form-2")),
    ServiceKind.PROMISE: ("sale.order", EventName("promise", "1")),
    ServiceKind.OTHER: ("sale.gate", EventName("gate", "1")),
}


@pytest.mark.parametrize("kind", ServiceKind)
def test_a_charge_and_what_takes_it_back_are_of_one_kind(kind: ServiceKind) -> None:
    counter, name = CHARGES[kind]
    assert kind_of(counter, name) is kind
    assert kind_of(counter, reversal_of(name)) is kind
    assert kind_of(counter, reversal_of(reversal_of(name))) is kind


@pytest.mark.parametrize("kind", ServiceKind)
def test_the_right_charge_has_a_name_of_its_own_that_leads_back(kind: ServiceKind) -> None:
    """B11: and it is of the same kind, as is what takes it back."""
    counter, name = CHARGES[kind]
    right = corrected_name(name)
    assert (is_corrected(name), is_corrected(right)) == (False, True)
    assert first_charge(right) == first_charge(reversal_of(right)) == first_charge(name) == name
    assert charge_name(right) == charge_name(reversal_of(right)) == right, "an act counts it by itself"
    assert kind_of(counter, right) is kind


def test_a_corrected_call_is_a_call() -> None:
    assert kind_of("sale.call", EventName("call", "8841-1#2")) is ServiceKind.CALLS


@pytest.mark.parametrize("digits", ["4930112", "996312000001", "123456789012345"])
def test_a_number_of_any_country_is_known_by_its_order(digits: str) -> None:
    name = order_name(Msisdn(digits), "form-1")
    assert ordered_number(name) == Msisdn(digits)
    assert kind_of("sale.order", name) is ServiceKind.NUMBER


@pytest.mark.parametrize("name", [EventName("call", "8841-1"), EventName("reversal", "whole")])
def test_a_name_that_takes_nothing_back_is_its_own(name: EventName) -> None:
    assert charge_name(name) == name


def test_a_reversal_tells_which_charge_it_is_about_however_often_it_was_undone() -> None:
    number = EventName("order", "number 74950000101 form-1")
    assert charge_name(reversal_of(number)) == charge_name(reversal_of(reversal_of(number))) == number


@pytest.mark.parametrize("counter", ["gift", "refund", "transfer", "cash.fake", "expired", "loss"])
def test_what_goes_elsewhere_is_no_charge(counter: str) -> None:
    assert not is_charge(counter)
    assert is_charge("sale.call")


def test_an_order_names_its_number_and_no_other_event_does() -> None:
    name = order_name(Msisdn("74950000101"), "form-1")
    assert (name.origin, ordered_number(name)) == ("order", Msisdn("74950000101"))
    for other in (EventName("order", "option 7"), EventName("call", name.key), EventName("order", "number 7495 x")):
        assert ordered_number(other) is None
