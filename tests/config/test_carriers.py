"""How a carrier is spoken to, as the file says it: each key is checked, a wrong one is named with its line."""

from pathlib import Path

import pytest

from k5web.config.carriers import CERTIFICATES, Carrier, Nat
from k5web.config.settings import Settings
from k5web.config.switches import SwitchSettings, read_switches
from k5web.domain.calls.trunk import Trunk
from k5web.errors import WrongSetting

FILE = """
[[trunk]]
code = "x"
calls_at_once = 60
caller_id = "+74951112233"
rewrite = ["7>8", ">810"]
calls_per_second = 4
host = "sip.carrier.example"
transport = "tls"
srtp = true
codecs = ["g722", "alaw"]
user = "K5"
password = "env:CARRIER"
register = true
domain = "carrier.example"
identity = "pai"
incoming = ["192.0.2.10", "192.0.2.64/26"]

[[trunk]]
code = "y"
calls_at_once = 5
enabled = false

[[switch]]
name = "msk"
ari_url = "http://127.0.0.1:8088/ari"
ari_user = "k5"
ari_password = "a long one"
calls_at_once = 50
trunks = ["x", "y"]
external_address = "203.0.113.7"
local_nets = ["10.0.0.0/8"]
"""


def read(folder: Path, text: str = FILE) -> SwitchSettings:
    (folder / "switches.toml").write_text(text)
    found = read_switches(str(folder / "switches.toml"), "asterisk", {"CARRIER": "x;y"}, folder)
    return found[0]


def test_everything_about_a_carrier_stands_in_its_table(tmp_path: Path) -> None:
    found = read(tmp_path)
    line = Trunk("x", 60, caller_id="74951112233", rewrites={"7": "8", "": "810"}, calls_per_second=4)
    assert found.trunks == (line, Trunk("y", 5, is_enabled=False))
    (carrier,) = found.carriers
    assert carrier == Carrier(
        code="x",
        host="sip.carrier.example",
        port=5061,
        transport="tls",
        srtp=True,
        codecs=("g722", "alaw"),
        user="K5",
        password="x;y",
        register=True,
        domain="carrier.example",
        identity="pai",
        incoming=("192.0.2.10/32", "192.0.2.64/26"),
    )
    assert "x;y" not in repr(found)
    assert found.nat == Nat("203.0.113.7", ("10.0.0.0/8",), CERTIFICATES)
    assert found.shown == ("74951112233",)


@pytest.mark.parametrize(
    ("good", "wrong", "line", "words"),
    [
        ('host = "sip.carrier.example"\n', "", 10, "codecs: says nothing without a host"),
        ('host = "sip.carrier.example"', 'host = "sip.carrier.example;x"', 8, "host: cannot be"),
        ('transport = "tls"', 'transport = "sctp"', 9, "is not one of tcp, tls, udp"),
        ('transport = "tls"', 'transport = "udp"', 10, 'srtp: wants transport = "tls"'),
        ('codecs = ["g722", "alaw"]', 'codecs = ["g729"]', 11, "codecs: 'g729' is not one of alaw, ulaw"),
        ('codecs = ["g722", "alaw"]', "codecs = []", 11, "codecs: must name some, each once"),
        ('user = "K5"', 'user = "K5\\nmatch=0"', 12, "user: cannot be"),
        ('user = "K5"\n', "", 2, "user: user and password stand together"),
        ('password = "env:CARRIER"', 'password = "a\\nb"', 13, "password: must be 1 to 128 printable signs"),
        ('password = "env:CARRIER"\n', "", 2, "password: user and password stand together"),
        ('incoming = ["192.0.2.10",', 'incoming = ["192.0.2.10/8",', 17, "incoming: 192.0.2.10/8 has host bits"),
        ('rewrite = ["7>8", ">810"]', 'rewrite = ["7-8"]', 6, 'rewrite: must be a list of texts like "7>8"'),
        ('rewrite = ["7>8", ">810"]', 'rewrite = ["7>8", "7>9"]', 6, "rewrite: two begin with '7>'"),
        ('caller_id = "+74951112233"', 'caller_id = "K5"', 5, "caller_id: cannot be 'K5'"),
        ('local_nets = ["10.0.0.0/8"]', 'local_nets = ["10"]', 32, "local_nets: '10' does not appear"),
        ('external_address = "203.0.113.7"', 'external_address = "t.k5.example"', 31, "external_address: 't.k5"),
        ('external_address = "203.0.113.7"\n', "", 31, "local_nets: says nothing without external_address"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, good: str, wrong: str, line: int, words: str) -> None:
    assert good in FILE
    with pytest.raises(WrongSetting) as refused:
        read(tmp_path, FILE.replace(good, wrong, 1))
    assert f"switches.toml:{line}: " in str(refused.value)
    assert words in str(refused.value)


def test_fewer_calls_a_second_than_a_call_for_each_side_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"trunk x: calls_per_second must be at least 2"):
        read(tmp_path, FILE.replace("calls_per_second = 4", "calls_per_second = 1"))


def test_no_emergency_call_goes_by_a_trunk_that_is_switched_off(tmp_path: Path) -> None:
    (tmp_path / "switches.toml").write_text(FILE.replace("env:CARRIER", "plain"))
    known = {"K5_SECRET_KEY": "s" * 40, "K5_SWITCH": "asterisk", "K5_SWITCHES": str(tmp_path / "switches.toml")}
    assert Settings.from_env(known | {"K5_EMERGENCY": "x"}).switches[0].emergency == "x"
    with pytest.raises(WrongSetting, match=r"^K5_EMERGENCY: 'y' is no trunk of a switch: x"):
        Settings.from_env(known | {"K5_EMERGENCY": "y"})
