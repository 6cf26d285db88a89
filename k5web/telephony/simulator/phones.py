"""The town of phones behind the simulated switch: the last three digits of a number say how its phone behaves.

200              answers at once, talks on                 201 / 203   rings 1 s / 3 s, answers, talks on
183              early media for 1 s, answers, talks on    220         answers and vanishes: only a limit ends it
211 / 212 / 213 / 215  answers at once, hangs up after 1 / 2 / 3 / 5 s
180, 100, 000    never answers (rings, says "trying", is silent)
403 404 480 484 486 488 500 503 603                        refuses with that SIP code
530              the first trunk says 503; by any other it answers at once, talks on

For trying K5 out, these ring as people's phones do (A 2 s, B 3 s):

229 / 230        hangs up 2.9 s / 3.0 s after its answer: below and at the threshold of a free leg
260 / 261        hangs up after 60.0 s / 60.1 s: one minute, two minutes
290              hangs up after 90 s
any other        talks until the other phone, the limit or K5 ends it
"""

from dataclasses import dataclass

SECOND = 1_000_000  # microseconds
AT_ONCE = 20_000

_REFUSALS = {  # SIP code: Q.850 cause, the word of Dial. Source: seen with Asterisk 22
    "403": (21, "CHANUNAVAIL"),
    "404": (1, "CHANUNAVAIL"),
    "480": (19, "NOANSWER"),
    "484": (28, "CHANUNAVAIL"),
    "486": (17, "BUSY"),
    "488": (58, "CHANUNAVAIL"),
    "500": (38, "CHANUNAVAIL"),
    "503": (34, "CONGESTION"),
    "603": (21, "CHANUNAVAIL"),
}
_BY_FIRST_TRUNK = {"530": "503"}
_SAID_BY_PHONE = frozenset({"404", "484", "603"})  # CHANUNAVAIL, yet another trunk would hear the same
_NEVER_ANSWERS = {"180", "100", "000"}
_RINGS = {"201": SECOND, "203": 3 * SECOND, "183": SECOND} | dict.fromkeys(
    ("200", "211", "212", "213", "215", "220", "530"), AT_ONCE
)
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
    sip: str = ""  # its code

    @property
    def is_worth_another_trunk(self) -> bool:
        """True where the dialplan tries leg B by the next trunk: no phone spoke."""
        return self.dial_status in {"CHANUNAVAIL", "CONGESTION"} and self.sip not in _SAID_BY_PHONE


def find_phone(number: str, is_a: bool, is_first_try: bool = True) -> Phone:
    """Return the phone of this number, on leg A or B, as the trunk of this try reaches it."""
    code = number[-3:]
    if is_first_try:
        code = _BY_FIRST_TRUNK.get(code, code)
    if code in _REFUSALS:
        cause, dial_status = _REFUSALS[code]
        return Phone(None, refuses=cause, dial_status=dial_status, sip=code)
    if code in _NEVER_ANSWERS:
        return Phone(None)
    return Phone(_RINGS.get(code, _PERSON_RINGS_A if is_a else _PERSON_RINGS_B), _TALKS.get(code))
