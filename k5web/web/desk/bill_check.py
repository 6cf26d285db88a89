"""Bill = CDR = ledger by the day: green, or the calls that differ."""

from datetime import date

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.money import Money
from k5web.errors import NotFound
from k5web.services.books import bill_check as checking
from k5web.web.context import ports
from k5web.web.desk.days import day as read_day
from k5web.web.desk.door import bp, staff_may
from k5web.web.desk.register_words import bill_fault
from k5web.web.desk.registers import asked_days, found_at, subscriber_at


@bp.get("/bill-check")
@staff_may(Action.SEE_BOOKS)
def bill_check() -> ResponseReturnValue:
    """Show what was counted of each day."""
    first, last = asked_days()
    days = checking.kept_days(ports(), first, last)
    return render_template("desk/bill_check.html", days=days, first=first, last=last)


@bp.get("/bill-check/<day>")
@staff_may(Action.SEE_BOOKS)
def bill_day(day: str) -> ResponseReturnValue:
    """Count a day anew and show it with each call that differs."""
    on = _day(day)
    lines, calls = checking.check_day(ports(), on)
    return render_template(
        "desk/bill_day.html",
        on=on,
        lines=lines,
        calls=calls,
        money=lambda minor, currency: Money(minor or 0, currency),
        bill_fault=bill_fault,
        found_at=found_at,
        subscriber_at=subscriber_at,
    )


@bp.post("/bill-check/<day>/count")
@staff_may(Action.RESOLVE_REGISTERS)
def count_bill_day(day: str) -> ResponseReturnValue:
    """Count a day anew and keep what it comes to."""
    checking.count(ports(), _day(day))
    return redirect(url_for("desk.bill_check"), 303)


def _day(text: str) -> date:
    """Return a day that is there to be counted. Raises: NotFound."""
    day = read_day(text)
    return NotFound.unless(day if day is not None and day <= ports().today() else None, "such day")
