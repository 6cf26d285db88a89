"""Charts: a bar for each day, month or direction that is not nothing, in its place and as long as its figure says."""

from datetime import date

from flask import Flask

from k5web.domain.money import rub
from k5web.web.books.chart import HEIGHT, LEAST, ROW, WIDTH, by_day, by_figure, by_month, by_share

DECEMBER = date(2026, 12, 1)


def test_the_dearest_day_is_as_high_as_the_chart_and_the_others_in_proportion() -> None:
    chart = by_day(DECEMBER, [(date(2026, 12, 1), rub("10.00")), (date(2026, 12, 31), rub("5.00"))])
    assert chart is not None
    assert (chart.ends, chart.highest) == (("1", "31"), "10,00\N{NO-BREAK SPACE}₽")
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


def test_a_month_of_talk_stands_at_its_place_in_the_year(app: Flask) -> None:
    months = [date(2026, n, 1) for n in range(1, 13)]
    with app.test_request_context():
        chart = by_month([(month, {3: 90, 12: 45}.get(month.month, 0)) for month in months])
    assert chart is not None
    assert chart.ends == ("01.2026", "12.2026")
    march, december = chart.bars
    assert (march.label, march.amount, march.height) == ("03.2026", "1 мин 30 с", HEIGHT)
    assert (december.amount, december.height) == ("45 с", HEIGHT // 2)
    assert (march.x // (chart.width // 12), december.x // (chart.width // 12)) == (2, 11)


def test_directions_stand_under_each_other_the_dearest_as_wide_as_the_chart() -> None:
    chart = by_share([("Россия", rub("8.00")), ("Южная Георгия и Южные Сандвичевы о-ва", rub("2.00"))])
    assert chart is not None
    assert [bar.width for bar in chart.bars] == [WIDTH, WIDTH // 4]
    assert all(bar.y > 0 and bar.y + bar.height <= chart.height for bar in chart.bars)
    assert chart.bars[1].y - chart.bars[0].y == ROW
    assert chart.bars[1].short_label == "Южная Георгия и Южные Сандвичевы…"
    assert chart.bars[1].label.endswith("о-ва")


def test_nothing_has_no_chart() -> None:
    assert by_share([]) is None
    assert by_month([(date(2026, n, 1), 0) for n in range(1, 13)]) is None


def test_a_figure_that_is_nothing_or_less_has_no_bar() -> None:
    chart = by_figure([("a", 200, "200"), ("b", 0, "0"), ("c", -5, "loss"), ("d", 1, "1")])
    assert chart is not None
    assert [(bar.width, bar.amount) for bar in chart.bars] == [(WIDTH, "200"), (0, "0"), (0, "loss"), (LEAST, "1")]
    nothing = by_figure([("a", 0, "0")])
    assert nothing is not None
    assert [bar.width for bar in nothing.bars] == [0]
    assert by_figure([]) is None
