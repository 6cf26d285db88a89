"""How trunks and directions did, as the database counts it: the same figures on both."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from k5web.domain.calls.endings import Heard
from k5web.domain.calls.quality import Quality
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Money, rub
from k5web.storage.calls import quality_rows
from k5web.storage.calls.quality_rows import By
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, publish

CARRIER = {"79": ("Россия моб.", "0.50"), "7495": ("Москва", "0.10")}
CHEAP, SPARE = Trunk("cheap", 100, deck="carrier"), Trunk("spare", 100, priority=2)


@pytest.fixture
def k5(sessions: Sessions) -> House:
    """A house with two trunks; what the second takes is not known."""
    clock = Clock()
    k5 = House(sessions, clock, FakeSwitch(clock, trunks=(CHEAP, SPARE)))
    publish(k5.ports, CARRIER, version=50, name="carrier")
    k5.top_up("200.00")
    return k5


def quality(k5: House, by: By, span: tuple[datetime, datetime] | None = None) -> dict[str, Quality]:
    today = k5.ports.day_began_at(), k5.ports.day_began_at() + timedelta(days=1)
    with k5.ports.sessions.read() as db:
        return {found.name: found for found in quality_rows.quality(db, by, span or today)}


def test_a_talk_counts_for_its_trunk_and_its_directions(k5: House) -> None:
    k5.talk(k5.order(), "50.5")
    [cheap] = quality(k5, "trunk").values()
    assert (cheap.name, cheap.attempts, cheap.answered, cheap.answer_rate) == ("cheap", 2, 2, Decimal("100.0"))
    assert cheap.talked_us == 50_500_000 + 55_500_000
    assert cheap.carrier == {"RUB": rub("0.60")}
    [margin] = cheap.margins.values()
    assert (margin.calls, margin.revenue, margin.cost, margin.margin) == (1, rub("2.20"), rub("0.60"), rub("1.60"))
    found = quality(k5, "direction")
    assert {name: (each.attempts, each.talked_us) for name, each in found.items()} == {
        "Москва городской": (1, 50_500_000),
        "Россия мобильный": (1, 55_500_000),
    }
    assert found["Москва городской"].margins["RUB"].margin == rub("1.60")
    assert found["Россия мобильный"].margins == {}, "the money stands under where the call went"


def test_each_try_is_an_attempt_and_failures_are_counted_by_their_cause(k5: House) -> None:
    call = k5.order()
    k5.work()
    k5.switch.refuse(call.id, "a", 34, sip=503)
    k5.work()
    k5.work()
    k5.clock.forward(seconds=4)
    k5.switch.answer_a(call.id)
    k5.clock.forward(seconds=5)
    k5.switch.refuse(call.id, "b", 17, "BUSY", sip=486, heard=Heard.RINGING)
    k5.work()
    found = quality(k5, "trunk")
    assert {name: (each.attempts, each.answered, dict(each.failures)) for name, each in found.items()} == {
        "cheap": (2, 0, {"route_failed": 1, "busy": 1}),
        "spare": (1, 1, {}),
    }
    assert (found["spare"].unknown, found["spare"].carrier) == (1, {})
    assert found["cheap"].margins == {}, "no call was delivered"
    margin = quality(k5, "direction")["Москва городской"].margins["RUB"]
    assert (margin.revenue, margin.unknown, margin.margin) == (rub("0.00"), 1, None)


def test_a_call_taken_back_while_it_rings_is_an_attempt(k5: House) -> None:
    call = k5.order()
    k5.work()
    k5.switch.cancel(call.id)
    k5.work()
    assert dict(quality(k5, "trunk")["cheap"].failures) == {"cancelled": 1}


def test_half_and_most_answers_come_within_their_times(k5: House) -> None:
    for wait_s in (1, 2, 3, 60):
        call = k5.order()
        k5.work()
        k5.clock.forward(seconds=wait_s)
        k5.switch.answer_a(call.id)
        k5.clock.forward(seconds=1)
        k5.switch.answer_b(call.id)
        k5.switch.hang_up(call.id)
        k5.work()
    mobile = quality(k5, "direction")["Россия мобильный"]
    assert (mobile.median_us, mobile.p95_us) == (2_000_000, 60_000_000)


def test_only_the_days_asked_for_count(k5: House) -> None:
    k5.talk(k5.order(), "5")
    began = k5.ports.day_began_at()
    assert quality(k5, "trunk", (began - timedelta(days=1), began)) == {}
    assert quality(k5, "direction", (began + timedelta(days=1), began + timedelta(days=2))) == {}


def test_money_of_another_currency_is_a_cost_that_is_not_known(k5: House) -> None:
    k5.talk(k5.order(), "5")
    found = Money(1, "KGS")
    assert found.currency not in quality(k5, "trunk")["cheap"].carrier
