"""The files that Asterisk reads of the trunks: whole, in its own words, secrets for the switch alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from k5web.config.carriers import Carrier, Nat
from k5web.config.switches import SwitchSettings
from k5web.domain.calls.trunk import Trunk
from k5web.errors import SwitchFilesClosed, SwitchSilent
from k5web.telephony.trunk_files import DIALPLAN, MODULES, PJSIP, TrunkFiles, dialplan, pjsip
from tests.telephony.test_asterisk import reply, wire

CARRIER = Carrier("x", "sip.carrier.example", 5060, user="K5", password='x;"y', incoming=("192.0.2.10/32",))
SETTINGS = SwitchSettings(
    name="msk",
    kind="asterisk",
    ari_url="http://127.0.0.1:9/ari",
    ari_user="k5",
    ari_password="a long one",
    cel_file=None,
    caller_id="74950000000",
    calls_at_once=10,
    trunks=(Trunk("x", 10, rewrites={"7": "8", "": "810"}, caller_id="74951112233", calls_per_second=8), Trunk("y", 5)),
    carriers=(CARRIER,),
)


def sections(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("[")]


def test_a_carrier_is_an_endpoint_an_address_a_password_and_where_its_calls_come_from() -> None:
    text = pjsip(SETTINGS)
    assert sections(text) == ["[x](trunk)", "[x](phones)", "[x]", "[x](from)"]
    assert 'password = x\\;"y' in text.splitlines()
    assert "contact = sip:sip.carrier.example:5060" in text
    assert "match = 192.0.2.10/32" in text


def test_a_carrier_that_is_switched_off_neither_registers_nor_calls() -> None:
    """Calls under way stand on its endpoint: it stays."""
    off = replace(CARRIER, register=True, is_enabled=False)
    assert sections(pjsip(replace(SETTINGS, carriers=(off,)))) == ["[x](trunk)", "[x](phones)", "[x]"]
    assert "type = registration" in pjsip(replace(SETTINGS, carriers=(replace(off, is_enabled=True),)))


def test_transports_are_there_where_a_carrier_wants_them_and_know_the_address_outside() -> None:
    secure = replace(CARRIER, transport="tls", srtp=True)
    text = pjsip(replace(SETTINGS, carriers=(secure,), nat=Nat("203.0.113.7", ("10.0.0.0/8",), "/etc/ca.pem")))
    assert sections(text)[:3] == ["[udp](+)", "[udp-users](+)", "[k5-tls]"]
    assert text.count("external_media_address = 203.0.113.7") == 3
    assert ("verify_server = yes\nca_list_file = /etc/ca.pem" in text, "media_encryption = sdes" in text) == (
        True,
        True,
    )
    assert r"contact = sip:sip.carrier.example:5060\;transport=tls" in text


def test_the_dialplan_knows_how_a_carrier_wants_numbers_and_how_fast() -> None:
    text = dialplan(SETTINGS, {"x": 2})
    assert "K5_CALLER_ID = 74950000000" in text
    assert text.split("[k5-by-x]\n")[1].splitlines() == [
        "exten => _X!,1,Return(810${EXTEN:0})",
        "exten => _7!,1,Return(8${EXTEN:1})",
        "exten => show,1,Return(74951112233)",
        "exten => pace,1,Return(500)",  # of 8 a second 4 are the switches', of whom there are two
    ]
    assert "k5-by-y" not in text


def test_both_files_are_the_switchs_alone_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    assert TrunkFiles(replace(SETTINGS, directory=tmp_path)).write({}) == 1
    assert {path.name for path in (tmp_path / "lib").iterdir()} == {Path(PJSIP).name, Path(DIALPLAN).name}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "lib").iterdir()} == {0o640}


def test_a_switch_that_is_elsewhere_or_silent_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SwitchFilesClosed, match="msk has no directory on this machine"):
        TrunkFiles(SETTINGS).write({})
    with pytest.raises(SwitchFilesClosed, match="No such file or directory"):
        TrunkFiles(replace(SETTINGS, directory=tmp_path / "none")).write({})


@pytest.mark.server
def test_the_switch_is_told_to_read_each_of_its_files_and_what_it_says_no_to_is_named() -> None:
    with wire(reply(204, "")) as stand_in:
        TrunkFiles(replace(SETTINGS, ari_url=stand_in.url)).load()
    asked = [request.split(b" HTTP")[0].decode() for request in stand_in.requests]
    assert asked == [f"PUT /ari/asterisk/modules/{module}" for module in MODULES]
    with wire(reply(409, "")) as stand_in, pytest.raises(SwitchSilent, match=r"res_pjsip\.so: status 409"):
        TrunkFiles(replace(SETTINGS, ari_url=stand_in.url)).load()
