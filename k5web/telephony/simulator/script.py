"""A simulated call from its order to its last record: the same records, in kind and order, that Asterisk writes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import NAMESPACE_OID, uuid5

from k5web.telephony.simulator.phones import SECOND, Phone, find_phone

# What the real switch needs for a step, as seen. Units: microseconds.
_DIALS_B, _REFUSAL, _TIMER, _TALK_TIMER = 500, 6_000, 300, 5_000

_EXTENSION = re.compile(r"[0-9].+", re.ASCII | re.DOTALL)  # _X. in the dialplan
_CONTEXT = "k5-callback"
_DIALPLAN = "dialplan/builtin"


@dataclass(frozen=True, slots=True)
class Order:
    """One originate request, and when it was cancelled. Units: `_us` microseconds since the epoch, switch time."""

    id: str
    placed_us: int  # no two orders share it
    number: int  # counts the channels
    a_number: str
    trunk: str
    extension: str
    account: str
    caller_id: str
    ring_a_s: int
    ring_b_s: int  # 0: the limit is missing
    talk_ms: int
    leg_a_s: int
    trunks_b: str = "trunk-b"  # codes, comma separated, in the order they are tried; "": B is never dialled
    cut_us: int | None = None

    @property
    def a_channel(self) -> str:
        """The name of A's channel."""
        return f"PJSIP/{self.trunk}-{2 * self.number:08x}"

    def b_channel(self, b_try: int = 0) -> str:
        """The name of B's channel in this try: it names the trunk."""
        return f"PJSIP/{self.trunks_b.split(',')[b_try]}-{2 * self.number + 1:08x}"

    def b_id(self, b_try: int = 0) -> str:
        """The id the switch gives to B's channel in this try."""
        second, us = divmod(self.placed_us, SECOND)
        return f"k5-{second}.{us:06d}{b_try}" if b_try else f"k5-{second}.{us}"


@dataclass(frozen=True, slots=True)
class Record:
    """One line to be written. Units: `at_us` microseconds since the epoch, switch time."""

    at_us: int
    is_a: bool
    kind: str
    extra: str = ""
    b_try: int = 0  # of leg B: one for each trunk


@dataclass(frozen=True, slots=True)
class _End:
    """How a call with a B leg ends: when, and for both legs the cause and who hung up."""

    at_us: int
    a: tuple[int, str]
    b: tuple[int, str]
    dial_status: str
    a_first: bool = False  # whose channel goes first
    b_try: int = 0
    sip: str = ""  # the code of a refusal


def timeline(order: Order) -> list[Record]:
    """Return all records of this call, first to last."""
    records = _play(order, find_phone(order.a_number, is_a=True, is_first_try=order.id.endswith("-a")))
    if order.cut_us is None:
        return records
    kept = [record for record in records if record.at_us <= order.cut_us]
    seen = {(record.kind, record.is_a) for record in kept}
    if ("HANGUP", True) in seen or ("K5_END", True) in seen:  # it was ending by itself
        return records
    if ("CHAN_START", False) not in seen:
        return kept + _end_a(order, order.cut_us, 16, "", stage="" if ("ANSWER", True) in seen else None)
    dial_status = "ANSWER" if ("ANSWER", False) in seen else "CANCEL"
    b_try = max(record.b_try for record in kept)
    return kept + _end_both(order, _End(order.cut_us, (16, ""), (16, ""), dial_status, a_first=True, b_try=b_try))


def line(order: Order, record: Record) -> str:
    """Return the record as `cel_custom` writes it, without the line end."""
    started = record.kind == "CHAN_START"
    outgoing = started or (record.kind == "ANSWER" and record.is_a)
    number = order.caller_id if record.is_a else order.extension
    fields = {
        "eventtime": f"{record.at_us // SECOND}.{record.at_us % SECOND:06d}",
        "eventtype": record.kind,
        "linkedid": order.id,
        "uniqueid": order.id if record.is_a else order.b_id(record.b_try),
        "accountcode": "" if started else order.account,
        "channame": order.a_channel if record.is_a else order.b_channel(record.b_try),
        "num": "" if started else number,
        "exten": "s" if outgoing or record.kind == "K5_END" else order.extension,
        "context": "incoming" if outgoing or not record.is_a else _CONTEXT,
        "userdeftype": "",
        "eventextra": record.extra,
    }
    if record.kind == "K5_END":
        fields |= {"context": "k5-end", "userdeftype": "K5_END"}
    return _compact(fields)


def missed_line(at_us: int, caller: str, access: str) -> str:
    """Return the record of a call to an access number that was refused as busy."""
    second, us = divmod(at_us, SECOND)
    return _compact(
        {
            "eventtime": f"{second}.{us:06d}",
            "eventtype": "K5_MISSED",
            "linkedid": f"k5-{second}.{us}",
            "uniqueid": f"k5-{second}.{us}",
            "accountcode": "",
            "channame": f"PJSIP/trunk-{us:08x}",
            "num": caller,
            "exten": access,
            "context": "incoming",
            "userdeftype": "K5_MISSED",
            "eventextra": _compact({"extra": f"{caller}|{access}"}),
        }
    )


def _play(order: Order, a: Phone) -> list[Record]:
    """A's side, until the dialplan dials B."""
    start = order.placed_us
    records = [Record(start, True, "CHAN_START")]
    if a.refuses is not None:
        return records + _end_a(order, start + _REFUSAL, a.refuses, order.a_channel)
    ring_us = order.ring_a_s * SECOND
    if a.answers_us is None or a.answers_us >= ring_us:
        return records + _end_a(order, start + ring_us, 19, "")
    answered = start + a.answers_us
    records.append(Record(answered, True, "ANSWER"))
    if not _EXTENSION.fullmatch(order.extension):
        return records + _end_a(order, answered + _DIALS_B, 0, "")
    if min(order.talk_ms, order.leg_a_s, order.ring_b_s) < 1 or not order.trunks_b:
        return records + _end_a(order, answered + _DIALS_B, 21, _DIALPLAN, stage="no_limits")
    return records + _play_b(order, a, answered)


def _play_b(order: Order, a: Phone, a_answered: int) -> list[Record]:
    """B is tried by one trunk after another; all tries share its ringing time."""
    dialled = a_answered + _DIALS_B
    ends = [
        _End(a_answered + order.leg_a_s * SECOND + _TIMER, (0, ""), (16, ""), "CANCEL"),
        _End(dialled + order.ring_b_s * SECOND + _TIMER, (16, _DIALPLAN), (0, ""), "NOANSWER"),
    ]
    if a.hangs_up_us is not None:
        ends.append(_End(a_answered + a.hangs_up_us, (0, order.a_channel), (16, ""), "CANCEL"))
    patience = min(ends, key=lambda end: end.at_us)
    last = order.trunks_b.count(",")
    records: list[Record] = []
    for b_try in range(last + 1):
        b = find_phone(re.sub(r"[^0-9]", "", order.extension), is_a=False, is_first_try=b_try == 0)
        refused = dialled + _REFUSAL
        records.append(Record(dialled, False, "CHAN_START", b_try=b_try))
        if b_try == last or not b.is_worth_another_trunk or refused >= patience.at_us:
            break
        extra = _hangup(b.refuses or 0, order.b_channel(b_try))
        records += [Record(refused, False, "HANGUP", extra, b_try), Record(refused, False, "CHAN_END", b_try=b_try)]
        dialled = refused + _DIALS_B
    return records + _last_try(order, a, b, a_answered, dialled, replace(patience, b_try=b_try))


def _last_try(order: Order, a: Phone, b: Phone, a_answered: int, dialled: int, patience: _End) -> list[Record]:
    """B's phone is called: the first thing that happens decides."""
    b_try, end = patience.b_try, patience
    if b.refuses is not None and dialled + _REFUSAL < patience.at_us:
        end = _End(
            at_us=dialled + _REFUSAL,
            a=(b.refuses, _DIALPLAN),
            b=(b.refuses, order.b_channel(b_try)),
            dial_status=b.dial_status,
            a_first=b.dial_status == "BUSY",
            b_try=b_try,
            sip=b.sip,
        )
    if b.answers_us is None or dialled + b.answers_us >= end.at_us:
        return _end_both(order, end)
    b_answered = dialled + b.answers_us
    bridge = _bridge(order)
    return [
        Record(b_answered, False, "ANSWER", b_try=b_try),
        Record(b_answered, False, "BRIDGE_ENTER", bridge, b_try),
        Record(b_answered, True, "BRIDGE_ENTER", bridge),
        *_end_both(order, replace(_end_of_talk(order, a, b, b_try, (a_answered, b_answered)), b_try=b_try)),
    ]


def _end_of_talk(order: Order, a: Phone, b: Phone, b_try: int, answered: tuple[int, int]) -> _End:
    a_answered, b_answered = answered
    absolute = a_answered + order.leg_a_s * SECOND + _TIMER
    limit = b_answered + order.talk_ms * 1_000 + _TALK_TIMER
    ends = [
        _End(absolute, (16, ""), (16, ""), "ANSWER", a_first=True),
        _End(limit, (16, ""), (16, ""), "ANSWER"),
    ]
    if a.hangs_up_us is not None:
        by_a = (16, order.a_channel)
        ends.append(_End(a_answered + a.hangs_up_us, by_a, by_a, "ANSWER"))
    if b.hangs_up_us is not None:
        by_b = (16, order.b_channel(b_try))
        ends.append(_End(b_answered + b.hangs_up_us, by_b, by_b, "ANSWER"))
    return min(ends, key=lambda end: end.at_us)


def _end_a(order: Order, at_us: int, cause: int, source: str, stage: str | None = None) -> list[Record]:
    """A's last records where B was not dialled; the summary of the dialplan only if A had entered it."""
    summary = [] if stage is None else [Record(at_us, True, "K5_END", _compact({"extra": f"{stage}||{cause}|"}))]
    return [
        *summary,
        Record(at_us, True, "HANGUP", _hangup(cause, source)),
        Record(at_us, True, "CHAN_END"),
        Record(at_us, True, "LINKEDID_END"),
    ]


def _end_both(order: Order, end: _End) -> list[Record]:
    at_us, b_try = end.at_us, end.b_try
    exits = [Record(at_us, is_a, "BRIDGE_EXIT", _bridge(order), b_try) for is_a in (False, True)]
    summary = _compact({"extra": f"dialing_b|{end.dial_status}|{end.a[0]}|{end.sip}"})
    # The real switch writes the word of Dial into A's HANGUP before Dial has made up its mind.
    older = "NOANSWER" if end.dial_status == "CHANUNAVAIL" else end.dial_status
    a = [Record(at_us, True, "HANGUP", _hangup(*end.a, older)), Record(at_us, True, "CHAN_END")]
    b = [Record(at_us, False, "HANGUP", _hangup(*end.b), b_try), Record(at_us, False, "CHAN_END", b_try=b_try)]
    return [
        *(exits if end.dial_status == "ANSWER" else []),
        Record(at_us, True, "K5_END", summary),
        *(a + b if end.a_first else b + a),
        Record(at_us, not end.a_first, "LINKEDID_END", b_try=b_try),
    ]


def _hangup(cause: int, source: str, dial_status: str = "") -> str:
    return _compact({"hangupcause": cause, "hangupsource": source, "dialstatus": dial_status})


def _bridge(order: Order) -> str:
    bridge_id = str(uuid5(NAMESPACE_OID, f"{order.id} {order.placed_us}"))
    return _compact({"bridge_id": bridge_id, "bridge_technology": "simple_bridge"})


def _compact(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, separators=(",", ":"))
