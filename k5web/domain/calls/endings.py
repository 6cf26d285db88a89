"""How a leg ended that was never answered: one table from what the line said to what K5 makes of it.

The SIP code goes first, the Q.850 cause second, and what was heard before decides between two readings of each: a phone
that rang was reached, and no phone rings twice for one call. Sources: RFC 3398, 7.2.4.1 and 7.2.6.1 (SIP and ISUP
causes, both ways); `ast_sip_hangup_sip2cause` of Asterisk 22, whose causes are coarser than the codes; RFC 8197 (607),
RFC 8688 (608). Each row is played on a real switch by tests/telephony/test_real_endings.py.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Heard(StrEnum):
    """What came back on a leg before its end."""

    NOTHING = ""
    PROGRESS = "progress"  # 183 with sound: an announcement, or a phone that rings; nobody can tell
    RINGING = "ringing"  # 180


class Ending(StrEnum):
    """How the leg ended, in the words that outcomes are made of."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    OFFLINE = "offline"  # switched off, or out of reach
    REFUSED = "refused"  # by the person
    BLOCKED = "blocked"  # by a network on the way, not by the person
    ROUTE_FAILED = "route_failed"


@dataclass(frozen=True, slots=True)
class LegVerdict:
    """What follows from an ending."""

    ending: Ending
    another_trunk: bool = False  # may the next trunk be tried for this leg
    is_trunks_fault: bool = False  # does it count against the trunk


@dataclass(frozen=True, slots=True)
class _Row:
    sip: frozenset[int]
    causes: frozenset[int]  # for a leg whose SIP code is not known
    unheard: LegVerdict
    rung: LegVerdict


_ELSEWHERE = LegVerdict(Ending.ROUTE_FAILED, another_trunk=True, is_trunks_fault=True)
_BROKE = LegVerdict(Ending.ROUTE_FAILED, is_trunks_fault=True)  # the phone rang, so it is not rung by another trunk
_NOBODY = LegVerdict(Ending.ROUTE_FAILED)  # no other trunk would do better, and no trunk is to blame
_NO_ANSWER, _BUSY, _WRONG, _OFFLINE, _REFUSED, _BLOCKED = (
    LegVerdict(ending)
    for ending in (
        Ending.NO_ANSWER,
        Ending.BUSY,
        Ending.WRONG_NUMBER,
        Ending.OFFLINE,
        Ending.REFUSED,
        Ending.BLOCKED,
    )
)

_TIMES_OUT = frozenset({0, 18, 19, 102})  # what the switch writes where its own timer ended the leg; 102: another's


def _row(unheard: LegVerdict, rung: LegVerdict, sip: set[int], causes: set[int] | frozenset[int] = frozenset()) -> _Row:
    return _Row(frozenset(sip), frozenset(causes), unheard, rung)


_TABLE = (
    # Sent elsewhere: K5 never follows, for it would dial whatever a carrier names. After ringing: nobody came
    _row(_ELSEWHERE, _NO_ANSWER, {300, 301, 302, 305, 380}, {23}),
    # The carrier's 403 comes at once; a person's comes after ringing, by way of the telephone network
    _row(_ELSEWHERE, _REFUSED, {403}, {21, 55, 57, 87}),
    _row(_REFUSED, _REFUSED, {603, 607}),
    _row(_BLOCKED, _BLOCKED, {608}),
    _row(_WRONG, _WRONG, {404, 410, 484, 485, 604}, {1, 22, 26, 28}),
    _row(_BUSY, _BUSY, {486, 600}, {17}),
    # The network says that it cannot reach the phone
    _row(_OFFLINE, _NO_ANSWER, {408, 480}, {20, 31}),
    # The time to ring is over, here or on the way. Where nothing was heard, nobody is known to have been called
    _row(_ELSEWHERE, _NO_ANSWER, {487, 504}, _TIMES_OUT),
    _row(_NOBODY, _NOBODY, {606}),
)
_BY_SIP = {code: row for row in _TABLE for code in row.sip}
_BY_CAUSE = {cause: row for row in _TABLE for cause in row.causes}
_OTHERS = _row(_ELSEWHERE, _BROKE, set())  # 4xx about the request, 5xx, causes of the network
_GLOBAL = _row(_NOBODY, _NOBODY, set())  # any other 6xx: no server would do better (RFC 3261, 21.6)

FIRST_FINAL, FIRST_GLOBAL = 300, 600  # SIP codes: refusals begin, and those that hold everywhere

# After these the switch tries no other trunk for leg B, nor after any other 6xx: as the dialplan takes them, -404-410-
LAST_WORDS = "".join(f"-{code}" for code, row in sorted(_BY_SIP.items()) if not row.unheard.another_trunk) + "-"


def verdict_of(sip: int | None, cause: int, heard: Heard | None) -> LegVerdict:
    """Return what follows from the end of a leg that was never answered.

    `heard` is None where the record does not tell, as those written before K5 asked for it.
    """
    code = sip if sip is not None and sip >= FIRST_FINAL else None
    if code is None:
        row = _BY_CAUSE.get(cause, _OTHERS)
    else:
        row = _BY_SIP.get(code, _GLOBAL if code >= FIRST_GLOBAL else _OTHERS)
    if heard is Heard.RINGING:
        return row.rung
    if (
        heard is Heard.PROGRESS
    ):  # it may have rung: never by another trunk; it may be the carrier's voice: nobody's word
        return row.rung if row.rung.ending is Ending.NO_ANSWER else replace(row.unheard, another_trunk=False)
    if heard is None and code is None and cause in {0, 19, 21}:  # as these records have always been read
        return row.rung
    return row.unheard
