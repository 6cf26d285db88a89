"""The file of sponsors' bonuses: what part, up to how much, when; one TOML file, checked at start."""

import re
from fractions import Fraction
from pathlib import Path
from typing import Final

from k5web.config import toml
from k5web.config.table import Table
from k5web.domain.accounts.bonus import MOST_LEVELS, BonusPlan
from k5web.errors import WrongKey

SETTING: Final = "K5_BONUS"
KEYS: Final = frozenset({"levels", "most_a_pair", "most_a_month", "vests_after_days"})
LATEST_DAYS: Final = 28
OURS: Final = Path(__file__).parents[1] / "plans" / "bonuses" / "members.toml"

_PER_CENT: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?", re.ASCII)


def read(path: str) -> BonusPlan:
    """Return the plan of this file; no path, K5's own. Raises: WrongSetting naming file, line and key."""
    file = toml.read(SETTING, path or str(OURS))
    with file.place.named():
        table = Table(file.values, KEYS, "bonuses")
        levels = table.texts("levels", (), _PER_CENT, ' of per cents like "5" or "1.5"')
        if len(levels) > MOST_LEVELS:
            raise WrongKey(key="levels", reason=f"must be {MOST_LEVELS} levels at most")
        if sum(map(Fraction, levels)) >= 100:
            raise WrongKey(key="levels", reason="must be less than 100 per cent together")
        return BonusPlan(
            levels=tuple(Fraction(level) / 100 for level in levels),
            most_a_pair_minor=_most(table, "most_a_pair"),
            most_a_month_minor=_most(table, "most_a_month"),
            vests_after_days=table.whole("vests_after_days", 10, 0, LATEST_DAYS),
        )


def _most(table: Table, key: str) -> int | None:
    """Return a cap, None where the file has none. Units: minor, of the account's currency."""
    return table.sum(key, "0.00").minor or None
