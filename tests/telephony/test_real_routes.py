"""Several trunks and switches on real Asterisks: another way is found before anybody is told, nobody rings twice."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from k5web.config.switches import read_switches
from k5web.domain.calls.call import CallState, Outcome
from k5web.services.calls.trunks_off import switch_off, switch_on
from tests.telephony import real
from tests.telephony.carrier import Carrier, refusing
from tests.telephony.house import RealHouse
from tests.telephony.real import RealSwitch, Telephony, Town

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-routes")]


@dataclass(frozen=True)
class Carriers:
    """Two carriers that refuse, one that leads to the town, and a switch with a trunk to each."""

    town: Town
    down: Carrier  # 503
    forbids: Carrier  # 403
    declines: Carrier  # 603
    switch: RealSwitch


@pytest.fixture(scope="module")
def carriers() -> Iterator[Carriers]:
    real.require()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="k5-routes-", ignore_cleanup_errors=True)))
        down, forbids, declines = (stack.enter_context(refusing(code)) for code in (503, 403, 603))
        town = Town(folder)
        stack.callback(town.stop)
        town.start()
        trunks = {
            "down": down.address,
            "forbids": forbids.address,
            "declines": declines.address,
            "good": town.address,
        }
        switch = RealSwitch(folder, trunks)
        stack.callback(switch.kill)
        switch.start()
        yield Carriers(town, down, forbids, declines, switch)


def trunk(code: str, priority: int, *prefixes: str) -> str:
    """A trunk as the file of switches describes it."""
    return f"[[trunk]]\ncode = '{code}'\ncalls_at_once = 50\npriority = {priority}\nprefixes = {json.dumps(prefixes)}\n"


def switch(name: str, runs: RealSwitch, trunks: Sequence[str]) -> str:
    """A switch as the file of switches describes it."""
    return (
        f"[[switch]]\nname = '{name}'\nari_url = '{runs.settings.ari_url}'\nari_user = 'k5'\n"
        f"ari_password = '{runs.settings.ari_password}'\ncel_file = '{runs.cel_file}'\ncalls_at_once = 50\n"
        f"trunks = {json.dumps(trunks)}\n"
    )


@contextmanager
def house(url: str, var: Path, both: Telephony, *tables: str) -> Iterator[RealHouse]:
    """A house whose switches and trunks these tables describe; the records begin anew, for so do its calls' ids."""
    path = var / "switches.toml"
    path.write_text("\n".join(tables))
    for switch in read_switches(str(path), "asterisk", {}, var):
        assert switch.cel_file is not None
        switch.cel_file.unlink(missing_ok=True)
    opened = RealHouse(url, var, both, environ={"K5_SWITCHES": str(path)})
    try:
        yield opened
    finally:
        opened.close()


def test_b_whose_first_trunk_is_down_is_reached_by_the_second(
    sqlite_url: str, tmp_path: Path, carriers: Carriers
) -> None:
    both = Telephony(carriers.switch, carriers.town)
    tables = [trunk("down", 1, "7495"), trunk("forbids", 2, "7495"), trunk("good", 3)]
    with house(sqlite_url, tmp_path, both, *tables, switch("one", carriers.switch, ["down", "forbids", "good"])) as k5:
        before = carriers.down.refused, carriers.forbids.refused
        caller = k5.caller()
        call = k5.order(caller, "215")
        k5.work_until_all_is_over()
        assert k5.outcome(call) is Outcome.DONE_B
        assert (carriers.down.refused, carriers.forbids.refused) == (before[0] + 1, before[1] + 1)
        legs = [(leg.leg, leg.trunk, leg.answered_at is not None) for leg in k5.legs(call)]
        assert legs == [("a", "good", True), ("b", "down", False), ("b", "forbids", False), ("b", "good", True)]
        assert k5.town.rings()[call.quote.b_number] == 1
        assert str(k5.call(call).cost) == "2.20"
        assert str(k5.purse(caller)[0]) == "97.80"
        k5.assert_sound()


@pytest.mark.parametrize(
    ("first", "outcome", "sip", "is_reached"),
    [("forbids", Outcome.DONE_B, 403, True), ("declines", Outcome.B_REFUSED, 603, False)],
)
def test_a_carriers_refusal_is_told_from_a_persons(
    sqlite_url: str,
    tmp_path: Path,
    carriers: Carriers,
    first: str,
    outcome: Outcome,
    sip: int,
    is_reached: bool,
) -> None:
    """Both are cause 21; the SIP code says who it was, and a person is not rung again by another trunk."""
    both = Telephony(carriers.switch, carriers.town)
    tables = [trunk(first, 1, "7495"), trunk("good", 2)]
    with house(sqlite_url, tmp_path, both, *tables, switch("one", carriers.switch, [first, "good"])) as k5:
        call = k5.order(k5.caller(), "211")
        k5.work_until_all_is_over()
        assert k5.outcome(call) is outcome
        assert [leg.sip for leg in k5.legs(call) if leg.trunk == first] == [sip]
        assert (call.quote.b_number in k5.town.rings()) is is_reached
        k5.assert_sound()


def test_a_trunk_that_staff_switched_off_hears_nothing_until_it_is_on(
    sqlite_url: str, tmp_path: Path, carriers: Carriers
) -> None:
    both = Telephony(carriers.switch, carriers.town)
    tables = [trunk("down", 1), trunk("good", 2)]
    with house(sqlite_url, tmp_path, both, *tables, switch("one", carriers.switch, ["down", "good"])) as k5:
        before = carriers.down.refused
        switch_off(k5.ports, "down", "503 on everything", "staff:a.ivanova")
        off = k5.order(k5.caller(), "211")
        k5.work_until_all_is_over()
        assert (k5.outcome(off), carriers.down.refused) == (Outcome.DONE_B, before)
        switch_on(k5.ports, "down", "they say it works", "staff:a.ivanova")
        k5.order(k5.caller(), "212")
        k5.work_until_all_is_over()
        assert carriers.down.refused > before
        k5.assert_sound()


def test_where_every_trunk_is_down_the_route_has_failed_and_costs_nothing(
    sqlite_url: str, tmp_path: Path, carriers: Carriers
) -> None:
    both = Telephony(carriers.switch, carriers.town)
    tables = [trunk("down", 1, "7495"), trunk("good", 2, "79")]
    with house(sqlite_url, tmp_path, both, *tables, switch("one", carriers.switch, ["down", "good"])) as k5:
        call = k5.order(k5.caller(), "200")
        k5.work_until_all_is_over()
        assert k5.outcome(call) is Outcome.B_ROUTE_FAILED
        assert str(k5.call(call).cost) == "0.00"
        k5.assert_sound()


def test_leg_a_whose_first_trunk_is_down_goes_by_the_second(
    sqlite_url: str, tmp_path: Path, carriers: Carriers
) -> None:
    both = Telephony(carriers.switch, carriers.town)
    tables = [trunk("down", 1, "79"), trunk("good", 2)]
    with house(sqlite_url, tmp_path, both, *tables, switch("one", carriers.switch, ["down", "good"])) as k5:
        before = carriers.down.refused
        call = k5.order(k5.caller(), "211")
        k5.work_until_all_is_over()
        assert (k5.outcome(call), k5.call(call).trunks_a) == (Outcome.DONE_B, ("down", "good"))
        assert carriers.down.refused == before + 1
        assert (k5.town.rings()[call.quote.a_number], k5.town.rings()[call.quote.b_number]) == (1, 1)
        assert [leg.trunk for leg in k5.legs(call)] == ["down", "good", "good"]
        k5.assert_sound()


def test_with_two_switches_one_killed_new_calls_go_to_the_other(
    sqlite_url: str, tmp_path: Path, carriers: Carriers
) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="k5-second-", ignore_cleanup_errors=True)))
        first = RealSwitch(folder, {"good": carriers.town.address})
        stack.callback(first.kill)
        first.start()
        both = Telephony(first, carriers.town)
        tables = [trunk("good", 1), switch("first", first, ["good"]), switch("second", carriers.switch, ["good"])]
        k5 = stack.enter_context(house(sqlite_url, tmp_path, both, *tables))
        lost = k5.order(k5.caller(), "200", talk_ms=60_000, leg_a_s=90)
        k5.work_until(lambda: k5.state(lost) is CallState.TALKING, "the first call talks")
        assert k5.call(lost).switch == "first"
        first.kill()
        news = [k5.order(k5.caller(), "211") for _ in range(4)]
        k5.work_until(lambda: all(k5.state(call) is CallState.SETTLED for call in news), "the new calls are over")
        assert {k5.call(call).switch for call in news} == {"second"}
        assert {k5.outcome(call) for call in news} == {Outcome.DONE_B}
        assert k5.state(lost) is CallState.TALKING  # by rule: its own limits and a minute more
        first.start()
        k5.work_until(lambda: k5.state(lost) is CallState.SETTLED, "the switch came back without the lost call")
        assert k5.outcome(lost) is Outcome.LOST
        assert k5.incidents() == ["call_lost"]
        k5.assert_sound()
