"""Charts made on the server: plain geometry for an SVG in the template; the same figures stand in a table under it."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from k5web.domain.money import Money
from k5web.web.calls import progress
from k5web.web.words import money

WIDTH, HEIGHT = 320, 96  # units of the SVG's own box
GAP = 2
LEAST = 3  # what is not nothing is seen
ROW, THICK = 40, 12  # of a chart with a row for each bar
LONGEST_LABEL = 34  # letters


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure: what it is of, its words, its place. Units: of the SVG's box."""

    label: str
    amount: str
    x: int
    y: int
    width: int
    height: int

    @property
    def short_label(self) -> str:
        """Return as much of the label as a row has room for."""
        return self.label if len(self.label) <= LONGEST_LABEL else self.label[: LONGEST_LABEL - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars beside each other between two ends, or, without ends, each in a row under its label."""

    bars: Sequence[Bar]
    highest: str
    ends: tuple[str, str] | None
    width: int = WIDTH
    height: int = HEIGHT


def by_day(month: date, spent: Sequence[tuple[date, Money]]) -> Chart | None:
    """Return the chart of a month's spending, or None where nothing was spent."""
    days = monthrange(month.year, month.month)[1]
    figures = [(day.day - 1, f"{day:%d.%m.%Y}", sum_.minor, money(sum_)) for day, sum_ in spent]
    return _columns(figures, days, ("1", str(days)))


def by_month(talked: Sequence[tuple[date, int]]) -> Chart | None:
    """Return the chart of the months' talk, or None where nobody talked. Units: seconds."""
    labels = [f"{month:%m.%Y}" for month, _seconds in talked]
    figures = [
        (at, labels[at], seconds, progress.span(seconds)) for at, (_month, seconds) in enumerate(talked) if seconds
    ]
    return _columns(figures, len(talked), (labels[0], labels[-1]))


def by_share(spent: Sequence[tuple[str, Money]]) -> Chart | None:
    """Return the chart of what each direction cost, or None where nothing was spent."""
    return by_figure([(label, sum_.minor, money(sum_)) for label, sum_ in spent])


def by_figure(figures: Sequence[tuple[str, int, str]]) -> Chart | None:
    """Return a bar in a row of its own for each figure: its label, how long it is, its words. None of no figures.

    What is nothing, or less, has no bar.
    """
    if not figures:
        return None
    longest, highest = max((length, said) for _label, length, said in figures)
    bars = [
        Bar(label, said, 0, (at + 1) * ROW - THICK - GAP, _length(length, longest), THICK)
        for at, (label, length, said) in enumerate(figures)
    ]
    return Chart(bars, highest, None, height=len(figures) * ROW)


def _length(figure: int, most: int) -> int:
    return max(LEAST, figure * WIDTH // most) if figure > 0 else 0


def _columns(figures: Sequence[tuple[int, str, int, str]], places: int, ends: tuple[str, str]) -> Chart | None:
    """Return a column for each figure in its place: the place, its label, how high it is, its words."""
    if not figures:
        return None
    step, most = WIDTH // places, max(figure for _place, _label, figure, _words in figures)
    bars = []
    for place, label, figure, said in figures:
        height = max(LEAST, figure * HEIGHT // most)
        bars.append(Bar(label, said, place * step, HEIGHT - height, step - GAP, height))
    highest = next(said for _place, _label, figure, said in figures if figure == most)
    return Chart(bars, highest, ends, width=places * step)
