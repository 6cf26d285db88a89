"""A phone really rings an access number: it hears busy, its record is read once, both sides are called back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import Outcome
from k5web.domain.money import rub
from k5web.services.calls import missed_calls, ordering
from tests.services.house import ACCESS
from tests.telephony.house import RealHouse, real_house
from tests.telephony.real import Telephony, ring

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk")]


@pytest.fixture(scope="module")
def house(
    real_telephony: Telephony, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealHouse]:
    """One house for all: a second one would read the first one's missed calls again, and they are fresh."""
    var = tmp_path_factory.mktemp("house")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with real_house(f"sqlite:///{var / 'k5.db'}", var, real_telephony) as opened:
        yield opened


def outcomes(house: RealHouse, caller: Subscriber) -> list[str]:
    return [one.outcome for one in missed_calls.latest(house.ports, caller.id, 10)]


def phone_of(caller: Subscriber) -> str:
    assert caller.phone
    return caller.phone.digits


def test_a_missed_call_is_refused_as_busy_and_called_back_once(house: RealHouse) -> None:
    caller, contact = house.caller(), house.number("215")
    missed_calls.assign(house.ports, caller, ACCESS[0], contact, "Мама")
    before = dict(house.town.rings())
    assert ring(house.switch, phone_of(caller), ACCESS[0])
    house.work_until(lambda: outcomes(house, caller), "the missed call is seen")
    house.work_until_all_is_over()
    [told] = missed_calls.latest(house.ports, caller.id, 10)
    assert told.outcome == "called"
    rings = house.town.rings()
    assert {number: rings[number] - before.get(number, 0) for number in (phone_of(caller), contact.digits)} == {
        phone_of(caller): 1,
        contact.digits: 1,
    }
    assert told.call_id
    assert ordering.show_call(house.ports, caller.id, told.call_id).call.outcome is Outcome.DONE_B
    assert house.purse(caller) == (rub("97.80"), rub("0.00"))


def test_a_plus_before_both_numbers_and_the_second_access_number_are_understood(house: RealHouse) -> None:
    caller = house.caller()
    assert ring(house.switch, f"+{phone_of(caller)}", f"+{ACCESS[1]}")
    house.work_until(lambda: outcomes(house, caller), "the missed call is seen")
    assert outcomes(house, caller) == ["not_assigned"]


def test_from_an_address_that_is_no_trunks_nobody_gets_in(house: RealHouse) -> None:
    stranger, caller = house.caller(), house.caller()
    assert not ring(house.switch, phone_of(stranger), ACCESS[0], source="127.0.0.2")
    assert ring(house.switch, phone_of(caller), ACCESS[0])
    house.work_until(lambda: outcomes(house, caller), "the later missed call is seen")
    assert outcomes(house, stranger) == []


def test_a_number_that_is_not_ours_is_busy_too_and_calls_nobody(house: RealHouse) -> None:
    caller = house.caller()
    assert ring(house.switch, phone_of(caller), "79990000000")
    house.work_until(lambda: outcomes(house, caller), "the missed call is seen")
    assert outcomes(house, caller) == ["not_assigned"]
