"""Legs rated anew, by direction; what cannot be called any more, and what is in other money."""

from k5web.domain.money import Price
from k5web.domain.prices.effect import DirectionEffect, LegGroup, carrier_effect, sale_effect
from k5web.domain.prices.rating import Rate, RateTable

MINUTE = 60_000_000


def table(**prices: str) -> RateTable:
    rates = [Rate(prefix[1:], f"D{prefix[1:3]}", Price.parse(price)) for prefix, price in prices.items()]
    return RateTable("k5", 0, rates)


def legs(head: str, us: int, count: int = 1, cost: int = 0, currency: str = "RUB") -> LegGroup:
    return LegGroup(head, currency, us, us, count, cost, 0)


def test_each_leg_is_rounded_by_itself_and_counted_as_often_as_it_was_made() -> None:
    """0.333 a minute is 33 kopecks of one call, and 3 × 33 of three; all at once they would be 100."""
    found = sale_effect([legs("7495", MINUTE, 3, 60)], table(_7495="0.50"), table(_7495="0.333"))
    assert found.directions == (DirectionEffect("D74", 3, 180, 150, 99, 60, 60),)
    assert (found.directions[0].margin_now, found.directions[0].margin_then) == (90, 39)


def test_the_direction_is_that_of_the_list_in_force_and_new_prefixes_fall_under_it() -> None:
    after = RateTable(
        "k5", 0, [Rate("7495", "D74", Price.parse("0.50")), Rate("74957", "Moscow X", Price.parse("1.00"))]
    )
    found = sale_effect([legs("74957", MINUTE), legs("74951", MINUTE)], table(_7495="0.50"), after)
    assert [(one.destination, one.revenue_now, one.revenue_then) for one in found.directions] == [("D74", 100, 150)]


def test_the_direction_that_changes_most_comes_first() -> None:
    before, after = table(_7495="1.00", _3592="1.00"), table(_7495="1.10", _3592="0.50")
    found = sale_effect([legs("7495", MINUTE), legs("3592", MINUTE)], before, after)
    assert [one.destination for one in found.directions] == ["D35", "D74"]
    assert (found.total.revenue_now, found.total.revenue_then) == (200, 160)


def test_a_closed_or_missing_direction_is_lost_with_its_cost() -> None:
    closed = RateTable("k5", 0, [Rate("7495", "D74", Price(0), is_blocked=True)])
    for after in (closed, table(_3592="1.00")):
        found = sale_effect([legs("7495", MINUTE, 2, 80)], table(_7495="1.00"), after).directions[0]
        assert (found.lost, found.revenue_then, found.cost_then, found.margin_then) == (2, 0, 0, 0)


def test_calls_in_other_money_or_of_no_direction_are_left_out() -> None:
    groups = [legs("7495", MINUTE, 4, currency="KGS"), legs("8613", MINUTE)]
    found = sale_effect(groups, table(_7495="1.00"), table(_7495="2.00"))
    assert (found.directions, found.left_out) == ((), 5)


def test_a_carriers_list_is_counted_by_its_own_seconds_and_what_was_sold_stays() -> None:
    sold = Rate("7495", "", Price.parse("1.00"))
    group = LegGroup("7495", "RUB", MINUTE, 2 * MINUTE, 2, 0, 0, sold)
    found = carrier_effect([group], table(_7495="0.40"), table(_7495="0.60")).directions[0]
    assert (found.revenue_now, found.revenue_then, found.cost_now, found.cost_then) == (200, 200, 160, 240)
    unknown = carrier_effect([group], table(_3592="0.40"), table(_7495="0.60")).directions[0]
    assert (unknown.unknown, unknown.cost_now, unknown.cost_then) == (2, 0, 240)
