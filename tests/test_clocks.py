"""No test looks at a clock of its own: dates are given, waits are for events, costs are compared within one run.

What looks at one nevertheless is named here with its reason.
"""

import ast
from pathlib import Path

import pytest

from tests.effort import is_cheaper, make_lists

TESTS = Path(__file__).parent
CLOCKS = {
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns"),
    *("time.process_time", "time.process_time_ns", "time.thread_time", "time.thread_time_ns", "time.clock_gettime"),
    *("time.localtime", "time.gmtime", "time.ctime", "time.strftime"),
    *("datetime.now", "datetime.today", "datetime.utcnow", "date.today"),
}
MAY_LOOK = {
    "effort.py": {"time.thread_time"},  # the two sides of a comparison
    "patroni.py": {"time.monotonic"},  # how long the watchdog was not told of
    "processes.py": {"time.monotonic"},  # the outer limit of every wait
    "proofs.py": {"time.monotonic"},  # how often a long trial says how far it is
    "reliability/people.py": {"time.monotonic"},  # the pace of presses, and when each was answered
    "reliability/provider.py": {"datetime.now"},  # pays K5's real processes, whose clock is the machine's
    "reliability/test_call_attack.py": {"datetime.now"},  # likewise: a house whose past its processes believe
    "reliability/sides.py": {"time.monotonic"},  # when each row was acknowledged
    "reliability/stream.py": {"time.monotonic"},  # the longest time without an answer
    "reliability/probe.py": {"time.monotonic"},  # how long plain work takes beside what is measured
    "reliability/test_failover.py": {"time.monotonic"},  # the promise that it is back within 30 s
    "reliability/test_patroni.py": {"time.monotonic"},  # the promise that it is back within 30 s
    "storage/test_session.py": {"time.monotonic"},  # the time of a transaction is told by it
    "reliability/test_overload.py": {"time.monotonic"},  # the capacity, and the promise that all is normal within 30 s
    "reliability/test_slow_database.py": {"time.monotonic"},  # the promise that providers hear within 10 s
    "reliability/test_soak.py": {
        "time.monotonic"
    },  # its pace, and the last tenth against the first, with an allowance for a busier machine
    "reliability/test_upgrade_under_load.py": {"time.monotonic"},  # the promise that no lock is held for a second
    "telephony/contract.py": {"datetime.now"},  # the moment that a switch says it came up
    # a switch has the machine's clock: what it is told holds until a moment of it
    "telephony/pbx/contract.py": {"datetime.now"},
    "telephony/pbx/lab.py": {"datetime.now"},
    "telephony/pbx/test_forwards.py": {"datetime.now"},
    "telephony/pbx/test_money.py": {"datetime.now"},
    "telephony/pbx/test_rules.py": {"datetime.now"},
    "telephony/pbx/test_safety.py": {"datetime.now"},
    "telephony/pbx/test_simulated_switch.py": {"datetime.now"},
    "telephony/pbx/phone.py": {"time.monotonic"},  # speaks a packet every 20 ms
    "telephony/simulator/test_pbx_calls.py": {"time.time", "time.time_ns"},
    "telephony/simulator/test_tables.py": {"time.time"},
}


def looks(text: str) -> set[str]:
    """Return the clocks that a module's text looks at, as `module.name` at the end of a dotted name, or by import."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            found.add(".".join(ast.unparse(node).split(".")[-2:]))
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found |= {f"time.{name.name}" for name in node.names}
    return found & CLOCKS


def test_tests_look_at_no_clock_but_those_named() -> None:
    found = {str(path.relative_to(TESTS)): looks(path.read_text("utf-8")) for path in TESTS.rglob("*.py")}
    assert {name: clocks for name, clocks in found.items() if clocks} == MAY_LOOK


@pytest.mark.parametrize(
    "text",
    [
        "x = time.time()",
        "from time import perf_counter",
        "datetime.datetime.now(UTC)",
        "f = date.today",
        "time.monotonic",
    ],
)
def test_a_look_is_found_however_it_is_written(text: str) -> None:
    assert looks(text)


def test_a_comparison_of_costs_fails_for_what_costs_more() -> None:
    def twenty() -> object:
        return [make_lists() for _ in range(20)]

    assert not is_cheaper(twenty, make_lists, 2)
    assert is_cheaper(make_lists, twenty)
