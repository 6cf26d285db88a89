"""What a call's records say: how far it came, when its legs lived, how it ended. Order of arrival never matters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from k5web.domain.call import CallState, EventKind, Outcome, SwitchEvent

NORMAL = 16  # Q.850 "normal call clearing": somebody hung up, or K5 did
NONE = 0  # what the switch writes where no phone said anything: nobody answered, or the other leg ended first

# Q.850 causes of a leg that was never answered. Any other is a failed route. Source: seen with Asterisk 22.
_A_ENDED = {
    1: Outcome.A_WRONG_NUMBER,
    17: Outcome.A_BUSY,
    19: Outcome.A_NO_ANSWER,
    21: Outcome.A_REFUSED,
    28: Outcome.A_WRONG_NUMBER,
}
_B_ENDED = {
    1: Outcome.B_WRONG_NUMBER,
    17: Outcome.B_BUSY,
    19: Outcome.B_NO_ANSWER,
    21: Outcome.B_REFUSED,
    28: Outcome.B_WRONG_NUMBER,
}
_PHONE_WAS_REACHED = frozenset({NONE, NORMAL, *_A_ENDED})


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One leg as its records tell it. A leg without `ended_at` is still up, or its switch died."""

    uuid: str
    is_a: bool
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: int | None  # Q.850, with the hang-up
    source: str  # who hung up, as in SwitchEvent
    dial_status: str
    trunk: str = ""


def is_route_failure(leg: LegRecord) -> bool:
    """Return whether the leg failed on its way, not at its phone: another trunk may do better."""
    return leg.answered_at is None and leg.cause is not None and leg.cause not in _PHONE_WAS_REACHED


def state_of(events: Iterable[SwitchEvent]) -> CallState:
    """Return how far a try of the call came: placing (no record yet) … ended (its last record is here)."""
    seen = {(event.kind, event.is_a) for event in events}
    if any(kind is EventKind.LINKEDID_END for kind, _ in seen):
        return CallState.ENDED
    if (EventKind.ANSWER, False) in seen:
        return CallState.TALKING
    if (EventKind.ANSWER, True) in seen or (EventKind.CHAN_START, False) in seen:
        return CallState.CALLING_B
    return CallState.CALLING_A if seen else CallState.PLACING


def legs_of(events: Iterable[SwitchEvent]) -> tuple[LegRecord, ...]:
    """Return the legs of one call, A first, then the B legs as they started.

    A leg whose hang-up record is missing ends with the last record of its try, without a cause.
    """
    last: dict[int, SwitchEvent] = {}
    by_leg: dict[str, list[SwitchEvent]] = {}
    for event in events:
        if event.kind is EventKind.LINKEDID_END:  # the switch writes it with the leg that ended last
            last[event.attempt] = min(last.get(event.attempt, event), event, key=lambda end: end.at)
        else:
            by_leg.setdefault(event.leg_uuid, []).append(event)
    legs = [_leg(records, last.get(records[0].attempt)) for records in by_leg.values()]
    return tuple(sorted(legs, key=lambda leg: (not leg.is_a, leg.started_at, leg.uuid)))


def outcome_of(events: Sequence[SwitchEvent], cancel_requested: bool = False) -> Outcome:
    """Return how a finished try of a call ended; the flag tells a cancel from a limit during the talk.

    Source: seen with Asterisk 22. Where the records of its end are missing, it is lost: for a person to see.
    """
    legs = legs_of(events)
    a = next((leg for leg in legs if leg.is_a), None)
    if a is None or a.cause is None:
        return Outcome.LOST
    if a.answered_at is None:
        if a.cause == NORMAL and not a.source:
            return Outcome.CANCELLED
        return _A_ENDED.get(a.cause, Outcome.A_ROUTE_FAILED)
    if any(leg.answered_at for leg in legs if not leg.is_a):
        return _end_of_talk(a.source, cancel_requested)
    return _end_without_b(a, _earliest(events, EventKind.K5_END), cancel_requested)


def _end_of_talk(source: str, cancel_requested: bool) -> Outcome:
    if source == "a":
        return Outcome.DONE_A
    if source:  # B's phone, or the dialplan after B had gone
        return Outcome.DONE_B
    return Outcome.CANCELLED if cancel_requested else Outcome.LIMIT


def _end_without_b(a: LegRecord, end: SwitchEvent | None, cancel_requested: bool) -> Outcome:
    """A had answered, B never did."""
    if a.source == "a":
        return Outcome.A_GAVE_UP
    if end is None or end.stage != "dialing_b":  # maxcalls, no such extension, no limits: B was never dialled
        cancelled = cancel_requested and a.cause == NORMAL and not a.source
        return Outcome.CANCELLED if cancelled else Outcome.FAULT
    if not a.source and end.dial_status == "CANCEL":
        return Outcome.CANCELLED if a.cause == NORMAL else Outcome.LIMIT
    if a.cause == NORMAL and end.dial_status == "NOANSWER":
        return Outcome.B_NO_ANSWER
    return _B_ENDED.get(a.cause or 0, Outcome.B_ROUTE_FAILED)


def _leg(records: list[SwitchEvent], last: SwitchEvent | None) -> LegRecord:
    answer = _earliest(records, EventKind.ANSWER)
    hangup = _earliest(records, EventKind.HANGUP)
    end = _earliest(records, EventKind.K5_END)
    over = hangup or last
    return LegRecord(
        uuid=records[0].leg_uuid,
        is_a=records[0].is_a,
        started_at=min(record.at for record in records),
        answered_at=answer.at if answer else None,
        ended_at=over.at if over else None,
        cause=hangup.cause if hangup else None,
        source=hangup.source if hangup else "",
        # The HANGUP of A carries an older word: NOANSWER where Dial ended with CHANUNAVAIL (seen with Asterisk 22).
        dial_status=end.dial_status if end else hangup.dial_status if hangup else "",
        trunk=records[0].trunk,
    )


def _earliest(events: Iterable[SwitchEvent], kind: EventKind) -> SwitchEvent | None:
    return min((event for event in events if event.kind is kind), key=lambda event: event.at, default=None)
