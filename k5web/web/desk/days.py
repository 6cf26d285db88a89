"""Days that are chosen in the address of a page of the desk."""

from datetime import date, timedelta

from flask import request

from k5web.errors import WrongPeriod
from k5web.web.context import ports

WEEK = timedelta(days=6)  # before the last day


def chosen_days() -> tuple[date, date]:
    """Return the first and the last day that the address names; the week until today where it names none.

    Raises: WrongPeriod.
    """
    last = day_of(request.args.get("to", "")) or ports().today()
    return day_of(request.args.get("from", "")) or last - WEEK, last


def day_of(text: str) -> date | None:
    """Return a day as browsers write it, None of nothing. Raises: WrongPeriod."""
    text = text.strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise WrongPeriod(first=text, last=text) from error
