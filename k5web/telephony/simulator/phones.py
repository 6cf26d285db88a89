"""The town of phones behind the simulated switch: the last three digits of a number say how its phone behaves.

200              answers at once, talks on                 201 / 203   rings 1 s / 3 s, answers, talks on
183              early media for 1 s, answers, talks on    220         answers and vanishes: only a limit ends it
211 / 212 / 213 / 215  answers at once, hangs up after 1 / 2 / 3 / 5 s
180, 100, 000    never answers (rings, says "trying", is silent)
302 403 404 408 410 480 484 486 488 500 503 603 607 608    refuses with that SIP code, before it rings
703 708 780      rings 1 s, then says 403, 408, 480
530              the first trunk says 503; by any other it answers at once, talks on
221 / 222        answers at once, talks on; asked to press 1 it presses 1 / 2 a second later

For trying K5 out, these ring as people's phones do (A 2 s, B 3 s):

229 / 230        hangs up 2.9 s / 3.0 s after its answer: below and at the threshold of a free leg
260 / 261        hangs up after 60.0 s / 60.1 s: one minute, two minutes
290              hangs up after 90 s
any other        talks until the other phone, the limit or K5 ends it; presses 1 where it is asked to
"""

from dataclasses import dataclass

from k5web.domain.calls.endings import Heard

SECOND = 1_000_000  # microseconds
AT_ONCE = 20_000

_REFUSALS = {  # SIP code: Q.850 cause, the word of Dial. Source: seen with Asterisk 22
    "302": (23, "BUSY"),
    "403": (21, "CHANUNAVAIL"),
    "404": (1, "CHANUNAVAIL"),
    "408": (18, "CHANUNAVAIL"),
    "410": (22, "CHANUNAVAIL"),
    "480": (19, "NOANSWER"),
    "484": (28, "CHANUNAVAIL"),
    "486": (17, "BUSY"),
    "488": (58, "CHANUNAVAIL"),
    "500": (38, "CHANUNAVAIL"),
    "503": (34, "CONGESTION"),
    "603": (21, "CHANUNAVAIL"),
    "607": (127, "CHANUNAVAIL"),
    "608": (127, "CHANUNAVAIL"),
}
_BY_FIRST_TRUNK = {"530": "503"}
_RINGS_AND_REFUSES = {"703": "403", "708": "408", "780": "480"}
_NEVER_ANSWERS = {"180": ("180", Heard.RINGING), "100": ("100", Heard.NOTHING), "000": ("", Heard.NOTHING)}
_RINGS = {"201": SECOND, "203": 3 * SECOND, "183": SECOND} | dict.fromkeys(
    ("200", "211", "212", "213", "215", "220", "221", "222", "530"), AT_ONCE
)
_MACHINES = frozenset({*_RINGS} - {"221", "222"})  # whoever answers so presses nothing
_PRESSES = {"222": "2"}
_TALKS = {
    "211": SECOND,
    "212": 2 * SECOND,
    "213": 3 * SECOND,
    "215": 5 * SECOND,
    "229": 2_900_000,
    "230": 3 * SECOND,
    "260": 60 * SECOND,
    "261": 60_100_000,
    "290": 90 * SECOND,
}
_PERSON_RINGS_A, _PERSON_RINGS_B = 2 * SECOND, 3 * SECOND


@dataclass(frozen=True, slots=True)
class Phone:
    """How a phone behaves. Units: `_us` microseconds."""

    answers_us: int | None  # after it was called; None: never
    hangs_up_us: int | None = None  # after its answer; None: never
    refuses: int | None = None  # Q.850
    dial_status: str = ""  # the word of Dial for that refusal
    sip: str = ""  # the code that came last
    heard: Heard = Heard.RINGING  # before its end
    rings_us: int = 0  # before it refuses
    presses: str = ""  # where it is asked to press 1; "": nothing, it is a machine


def find_phone(number: str, is_a: bool, is_first_try: bool = True) -> Phone:
    """Return the phone of this number, on leg A or B, as the trunk of this try reaches it."""
    code = number[-3:]
    if is_first_try:
        code = _BY_FIRST_TRUNK.get(code, code)
    refusal = _RINGS_AND_REFUSES.get(code, code)
    if refusal in _REFUSALS:
        cause, dial_status = _REFUSALS[refusal]
        heard, rings_us = (Heard.NOTHING, 0) if refusal == code else (Heard.RINGING, SECOND)
        return Phone(None, None, cause, dial_status, refusal, heard, rings_us)
    if code in _NEVER_ANSWERS:
        sip, heard = _NEVER_ANSWERS[code]
        return Phone(None, sip=sip, heard=heard)
    answers_us = _RINGS.get(code, _PERSON_RINGS_A if is_a else _PERSON_RINGS_B)
    presses = "" if code in _MACHINES else _PRESSES.get(code, "1")
    return Phone(answers_us, _TALKS.get(code), sip="180", presses=presses)
