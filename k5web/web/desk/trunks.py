"""Trunks and directions at the desk: how they stand now, how they did on chosen days, as charts over their figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from k5web.domain.calls.quality import Quality
from k5web.domain.desk.action import Action
from k5web.services.calls import quality, staff_view
from k5web.web.books.chart import Chart, by_figure
from k5web.web.context import ports
from k5web.web.desk import call_words
from k5web.web.desk.days import chosen_days
from k5web.web.desk.door import bp, staff_may
from k5web.web.texts import _

CHARTED = 12  # the busiest; the table under the charts has all


@dataclass(frozen=True, slots=True)
class Section:
    """Trunks or directions: their charts, each under its name, and their figures."""

    title: str
    label: str
    rows: Sequence[Quality]
    charts: Sequence[tuple[str, Chart]]


@bp.get("/trunks")
@staff_may(Action.SEE_CALLS)
def trunks() -> str:
    """Show the lines as they stand now, and how trunks and directions did on the days of the address."""
    first, last = chosen_days()
    report = quality.report(ports(), first, last)
    sections = [
        _section(_("По транкам"), _("Транк"), report.trunks),
        _section(_("По направлениям"), _("Направление"), report.directions),
    ]
    lines = staff_view.lines(ports())
    return render_template("desk/trunks.html", first=first, last=last, sections=sections, lines=lines, words=call_words)


def _section(title: str, label: str, rows: Sequence[Quality]) -> Section:
    shown = rows[:CHARTED]
    charts = [
        (_("Доля ответов (ASR)"), by_figure([_answer_rate(row) for row in shown])),
        (_("Средний разговор (ACD)"), by_figure([_average(row) for row in shown])),
        (_("Минуты"), by_figure([_minutes(row) for row in shown])),
        (_("Маржа"), by_figure([_margin(row) for row in shown])),
    ]
    return Section(title, label, rows, [(name, chart) for name, chart in charts if chart is not None])


def _answer_rate(row: Quality) -> tuple[str, int, str]:
    return row.name, int((row.answer_rate or 0) * 10), call_words.number(row.answer_rate, "%")


def _average(row: Quality) -> tuple[str, int, str]:
    return row.name, int((row.average_s or 0) * 10), call_words.number(row.average_s, _("с"))


def _minutes(row: Quality) -> tuple[str, int, str]:
    return row.name, int(row.minutes * 10), call_words.number(row.minutes)


def _margin(row: Quality) -> tuple[str, int, str]:
    """Return the margin of the first currency alone: sums of several have no common length."""
    first = next(iter(row.margins.values()), None)
    left = first.margin.minor if first is not None and first.margin is not None else 0
    return row.name, left, call_words.margin(row.margins)
