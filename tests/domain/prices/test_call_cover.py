"""Allowances pay for seconds of legs, then money for calls only; what is free uses nothing up."""

from datetime import date

from k5web.domain.money import Price, rub
from k5web.domain.prices.call_cover import Cover, cost_with_covers
from k5web.domain.prices.rating import Quote, Rate

MINUTE = 60_000_000  # microseconds


def rate(price: str) -> Rate:
    return Rate("7", "Россия", Price.parse(price))


def used(cost: object) -> dict[str, int]:
    return {cover.code: cover.units for cover in getattr(cost, "used")}  # noqa: B009


def test_the_51st_minute_of_one_call_is_paid() -> None:
    """E2: fifty minutes a day, then two roubles."""
    cost = cost_with_covers(Quote("1", "2", rate("0.00"), rate("2.00")), 0, 51 * MINUTE, [Cover("day", 1, "b", 3000)])
    assert (cost.main, cost.b.billed_s, cost.b.covered_s, used(cost)) == (rub("2.00"), 3060, 3000, {"day": 3000})


def test_both_legs_share_an_allowance_and_leg_b_comes_first() -> None:
    quote = Quote("1", "2", rate("1.00"), rate("3.00"))
    cost = cost_with_covers(quote, 2 * MINUTE, 2 * MINUTE, [Cover("gift", 1, "ba", 180)])
    assert (cost.b.covered_s, cost.a.covered_s, cost.main) == (120, 60, rub("1.00"))


def test_what_is_free_or_under_three_seconds_uses_nothing_up() -> None:
    free = cost_with_covers(Quote("1", "2", rate("0.00"), rate("0.00")), MINUTE, MINUTE, [Cover("gift", 1, "ba", 600)])
    short = cost_with_covers(Quote("1", "2", rate("1.00"), rate("1.00")), 0, 2_900_000, [Cover("gift", 1, "b", 600)])
    assert (free.used, free.main, short.used, short.main) == ((), rub("0.00"), (), rub("0.00"))


def test_covered_minutes_may_have_a_price_of_their_own() -> None:
    """The first minute at 1.00, the rest at 2.00."""
    tier = Cover("tier", 1, "b", 60, price_micro=1_000_000)
    assert cost_with_covers(Quote("1", "2", rate("0.00"), rate("2.00")), 0, 3 * MINUTE, [tier]).main == rub("5.00")


def test_a_cover_that_costs_as_much_as_money_is_left_alone() -> None:
    tier = Cover("tier", 1, "b", 60, price_micro=2_000_000)
    cost = cost_with_covers(Quote("1", "2", rate("0.00"), rate("2.00")), 0, MINUTE, [tier])
    assert (cost.main, cost.used) == (rub("2.00"), ())


def test_the_fee_for_the_connection_is_paid_where_minutes_are_a_gift() -> None:
    with_fee = Rate("7", "Россия", Price.parse("2.00"), connect_fee=Price.parse("0.50"))
    gift = Cover("gift", 1, "b", 600)
    assert cost_with_covers(Quote("1", "2", rate("0.00"), with_fee), 0, MINUTE, [gift]).main == rub("0.50")


def test_a_cover_is_kept_with_its_call_and_comes_back_the_same() -> None:
    for cover in (Cover("gift", 7, "b", 60, expires_on=date(2027, 1, 1)), Cover("money", 8, "", 200, unit="RUB")):
        assert Cover.of(cover.facts) == cover
