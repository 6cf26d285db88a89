"""The chart of a month: a bar for each day that cost something, in its place and in its height."""

from datetime import date

from k5web.domain.money import rub
from k5web.web.books.chart import HEIGHT, LEAST, by_day

DECEMBER = date(2026, 12, 1)


def test_the_dearest_day_is_as_high_as_the_chart_and_the_others_in_proportion() -> None:
    chart = by_day(DECEMBER, [(date(2026, 12, 1), rub("10.00")), (date(2026, 12, 31), rub("5.00"))])
    assert chart is not None
    assert (chart.days, chart.highest) == (31, rub("10.00"))
    first, last = chart.bars
    assert (first.height, first.y, first.x) == (HEIGHT, 0, 0)
    assert (last.height, last.y) == (HEIGHT // 2, HEIGHT - HEIGHT // 2)
    assert last.x + last.width <= chart.width


def test_a_day_that_cost_next_to_nothing_is_seen() -> None:
    chart = by_day(DECEMBER, [(date(2026, 12, 2), rub("0.01")), (date(2026, 12, 3), rub("1000.00"))])
    assert chart is not None
    assert [bar.height for bar in chart.bars] == [LEAST, HEIGHT]
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars)


def test_a_month_without_spending_has_no_chart() -> None:
    assert by_day(DECEMBER, []) is None
