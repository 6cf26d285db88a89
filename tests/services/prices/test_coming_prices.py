"""What is published and not in force yet is there for everybody, until its moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from k5web.services.in_force.rates import LOOK_EVERY
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import coming_prices
from k5web.services.prices.plan_publishing import publish
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED

Put = Callable[..., object]
LIST = "prefix,destination,per_minute,currency\n7,Россия,{price},RUB\n34,Испания,2.00,RUB\n"


def test_the_next_prices_of_a_list_are_named_until_their_day(ports: Ports, clock: Clock, put: Put) -> None:
    put(LIST.format(price="1.75"), effective=ports.today())
    clock.forward(seconds=LOOK_EVERY.total_seconds())
    assert coming_prices.of_deck(ports, "k5") is None
    day = ports.today() + timedelta(days=12)
    put(LIST.format(price="1.90"), effective=day)
    clock.forward(seconds=LOOK_EVERY.total_seconds())
    for _ in range(2):  # the second time from memory
        found = coming_prices.of_deck(ports, "k5")
        assert found is not None
        assert (found.day, [row.destination for row in found.rates.dearer], found.rates.other) == (day, ["Россия"], ())
    put(LIST.format(price="1.70"), effective=day)  # corrected
    clock.forward(seconds=LOOK_EVERY.total_seconds())
    found = coming_prices.of_deck(ports, "k5")
    assert found is not None
    assert (found.rates.dearer, [row.destination for row in found.rates.other]) == ((), ["Россия"])
    clock.now = start_of_day(day)
    assert coming_prices.of_deck(ports, "k5") is None
    assert str(ports.rates.table("k5").find("79161234567").per_minute) == "1.70"


def dearer(ports: Ports, days: int) -> None:
    text = SHIPPED.text("go")
    publish(
        ports, replace(text, plan=text.plan.replace("470.00", "480.00")), ports.today() + timedelta(days), "staff:a"
    )


def test_the_next_version_of_a_plan_is_named_until_its_day(ports: Ports, clock: Clock) -> None:
    assert coming_prices.of_plan(ports, "go") is None
    dearer(ports, 12)
    clock.forward(seconds=LOOK_EVERY.total_seconds())
    found = coming_prices.of_plan(ports, "go")
    assert found is not None
    assert (found.day, len(found.sums), found.has_more) == (ports.today() + timedelta(days=12), 1, False)
    assert coming_prices.of_plan(ports, "go-100") is None
    clock.now = start_of_day(found.day)
    assert coming_prices.of_plan(ports, "go") is None
