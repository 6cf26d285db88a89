"""Russian working days: which there are is asked of `holidays`. By how many of them money came late."""

from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

LATE_AFTER_DAYS = 3  # working days from the money's arrival to its credit (B4)
MONDAY_TO_FRIDAY = 5


def working_days(day: date, end: date) -> int:
    """Return how many working days come after `day`, up to `end`."""
    if end <= day:
        return 0
    whole_weeks, rest = divmod((end - day).days, 7)
    weekdays = MONDAY_TO_FRIDAY * whole_weeks + sum(_is_weekday(end - timedelta(days=back)) for back in range(rest))
    moved = [shift for year in range(day.year, end.year + 1) for at, shift in _shifts(year) if day < at <= end]
    return weekdays + sum(moved)


def working_day_after(day: date, count: int) -> date:
    """Return the working day that is the `count`-th after a day."""
    end = day + timedelta(days=count)
    while (missing := count - working_days(day, end)) > 0:
        end += timedelta(days=missing)
    return end


def credited_by(day: date) -> date:
    """Return the last day on which money that came on a day is credited in time (B4)."""
    return working_day_after(day, LATE_AFTER_DAYS)


@cache
def _shifts(year: int) -> tuple[tuple[date, int], ...]:
    """Return the days of a year that are not what their weekday says: -1 a day off, 1 a Saturday that is worked."""
    calendar = country_holidays("RU", years=year)
    off = [(day, -1) for day in calendar if _is_weekday(day) and not calendar.is_working_day(day)]
    worked = [(day, 1) for day in calendar.weekend_workdays if day.year == year and not _is_weekday(day)]
    return (*off, *worked)


def _is_weekday(day: date) -> bool:
    return day.weekday() < MONDAY_TO_FRIDAY
