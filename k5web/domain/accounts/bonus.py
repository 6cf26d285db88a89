"""Bonuses of sponsors: what part of a newcomer's paid calls they earn, up to how much, and when (A9)."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

PURPOSE: Final = "bonus"  # of the account that holds them: for calls only
ORIGIN: Final = "bonus"  # of the event that gives a bonus, and of the one that takes it back
MOST_LEVELS: Final = 5
CATCH_UP_MONTHS: Final = 3  # months that are given after a stand-still
TAKEN_BACK_MONTHS: Final = 12  # months whose calls may still be taken back


@dataclass(frozen=True, slots=True)
class BonusPlan:
    """How sponsors earn. `levels`: the part of the sponsor, of the sponsor's sponsor, … Units: minor."""

    levels: tuple[Fraction, ...] = (Fraction(5, 100),)
    most_a_pair_minor: int | None = None  # a month, from one newcomer
    most_a_month_minor: int | None = None  # a month, of one sponsor
    vests_after_days: int = 10  # of the next month: what is reversed until then was never earned

    @property
    def part_of_sponsor(self) -> str:
        """The sponsor's own part in per cent, as people write it: 5 or 4,5."""
        return f"{int(self.levels[0] * 10_000) / 100:g}".replace(".", ",")

    def vested(self, today: date) -> date:
        """Return the first day of the last month whose bonuses are due."""
        return before((today - timedelta(days=self.vests_after_days)).replace(day=1), 1)

    def share(self, level: int, paid_minor: int) -> int:
        """Return what a level earns by so much of paid calls, never rounded up. Levels count from 1."""
        earned = int(self.levels[level - 1] * max(0, paid_minor))
        return earned if self.most_a_pair_minor is None else min(earned, self.most_a_pair_minor)


FIVE_PER_CENT: Final = BonusPlan()


@dataclass(frozen=True, slots=True)
class Bonus:
    """What one sponsor earned by one newcomer in a month. Units: minor."""

    owner_id: int
    newcomer_id: int
    level: int
    month: date
    paid_minor: int
    bonus_minor: int
    taken_back_minor: int = 0

    @property
    def key(self) -> str:
        """The key of the event that gave it; what is taken back adds to it."""
        return f"{self.newcomer_id}:{self.level}:{self.month:%Y-%m}"


def before(month: date, months: int) -> date:
    """Return the first day of the month so many months before."""
    years, at = divmod(month.year * 12 + month.month - 1 - months, 12)
    return date(years, at + 1, 1)


def bad_money_off(paid: list[tuple[date, int]], bad_minor: int) -> dict[date, int]:
    """Return the paid calls of each month without what was paid by money that its payer took back, the last first."""
    left: dict[date, int] = {}
    for month, minor in sorted(paid, reverse=True):
        off = min(minor, bad_minor)
        left[month], bad_minor = minor - off, bad_minor - off
    return left
