"""What a call would cost, told before it is dialled: the other party's leg alone (A2, B7)."""

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.errors import EmergencyNumber, InsufficientFunds, K5Error, PlanUnpaid, WrongNumber
from k5web.services.pbx import dialling, people
from k5web.services.prices import billing
from tests.services.house import House, publish
from tests.services.pbx.organisations import fresh, take_plan


def test_only_the_other_leg_is_paid_and_no_phone_of_ones_own_is_needed(k5: House) -> None:
    """On the first plan a callback costs both legs, 2.20; from the browser it is 0.45."""
    k5.top_up("4.50")
    found = dialling.look_up(k5.ports, fresh(k5), "8 495 123-45-67")
    assert found.rate is not None
    assert (found.dials, found.number) == ("74951234567", Msisdn("74951234567"))
    assert found.rate.per_minute == Price.parse("0.45")
    assert found.minutes == 10


def test_gift_minutes_are_told(k5: House) -> None:
    publish(k5.ports, name="clovertel")
    take_plan(k5, "go-100", "700.00")
    found = dialling.look_up(k5.ports, fresh(k5), "+74951234567")
    assert found.gift_minutes == min(100, found.minutes)


def test_a_colleague_is_free_by_the_extension(k5: House) -> None:
    take_plan(k5)
    people.add_person(k5.ports, k5.caller.id, "Анна", "77")
    found = dialling.look_up(k5.ports, fresh(k5), " 77 ")
    assert (found.dials, found.title, found.rate, found.number) == ("77", "Анна", None, None)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [("", WrongNumber), ("abc", WrongNumber), ("78", WrongNumber), ("112", EmergencyNumber), ("102", K5Error)],
)
def test_what_leads_nowhere_is_refused(k5: House, typed: str, refusal: type[K5Error]) -> None:
    k5.top_up("100.00")
    with pytest.raises(refusal):
        dialling.look_up(k5.ports, fresh(k5), typed)


def test_an_emergency_number_is_dialled_where_there_is_a_line_for_it(k5: House) -> None:
    assert dialling.look_up(k5.ports, fresh(k5), "112", has_emergency=True).dials == "112"


def test_without_money_for_a_minute_nothing_is_dialled(k5: House) -> None:
    k5.top_up("0.44")
    with pytest.raises(InsufficientFunds):
        dialling.look_up(k5.ports, fresh(k5), "+74951234567")


def test_an_unpaid_plan_stops_calls(k5: House) -> None:
    """B9."""
    publish(k5.ports, name="clovertel")
    take_plan(k5, "go-100", "600.00")
    k5.clock.forward(seconds=32 * 86_400)
    billing.run(k5.ports)
    with pytest.raises(PlanUnpaid):
        dialling.look_up(k5.ports, fresh(k5), "+74951234567")
