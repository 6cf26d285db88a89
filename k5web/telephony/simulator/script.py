"""A simulated call from its order to its last record: the same records, in kind and order, that Asterisk writes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import NAMESPACE_OID, uuid5

from k5web.domain.calls.endings import FIRST_GLOBAL, LAST_WORDS, Heard
from k5web.telephony.simulator.phones import SECOND, Phone, find_phone

# What the real switch needs for a step, as seen. Units: microseconds.
_DIALS_B, _REFUSAL, _TIMER, _TALK_TIMER = 500, 6_000, 300, 5_000
_PRESSES, _WAITS_FOR_1 = SECOND, 13_680_000  # after the answer: two plays of the prompt, 5 s after each

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
    last_words: str = LAST_WORDS  # SIP codes after which no other trunk is tried
    press_1: bool = False  # B is called when A has pressed 1
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
    """How a call with a B leg ends: when, for both legs the cause and who hung up, what came back from B."""

    at_us: int
    a: tuple[int, str]
    b: tuple[int, str]
    dial_status: str
    a_first: bool = False  # whose channel goes first
    b_try: int = 0
    b_said: tuple[str, Heard] = (
        "",
        Heard.NOTHING,
    )  # the SIP code that came last, what was heard; of an answered leg: none


def timeline(order: Order) -> list[Record]:
    """Return all records of this call, first to last."""
    a = find_phone(order.a_number, is_a=True, is_first_try=order.id.endswith("-a"))
    records = _play(order, a)
    if order.cut_us is None:
        return records
    kept = [record for record in records if record.at_us <= order.cut_us]
    seen = {(record.kind, record.is_a) for record in kept}
    if ("HANGUP", True) in seen or ("K5_END", True) in seen:  # it was ending by itself
        return records
    if ("CHAN_START", False) not in seen:
        stage = "not_confirmed" if ("K5_ASKED", True) in seen else ""
        said = ("", Heard.NOTHING) if ("ANSWER", True) in seen else _so_far(a)
        return kept + _end_a(order, order.cut_us, 16, "", stage, said)
    dial_status = "ANSWER" if ("ANSWER", False) in seen else "CANCEL"
    b_try = max(record.b_try for record in kept)
    said = ("", Heard.NOTHING) if dial_status == "ANSWER" else _so_far(_phone_b(order, b_try))
    end = _End(order.cut_us, (16, ""), (16, ""), dial_status, a_first=True, b_try=b_try, b_said=said)
    return kept + _end_both(order, end)


def line(order: Order, record: Record) -> str:
    """Return the record as `cel_custom` writes it, without the line end."""
    started, own = record.kind == "CHAN_START", record.kind.startswith("K5_")
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
    if own:
        fields |= {"context": "k5-end" if record.kind == "K5_END" else _CONTEXT, "userdeftype": record.kind}
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
    ring_us = order.ring_a_s * SECOND
    if a.refuses is not None and a.rings_us + _REFUSAL < ring_us:
        at_us = start + a.rings_us + _REFUSAL
        return records + _end_a(order, at_us, a.refuses, order.a_channel, "", (a.sip, a.heard))
    if a.answers_us is None or a.answers_us >= ring_us:
        return records + _end_a(order, start + ring_us, 19, "", "", _so_far(a))
    answered = start + a.answers_us
    records.append(Record(answered, True, "ANSWER"))
    if not _EXTENSION.fullmatch(order.extension):
        return records + _end_a(order, answered + _DIALS_B, 0, "", "")
    if min(order.talk_ms, order.leg_a_s, order.ring_b_s) < 1 or not order.trunks_b:
        return records + _end_a(order, answered + _DIALS_B, 21, _DIALPLAN, "no_limits")
    if not order.press_1:
        return records + _play_b(order, a, answered)
    return records + _ask(order, a, answered)


def _ask(order: Order, a: Phone, answered: int) -> list[Record]:
    """A is asked to press 1: from then on the call goes as any other, and its limits count from there."""
    records = [Record(answered, True, "K5_ASKED", _NO_WORDS)]
    key_at = answered + (_PRESSES if a.presses else _WAITS_FOR_1)
    if a.hangs_up_us is not None and answered + a.hangs_up_us <= key_at:
        return records + _end_a(order, answered + a.hangs_up_us, 0, order.a_channel, "not_confirmed")
    if a.presses != "1":
        return records + _end_a(order, key_at, 16, _DIALPLAN, "not_confirmed")
    left_us = None if a.hangs_up_us is None else answered + a.hangs_up_us - key_at
    return [
        *records,
        Record(key_at, True, "K5_CONFIRMED", _NO_WORDS),
        *_play_b(order, replace(a, hangs_up_us=left_us), key_at),
    ]


def _play_b(order: Order, a: Phone, a_ready: int) -> list[Record]:
    """B is tried by one trunk after another; all tries share its ringing time. A is ready: answered, or pressed 1."""
    dialled = a_ready + _DIALS_B
    ends = [
        _End(a_ready + order.leg_a_s * SECOND + _TIMER, (0, ""), (16, ""), "CANCEL"),
        _End(dialled + order.ring_b_s * SECOND + _TIMER, (16, _DIALPLAN), (0, ""), "NOANSWER"),
    ]
    if a.hangs_up_us is not None:
        ends.append(_End(a_ready + a.hangs_up_us, (0, order.a_channel), (16, ""), "CANCEL"))
    patience = min(ends, key=lambda end: end.at_us)
    last = order.trunks_b.count(",")
    records: list[Record] = []
    for b_try in range(last + 1):
        b = _phone_b(order, b_try)
        refused = dialled + b.rings_us + _REFUSAL
        records.append(Record(dialled, False, "CHAN_START", b_try=b_try))
        if b_try == last or not _is_worth_another_trunk(order, b) or refused >= patience.at_us:
            break
        records += _end_b(refused, (b.refuses or 0, order.b_channel(b_try)), (b.sip, b.heard), b_try)
        dialled = refused + _DIALS_B
    return records + _last_try(order, a, b, (a_ready, dialled), replace(patience, b_try=b_try, b_said=_so_far(b)))


def _phone_b(order: Order, b_try: int) -> Phone:
    return find_phone(re.sub(r"[^0-9]", "", order.extension), is_a=False, is_first_try=b_try == 0)


def _is_worth_another_trunk(order: Order, b: Phone) -> bool:
    """Return whether the dialplan tries leg B by the next trunk: nothing was heard, and another may do better."""
    is_refusal = b.refuses is not None and int(b.sip) < FIRST_GLOBAL
    return is_refusal and b.heard is Heard.NOTHING and f"-{b.sip}-" not in order.last_words


def _so_far(phone: Phone) -> tuple[str, Heard]:
    """Return what came back from a phone that neither answered nor refused yet."""
    return ("180", Heard.RINGING) if phone.rings_us or phone.answers_us is not None else (phone.sip, phone.heard)


def _last_try(order: Order, a: Phone, b: Phone, ready: tuple[int, int], patience: _End) -> list[Record]:
    """B's phone is called: the first thing that happens decides. `ready`: when A was, when B is dialled."""
    a_ready, dialled = ready
    b_try, end = patience.b_try, patience
    refused = dialled + b.rings_us + _REFUSAL
    if b.refuses is not None and refused < patience.at_us:
        is_redirected = b.sip == "302"  # the switch says 23 of B alone
        end = _End(
            at_us=refused,
            a=(16 if is_redirected else b.refuses, _DIALPLAN),
            b=(b.refuses, order.b_channel(b_try)),
            dial_status=b.dial_status,
            a_first=b.dial_status == "BUSY" and not is_redirected,
            b_try=b_try,
            b_said=(b.sip, b.heard),
        )
    if b.answers_us is None or dialled + b.answers_us >= end.at_us:
        return _end_both(order, end)
    b_answered = dialled + b.answers_us
    bridge = _bridge(order)
    return [
        Record(b_answered, False, "ANSWER", b_try=b_try),
        Record(b_answered, False, "BRIDGE_ENTER", bridge, b_try),
        Record(b_answered, True, "BRIDGE_ENTER", bridge),
        *_end_both(order, replace(_end_of_talk(order, a, b, b_try, (a_ready, b_answered)), b_try=b_try)),
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


def _end_a(
    order: Order, at_us: int, cause: int, source: str, stage: str, said: tuple[str, Heard] = ("", Heard.NOTHING)
) -> list[Record]:
    """A's last records where B was not dialled."""
    return [
        Record(at_us, True, "K5_END", _summary(stage, "", cause, said)),
        Record(at_us, True, "HANGUP", _hangup(cause, source)),
        Record(at_us, True, "CHAN_END"),
        Record(at_us, True, "LINKEDID_END"),
    ]


def _end_b(at_us: int, how: tuple[int, str], said: tuple[str, Heard], b_try: int) -> list[Record]:
    return [
        Record(at_us, False, "K5_END", _summary("", "", how[0], said), b_try),
        Record(at_us, False, "HANGUP", _hangup(*how), b_try),
        Record(at_us, False, "CHAN_END", b_try=b_try),
    ]


def _end_both(order: Order, end: _End) -> list[Record]:
    at_us, b_try = end.at_us, end.b_try
    exits = [Record(at_us, is_a, "BRIDGE_EXIT", _bridge(order), b_try) for is_a in (False, True)]
    # The real switch writes the word of Dial into A's HANGUP before Dial has made up its mind.
    older = {"CHANUNAVAIL": "NOANSWER"}.get(end.dial_status, end.dial_status)
    if end.b_said[0] == "302":
        older = "CANCEL"
    summary = Record(at_us, True, "K5_END", _summary("dialing_b", end.dial_status, end.a[0]))
    a = [Record(at_us, True, "HANGUP", _hangup(*end.a, older)), Record(at_us, True, "CHAN_END")]
    b = _end_b(at_us, end.b, end.b_said, b_try)
    return [
        *(exits if end.dial_status == "ANSWER" else []),
        *([summary, *a, *b] if end.a_first else [b[0], summary, *b[1:], *a]),
        Record(at_us, not end.a_first, "LINKEDID_END", b_try=b_try),
    ]


def _summary(stage: str, dial_status: str, cause: int, said: tuple[str, Heard] = ("", Heard.NOTHING)) -> str:
    return _compact({"extra": f"{stage}|{dial_status}|{cause}|{said[0]}|{said[1]}"})


def _hangup(cause: int, source: str, dial_status: str = "") -> str:
    return _compact({"hangupcause": cause, "hangupsource": source, "dialstatus": dial_status})


def _bridge(order: Order) -> str:
    bridge_id = str(uuid5(NAMESPACE_OID, f"{order.id} {order.placed_us}"))
    return _compact({"bridge_id": bridge_id, "bridge_technology": "simple_bridge"})


def _compact(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, separators=(",", ":"))


_NO_WORDS = _compact({"extra": ""})
