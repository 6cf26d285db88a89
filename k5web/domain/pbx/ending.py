"""How a paid call of a PBX ended, by the records of its legs. B is the one that costs: the other party's."""

from collections.abc import Sequence

from k5web.domain.calls.call import CallKind, CallOrder, Outcome
from k5web.domain.calls.outcome import LegRecord

_SLACK_US = 1_000_000  # the switch cuts off some milliseconds beside its limit


def paid_outcome(call: CallOrder, legs: Sequence[LegRecord]) -> Outcome:
    """Return how a call ended of which these are the paid legs, as they began; at most one of them was answered."""
    talked = next((leg for leg in legs if leg.answered_at is not None), None)
    if talked is not None:
        return _end_of_talk(call, talked)
    if not legs:
        return Outcome.CANCELLED  # who asked was gone before anything was dialled, or the switch had not heard us
    last = legs[-1]
    if call.kind is CallKind.INCOMING:
        return Outcome.A_GAVE_UP if last.source == "b" else Outcome.A_NO_ANSWER
    return Outcome(f"b_{last.verdict.ending}") if last.verdict else Outcome.A_GAVE_UP


def _end_of_talk(call: CallOrder, leg: LegRecord) -> Outcome:
    if leg.ended_at is None:
        return Outcome.LOST
    if leg.source == "b":
        return Outcome.DONE_B
    assert leg.answered_at is not None
    talked = leg.ended_at - leg.answered_at
    talked_us = (talked.days * 86_400 + talked.seconds) * 1_000_000 + talked.microseconds
    return Outcome.LIMIT if talked_us >= call.talk_ms * 1000 - _SLACK_US else Outcome.DONE_A
