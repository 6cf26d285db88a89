"""Working days: Monday to Friday. By how many of them money came late."""

from datetime import date, timedelta

LATE_AFTER_DAYS = 3  # working days from the money's arrival to its credit (B4)


def working_days(day: date, end: date) -> int:
    """Return how many working days come after `day`, up to `end`."""
    whole_weeks, rest = divmod(max(0, (end - day).days), 7)
    return 5 * whole_weeks + sum((end - timedelta(days=back)).weekday() < 5 for back in range(rest))
