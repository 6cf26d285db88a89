"""The switch in memory tells the same stories as the real one: its records give the outcomes it is asked for."""

from collections.abc import Callable

import pytest

from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.calls.outcome import outcome_of, state_of
from k5web.errors import SwitchRefused, SwitchSilent
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.telephony.orders import order

CALL = order("7-1", "79160001200", "74950001200")


def talking(switch: FakeSwitch) -> None:
    switch.answer_a("7-1")
    switch.answer_b("7-1")


@pytest.mark.parametrize(
    ("before", "end", "outcome"),
    [
        (talking, lambda switch: switch.hang_up("7-1", "b"), Outcome.DONE_B),
        (talking, lambda switch: switch.hang_up("7-1", "a"), Outcome.DONE_A),
        (talking, lambda switch: switch.reach_limit("7-1"), Outcome.LIMIT),
        (lambda switch: switch.answer_a("7-1"), lambda switch: switch.hang_up("7-1", "a"), Outcome.A_GAVE_UP),
        (lambda switch: switch.answer_a("7-1"), lambda switch: switch.reach_limit("7-1"), Outcome.LIMIT),
        (lambda switch: switch.answer_a("7-1"), lambda switch: switch.no_answer("7-1", "b"), Outcome.B_NO_ANSWER),
        (lambda switch: switch.answer_a("7-1"), lambda switch: switch.busy("7-1", "b"), Outcome.B_BUSY),
        (lambda switch: switch.answer_a("7-1"), lambda switch: switch.refuse("7-1", "b", 1), Outcome.B_WRONG_NUMBER),
        (lambda switch: switch.answer_a("7-1"), lambda switch: switch.cancel("7-1"), Outcome.CANCELLED),
        (lambda switch: None, lambda switch: switch.no_answer("7-1", "a"), Outcome.A_NO_ANSWER),
        (lambda switch: None, lambda switch: switch.busy("7-1", "a"), Outcome.A_BUSY),
        (lambda switch: None, lambda switch: switch.cancel("7-1"), Outcome.CANCELLED),
    ],
)
def test_each_end_has_its_outcome(
    before: Callable[[FakeSwitch], None], end: Callable[[FakeSwitch], None], outcome: Outcome
) -> None:
    switch = FakeSwitch(Clock())
    switch.originate(CALL)
    before(switch)
    assert ("7-1", 1) in switch.living()
    end(switch)
    events = switch.read_records("").events
    assert ("7-1", 1) not in switch.living()
    assert (state_of(events), outcome_of(events)) == (CallState.ENDED, outcome)


def test_the_same_call_twice_fails_the_test() -> None:
    switch = FakeSwitch(Clock())
    switch.originate(CALL)
    with pytest.raises(AssertionError, match="placed twice"):
        switch.originate(CALL)


def test_a_refusal_and_two_kinds_of_silence() -> None:
    for attribute, value, error, rings in (
        ("refuses", "no line", SwitchRefused, False),
        ("silent", "rings", SwitchSilent, True),
        ("silent", "rings_not", SwitchSilent, False),
        ("unreachable", True, SwitchSilent, False),
    ):
        switch = FakeSwitch(Clock())
        setattr(switch, attribute, value)
        with pytest.raises(error):
            switch.originate(CALL)
        switch.unreachable = False
        assert (("7-1", 1) in switch.living()) is rings


def test_positions_are_read_on_in_batches() -> None:
    switch = FakeSwitch(Clock(), batch=2)
    switch.originate(CALL)
    talking(switch)
    first = switch.read_records("")
    second = switch.read_records(first.position)
    assert (len(first.events), len(second.events)) == (2, 2)
    assert switch.read_records(second.position).position == second.position
