"""Charts made on the server: plain geometry for an SVG in the template; the same figures stand in a table under it."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from k5web.domain.money import Money

WIDTH, HEIGHT = 320, 96  # units of the SVG's own box
GAP = 2
LEAST = 3  # a day that cost anything is seen


@dataclass(frozen=True, slots=True)
class Bar:
    """One day. Units: of the SVG's box."""

    day: date
    spent: Money
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A month of bars; only days that cost something have one."""

    bars: Sequence[Bar]
    highest: Money
    days: int
    width: int = WIDTH
    height: int = HEIGHT


def by_day(month: date, spent: Sequence[tuple[date, Money]]) -> Chart | None:
    """Return the chart of a month's spending, or None where nothing was spent."""
    if not spent:
        return None
    days = monthrange(month.year, month.month)[1]
    step = WIDTH // days
    highest = max((money for _day, money in spent), key=lambda money: money.minor)
    bars = []
    for day, money in spent:
        height = max(LEAST, money.minor * HEIGHT // highest.minor)
        bars.append(Bar(day, money, (day.day - 1) * step, HEIGHT - height, step - GAP, height))
    return Chart(bars, highest, days, width=days * step)
