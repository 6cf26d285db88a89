"""Real switch, real phones, real processes, SIGKILL: the books are right, no phone rang twice, nothing stays held.

Trial: R8.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
import requests

from bench.house import CALL_PAGE, form_fields, log_in
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.money import Money, rub
from k5web.services.books import statements
from k5web.services.calls import ordering
from tests.postgres import PostgresServer
from tests.processes import Processes, running, wait_for
from tests.telephony.house import PASSWORD, RealHouse, real_house
from tests.telephony.real import Telephony
from tests.telephony.test_real_calls import has_ended, worker_of

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-kills")]

SLOW_PHONE, MINUTE = "201", "215"  # rings for a second; talks for five, which costs a minute
WHOLE, PAID, HELD_NOTHING = rub("100.00"), rub("97.80"), rub("0.00")
OUTAGE_S = 5.0
ORDER = list(CallState)
STATES = (CallState.PLACING, CallState.CALLING_A, CallState.CALLING_B, CallState.TALKING, CallState.SETTLED)

Orders = Sequence[tuple[Subscriber, CallOrder]]


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, own_telephony: Telephony) -> Iterator[RealHouse]:
    """A house on SQLite with a switch of its own."""
    with real_house(sqlite_url, tmp_path, own_telephony) as opened:
        yield opened


@pytest.fixture
def processes(house: RealHouse) -> Iterator[Processes]:
    """Its processes; none runs yet."""
    with running(worker_of(house)) as them:
        yield them


def test_the_worker_killed_at_every_state(house: RealHouse, processes: Processes) -> None:
    processes.start("worker")
    orders = []
    for state in (None, *STATES):
        caller = house.caller(SLOW_PHONE)
        call = house.order(caller, MINUTE)
        orders.append((caller, call))
        if state:
            wait_for(partial(has_reached, house, call, state), f"the call is {state}")
        processes.kill("worker")
        processes.start("worker")
    settled = assert_each_is_right(house, orders)
    assert settled >= len(orders) - 2  # killed between taking the order and asking the switch, it never rings


def test_the_importer_killed_in_the_middle_of_the_records(house: RealHouse, processes: Processes) -> None:
    """Ten calls end while nobody reads; then the reader is killed each time it came some way."""
    callers = [house.caller() for _ in range(10)]
    orders = [(caller, house.order(caller, MINUTE)) for caller in callers]
    house.place_due()
    wait_for(lambda: all(has_ended(house.switch.cel_file, call) for _, call in orders), "the last records")
    for _ in range(3):
        left = house.unfinished()
        processes.start("worker")
        wait_for(partial(has_fewer_left, house, left), "it came some way")
        processes.kill("worker")
    processes.start("worker")
    assert assert_each_is_right(house, orders) == len(orders)
    assert house.incidents() == []


def test_the_web_killed_while_the_button_is_pressed(house: RealHouse, processes: Processes) -> None:
    """The same form again and again, as an impatient thumb and a browser's retry send it: one call."""
    address = processes.start_web()
    caller = house.caller()
    assert caller.phone
    browser = log_in(address, f"+{caller.phone.digits}", PASSWORD)
    form = form_fields(browser.get(address + CALL_PAGE, timeout=60).text)
    is_over = threading.Event()

    def press_on() -> None:
        with requests.Session() as thumb:
            thumb.cookies.update(browser.cookies)
            while not is_over.is_set():
                try:
                    thumb.post(f"{address}/call", form, allow_redirects=False, timeout=60)
                except requests.RequestException:
                    time.sleep(0.01)

    thumb = threading.Thread(target=press_on)
    thumb.start()
    try:
        for _ in range(3):
            processes.kill("serve")
            processes.start_web()
        wait_for(lambda: statements.calls(house.ports, caller.id).calls, "the order is in")
    finally:
        is_over.set()
        thumb.join()
    [call] = statements.calls(house.ports, caller.id).calls
    processes.start("worker")
    wait_for(partial(has_reached, house, call, CallState.TALKING), "they talk")
    processes.kill("serve")
    ordering.end_call(house.ports, caller.id, call.id)
    assert_each_is_right(house, [(caller, call)])
    assert sum(house.town.rings().values()) == 2


@pytest.mark.postgres
def test_the_base_gone_for_five_seconds(own_server: PostgresServer, tmp_path: Path, own_telephony: Telephony) -> None:
    """Killed whole while ten talk; their phones hang up meanwhile, and ring again later for nobody."""
    with real_house(own_server.url, tmp_path, own_telephony) as house, running(worker_of(house), ["worker"]):
        callers = [house.caller() for _ in range(10)]
        orders = [(caller, house.order(caller, MINUTE)) for caller in callers]
        wait_for(lambda: all(has_reached(house, call, CallState.TALKING) for _, call in orders), "all talk")
        own_server.kill()
        time.sleep(OUTAGE_S)
        own_server.start()
        assert assert_each_is_right(house, orders) == len(orders)
        assert house.incidents() == []


def test_asterisk_killed_in_the_middle_of_twenty_calls(house: RealHouse, processes: Processes) -> None:
    """Some ring, some talk. What is unsure is charged up to the last sign of life, and listed."""
    processes.start("worker")
    callers = [house.caller("200" if n % 2 else "180") for n in range(20)]
    orders = [(caller, house.order(caller)) for caller in callers]
    wait_for(lambda: all(has_reached(house, call, CallState.CALLING_A) for _, call in orders), "all ring")
    wait_for(lambda: sum(house.state(call) is CallState.TALKING for _, call in orders) == 10, "ten talk")
    house.switch.kill()
    house.switch.start()
    wait_for(lambda: house.unfinished() == 0, "all calls are over")
    for caller, ordered in orders:
        call = house.call(ordered)
        assert (call.state, call.outcome) == (CallState.SETTLED, Outcome.LOST)
        assert house.purse(caller) == (WHOLE - (call.cost or rub("0.00")), HELD_NOTHING)
        assert (call.cost or rub("0.00")) <= call.hold
    assert house.incidents() == ["call_lost"] * len(orders)
    house.assert_sound()
    again = (house.caller(), "215")
    call = house.order(*again)
    wait_for(partial(has_reached, house, call, CallState.SETTLED), "the next call is as any other")
    assert house.outcome(call) is Outcome.DONE_B


def has_fewer_left(house: RealHouse, left: int) -> bool:
    """Whether fewer calls than that wait for their end, or none."""
    return house.unfinished() < max(left, 1)


def has_reached(house: RealHouse, call: CallOrder, state: CallState) -> bool:
    """Whether the call is as far as this, or farther."""
    return ORDER.index(house.state(call)) >= ORDER.index(state)


def assert_each_is_right(house: RealHouse, orders: Orders) -> int:
    """Each call is settled for a minute, or never rang and cost nothing; return how many were settled."""
    wait_for(lambda: house.unfinished() == 0, "all calls are over")
    settled = 0
    rings = house.town.rings()
    for caller, ordered in orders:
        call = house.call(ordered)
        if call.state is CallState.NOT_PLACED:
            assert call.quote.a_number not in rings
            assert house.purse(caller) == (WHOLE, HELD_NOTHING)
            continue
        settled += 1
        assert rings[call.quote.a_number] == 1
        assert house.purse(caller) == (WHOLE - (call.cost or Money(0)), HELD_NOTHING)
        assert call.outcome is Outcome.CANCELLED or house.purse(caller)[0] == PAID
    house.assert_sound()
    return settled
