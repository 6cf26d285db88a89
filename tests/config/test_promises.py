"""The file of promised payments: a sound one is read, and every wrong one stops the start with file, line and key."""

from pathlib import Path

import pytest

from k5web.config import promises
from k5web.config.settings import Settings
from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.money import rub
from k5web.errors import WrongSetting


def test_the_settings_hold_the_terms(tmp_path: Path) -> None:
    file = tmp_path / "promise.toml"
    file.write_text('most = "300.00"\ndays = 3\npaid_in = "500.00"\nfee = "5.00"\n')
    given = {"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    assert Settings.from_env(given).promise is None
    found = Settings.from_env(given | {"K5_PROMISE": str(file)}).promise
    assert found == PromiseTerms(rub("300.00"), 3, 90, rub("500.00"), rub("5.00"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("days = 3", r"promise.toml.*most: must be set"),
        ('most = "300.00"', r"promise.toml.*days: must be a whole number from 1 to 31"),
        ('most = "300"\ndays = 3', r"promise.toml:1: most: '300' is not a sum of money"),
        ('most = "9.99"\ndays = 3', r"promise.toml:1: most: must be 10.00 or more"),
        ('most = "300.00"\ndays = 0', r"promise.toml:2: days: must be a whole number"),
        ('most = "300.00"\ndays = 3\nfee = "10.00"', r"promise.toml:3: fee: must be less than 10.00"),
        ('most = "300.00"\ndays = 3\naccount_days = -1', r"promise.toml:3: account_days: must be a whole number"),
        ('most = "300.00"\ndays = 3\npaidin = "1.00"', r"promise.toml:3: paidin: is not a key of promised payments"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "promise.toml"
    file.write_text(text)
    with pytest.raises(WrongSetting, match=words):
        promises.read(str(file))
