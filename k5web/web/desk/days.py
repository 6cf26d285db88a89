"""Days that are chosen in the address of a page of the desk."""

from datetime import date, timedelta

from flask import request

from k5web.errors import WrongPeriod
from k5web.web.context import ports

WEEK = timedelta(days=6)  # before the last day
YEARS = range(2000, 3000)  # days before and after them can be counted, in every zone


def chosen_days() -> tuple[date, date]:
    """Return the first and the last day that the address names; the week until today where it names none.

    Raises: WrongPeriod.
    """
    last = day_of(request.args.get("to", "")) or ports().today()
    return day_of(request.args.get("from", "")) or last - WEEK, last


def day_of(text: str) -> date | None:
    """Return a day as browsers write it, None of nothing. Raises: WrongPeriod."""
    found, text = day(text), text.strip()
    if text and found is None:
        raise WrongPeriod(first=text, last=text)
    return found


def day(text: str) -> date | None:
    """Return a day written 2026-12-01, None where it is none."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None
