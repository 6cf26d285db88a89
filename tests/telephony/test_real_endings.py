"""What carriers say, on a real switch with two of them and on each leg: outcome, words, rings, health, charge, hold."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.calls.endings import Heard
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services import health
from k5web.services.accounts import passwords
from k5web.services.calls import staff_view
from k5web.storage.calls import routes
from k5web.web.calls import progress
from tests.telephony import real
from tests.telephony.carrier import Carrier, Step, playing
from tests.telephony.contract import codes_told
from tests.telephony.house import RealHouse
from tests.telephony.real import RealSwitch, Telephony, Town
from tests.telephony.test_outcomes import WORDS

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-endings"), pytest.mark.timeout(300)]

ELSEWHERE = "elsewhere"  # the second carrier is asked, and its phone answers
RING_S = 4  # where nobody refuses
APART_S = 1.0  # two answers that a busy switch reads at once are one: a ringing that it did not hear before a 302
FAULT, DOUBT, WELL = (1, 0), (0, 1), None  # failures and doubts of the first carrier afterwards


@dataclass(frozen=True)
class Row:
    """What becomes of it, the first carrier's health, what the record of the leg tells."""

    ending: str
    health: tuple[int, int] | None
    sip: int | None
    heard: Heard = Heard.NOTHING


ROWS = {  # what comes back, in this order
    "403": Row(ELSEWHERE, FAULT, 403),
    "180 403": Row("refused", WELL, 403, Heard.RINGING),
    "183 403": Row("route_failed", FAULT, 403, Heard.PROGRESS),
    "408": Row("offline", DOUBT, 408),
    "180 408": Row("no_answer", WELL, 408, Heard.RINGING),
    "183 408": Row("no_answer", WELL, 408, Heard.PROGRESS),
    "480": Row("offline", DOUBT, 480),
    "180 480": Row("no_answer", WELL, 480, Heard.RINGING),
    "410": Row("wrong_number", DOUBT, 410),
    "404": Row("wrong_number", DOUBT, 404),
    "604": Row("wrong_number", DOUBT, 604),
    "180 486": Row("busy", WELL, 486, Heard.RINGING),
    "600": Row("busy", DOUBT, 600),
    "302": Row(ELSEWHERE, FAULT, 302),
    "180 302": Row("no_answer", WELL, 302, Heard.RINGING),
    "503": Row(ELSEWHERE, FAULT, 503),
    "180 503": Row("route_failed", FAULT, 503, Heard.RINGING),
    "603": Row("refused", DOUBT, 603),
    "607": Row("refused", DOUBT, 607),
    "608": Row("blocked", DOUBT, 608),
    "606": Row("route_failed", DOUBT, 606),
    "699": Row("route_failed", DOUBT, 699),
    "400": Row(ELSEWHERE, FAULT, 400),
    "401": Row(ELSEWHERE, FAULT, 401),
    "402": Row(ELSEWHERE, FAULT, 402),
    "483": Row(ELSEWHERE, FAULT, 483),
    "487": Row(ELSEWHERE, FAULT, 487),
    "180 487": Row("no_answer", WELL, 487, Heard.RINGING),
    "488": Row(ELSEWHERE, FAULT, 488),
    "500": Row(ELSEWHERE, FAULT, 500),
    "180 504": Row("no_answer", WELL, 504, Heard.RINGING),
    "599": Row(ELSEWHERE, FAULT, 599),
    "silence": Row(ELSEWHERE, FAULT, None),
    "100": Row("route_failed", FAULT, 100),
    "180": Row("no_answer", WELL, 180, Heard.RINGING),
    "183": Row("no_answer", WELL, 183, Heard.PROGRESS),
}
LEGS = {f"{leg} {name}": (leg, name, row) for name, row in ROWS.items() for leg in "ab"}
CODES = {name: f"first-{n}" for n, name in enumerate(LEGS)}  # a trunk for each, so that each shows its own health


def steps(name: str) -> list[Step]:
    """The answers of a row: a refusal comes a little after the ringing."""
    codes = [int(code) for code in name.split() if code != "silence"]
    return [Step(100), *(Step(code, APART_S if n else 0.0) for n, code in enumerate(codes))] if codes else []


@dataclass(frozen=True)
class Carriers:
    """One carrier that does as it is told, one that leads to the town, a switch with trunks to both."""

    first: Carrier
    both: Telephony


@pytest.fixture(scope="module")
def carriers() -> Iterator[Carriers]:
    real.require()
    with ExitStack() as stack, real.folder() as folder:
        first = stack.enter_context(playing(Step(503)))
        town = Town(folder)
        stack.callback(town.stop)
        town.start()
        trunks = dict.fromkeys([*CODES.values(), "spare", "other"], first.address)
        switch = RealSwitch(folder, trunks | {"good": town.address})
        stack.callback(switch.kill)
        switch.start()
        yield Carriers(first, Telephony(switch, town))


def trunk(code: str, priority: int, *prefixes: str) -> str:
    """A trunk as the file of switches describes it."""
    return (
        f"[[trunk]]\ncode = '{code}'\ncalls_at_once = 500\npriority = {priority}\nprefixes = {json.dumps(prefixes)}\n"
    )


def open_house(url: str, var: Path, carriers: Carriers, trunks: Mapping[str, str]) -> RealHouse:
    """A house with these trunks, by their codes; the records begin anew, for so do its calls' ids."""
    runs = carriers.both.switch
    path = var / "switches.toml"
    table = (
        f"[[switch]]\nname = 'one'\nari_url = '{runs.settings.ari_url}'\nari_user = 'k5'\n"
        f"ari_password = '{runs.settings.ari_password}'\ncel_file = '{runs.cel_file}'\ncalls_at_once = 500\n"
        f"trunks = {json.dumps(list(trunks))}\n"
    )
    path.write_text("\n".join([*trunks.values(), table]))
    runs.cel_file.unlink(missing_ok=True)
    return RealHouse(url, var, carriers.both, environ={"K5_SWITCHES": str(path)})


@pytest.fixture(scope="module")
def house(carriers: Carriers, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHouse]:
    var = tmp_path_factory.mktemp("endings")
    (var / "k5.db").write_bytes(sqlite_template.read_bytes())
    numbers = {CODES[name]: number_of(name) for name in LEGS}
    trunks = {code: trunk(code, 1, number) for code, number in numbers.items()} | {"good": trunk("good", 2)}
    opened = open_house(f"sqlite:///{var / 'k5.db'}", var, carriers, trunks)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def web(house: RealHouse) -> Flask:
    return house.web()


@pytest.fixture(scope="module", autouse=True)
def nobody_logs_in() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hash_password", lambda password: "nobody logs in")
        yield


def number_of(name: str) -> str:
    """The number that goes by the row's own trunk first; the town's phone of it answers."""
    leg, n = LEGS[name][0], list(LEGS).index(name)
    return f"79169{n:03d}200" if leg == "a" else f"74959{n:03d}215"


@pytest.fixture(scope="module")
def played(carriers: Carriers, house: RealHouse) -> Mapping[str, tuple[Subscriber, CallOrder]]:
    """All rows at once, each to its end."""
    placed = {}
    for name, (leg, said, _) in LEGS.items():
        number = number_of(name)
        carriers.first.plan[number] = steps(said)
        limits = {f"ring_{leg}_s": RING_S} if said in {"100", "180", "183"} else {}
        caller = house.caller(number=Msisdn(number) if leg == "a" else None)
        placed[name] = caller, house.order(caller, "215", Msisdn(number) if leg == "b" else None, **limits)
    house.work_until_all_is_over(120)
    return {name: (caller, house.call(call)) for name, (caller, call) in placed.items()}


@pytest.mark.parametrize("name", LEGS)
def test_each_row_ends_as_it_should_and_costs_what_was_talked(
    house: RealHouse, web: Flask, played: Mapping[str, tuple[Subscriber, CallOrder]], name: str
) -> None:
    leg, _, row = LEGS[name]
    caller, call = played[name]
    is_reached = row.ending == ELSEWHERE
    cost = rub("2.20") if is_reached else rub("0.00")
    outcomes = {Outcome.DONE_B if is_reached else Outcome(f"{leg}_{row.ending}")}
    outcomes |= {Outcome.A_ROUTE_FAILED} if name == "a 180 302" else set()  # the code came too late to be written
    assert call.outcome in outcomes
    assert (call.state, call.cost) == (CallState.SETTLED, cost)
    assert house.purse(caller) == (rub("100.00") - cost, rub("0.00"))
    with web.test_request_context():
        assert WORDS[call.outcome].startswith(progress.verdict(call))


@pytest.mark.parametrize("name", LEGS)
def test_each_row_rings_no_phone_twice_and_its_record_tells_what_came_back(
    carriers: Carriers, house: RealHouse, played: Mapping[str, tuple[Subscriber, CallOrder]], name: str
) -> None:
    leg, _, row = LEGS[name]
    _, call = played[name]
    number = number_of(name)
    is_reached = row.ending == ELSEWHERE
    assert (carriers.first.calls[number], house.town.rings()[number]) == (1, int(is_reached))
    (told,) = [cdr for cdr in house.legs(call) if cdr.trunk == CODES[name]]
    assert (told.leg, told.heard) == (leg, row.heard)
    assert told.sip in codes_told(row.sip, row.heard)


@pytest.mark.parametrize("name", LEGS)
def test_each_row_counts_for_its_trunk_what_was_the_trunks(
    house: RealHouse, played: Mapping[str, tuple[Subscriber, CallOrder]], name: str
) -> None:
    with house.ports.sessions.read() as db:
        found = routes.find_trouble(db, "trunk", CODES[name])
    told = {LEGS[name][2].health} | ({WELL} if name == "a 302" else set())  # the code came too late to be written
    assert (found and (found.failures, found.doubts)) in told


def test_after_all_rows_no_redirection_became_a_missed_call_and_the_ledger_is_sound(
    house: RealHouse, played: Mapping[str, tuple[Subscriber, CallOrder]]
) -> None:
    assert len(played) == len(LEGS)
    assert "K5_MISSED" not in house.switch.cel_file.read_text()
    assert house.incidents() == []
    house.assert_sound()


@pytest.mark.parametrize(("code", "asked"), [(403, 3), (404, 6), (603, 6)])
def test_a_carrier_that_refuses_everybody_is_left_alone_and_calls_go_by_the_other(
    sqlite_url: str, tmp_path: Path, carriers: Carriers, code: int, asked: int
) -> None:
    """Whatever its word: of every number it is not true."""
    k5 = open_house(sqlite_url, tmp_path, carriers, {"spare": trunk("spare", 1, "7916"), "good": trunk("good", 2)})
    try:
        phones = [Msisdn(f"7916{8000 + code}{n:01d}20") for n in range(asked + 1)]
        carriers.first.plan |= {phone.digits: [Step(code)] for phone in phones}
        calls = []
        for phone in phones:
            calls.append(k5.order(k5.caller(number=phone), "211"))
            k5.work_until_all_is_over()
        assert [carriers.first.calls[phone.digits] for phone in phones] == [1] * asked + [0]
        assert k5.outcome(calls[-1]) is Outcome.DONE_B
        line = next(line for line in staff_view.lines(k5.ports).trunks if line.name == "spare")
        assert line.rests
        assert line.trouble
        assert line.trouble.reason == f"leg a: SIP {code}, cause {'1' if code == 404 else '21'}, nothing heard"
        figures = health.figures(k5.ports)
        assert (len(figures.trunk_strikes), figures.trunks_failing) == (2, 1)
        k5.assert_sound()
    finally:
        k5.close()


def test_where_all_carriers_fail_the_figures_that_wake_a_person_say_so(
    sqlite_url: str, tmp_path: Path, carriers: Carriers
) -> None:
    k5 = open_house(sqlite_url, tmp_path, carriers, {"spare": trunk("spare", 1), "other": trunk("other", 2)})
    try:
        ordered = []
        for n in range(3):
            ordered.append(k5.order(k5.caller(number=Msisdn(f"7916777{n:02d}20"))))
            k5.work_until_all_is_over()
        assert {k5.outcome(call) for call in ordered} == {Outcome.A_ROUTE_FAILED}
        figures = health.figures(k5.ports)
        assert (len(figures.trunk_strikes), figures.trunks_failing) == (2, 2)
    finally:
        k5.close()


def test_a_key_that_comes_with_the_sound_is_heard_as_well(sqlite_url: str, tmp_path: Path, carriers: Carriers) -> None:
    """Carriers send keys by RFC 4733; the town's phones send them by SIP INFO."""
    k5 = open_house(sqlite_url, tmp_path, carriers, {"spare": trunk("spare", 1, "79"), "good": trunk("good", 2)})
    try:
        calls = {}
        for key in (1, 2):
            phone = Msisdn(f"791666610{key}0")
            carriers.first.plan[phone.digits] = [Step(180), Step(200, press=key)]
            calls[key] = k5.order(k5.caller(number=phone), "211", press_1=True)
        k5.work_until_all_is_over()
        assert {key: k5.outcome(call) for key, call in calls.items()} == {
            1: Outcome.DONE_B,
            2: Outcome.A_NOT_CONFIRMED,
        }
        assert k5.town.rings().get(calls[2].quote.b_number, 0) == 0
    finally:
        k5.close()
