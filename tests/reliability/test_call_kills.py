"""Real processes, SIGKILL at every state of a call: nothing charged twice, nothing unsettled, nothing held for ever.

Trial: R8.
"""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import app
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.money import Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from tests.processes import Processes, running, wait_for
from tests.services.house import publish

pytestmark = pytest.mark.server

SPEED = 20
MINUTE_TALKER = "+74951234260"  # the simulated phone that hangs up after exactly a minute
ENDLESS_TALKER = "+74951234200"
CALLERS = 6


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Processes]:
    """A database, a hastened switch and a worker, each its own process."""
    with running(Processes(database_url, tmp_path, SPEED)) as processes:
        processes.start_simulator()
        processes.start("worker")
        yield processes


@pytest.fixture
def ports(house: Processes) -> Iterator[Ports]:
    """This test's own doors to the same database and switch."""
    opened = app.open_ports(house.settings)
    publish(opened)
    yield opened
    opened.sessions.dispose()


def test_worker_killed_at_every_state(house: Processes, ports: Ports) -> None:
    callers = [_caller(ports, n) for n in range(CALLERS)]
    orders = []
    for caller, state in zip(callers, [None, *_STATES], strict=True):
        order = _order(ports, caller)
        orders.append(order)
        if state is not None:
            wait_for(partial(_reached, ports, order, state), f"call is {state}")
        house.kill("worker")
        house.start("worker")
    # Killed after the order was taken and before the switch was asked, it never rings: that is the promise
    _assert_each_settled_once(house, ports, orders, may_be_not_placed=True)


def test_switch_and_worker_killed_during_twenty_calls(house: Processes, ports: Ports) -> None:
    """The simulated switch survives being killed: calls under way end by their own plan."""
    orders = [_order(ports, _caller(ports, n)) for n in range(20)]
    wait_for(lambda: any(_reached(ports, order, CallState.TALKING) for order in orders), "somebody talks")
    house.kill("simulator")
    house.kill("worker")
    house.start_simulator()
    house.start("worker")
    _assert_each_settled_once(house, ports, orders, may_be_not_placed=True)


def test_the_switch_cuts_the_call_when_the_money_ends_with_nobody_watching(house: Processes, ports: Ports) -> None:
    """Money for one minute, a talker without end, the worker dead: the limit stands in the switch."""
    caller = _caller(ports, 0, "2.20")
    order = _order(ports, caller, ENDLESS_TALKER)
    wait_for(partial(_reached, ports, order, CallState.TALKING), "they talk")
    house.kill("worker")
    ended = house.cel_file
    wait_for(lambda: '"LINKEDID_END"' in ended.read_text("utf-8"), "the switch ended the call")
    house.start("worker")
    wait_for(partial(_reached, ports, order, CallState.SETTLED), "the call is settled")
    call = ordering.show_call(ports, order.owner_id, order.id).call
    assert (call.outcome, str(call.cost), str(call.hold)) == (Outcome.LIMIT, "2.20", "2.20")
    assert list(verify(ports)) == []


_STATES = (CallState.PLACING, CallState.CALLING_A, CallState.CALLING_B, CallState.TALKING, CallState.SETTLED)
_ORDER = list(CallState)


def _caller(ports: Ports, n: int, money: str = "100.00") -> Subscriber:
    caller = add_subscriber(ports, Msisdn(f"7916{n:04d}200"), "correct horse", f"Абонент {n}")
    name = EventName("test:bank", f"kills-{n}")
    credit(ports, caller.id, name, rub(money), "cash.test", "connector:test", ports.clock())
    return caller


def _order(ports: Ports, caller: Subscriber, to: str = MINUTE_TALKER) -> CallOrder:
    return ordering.order_call(ports, caller, Msisdn.parse(to), f"tap-{caller.id}", Price.parse("2.20"))


def _state(ports: Ports, order: CallOrder) -> CallState:
    return ordering.show_call(ports, order.owner_id, order.id).call.state


def _reached(ports: Ports, order: CallOrder, state: CallState) -> bool:
    return _ORDER.index(_state(ports, order)) >= _ORDER.index(state)


def _assert_each_settled_once(
    house: Processes, ports: Ports, orders: list[CallOrder], may_be_not_placed: bool = False
) -> None:
    wait_for(lambda: all(_state(ports, order).is_over for order in orders), "all calls are over", 100)
    charged = 0
    for order in orders:
        call = ordering.show_call(ports, order.owner_id, order.id).call
        with ports.sessions.read() as db:
            purse = ledger.purse(db, order.owner_id)
            posted = ledger.find_event(db, order.owner_id, EventName("call", order.id))
        assert purse.held == rub("0.00")
        if call.state is CallState.NOT_PLACED:
            assert may_be_not_placed
            assert purse.balance == rub("100.00")
            continue
        charged += 1
        assert (str(call.cost), purse.balance) == ("2.20", rub("97.80")), call
        assert posted is not None
        assert [str(posting.amount) for posting in posted.postings] == ["-2.20"]
    assert charged > 0
    assert max(_rings(house.cel_file).values()) == 1, "a phone rang twice"
    assert list(verify(ports)) == []


def _rings(cel_file: Path) -> Counter[str]:
    """How often leg A of each call was started, by the switch's own records (a repeated line counts once)."""
    lines = {line for line in cel_file.read_text("utf-8").splitlines() if '"CHAN_START"' in line}
    starts = [json.loads(line) for line in lines]
    return Counter(start["linkedid"] for start in starts if start["uniqueid"] == start["linkedid"])
