"""Margin by direction: a month's calls, the worst first, and what is left of a minute today."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.money import Money
from k5web.domain.prices.margin import MarginLine, MinuteMargin, Place, below
from k5web.errors import NoDeck
from k5web.services.prices import margins
from k5web.web.books import chart
from k5web.web.context import ports
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, staff_may
from k5web.web.texts import _
from k5web.web.words import price

PAGE, CHARTED = 50, 10
MONTHS = 13  # that may be chosen
_KEY = re.compile(r"(-?[0-9]{1,18}) ([A-Z]{3}) (.*)", re.ASCII | re.DOTALL)


@bp.get("/margin")
@staff_may(Action.SEE_PRICES)
def margin() -> ResponseReturnValue:
    """Show a month by direction, and a minute by today's prices."""
    months, price_list = _months(), request.args.get("list", "")[:60]
    asked = day(f"{request.args.get('month', '')}-01")
    month = asked if asked in months else months[0]
    found = margins.month(ports(), month, price_list)
    deck = price_list.removeprefix("deck ") if price_list.startswith("deck ") else "k5"
    today = _minutes(deck)
    lines = below(found.lines, _place(request.args.get("after", "")))
    further = ""
    if len(lines) > PAGE:
        further = urlencode({"month": f"{month:%Y-%m}", "list": price_list, "after": _key(lines[PAGE - 1])})
    return render_template(
        "desk/margin.html",
        months=months,
        month=month,
        price_list=price_list,
        found=found,
        lines=lines[:PAGE],
        further=further,
        chart=_chart(found.lines),
        deck=deck,
        minutes=[one for one in today if one.loss][:PAGE] or today[:CHARTED],
        losing=sum(one.loss is not None for one in today),
        loss_words=loss_words,
        percent=percent,
        minute_words=minute_words,
    )


def loss_words(line: MarginLine) -> str:
    """Return that a direction was sold below cost, "" where it was not."""
    if line.margin.minor >= 0:
        return ""
    lost = line.loss_a_minute
    return _("ниже себестоимости на %(price)s/мин", price=price(lost)) if lost else _("ниже себестоимости")


def minute_words(one: MinuteMargin) -> str:
    """Return the same of a minute today."""
    return _("ниже себестоимости на %(price)s/мин", price=price(one.loss)) if one.loss else ""


def percent(line: MarginLine) -> str:
    """Return the part of the revenue that is left, with one decimal, half up; a dash where there was none."""
    if line.share is None:
        return "–"
    tenths = (2000 * line.share.numerator + line.share.denominator) // (2 * line.share.denominator)
    sign = "\N{MINUS SIGN}" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10},{abs(tenths) % 10} %"


def _key(line: MarginLine) -> str:
    minor, destination, currency = line.place
    return f"{minor} {currency} {destination}"


def _place(text: str) -> Place | None:
    """Return the place that a key names, None for what is no key."""
    found = _KEY.fullmatch(text)
    return (int(found[1]), found[3], found[2]) if found else None


def _months() -> list[date]:
    months = [ports().today().replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def _minutes(deck: str) -> Sequence[MinuteMargin]:
    try:
        return margins.minutes(ports(), deck)
    except NoDeck:
        return []


def _chart(lines: list[MarginLine]) -> chart.Chart | None:
    """Return the chart of the directions that lost most: how much, as a sum above zero."""
    lost = [(line.destination, Money(-line.margin.minor, line.currency)) for line in lines if line.margin.minor < 0]
    return chart.by_share(lost[:CHARTED])
