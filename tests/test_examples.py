"""The examples of an operator's files in deploy/, read by the program's own readers."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import connectors
from k5web.config import bonuses, partners, payees, promises, switches
from k5web.domain.payments.connector import Opening
from k5web.errors import WrongSetting
from tests.conftest import Clock

ROOT = Path(__file__).parent.parent
RANDOM = "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA"
EXAMPLES = sorted(path.name for path in (ROOT / "deploy").glob("*.toml.example"))


def filled_in(name: str, folder: Path) -> str:
    """A copy with a secret in each place that wants one."""
    text = (ROOT / "deploy" / name).read_text("utf-8")
    path = folder / name
    path.write_text(re.sub("CHANGE-ME", RANDOM, text), "utf-8")
    return str(path)


def opened(path: str) -> list[str]:
    tables, _ = partners.read(path, {})
    opening = Opening("https://t.k5.example", Clock())
    return [connector.origin for connector in partners.open_connectors(tables, connectors.OPENERS, opening)]


def test_each_file_that_a_setting_names_has_an_example() -> None:
    named = re.findall(r"^#K5_\w+=/etc/k5/(\w+\.toml)$", (ROOT / "deploy/k5.env.example").read_text("utf-8"), re.M)
    assert sorted(f"{name}.example" for name in named if name != "k5.toml") == EXAMPLES


def test_partners_of_every_connector_open(tmp_path: Path) -> None:
    assert opened(filled_in("connectors.toml.example", tmp_path)) == ["qiwi:terminals", "elsom:wallet", "cards:bank"]


def test_partners_as_they_stand_open_nothing() -> None:
    """S24: a partner with the example's secret is everybody."""
    with pytest.raises(WrongSetting, match="secret"):
        opened(str(ROOT / "deploy/connectors.toml.example"))


def test_carriers_and_a_switch_are_read(tmp_path: Path) -> None:
    path = filled_in("switches.toml.example", tmp_path)
    [switch] = switches.read_switches(path, "asterisk", {}, tmp_path)
    assert switch.name == "asterisk"
    assert [trunk.code for trunk in switch.trunks] == ["carrier-x", "carrier-y"]


def test_the_payee_is_checked_whole(tmp_path: Path) -> None:
    payee = payees.read(filled_in("payee.toml.example", tmp_path))
    assert payee
    assert payee.director == "Иванова Анна Петровна"
    mistyped = Path(filled_in("payee.toml.example", tmp_path))
    mistyped.write_text(mistyped.read_text("utf-8").replace("7708789018", "7708789019"), "utf-8")
    with pytest.raises(WrongSetting, match="inn"):
        payees.read(str(mistyped))


def test_bonuses_and_promises_are_read(tmp_path: Path) -> None:
    assert len(bonuses.read(filled_in("bonus.toml.example", tmp_path)).levels) == 2
    assert promises.read(filled_in("promise.toml.example", tmp_path))


def test_the_firewall_opens_what_the_handbook_says_and_no_more() -> None:
    """nft reads it where it is there; it writes no table but K5's own."""
    path = ROOT / "deploy/nftables.conf"
    text = path.read_text("utf-8")
    if shutil.which("nft") and not subprocess.run(["nft", "list", "tables"], capture_output=True).returncode:
        done = subprocess.run(["nft", "-c", "-f", path], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
    assert "flush ruleset" not in text
    assert set(re.findall(r"table (\w+ \w+)(?: {)?$", text, re.MULTILINE)) == {"inet k5"}
    assert re.findall(r"^ +((?!ct|iif|meta|type)\S.*) accept$", text, re.MULTILINE) == [
        "ip saddr @staff tcp dport 22",
        "tcp dport { 80, 443 }",
        "ip saddr @carriers udp dport { 5060, 20000-29999 }",
        "udp dport { 5061, 20000-29999 }",
        "tcp dport 5062",
    ]
    asterisk = (ROOT / "deploy/asterisk.env.example").read_text("utf-8")
    ports = re.findall(r"^#?ASTERISK_(?:SIP_PORT|USERS_PORT|USERS_TLS_PORT|RTP)=(\S+)$", asterisk, re.MULTILINE)
    assert sorted(ports) == ["20000-29999", "5060", "5061", "5062"]
