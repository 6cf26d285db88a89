"""The file of bonuses: a sound one is read, and every wrong one stops the start with file, line and key."""

from fractions import Fraction
from pathlib import Path

import pytest

from k5web.config import bonuses
from k5web.config.settings import Settings
from k5web.domain.accounts.bonus import BonusPlan
from k5web.errors import WrongSetting


def test_the_settings_hold_the_plan_and_ours_is_one_level_of_five_per_cent(tmp_path: Path) -> None:
    file = tmp_path / "bonus.toml"
    file.write_text('levels = ["4.5", "1"]\nmost_a_month = "100.00"\nvests_after_days = 3\n')
    given = {"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    assert Settings.from_env(given).bonus == BonusPlan((Fraction(1, 20),), 500_00, 5_000_00, 10)
    found = Settings.from_env(given | {"K5_BONUS": str(file)}).bonus
    assert found == BonusPlan((Fraction(45, 1000), Fraction(1, 100)), None, 100_00, 3)


def test_no_levels_are_no_bonuses(tmp_path: Path) -> None:
    file = tmp_path / "bonus.toml"
    file.write_text("levels = []\n")
    assert bonuses.read(str(file)).levels == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("levels = [5]", r"bonus.toml:1: levels: must be a list of texts of per cents"),
        ('levels = ["-5"]', r"bonus.toml:1: levels: must be a list"),
        ('levels = ["5e1"]', r"bonus.toml:1: levels: must be a list"),
        ('levels = ["1", "1", "1", "1", "1", "1"]', r"bonus.toml:1: levels: must be 5 levels at most"),
        ('levels = ["60", "40"]', r"bonus.toml:1: levels: must be less than 100 per cent together"),
        ('levels = ["5"]\nmost_a_pair = "5"', r"bonus.toml:2: most_a_pair: '5' is not a sum of money"),
        ('levels = ["5"]\nvests_after_days = 29', r"bonus.toml:2: vests_after_days: must be a whole number from 0"),
        ('levels = ["5"]\nlevel = "1"', r"bonus.toml:2: level: is not a key of bonuses"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bonus.toml"
    file.write_text(text)
    with pytest.raises(WrongSetting, match=words):
        bonuses.read(str(file))
