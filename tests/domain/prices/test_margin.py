"""Margins: worst first, exact shares, losses a minute; a minute beside what carriers take for it."""

from fractions import Fraction

import pytest

from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.margin import MarginLine, by_direction, minute_margins, totals
from k5web.domain.prices.rating import Rate, RateTable


def line(
    destination: str, minor: int, cost: int, seconds: int = 60, source: str = "deck k5 3", currency: str = "RUB"
) -> MarginLine:
    return MarginLine(source, destination, currency, 1, seconds, minor, 1, seconds, minor, cost)


@pytest.mark.parametrize(
    ("minor", "cost", "seconds", "loss"),
    [(100, 135, 60, "0.35"), (100, 135, 180, "0.116667"), (100, 100, 60, None), (0, 5, 0, None), (100, 90, 60, None)],
)
def test_the_loss_of_a_minute_is_exact_to_the_millionth(minor: int, cost: int, seconds: int, loss: str | None) -> None:
    assert line("Moscow", minor, cost, seconds).loss_a_minute == (Price.parse(loss) if loss else None)


def test_directions_are_summed_over_versions_and_the_worst_comes_first() -> None:
    lines = [line("A", 100, 50), line("B", 100, 150), line("A", 100, 20, source="deck k5 4")]
    found = by_direction(lines)
    assert [(one.destination, one.margin, one.share) for one in found] == [
        ("B", -rub("0.50"), Fraction(-1, 2)),
        ("A", rub("1.30"), Fraction(13, 20)),
    ]


def test_a_price_list_or_a_plan_is_looked_at_alone() -> None:
    lines = [line("A", 100, 50), line("A", 70, 50, source="plan go 2"), line("A", 1, 0, source="deck k5-old 3")]
    assert [one.revenue for one in by_direction(lines, "deck k5")] == [rub("1.00")]
    assert [one.revenue for one in by_direction(lines, "plan go")] == [rub("0.70")]


def test_currencies_are_never_added() -> None:
    lines = [line("A", 100, 50), line("A", 100, 60, currency="KGS"), line("B", 100, 50)]
    assert len(by_direction(lines)) == 3
    assert [(one.margin, one.calls) for one in totals(lines)] == [(Money(40, "KGS"), 1), (rub("1.00"), 2)]


def test_calls_without_a_known_cost_have_a_revenue_and_no_margin() -> None:
    unknown = MarginLine("deck k5 3", "A", "RUB", 1, 60, 100, 0, 0, 0, 0)
    found = by_direction([unknown, line("A", 100, 50)])[0]
    assert (found.revenue, found.margin, found.unknown_calls) == (rub("2.00"), rub("0.50"), 1)


def rates(currency: str = "RUB", **prices: str) -> RateTable:
    found = [Rate(prefix[1:], f"D{prefix[1:]}", Price.parse(price, currency)) for prefix, price in prices.items()]
    return RateTable("x", 0, found)


def test_a_minute_is_held_against_the_cheapest_carrier_that_has_it() -> None:
    sold = rates(_7495="0.45", _3592="2.00", _996="1.00", _1="1.00")
    carriers = {"one": rates(_7495="0.60", _3592="1.00"), "two": rates(_7="0.55"), "som": rates("KGS", _996="0.10")}
    found = [(one.destination, one.carrier, one.loss, one.left) for one in minute_margins(sold, carriers)]
    assert found == [
        ("D7495", "two", Price.parse("0.10"), Price(-100_000)),
        ("D3592", "one", None, Price.parse("1.00")),
    ]


def test_closed_ranges_are_neither_sold_nor_bought() -> None:
    closed = RateTable("x", 0, [Rate("7495", "D", Price(0), is_blocked=True)])
    assert minute_margins(closed, {"one": rates(_7495="0.60")}) == []
    assert minute_margins(rates(_7495="0.60"), {"one": closed}) == []
