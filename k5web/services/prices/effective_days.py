"""The day from which something published is in force: what all plans, price lists and documents are held to (B2)."""

from datetime import date, timedelta
from typing import Final

from k5web.errors import DayTooFar, PastDay
from k5web.services.ports import Ports

NOTICE: Final = timedelta(days=10)  # calendar days between the publication of a dearer change and its first day (B2)
FARTHEST: Final = timedelta(days=2 * 365)  # later is a mistyped year: people would be told of what never comes


def latest_day(ports: Ports) -> date:
    """Return the last day for which anything is published now."""
    return ports.today() + FARTHEST


def check_not_too_far(ports: Ports, effective: date) -> None:
    """Raises: DayTooFar."""
    if effective > (latest := latest_day(ports)):
        raise DayTooFar(day=effective, latest=latest)


def check_to_come(ports: Ports, effective: date) -> None:
    """Raises: PastDay, DayTooFar."""
    if effective < (today := ports.today()):
        raise PastDay(day=effective, today=today)
    check_not_too_far(ports, effective)
