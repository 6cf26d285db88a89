"""Where the other party had better ring: what is said is the subscriber's own saving, and never more than it is. A3."""

import pytest

from k5web.domain.pbx.rule import Forward, Hang, Rule
from k5web.domain.prices.number import Msisdn
from k5web.services.calls import ordering
from k5web.services.pbx import calling_back, rules
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.house import House, publish
from tests.services.pbx.office import CITY, FREEPHONE, MOBILE, MOSCOW, Office


@pytest.fixture
def office(sessions: Sessions, clock: Clock) -> Office:
    return Office(sessions, clock)


def hint(house: House, other: str = CITY) -> tuple[str, str] | None:
    quote = ordering.offer(house.ports, house.caller, Msisdn(other)).quote
    found = calling_back.cheaper(house.ports, house.caller, Msisdn(other), quote)
    return (found.number.digits, str(found.saving)) if found else None


def lead(office: Office, number: str, *steps: Forward | Hang) -> None:
    """Give a number a rule of these steps, one after another."""
    named = {f"s{n}" if n else "start": step for n, step in enumerate(steps)}
    version = rules.show(office.ports, office.caller.id, number).version
    rules.change(office.ports, office.caller.id, number, version, lambda _rule: Rule(named), "subscriber")


def test_a_call_to_an_own_number_costs_its_way_on_alone(office: Office) -> None:
    """2.20 and 3.50 by callback, 1.75 to the own phone where the number leads; the 8-800 would cost its callers too."""
    assert hint(office) == (MOSCOW, "0.45")
    assert hint(office, MOBILE) == (MOSCOW, "1.75")


def test_the_dearest_way_of_the_rule_counts(office: Office) -> None:
    lead(office, MOSCOW, Forward("78611112233", no_answer="s1"), Forward(MOBILE))
    assert hint(office) == (MOSCOW, "0.45")
    lead(office, MOSCOW, Forward("78611112233"))
    assert hint(office) == (MOSCOW, "1.29")
    office.reprice("7861", "2.20")
    assert hint(office) is None


def test_the_dearest_connection_counts_though_it_is_of_another_way_than_the_dearest_minute(office: Office) -> None:
    lead(office, MOSCOW, Forward("78611112233", no_answer="s1"), Forward(MOBILE))
    publish(office.ports, version=2, terms={"7861": {"connect_fee_micro": 5_000_000}})
    assert hint(office) is None


def test_a_freephone_counts_with_what_its_owner_pays_for_the_caller(office: Office) -> None:
    """2.00 for the caller and 1.75 for the way on, against 1.75 and 5.00."""
    lead(office, MOSCOW, Hang())
    assert hint(office) is None
    office.reprice("7495", "5.00")
    assert hint(office) == (FREEPHONE, "3.00")


def test_who_would_not_get_through_is_told_nothing(office: Office) -> None:
    rules.refuse_caller(office.ports, office.caller.id, Msisdn(CITY))
    assert hint(office) is None
    assert hint(office, MOBILE) is not None
    lead(office, MOSCOW, Hang())
    lead(office, FREEPHONE, Hang())
    assert hint(office, MOBILE) is None


def test_who_rents_no_number_is_told_nothing(k5: House) -> None:
    assert hint(k5, "74951234567") is None
