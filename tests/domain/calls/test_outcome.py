"""The outcome table of the switch, row by row, whatever order its records arrive in."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.calls.call import CallState, EventKind, Outcome, SwitchEvent
from k5web.domain.calls.outcome import legs_of, outcome_of, state_of, unrecorded_answers

START = datetime(2026, 11, 20, 18, 0, 0, 123456, tzinfo=UTC)
A, B = "k5-7-1-a", "k5-1795198497.2"
Kind = EventKind


def event(
    leg: str,
    kind: EventKind,
    at_s: float,
    cause: int | None = None,
    source: str = "",
    dial_status: str = "",
    stage: str = "",
) -> SwitchEvent:
    at = START + timedelta(seconds=at_s)
    return SwitchEvent("7-1", leg, leg == A, kind, at, cause, source, dial_status, stage)


def a_alone(cause: int, source: str) -> list[SwitchEvent]:
    """A never answered."""
    return [
        event(A, Kind.CHAN_START, 0),
        event(A, Kind.HANGUP, 9, cause, source),
        event(A, Kind.LINKEDID_END, 9),
    ]


def b_rang(a: tuple[int, str], b: tuple[int, str], dial_status: str) -> list[SwitchEvent]:
    """A answered, B never did. A's HANGUP carries the older word of Dial, as Asterisk 22 was seen to write it."""
    older = "NOANSWER" if dial_status == "CHANUNAVAIL" else dial_status
    return [
        event(A, Kind.CHAN_START, 0),
        event(A, Kind.ANSWER, 2),
        event(B, Kind.CHAN_START, 2.001),
        event(A, Kind.K5_END, 9, a[0], dial_status=dial_status, stage="dialing_b"),
        event(B, Kind.HANGUP, 9, *b),
        event(A, Kind.HANGUP, 9.001, *a, dial_status=older),
        event(A, Kind.LINKEDID_END, 9.001),
    ]


def talk(source: str) -> list[SwitchEvent]:
    """Both answered. The last record came with leg B, as it does when A's channel goes first."""
    return [
        event(A, Kind.CHAN_START, 0),
        event(A, Kind.ANSWER, 2),
        event(B, Kind.CHAN_START, 2.001),
        event(B, Kind.ANSWER, 5.5),
        event(A, Kind.K5_END, 65.5, 16, dial_status="ANSWER", stage="dialing_b"),
        event(A, Kind.HANGUP, 65.501, 16, source, "ANSWER"),
        event(B, Kind.HANGUP, 65.5, 16, source),
        event(B, Kind.LINKEDID_END, 65.501),
    ]


def never_dialled(cause: int, source: str, stage: str | None) -> list[SwitchEvent]:
    """A answered, B was not dialled at all."""
    ends = [] if stage is None else [event(A, Kind.K5_END, 2, cause, stage=stage)]
    return [
        event(A, Kind.CHAN_START, 0),
        event(A, Kind.ANSWER, 2),
        *ends,
        event(A, Kind.HANGUP, 2, cause, source),
        event(A, Kind.LINKEDID_END, 2),
    ]


B_REFUSALS = [
    (17, "BUSY", Outcome.B_BUSY),
    (1, "CHANUNAVAIL", Outcome.B_WRONG_NUMBER),
    (28, "CHANUNAVAIL", Outcome.B_WRONG_NUMBER),
    (19, "NOANSWER", Outcome.B_NO_ANSWER),
    (21, "CHANUNAVAIL", Outcome.B_REFUSED),
    (58, "CHANUNAVAIL", Outcome.B_ROUTE_FAILED),
    (38, "CHANUNAVAIL", Outcome.B_ROUTE_FAILED),
    (34, "CONGESTION", Outcome.B_ROUTE_FAILED),
    (127, "CHANUNAVAIL", Outcome.B_ROUTE_FAILED),  # a cause the table does not know
]
A_REFUSALS = [
    (17, Outcome.A_BUSY),
    (1, Outcome.A_WRONG_NUMBER),
    (28, Outcome.A_WRONG_NUMBER),
    (19, Outcome.A_NO_ANSWER),
    (21, Outcome.A_REFUSED),
    (58, Outcome.A_ROUTE_FAILED),
    (38, Outcome.A_ROUTE_FAILED),
    (34, Outcome.A_ROUTE_FAILED),
    (127, Outcome.A_ROUTE_FAILED),
]
ROWS: list[tuple[str, list[SwitchEvent], bool, Outcome]] = [
    ("talk, B hung up", talk("b"), False, Outcome.DONE_B),
    ("talk, A hung up", talk("a"), False, Outcome.DONE_A),
    ("talk, L or absolute limit, or B vanished", talk(""), False, Outcome.LIMIT),
    ("talk, cancelled", talk(""), True, Outcome.CANCELLED),
    ("talk, B hung up before the cancel came", talk("b"), True, Outcome.DONE_B),
    ("A hangs up while B rings", b_rang((0, "a"), (16, ""), "CANCEL"), False, Outcome.A_GAVE_UP),
    ("limit while B rings", b_rang((0, ""), (16, ""), "CANCEL"), False, Outcome.LIMIT),
    ("cancelled while B rings", b_rang((16, ""), (16, ""), "CANCEL"), True, Outcome.CANCELLED),
    ("B no answer", b_rang((16, "dialplan"), (0, ""), "NOANSWER"), False, Outcome.B_NO_ANSWER),
    ("B rang and was redirected", b_rang((16, "dialplan"), (0, ""), "BUSY"), False, Outcome.B_NO_ANSWER),
    ("switch told to stop while B rings", b_rang((0, ""), (0, ""), "CHANUNAVAIL"), False, Outcome.B_ROUTE_FAILED),
    *[
        (f"B refuses with {cause}", b_rang((cause, "dialplan"), (cause, "b"), status), False, outcome)
        for cause, status, outcome in B_REFUSALS
    ],
    ("A no answer", a_alone(19, ""), False, Outcome.A_NO_ANSWER),
    *[(f"A refuses with {cause}", a_alone(cause, "a"), False, outcome) for cause, outcome in A_REFUSALS],
    ("A cancelled while ringing", a_alone(16, ""), True, Outcome.CANCELLED),
    ("switch told to stop while A rings", a_alone(0, ""), False, Outcome.A_ROUTE_FAILED),
    ("no limits", never_dialled(21, "dialplan", "no_limits"), False, Outcome.FAULT),
    ("maxcalls, or no such extension", never_dialled(0, "", None), False, Outcome.FAULT),
    ("cancelled as A answered", never_dialled(16, "", None), True, Outcome.CANCELLED),
    ("A hangs up as it answered", never_dialled(0, "a", None), False, Outcome.A_GAVE_UP),
]


@pytest.mark.parametrize(("events", "cancelled", "outcome"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_row_of_the_table_has_its_outcome(events: list[SwitchEvent], cancelled: bool, outcome: Outcome) -> None:
    assert outcome_of(events, cancelled) is outcome


@pytest.mark.parametrize(("events", "cancelled", "outcome"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_disorder_and_repetition_change_nothing(events: list[SwitchEvent], cancelled: bool, outcome: Outcome) -> None:
    legs = legs_of(events)
    for seed in range(20):
        mixed = events + random.Random(seed).choices(events, k=5)
        random.Random(seed).shuffle(mixed)
        assert outcome_of(mixed, cancelled) is outcome
        assert legs_of(mixed) == legs
        assert state_of(mixed) is CallState.ENDED


def test_a_call_whose_hang_up_record_is_missing_is_lost() -> None:
    records = [event for event in talk("b") if event.kind is not Kind.HANGUP]
    assert outcome_of(records) is Outcome.LOST
    assert outcome_of([]) is Outcome.LOST
    assert [leg.ended_at for leg in legs_of(records)] == [START + timedelta(seconds=65.501)] * 2


@pytest.mark.parametrize("leg", [A, B])
def test_a_talk_whose_answer_record_is_missing_is_lost(leg: str) -> None:
    """Closed as unanswered it would cost nothing, and nobody would hear of it."""
    records = [one for one in talk("a") if (one.kind, one.leg_uuid) != (Kind.ANSWER, leg)]
    assert outcome_of(records) is Outcome.LOST
    assert unrecorded_answers(records) == ("a" if leg == A else "b",)
    assert outcome_of(talk("a")) is Outcome.DONE_A
    assert unrecorded_answers(talk("a")) == ()


def test_states_follow_the_records() -> None:
    records = talk("b")
    assert state_of([]) is CallState.PLACING
    assert [state_of(records[: n + 1]) for n in range(8)] == [
        CallState.CALLING_A,
        CallState.CALLING_B,
        CallState.CALLING_B,
        CallState.TALKING,
        CallState.TALKING,
        CallState.TALKING,
        CallState.TALKING,
        CallState.ENDED,
    ]


def test_legs_have_their_own_times_to_the_microsecond() -> None:
    a, b = legs_of(talk("b"))
    assert (a.is_a, a.uuid, a.started_at, a.cause, a.source, a.dial_status) == (True, A, START, 16, "b", "ANSWER")
    assert (a.answered_at, a.ended_at) == (START + timedelta(seconds=2), START + timedelta(seconds=65.501))
    assert (b.is_a, b.uuid) == (False, B)
    assert (b.answered_at, b.ended_at) == (START + timedelta(seconds=5.5), START + timedelta(seconds=65.5))


def test_dial_status_is_that_of_the_end_of_the_dialplan() -> None:
    a = legs_of(b_rang((1, "dialplan"), (1, "b"), "CHANUNAVAIL"))[0]
    assert a.dial_status == "CHANUNAVAIL"


def test_a_second_b_leg_is_kept_beside_the_first() -> None:
    first = b_rang((58, "dialplan"), (58, "b"), "CHANUNAVAIL")
    second = [event("k5-9.9", Kind.CHAN_START, 9.1), event("k5-9.9", Kind.ANSWER, 12)]
    assert [leg.uuid for leg in legs_of([*second, *first])] == [A, B, "k5-9.9"]


def test_a_leg_still_up_has_no_end() -> None:
    a, b = legs_of(talk("b")[:4])
    assert a.ended_at is None
    assert b.ended_at is None
    assert b.cause is None
