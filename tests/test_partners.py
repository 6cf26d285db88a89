"""The partners' file: each table becomes a connector; what is wrong stops the start and is named by file and line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import open_ports
from k5web.errors import WrongSetting
from k5web.settings import Settings
from tests.fakes import connector as fake

NOW = datetime(2026, 12, 1, tzinfo=UTC)
GOOD = """# who may pay
[[fake]]
code = "bank"
protocol = "plain"
allowed = ["127.0.0.1/32"]
secrets = ["env:K5_BANK_SECRET", "file:{folder}/secret"]

[[fake]]
code = "other"
protocol = "plain"
currency = "KGS"
"""


def settings(folder: Path, text: str, **environ: str) -> Settings:
    """Return settings with this partners' file."""
    (folder / "secret").write_text("kept in a file\n")
    path = folder / "partners.toml"
    path.write_text(text.replace("{folder}", str(folder)))
    given = {"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(folder), "K5_CONNECTORS": str(path)}
    return Settings.from_env(given | {"K5_BANK_SECRET": "kept in the environment"} | environ)


def test_each_table_is_a_connector_found_by_address_and_by_origin(tmp_path: Path) -> None:
    ports = open_ports(settings(tmp_path, GOOD), {"fake": fake.open_all})
    bank = ports.connectors.at("fake/bank")
    assert bank is not None
    assert bank is ports.connectors.of("fake:bank")
    assert bank.partner.secrets == ("kept in the environment", "kept in a file")
    assert [connector.partner.currency for connector in ports.connectors] == ["RUB", "KGS"]
    assert ports.connectors.at("fake/nobody") is ports.connectors.of("fake:nobody") is None


def test_no_secret_is_shown(tmp_path: Path) -> None:
    house = settings(tmp_path, GOOD)
    ports = open_ports(house, {"fake": fake.open_all})
    shown = f"{house!r} {house.partners!r} {[connector.partner for connector in ports.connectors]!r}"
    assert "kept in" not in shown


@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        ("[[fake]]", "[[nobody]]", 2, "there is no such connector"),
        ('currency = "KGS"', 'colour = "red"', 11, "colour: is not a key"),
        ('currency = "KGS"', 'currency = "USD"', 11, "'USD' is not one of"),
        ('code = "other"', 'code = "bank"', 9, "/hooks/fake/bank is another partner's"),
        ('code = "other"', "", 8, "code: is missing"),
        ("env:K5_BANK_SECRET", "env:K5_ABSENT", 6, "K5_ABSENT is not set"),
        ("{folder}/secret", "{folder}/absent", 6, "cannot be read"),
        ("[[fake]]", "[fake]", 2, "partners are written as"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, was: str, becomes: str, line: int, said: str) -> None:
    text = GOOD.replace(was, becomes, 1)
    if becomes == "[fake]":
        text = text.partition("\n\n")[0]
    with pytest.raises(WrongSetting) as refusal:
        open_ports(settings(tmp_path, text), {"fake": fake.open_all})
    assert f"partners.toml:{line}: " in str(refusal.value)
    assert said in str(refusal.value)


def test_a_file_that_is_no_toml_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"partners\.toml"):
        settings(tmp_path, "[[fake")


def test_without_the_setting_nobody_may_pay(tmp_path: Path) -> None:
    house = Settings.from_env({"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)})
    assert list(open_ports(house).connectors) == []


def test_a_name_that_only_looks_like_a_setting_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="K5_OTHER_SECRET"):
        settings(tmp_path, GOOD, K5_OTHER_SECRET="unused")
