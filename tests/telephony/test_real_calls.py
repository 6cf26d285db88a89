"""Many calls, money for one only, nobody watching, records in pieces: K5 on a real switch, against what phones saw."""

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import InsufficientFunds
from k5web.services.accounts import passwords
from k5web.services.calls import ordering
from tests.fakes.doors import change_plan
from tests.processes import PATIENCE_S, Processes, running, wait_for
from tests.reliability.crowd import Crowd
from tests.services.house import with_phone
from tests.telephony.house import RealHouse, real_house
from tests.telephony.real import Telephony

# No xdist group: each test has a switch of its own, and the longest of them mostly waits
pytestmark = pytest.mark.asterisk

EVERY_TWO_SECONDS = {"79": ("Россия мобильный", "3.00"), "7495": ("Москва городской", "3.00")}
PAIR_OF_SECONDS = rub("0.20")  # both legs of it
PAUSE_S = 0.1  # between orders: somewhat less than ten a second
# Talks of odd seconds, so that each side's clock rounds them to the same pair: (leg A, leg B)
PHONES = [("200", "211"), ("200", "213"), ("200", "215"), ("213", "200"), ("200", "486")]


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, own_telephony: Telephony) -> Iterator[RealHouse]:
    """A house on SQLite with a switch of its own."""
    with real_house(sqlite_url, tmp_path, own_telephony) as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("sqlite", 60),
        pytest.param("postgres", 60, marks=pytest.mark.postgres),
        pytest.param("postgres", 300, marks=[pytest.mark.postgres, pytest.mark.full]),
    ],
)
def test_calls_at_ten_a_second_cost_what_the_phones_saw(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    own_telephony: Telephony,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    count: int,
) -> None:
    """Sixty on each database; three hundred by `./test --full`."""
    monkeypatch.setattr(passwords, "hash_password", lambda password: "nobody logs in")
    url: str = request.getfixturevalue(f"{kind}_url")
    with real_house(url, tmp_path, own_telephony, EVERY_TWO_SECONDS, increment_s=2) as house:
        play_many(house, count)


def play_many(house: RealHouse, count: int) -> None:
    """Order so many calls at ten a second from as many callers, `k5 worker` a process of its own, and compare."""
    kinds = [PHONES[n % len(PHONES)] for n in range(count)]
    callers = [house.caller(a, money="10.00") for a, _ in kinds]
    with running(worker_of(house), ["worker"]):
        placed: list[CallOrder] = []
        for caller, (_, b) in zip(callers, kinds, strict=True):
            placed.append(house.order(caller, b))
            time.sleep(PAUSE_S)
        wait_for(lambda: house.unfinished() == 0, "every call is over", 240)
    talks = house.town.talks()
    rings = house.town.rings()
    for caller, ordered in zip(callers, placed, strict=True):
        call = house.call(ordered)
        talked = talks.get(call.quote.b_number, timedelta())
        cost = Money(PAIR_OF_SECONDS.minor * -(-talked // timedelta(seconds=2)))
        assert (call.state, call.cost) == (CallState.SETTLED, cost), f"{call.quote.b_number} talked {talked}"
        assert house.purse(caller) == (rub("10.00") - cost, rub("0.00"))
        assert rings[call.quote.a_number] == 1
        assert rings[call.quote.b_number] == 1
    assert sum(rings.values()) == 2 * count
    assert len(talks) >= count  # A of each, B of most
    assert house.incidents() == []
    house.assert_sound()


def test_the_switch_cuts_the_talk_when_the_money_ends_with_nobody_watching(house: RealHouse) -> None:
    """Money for one minute, two phones that never hang up, the worker killed in mid-talk."""
    caller = house.caller(money="2.20")
    with running(worker_of(house), ["worker"]) as processes:
        call = house.order(caller)
        wait_for(lambda: house.state(call) is CallState.TALKING, "they talk")
        processes.kill("worker")
        wait_for(lambda: len(house.town.talks()) == 2, "both phones were hung up on", 59 + PATIENCE_S)
        for talked in house.town.talks().values():
            assert timedelta(seconds=58.9) < talked < timedelta(seconds=120)
        assert house.state(call) is CallState.TALKING  # nobody told K5
        processes.start("worker")
        wait_for(lambda: house.state(call) is CallState.SETTLED, "the call is settled")
    assert house.outcome(call) is Outcome.LIMIT
    assert house.purse(caller) == (rub("0.00"), rub("0.00"))
    assert house.incidents() == []
    house.assert_sound()


def test_of_two_orders_at_once_with_money_for_one_only_one_rings(
    database_url: str, tmp_path: Path, own_telephony: Telephony, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account that may make two calls at once and has two phones, but not the money."""
    change_plan(monkeypatch, calls_at_once=2)
    with real_house(database_url, tmp_path, own_telephony) as house:
        caller = house.caller("200", money="2.20")
        phones = [caller, with_phone(house.ports, caller, Msisdn("79169999200"))]
        crowd = Crowd(2)
        answers = crowd.at_once(*(lambda phone=phone: house.order(phone, "215") for phone in phones))
        crowd.close()
        assert {type(answer) for answer in answers} == {CallOrder, InsufficientFunds}
        house.work_until_all_is_over()
        assert sum(house.town.rings().values()) == 2
        assert house.purse(caller) == (rub("0.00"), rub("0.00"))
        house.assert_sound()


def test_the_second_phone_of_a_subscriber_rings_and_the_first_is_left_alone(house: RealHouse) -> None:
    caller = house.caller(money="10.00")
    second = with_phone(house.ports, caller, Msisdn("79168888200"))
    call = house.order(second, "215")
    house.work_until_all_is_over()
    assert house.town.rings() == {"79168888200": 1, call.quote.b_number: 1}
    assert (call.owner_id, house.state(call)) == (caller.id, CallState.SETTLED)
    house.assert_sound()


def test_records_rotated_damaged_and_broken_in_mid_call_charge_it_once(house: RealHouse) -> None:
    cel_file = house.switch.cel_file
    caller = house.caller()
    call = house.order(caller)
    house.work_until(lambda: house.state(call) is CallState.TALKING, "they talk")
    talks_since = house.ports.clock()
    with cel_file.open("a") as file:
        file.write("this is no record\n")
    cel_file.rename(cel_file.with_name("cel.json.1"))
    with cel_file.open("a") as file:
        file.write('{"eventtime":"17951')  # the switch appends its next record to this very line
    house.work_until(lambda: house.ports.clock() - talks_since > timedelta(seconds=3.5), "a talk that costs")
    ordering.end_call(house.ports, caller.id, call.id)
    house.work_until(lambda: house.state(call) is CallState.SETTLED, "the call is settled")
    assert cel_file.read_text().startswith('{"eventtime":"17951{')
    assert (house.outcome(call), house.call(call).cost) == (Outcome.CANCELLED, rub("2.20"))
    assert house.purse(caller) == (rub("97.80"), rub("0.00"))
    assert house.incidents() == ["damaged_record", "damaged_record"]
    house.assert_sound()


def test_every_record_of_rotated_files_is_read_where_the_importer_slept(house: RealHouse) -> None:
    """Each call's records lie in another file, and nobody read any of them meanwhile."""
    cel_file = house.switch.cel_file
    first = house.caller()
    placed = [(first, house.order(first, "486"))]
    house.work_until_all_is_over()
    for n in range(3):
        caller = house.caller()
        placed.append((caller, house.order(caller, "486")))
        house.place_due()
        wait_for(partial(has_ended, cel_file, placed[-1][1]), "the last record")
        cel_file.rename(cel_file.with_name(f"cel.json-2026112{n}"))
    house.work_until_all_is_over()
    for caller, call in placed:
        assert house.outcome(call) is Outcome.B_BUSY
        assert house.purse(caller) == (rub("100.00"), rub("0.00"))
    assert house.incidents() == []
    house.assert_sound()


def test_a_new_base_beside_old_records_takes_none_of_them_for_its_own(
    sqlite_template: Path, tmp_path: Path, own_telephony: Telephony
) -> None:
    """The trial is over and the real house opens on the same switch: its calls bear the names of the trial's."""
    outcomes = []
    for name, phone in (("trial", "215"), ("real", "486")):
        shutil.copyfile(sqlite_template, tmp_path / f"{name}.db")
        with real_house(f"sqlite:///{tmp_path / name}.db", tmp_path, own_telephony) as house:
            house.read_records()
            caller = house.caller()
            call = house.order(caller, phone)
            house.work_until_all_is_over()
            outcomes.append((call.id, house.outcome(call), str(house.call(call).cost)))
            listed = house.incidents()
    assert outcomes == [("100001-1", Outcome.DONE_B, "2.20"), ("100001-1", Outcome.B_BUSY, "0.00")]
    assert listed == ["unknown_call"]


def has_ended(cel_file: Path, call: CallOrder) -> bool:
    """Whether the switch wrote the last record of a call."""
    lines = cel_file.read_text().splitlines() if cel_file.exists() else []
    return any('"LINKEDID_END"' in line and f'"k5-{call.id}-a"' in line for line in lines)


def worker_of(house: RealHouse) -> Processes:
    """Return this house's processes; none runs yet."""
    return Processes(house.environ["K5_DATABASE_URL"], Path(house.environ["K5_VAR"]), 1, **house.switch.environ)
