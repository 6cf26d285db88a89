"""The payee's file: a sound one is read, and every wrong one stops the start with file, line and key."""

from pathlib import Path

import pytest

from k5web.config import payees
from k5web.config.settings import Settings
from k5web.errors import WrongSetting

SOUND = """\
name = "ООО «Ромашка»"
inn = "7708789018"
kpp = "772401001"
account = "40702810938000017997"
bank = "ПАО Сбербанк г. Москва"
bic = "044525225"
correspondent = "30101810400000000225"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "payee.toml"
    path.write_text(SOUND, "utf-8")
    return path


def test_the_settings_hold_the_payee(file: Path) -> None:
    environ = {"K5_SECRET_KEY": "s" * 40, "K5_PAYEE": str(file)}
    payee = Settings.from_env(environ).payee
    assert payee is not None
    assert (payee.name, payee.vat) == ("ООО «Ромашка»", "Без НДС")
    assert Settings.from_env({"K5_SECRET_KEY": "s" * 40}).payee is None


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ('inn = "7708789018"', 'inn = "7708789019"', r"payee.toml:2: inn: '7708789019' is mistyped"),
        ("017997", "017998", "payee.toml:4: account: .* its key, digit 9"),
        ("400000000225", "400000000226", "payee.toml:7: correspondent: .* must end in 225"),
        ('bic = "044525225"', "bic = 44525225", "payee.toml:6: bic: must be text in quotes"),
        ('kpp = "772401001"', 'kpp = "0"', "payee.toml:3: kpp: '0' is no KPP"),
        ('bank = "ПАО Сбербанк г. Москва"\n', "", "payee.toml:1: bank: must be set"),
        ('name = "ООО', 'title = "K5"\nname = "ООО', "payee.toml:1: title: is not a key of a payee"),
        ("inn =", "inn", "payee.toml: "),
    ],
)
def test_a_wrong_file_stops_the_start_and_says_where(file: Path, was: str, becomes: str, words: str) -> None:
    file.write_text(SOUND.replace(was, becomes), "utf-8")
    with pytest.raises(WrongSetting, match=words) as refused:
        payees.read(str(file))
    assert refused.value.facts["name"] == "K5_PAYEE"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"none\.toml"):
        payees.read(str(tmp_path / "none.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(WrongSetting, match=r"bytes\.toml"):
        payees.read(str(tmp_path / "bytes.toml"))
