"""The trunks of the settings on a real Asterisk: each is seen at the carrier, a new one takes calls at once."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from k5web.cli import main
from k5web.config.switches import SwitchSettings, read_switches
from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.prices.number import Msisdn
from k5web.telephony.trunk_files import TrunkFiles
from tests.processes import wait_for
from tests.telephony import real
from tests.telephony.house import RealHouse
from tests.telephony.real import RealSwitch, Telephony, Town
from tests.telephony.strict_carrier import StrictCarrier, certificate, strict

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-trunks")]

OUTSIDE = "203.0.113.7"  # as the carrier of 127.0.0.9 sees the switch; 127.0.0.1 is in its own net
FAR = "127.0.0.9"
PACE = 20  # calls a second, of both sides: legs B are 100 ms apart


@dataclass(frozen=True)
class Line:
    """A switch whose trunks are written from a file, the town, and two carriers that are not in it yet."""

    switch: RealSwitch
    town: Town
    plain: StrictCarrier
    secure: StrictCarrier
    stranger: StrictCarrier  # by TLS too, with a certificate that nobody the switch believes has signed
    file: Path

    @property
    def both(self) -> Telephony:
        return Telephony(self.switch, self.town)

    def settings(self, *trunks: str) -> SwitchSettings:
        """Write the file with these trunks and read it."""
        own = self.switch.settings
        codes = re.findall(r"^code = '(.*)'$", "\n".join(trunks), re.MULTILINE)
        switch = (
            f"[[switch]]\nname = 'asterisk'\nari_url = '{own.ari_url}'\nari_user = 'k5'\nari_password = "
            f"'{own.ari_password}'\ncel_file = '{own.cel_file}'\ncalls_at_once = 50\ndirectory = '{own.directory}'\n"
            f"ami = '{own.ami}'\ntrunks = {codes}\nexternal_address = '{OUTSIDE}'\nlocal_nets = ['127.0.0.1/32']\n"
            f"tls_ca = '{self.file.with_name('ca.pem')}'\n"
        )
        self.file.write_text("\n".join([*trunks, switch]))
        (found,) = read_switches(str(self.file), "asterisk", {}, self.file.parent)
        return found


def town_trunk(town: Town) -> str:
    host, port = town.address.split(":")
    return f"[[trunk]]\ncode = 'town'\ncalls_at_once = 50\nhost = '{host}'\nport = {port}\n"


def trunk(code: str, carrier: StrictCarrier, prefix: str, *more: str) -> str:
    own = [f"code = '{code}'", "calls_at_once = 50", f"prefixes = ['{prefix}']", f"host = '{carrier.host}'"]
    own += [f"port = {carrier.port}", "user = 'K5'", "password = 'x;\"y'"]
    return "\n".join(["[[trunk]]", *own, *more, ""])


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    real.require()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="k5-trunks-", ignore_cleanup_errors=True)))
        town = Town(folder)
        stack.callback(town.stop)
        town.start()
        pem = certificate(folder, FAR)
        (folder / "ca.pem").write_bytes(pem.read_bytes())
        plain = stack.enter_context(strict(FAR))
        secure = stack.enter_context(strict(FAR, tls=pem))
        stranger = stack.enter_context(strict(FAR, tls=certificate(folder, FAR)))
        switch = RealSwitch(folder, {})
        made = Line(switch, town, plain, secure, stranger, folder / "switches.toml")
        assert switch.settings.directory is not None
        (switch.settings.directory / "lib").mkdir(parents=True)
        TrunkFiles(made.settings(town_trunk(town))).write({})
        stack.callback(switch.kill)
        switch.start()
        yield made


@pytest.fixture
def k5(line: Line, sqlite_url: str, tmp_path: Path) -> Iterator[RealHouse]:
    """A house that knows five trunks; its switch has read of the town's alone until `reload`."""
    plain = trunk(
        "plain", line.plain, "749577", "rewrite = ['7>8', '>810']", "caller_id = '74951112233'", "register = true"
    )
    plain += "codecs = ['g722', 'alaw']\n"
    secure = trunk("secure", line.secure, "749578", "transport = 'tls'", "srtp = true", "from_user = 'K5'")
    secure += "identity = 'pai'\n"
    paced = town_trunk(line.town).replace("'town'", "'paced'") + f"prefixes = ['749579']\ncalls_per_second = {PACE}\n"
    stranger = trunk("stranger", line.stranger, "749576", "transport = 'tls'")
    own = line.settings(town_trunk(line.town), plain, secure, paced, stranger)
    assert own.cel_file is not None
    own.cel_file.unlink(missing_ok=True)
    house = RealHouse(sqlite_url, tmp_path, line.both, environ={"K5_SWITCHES": str(line.file), "K5_SWITCH": "asterisk"})
    try:
        yield house
    finally:
        house.close()


def endpoints(line: Line) -> set[str]:
    """Return the trunks that the switch knows."""
    own = line.switch.settings
    told = requests.get(f"{own.ari_url}/endpoints/PJSIP", auth=(own.ari_user, own.ari_password), timeout=10)
    return {each["resource"] for each in told.json()}


def reload(k5: RealHouse) -> str:
    done = CliRunner().invoke(main, ["trunk", "reload"], env=dict(k5.environ), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_new_carrier_takes_calls_after_a_reload_and_a_call_under_way_goes_on(k5: RealHouse, line: Line) -> None:
    """Digest, registration, number, caller id, codecs and the address behind NAT are seen at the carrier."""
    talk = k5.order(k5.caller(), "200", talk_ms=60_000, leg_a_s=90)
    k5.work_until(lambda: k5.state(talk) is CallState.TALKING, "the first call talks")
    assert 'x;"y' not in reload(k5)
    call = k5.order(k5.caller("212"), number=Msisdn("74957700200"))
    k5.work_until(lambda: k5.state(call) is CallState.SETTLED, "the call by the new carrier is over")
    assert k5.outcome(call) is Outcome.DONE_A
    (invite,) = line.plain.of("INVITE")
    assert invite.uri == f"sip:84957700200@{FAR}:{line.plain.port}"
    assert "<sip:74951112233@" in invite.header("from")
    assert re.findall(r"m=audio [0-9]+ RTP/AVP ([0-9 ]+)", invite.body) == ["8 9 101"]  # what leg A talks in goes first
    assert (f"c=IN IP4 {OUTSIDE}" in invite.body, f"@{OUTSIDE}:" in invite.header("contact")) == (True, True)
    wait_for(lambda: line.plain.of("REGISTER"), "the switch registers")
    assert "<sip:K5@" in line.plain.of("REGISTER")[0].header("contact")
    assert k5.state(talk) is CallState.TALKING
    assert k5.town.rings()[talk.quote.b_number] == 1
    k5.ports.switches.named("asterisk").cancel(talk.id)
    k5.work_until_all_is_over()
    k5.assert_sound()


def test_voice_goes_enciphered_by_tls_where_the_certificate_is_the_carriers(k5: RealHouse, line: Line) -> None:
    reload(k5)
    call = k5.order(k5.caller("212"), number=Msisdn("74957800200"))
    k5.work_until_all_is_over()
    assert k5.outcome(call) is Outcome.DONE_A
    (invite,) = line.secure.of("INVITE")
    assert "transport=tls" in invite.header("contact").lower() or "SIP/2.0/TLS" in invite.header("via")
    assert "RTP/SAVP" in invite.body
    assert "a=crypto:" in invite.body
    assert "<sip:K5@" in invite.header("from")
    assert f"<sip:{line.switch.settings.caller_id}@" in invite.header("p-asserted-identity")


def test_who_has_another_certificate_hears_nothing(k5: RealHouse, line: Line) -> None:
    reload(k5)
    call = k5.order(k5.caller(), number=Msisdn("74957600211"))
    k5.work_until_all_is_over()
    tried = [(leg.trunk, leg.answered_at is not None) for leg in k5.legs(call) if leg.leg == "b"]
    assert tried == [("stranger", False), ("town", True)]
    assert line.stranger.heard == []


def test_the_switch_begins_its_legs_no_faster_than_the_carrier_takes_them(k5: RealHouse, line: Line) -> None:
    """By the switch's own count: each leg takes the next turn, however busy this machine is."""
    reload(k5)
    calls = [k5.order(k5.caller(), number=Msisdn(f"749579{n:02d}211")) for n in range(5)]
    k5.work_until_all_is_over()
    assert {k5.outcome(call) for call in calls} == {Outcome.DONE_B}
    first = min(leg.started_at for call in calls for leg in k5.legs(call) if leg.leg == "b")
    own = line.switch.settings
    told = requests.get(
        f"{own.ari_url}/asterisk/variable",
        params={"variable": "K5_TURN_paced"},
        auth=(own.ari_user, own.ari_password),
        timeout=10,
    ).json()["value"]
    after = timedelta(milliseconds=int(told)) - timedelta(seconds=first.timestamp())
    assert after >= timedelta(seconds=1) / (PACE // 2) * (len(calls) - 1)


def test_a_leg_whose_turn_would_come_too_late_is_given_up_at_once_and_takes_none(k5: RealHouse, line: Line) -> None:
    reload(k5)
    own = line.switch.settings
    url, auth = f"{own.ari_url}/asterisk/variable", (own.ari_user, own.ari_password)
    in_an_hour = str(9_999_999_999_999)
    requests.post(url, params={"variable": "K5_TURN_paced", "value": in_an_hour}, auth=auth, timeout=10)
    call = k5.order(k5.caller(), number=Msisdn("74957999200"), leg_a_s=3600)
    try:
        k5.work_until_all_is_over()
        told = requests.get(url, params={"variable": "K5_TURN_paced"}, auth=auth, timeout=10).json()["value"]
        assert (k5.outcome(call), told) == (Outcome.B_ROUTE_FAILED, in_an_hour)
        assert k5.town.rings()["74957999200"] == 0
        k5.assert_sound()
    finally:
        requests.post(url, params={"variable": "K5_TURN_paced", "value": "0"}, auth=auth, timeout=10)


def test_trunks_that_are_written_by_hand_are_read_again_by_a_reload_of_the_service(line: Line, tmp_path: Path) -> None:
    """The unit's ExecReload: what ASTERISK_TRUNKS_FILE says now is there, without a new start."""
    before = line.switch.pid, endpoints(line)
    by_hand = tmp_path / "pjsip_trunks.conf"
    by_hand.write_text("[by-hand](trunk)\naors = by-hand\n[by-hand](phones)\ncontact = sip:127.0.0.1:5090\n")
    line.switch.read_trunks_again(by_hand)
    assert endpoints(line) == before[1] | {"by-hand"}
    assert line.switch.pid == before[0]


def test_who_is_switched_off_gets_no_call(line: Line) -> None:
    settings = line.settings(
        town_trunk(line.town) + "enabled = false\n", town_trunk(line.town).replace("'town'", "'b'")
    )
    assert [each.is_enabled for each in settings.trunks] == [False, True]
    assert replace(settings).shown == (settings.caller_id,)
