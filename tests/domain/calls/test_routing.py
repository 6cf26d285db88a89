"""Which way a call goes: the longest prefix, the priority, the cost; never a full line, an ill one at need."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from k5web.domain.calls.call import CallOrder, Records
from k5web.domain.calls.routing import Route, RouteKind, Search, Traffic, carriers, find_route, rest_after
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate, RateTable

MOSCOW, ASTANA, MOBILE = "74951234567", "77172123456", "79161234567"
SEARCH = Search(MOBILE, MOSCOW, "RUB")


@dataclass(frozen=True)
class Named:
    """A switch that only has to be chosen."""

    name: str
    calls_at_once: int
    trunks: tuple[Trunk, ...]
    is_read_here: bool = True
    caller_id: str = ""

    def originate(self, call: CallOrder) -> None:
        raise NotImplementedError

    def cancel(self, call_id: str, attempt: int = 1) -> None:
        raise NotImplementedError

    def channels(self) -> set[str]:
        raise NotImplementedError

    def end_leg(self, channel: str) -> None:
        raise NotImplementedError

    def living(self) -> set[tuple[str, int]]:
        raise NotImplementedError

    def started_at(self) -> datetime:
        raise NotImplementedError

    def read_records(self, position: str) -> Records:
        raise NotImplementedError


def deck(currency: str = "RUB", **prices: str) -> RateTable:
    """A carrier's price list: _7495="0.30"."""
    rates = [Rate(name[1:], name, Price.parse(price, currency)) for name, price in prices.items()]
    return RateTable("carrier", 1, rates)


def codes(number: str, trunks: list[Trunk], **decks: RateTable) -> str:
    """The trunks for a number, the best first."""
    return " ".join(trunk.code for trunk in carriers(number, trunks, decks, "RUB"))


def test_a_longer_prefix_goes_before_priority_and_cost() -> None:
    trunks = [
        Trunk("all", 10, priority=0),
        Trunk("russia", 10, priority=5, prefixes=("7",)),
        Trunk("moscow", 10, priority=9, prefixes=("7495", "7499")),
    ]
    assert codes(MOSCOW, trunks) == "moscow russia all"
    assert codes(ASTANA, trunks) == "russia all"
    assert codes("4930123456", trunks) == "all"


def test_priority_goes_before_cost_and_cost_before_the_order_of_the_settings() -> None:
    trunks = [
        Trunk("unknown", 10),
        Trunk("dear", 10, deck="dear"),
        Trunk("cheap", 10, deck="cheap"),
        Trunk("first", 10, priority=0, deck="dear"),
    ]
    dear, cheap = deck(_7="0.90"), deck(_7="0.95", _7495="0.30")
    assert codes(MOSCOW, trunks, dear=dear, cheap=cheap) == "first cheap dear unknown"
    assert codes(MOBILE, trunks, dear=dear, cheap=cheap) == "first dear cheap unknown"


def test_a_number_that_a_carrier_has_no_price_for_is_not_given_to_it() -> None:
    trunks = [Trunk("moscow", 10, deck="moscow"), Trunk("any", 10)]
    assert codes(MOSCOW, trunks, moscow=deck(_7495="0.30")) == "moscow any"
    assert codes(ASTANA, trunks, moscow=deck(_7495="0.30")) == "any"


def test_a_price_in_another_currency_or_a_list_not_imported_counts_as_unknown() -> None:
    trunks = [Trunk("som", 10, deck="som"), Trunk("missing", 10, deck="missing"), Trunk("known", 10, deck="rub")]
    assert codes(MOSCOW, trunks, som=deck("KGS", _7="0.01"), rub=deck(_7="9.00")) == "known som missing"


def test_the_emptier_switch_is_chosen_by_its_share_not_its_count() -> None:
    trunk = Trunk("t", 1000)
    big, small = Named("big", 100, (trunk,)), Named("small", 10, (trunk,))
    traffic = Traffic(calls={"big": 20, "small": 3})
    assert find_route(SEARCH, [small, big], {}, traffic) == Route("big", "t", ("t",))
    assert find_route(SEARCH, [small, big], {}, Traffic()) == Route("small", "t", ("t",))


@pytest.mark.parametrize(
    "traffic",
    [Traffic(calls={"msk": 10}), Traffic(resting_switches=frozenset({"msk"})), Traffic(legs={"t": 99})],
)
def test_a_switch_that_is_full_or_rests_or_has_no_two_lines_is_passed_by(traffic: Traffic) -> None:
    msk, spb = Named("msk", 10, (Trunk("t", 100),)), Named("spb", 10, (Trunk("u", 100),))
    assert find_route(SEARCH, [msk], {}, traffic) is None
    assert find_route(SEARCH, [msk, spb], {}, traffic) == Route("spb", "u", ("u",))


def test_legs_are_routed_apart() -> None:
    trunks = (
        Trunk("mobile", 10, prefixes=("79",)),
        Trunk("moscow", 10, prefixes=("7495",)),
        Trunk("all", 10, priority=2),
    )
    assert find_route(SEARCH, [Named("s", 9, trunks)], {}, Traffic()) == Route("s", "mobile", ("moscow", "all"))


def test_a_full_trunk_is_left_out_and_the_last_line_is_not_given_twice() -> None:
    switch = Named("s", 9, (Trunk("one", 5), Trunk("two", 5, priority=2)))
    assert find_route(SEARCH, [switch], {}, Traffic(legs={"one": 5})) == Route("s", "two", ("two",))
    assert find_route(SEARCH, [switch], {}, Traffic(legs={"one": 4})) == Route("s", "one", ("two",))
    assert find_route(SEARCH, [switch], {}, Traffic(legs={"one": 5, "two": 4})) is None


def test_an_ill_trunk_is_tried_only_where_there_is_no_other() -> None:
    ill = Traffic(resting_trunks=frozenset({"one"}))
    one, two = Trunk("one", 5), Trunk("two", 5, priority=2)
    assert find_route(SEARCH, [Named("s", 9, (one, two))], {}, ill) == Route("s", "two", ("two",))
    assert find_route(SEARCH, [Named("s", 9, (one,))], {}, ill) == Route("s", "one", ("one",))


def test_another_try_goes_by_another_trunk_and_a_refusal_to_another_switch() -> None:
    one, two = Trunk("one", 5), Trunk("two", 5)
    again = Search(MOBILE, MOSCOW, "RUB", failed_a=("one",))
    assert find_route(again, [Named("s", 9, (one, two))], {}, Traffic()) == Route("s", "two", ("one", "two"))
    assert find_route(again, [Named("s", 9, (one,))], {}, Traffic()) is None
    refused = Search(MOBILE, MOSCOW, "RUB", refused_by=("s",))
    switches = [Named("s", 9, (one,)), Named("t", 9, (one,))]
    assert find_route(refused, switches, {}, Traffic()) == Route("t", "one", ("one",))


def test_traffic_counts_a_call_that_was_just_given_away() -> None:
    route = Route("s", "one", ("two", "three"))
    traffic = Traffic({"s": 1}, {"one": 1}).plus(route).plus(route)
    assert (dict(traffic.calls), dict(traffic.legs)) == ({"s": 3}, {"one": 3, "two": 2})


def test_a_switch_rests_at_once_a_trunk_after_three_failures_and_both_longer_each_time() -> None:
    assert [rest_s("switch", n) for n in (1, 2, 3, 4, 5, 50)] == [5, 10, 20, 40, 60, 60]
    assert [rest_s("trunk", n) for n in (1, 2, 3, 4, 5, 50)] == [0, 0, 30, 60, 120, 600]


def rest_s(kind: RouteKind, failures: int) -> int:
    return rest_after(kind, failures) // timedelta(seconds=1)


def test_a_trunk_that_is_switched_off_gets_nothing() -> None:
    off, on = Trunk("off", 10, is_enabled=False), Trunk("on", 10, priority=9)
    assert carriers(MOSCOW, [off, on], {}, "RUB") == [on]
    assert find_route(SEARCH, [Named("one", 10, (off,))], {}, Traffic()) is None


def test_leg_a_waits_for_a_trunk_where_one_began_just_now_and_leg_b_does_not() -> None:
    paced, other = Trunk("paced", 10, calls_per_second=2), Trunk("other", 10, priority=2)
    first = find_route(SEARCH, [Named("one", 10, (paced,))], {}, Traffic())
    assert first == Route("one", "paced", ("paced",), timedelta(seconds=1))
    now = Traffic().plus(first)
    assert find_route(SEARCH, [Named("one", 10, (paced,))], {}, now) is None
    second = find_route(SEARCH, [Named("one", 10, (paced, other))], {}, now)
    assert second == Route("one", "other", ("paced", "other"))
    assert now.plus(second).pausing_trunks == {"paced"}


def test_a_trunk_that_is_off_takes_nothing_even_where_there_is_no_other() -> None:
    one, two = Trunk("one", 5), Trunk("two", 5)
    off = Traffic(trunks_off=frozenset({"one"}), resting_trunks=frozenset({"two"}), legs={"two": 1})
    assert find_route(SEARCH, [Named("s", 9, (one, two))], {}, off) == Route("s", "two", ("two",))
    assert find_route(SEARCH, [Named("s", 9, (one,))], {}, off) is None
    assert off.idle() == Traffic(trunks_off=frozenset({"one"}))
