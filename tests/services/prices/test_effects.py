"""What a list would have done to last month's calls: a month made by hand, sums made by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from k5web.domain.calls.trunk import Trunk
from k5web.domain.prices.effect import DirectionEffect
from k5web.domain.prices.rating import RateTable
from k5web.services.prices import effects
from k5web.services.prices.deck_publishing import table_due
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import PRICES, House, publish

CARRIER = {"79": ("Россия мобильный", "1.00"), "7495": ("Москва", "0.30"), "7343": ("Екатеринбург", "0.20")}


@pytest.fixture
def house(sessions: Sessions, clock: Clock) -> Iterator[House]:
    """Three calls in December, one in January, and it is January: two to Moscow, one to Yekaterinburg."""
    k5 = House(sessions, clock, FakeSwitch(clock, trunks=[Trunk("trunk", 2000, deck="carrier")]))
    publish(k5.ports, CARRIER, 2, name="carrier")
    k5.top_up("1000.00")
    for to, seconds in (("+74951234567", "50"), ("+74957654321", "61.5"), ("+73431234567", "120")):
        k5.talk(k5.order(to), seconds)
    k5.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    k5.talk(k5.order("+74951234567"), "50")
    yield k5
    k5.assert_sound()


def changed(house: House, name: str, prices: dict[str, tuple[str, str]]) -> tuple[RateTable, RateTable]:
    """Return a list as it is, and with other prices."""
    with house.ports.sessions.read() as db:
        before = table_due(db, name, house.clock())
    publish(house.ports, prices, 9, name="other")
    with house.ports.sessions.read() as db:
        after = table_due(db, "other", house.clock())
    return before, RateTable(name, 0, after.rates())


def test_a_dearer_direction_brings_more_and_costs_the_same(house: House) -> None:
    """Moscow 0.45 → 0.50: one minute and two, 1.35 → 1.50; leg A: 1 + 2 + 2 minutes of 1.75, 8.75 as before.

    Carriers took for Moscow 0.30 × (1 + 2), for leg A, answered five seconds before B, 1.00 × (1 + 2 + 3).
    """
    before, after = changed(house, "k5", PRICES | {"7495": ("Москва городской", "0.50")})
    found = effects.deck_effect(house.ports, before, after)
    assert found.directions == (
        DirectionEffect("Москва городской", 2, 111, 135, 150, 90, 90),
        DirectionEffect("Екатеринбург городской", 1, 120, 104, 104, 40, 40),
        DirectionEffect("Россия мобильный", 3, 231, 875, 875, 600, 600),
    )
    assert (found.total.revenue_now, found.total.revenue_then) == (1114, 1129)
    assert (found.total.margin_now, found.total.margin_then) == (384, 399)


def test_finer_prefixes_and_steps_are_rated_leg_by_leg(house: House) -> None:
    """74957 for 0.90 by the second: 62 seconds of one call, 0.93; the other Moscow call stays at 0.45."""
    before, _ = changed(house, "k5", PRICES)
    prices = PRICES | {"74957": ("Москва, Х", "0.90")}
    publish(house.ports, prices, 9, name="fine", terms={"74957": {"increment_s": 1, "minimum_s": 1}})
    with house.ports.sessions.read() as db:
        after = RateTable("k5", 0, table_due(db, "fine", house.clock()).rates())
    moscow = effects.deck_effect(house.ports, before, after).directions[0]
    assert (moscow.destination, moscow.revenue_now, moscow.revenue_then) == ("Москва городской", 135, 45 + 93)


def test_a_direction_that_goes_is_lost_with_its_costs(house: House) -> None:
    before, after = changed(house, "k5", {prefix: PRICES[prefix] for prefix in ("79", "7343")})
    moscow = effects.deck_effect(house.ports, before, after).directions[0]
    assert (moscow.lost, moscow.revenue_then, moscow.cost_then) == (2, 0, 0)


def test_a_carriers_list_changes_costs_and_not_what_was_paid(house: House) -> None:
    """Mobile 1.00 → 1.20 for 1 + 2 + 3 minutes of leg A; sold for 8.75."""
    before, after = changed(house, "carrier", CARRIER | {"79": ("Россия мобильный", "1.20")})
    found = effects.deck_effect(house.ports, before, after)
    assert found.directions[0] == DirectionEffect("Россия мобильный", 3, 231, 875, 875, 600, 720)
    assert (found.total.revenue_now, found.total.revenue_then) == (1114, 1114)


def test_a_list_that_nobody_was_billed_by_has_no_effect(house: House) -> None:
    before, after = changed(house, "clovertel", PRICES)
    assert effects.deck_effect(house.ports, before, after).directions == ()
