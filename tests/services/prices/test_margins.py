"""Margins by direction: sums made by hand, each day summed once, what is sold below cost named first."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Price, rub
from k5web.services.prices import margins
from k5web.storage.prices import margin_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import MarginLineRow
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, publish

CARRIER = {"79": ("Россия мобильный", "1.00"), "7495": ("Москва", "0.60"), "7343": ("Екатеринбург", "0.20")}
DECEMBER = date(2026, 12, 1)


@pytest.fixture
def house(sessions: Sessions, clock: Clock) -> Iterator[House]:
    """One subscriber with money, and one carrier whose list is known."""
    switch = FakeSwitch(clock, trunks=[Trunk("trunk", 2000, deck="carrier"), Trunk("spare", 2000, 9)])
    k5 = House(sessions, clock, switch)
    publish(k5.ports, CARRIER, 2, name="carrier")
    k5.top_up("1000.00")
    yield k5
    k5.assert_sound()


def talk(k5: House, to: str, seconds: str) -> None:
    k5.talk(k5.order(to), seconds)


def test_a_month_is_what_calls_brought_and_carriers_took(house: House) -> None:
    """Moscow: 2 × 2.20 for a minute, 2 × (1.00 + 0.60) to carriers; Yekaterinburg: 2 min, 2 × 2.27, 2 × (1.00 + 0.20).

    Leg A is answered 5 seconds before leg B, so a talk of 61 seconds is 66 of leg A: two minutes either way.
    """
    talk(house, "+74951234567", "50")
    talk(house, "+74951234567", "50")
    talk(house, "+73431234567", "61")
    found = margins.month(house.ports, DECEMBER)
    sums = [(line.destination, line.calls, line.seconds, line.revenue, line.cost, line.margin) for line in found.lines]
    assert sums == [
        ("Москва городской", 2, 100, rub("4.40"), rub("3.20"), rub("1.20")),
        ("Екатеринбург городской", 1, 61, rub("4.54"), rub("2.40"), rub("2.14")),
    ]
    assert [(total.revenue, total.cost, total.margin) for total in found.totals] == [
        (rub("8.94"), rub("5.60"), rub("3.34"))
    ]
    assert found.price_lists == ["deck k5"]


def test_what_is_sold_below_cost_comes_first_with_its_loss_a_minute(house: House) -> None:
    publish(house.ports, CARRIER | {"7343": ("Екатеринбург", "1.62")}, 3, name="carrier")
    house.clock.forward(seconds=2)
    talk(house, "+74951234567", "55")
    talk(house, "+73431234567", "55")
    worst, other = margins.month(house.ports, DECEMBER).lines
    assert (worst.destination, worst.margin, worst.loss_a_minute) == (
        "Екатеринбург городской",
        -rub("0.35"),
        Price.parse("0.381818"),  # 0.35 in 55 seconds
    )
    assert other.loss_a_minute is None


def test_sums_of_days_that_are_over_are_the_same_as_counted_anew(house: House) -> None:
    talk(house, "+74951234567", "50")
    house.clock.forward(days=1)
    talk(house, "+73431234567", "61")
    counted = margins.month(house.ports, DECEMBER)
    house.clock.forward(days=3)
    assert margins.sum_days(house.ports) == 4
    assert margins.sum_days(house.ports) == 0
    talk(house, "+73431234567", "61")
    kept = margins.month(house.ports, DECEMBER)
    assert [line.calls for line in kept.lines] == [1, 2]
    house.clock.now = datetime(2026, 12, 4, 9, tzinfo=UTC)
    assert margins.month(house.ports, DECEMBER) == counted


def test_a_day_waits_until_its_calls_are_over(house: House) -> None:
    house.clock.now = datetime(2026, 12, 2, 20, 59, tzinfo=UTC)  # a minute before Moscow's midnight
    call = house.order()
    house.work()
    house.clock.forward(seconds=4)
    house.switch.answer_a(call.id)
    house.switch.answer_b(call.id)
    house.work()
    house.clock.forward(minutes=10)
    assert margins.sum_days(house.ports) == 0
    house.switch.hang_up(call.id, "a")
    house.work()
    assert margins.sum_days(house.ports) == 1
    assert [line.calls for line in margins.month(house.ports, DECEMBER).lines] == [1]


def test_a_day_is_summed_once_though_two_workers_do_it(house: House) -> None:
    talk(house, "+74951234567", "50")
    day, now = house.ports.today(), house.clock()
    span = margins._span(day, day)
    with house.ports.sessions.begin() as db:
        assert margin_rows.sum_up(db, day, span, now)
    with house.ports.sessions.begin() as db:
        assert not margin_rows.sum_up(db, day, span, now)
        assert db.scalar(select(func.sum(MarginLineRow.calls))) == 1


def test_a_call_of_unknown_cost_has_a_revenue_and_no_margin(house: House) -> None:
    publish(house.ports, {"79": CARRIER["79"]}, 3, name="carrier")  # Moscow goes by the other trunk, without a list
    house.clock.forward(seconds=2)
    talk(house, "+74951234567", "50")
    [line] = margins.month(house.ports, DECEMBER).lines
    assert (line.revenue, line.unknown_calls, line.margin, line.share) == (rub("2.20"), 1, rub("0.00"), None)


def test_one_price_list_is_looked_at_alone(house: House) -> None:
    talk(house, "+74951234567", "50")
    assert margins.month(house.ports, DECEMBER, "deck k5").lines
    assert margins.month(house.ports, DECEMBER, "plan go").lines == []


def test_a_minute_today_is_held_against_the_cheapest_carrier(house: House) -> None:
    """Moscow is sold for 0.45 and bought for 0.60; a carrier's longer prefix counts by itself."""
    publish(house.ports, CARRIER | {"79991": ("Россия, дорогие", "1.85")}, 3, name="carrier")
    house.clock.forward(seconds=2)
    found = {one.destination: one for one in margins.minutes(house.ports, "k5")}
    assert found["Москва городской"].loss == Price.parse("0.15")
    assert (found["Россия мобильный"].prefix, found["Россия мобильный"].loss) == ("79991", Price.parse("0.10"))
    assert found["Екатеринбург городской"].loss is None
    assert next(one.destination for one in margins.minutes(house.ports, "k5")) == "Москва городской"


def test_a_minute_is_worked_out_anew_when_a_carrier_has_other_prices_and_not_before(house: House) -> None:
    first = margins.minutes(house.ports, "k5")
    assert margins.minutes(house.ports, "k5") is first
    publish(house.ports, CARRIER | {"7495": ("Москва", "0.10")}, 3, name="carrier")
    house.clock.forward(seconds=2)
    found = {one.destination: one for one in margins.minutes(house.ports, "k5")}
    assert found["Москва городской"].loss is None
