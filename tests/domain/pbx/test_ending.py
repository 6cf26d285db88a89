"""How paid calls of a PBX ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.calls.call import CallKind, CallOrder, CallState, Outcome
from k5web.domain.calls.outcome import LegRecord
from k5web.domain.money import Price, rub
from k5web.domain.pbx.ending import paid_outcome
from k5web.domain.prices.rating import Quote, Rate

BEGAN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
RATE = Rate("79", "Россия мобильный", Price.parse("1.75"))
CALL = CallOrder(
    id="1-1", owner_id=1, account_id=1, quote=Quote("74950000101", "79160000001", RATE, RATE), a_leg_from="b_answer",
    minutes=1, hold=rub("1.75"), ring_a_s=0, ring_b_s=45, talk_ms=59_000, leg_a_s=107, state=CallState.CALLING_B,
    ordered_at=BEGAN, kind=CallKind.FORWARD,
)  # fmt: skip
LEG = LegRecord("b", False, BEGAN, None, BEGAN + timedelta(seconds=30), 17, "b", "")


def talked(seconds: int, source: str) -> LegRecord:
    return replace(LEG, answered_at=BEGAN, ended_at=BEGAN + timedelta(seconds=seconds), source=source, cause=16)


@pytest.mark.parametrize(
    ("leg", "outcome"),
    [
        (talked(30, "b"), Outcome.DONE_B),
        (talked(30, "a"), Outcome.DONE_A),
        (talked(59, ""), Outcome.LIMIT),
        (talked(59, "b"), Outcome.DONE_B),
        (replace(talked(30, "b"), ended_at=None), Outcome.LOST),
        (LEG, Outcome.B_BUSY),
        (replace(LEG, cause=19), Outcome.B_NO_ANSWER),
        (replace(LEG, cause=16), Outcome.A_GAVE_UP),
    ],
)
def test_the_leg_tells_how_it_ended(leg: LegRecord, outcome: Outcome) -> None:
    assert paid_outcome(CALL, [leg]) is outcome


def test_without_a_leg_nobody_waited_and_a_caller_who_rang_off_gave_up() -> None:
    assert paid_outcome(CALL, []) is Outcome.CANCELLED
    incoming = replace(CALL, kind=CallKind.INCOMING)
    assert paid_outcome(incoming, [LEG]) is Outcome.A_GAVE_UP
    assert paid_outcome(incoming, [replace(LEG, source="dialplan")]) is Outcome.A_NO_ANSWER


def test_of_several_legs_the_answered_one_counts() -> None:
    assert paid_outcome(CALL, [LEG, talked(30, "a")]) is Outcome.DONE_A
