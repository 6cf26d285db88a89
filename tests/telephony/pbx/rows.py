"""Calls that both switches are to treat alike, and what their records say of each (contract.py plays them)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.telephony.pbx.k5_side import Answers

SHARED = "74952121562"
OUTSIDE = "79160000"  # three digits follow: they choose the phone
IN = "K5_IN @|@r1|N|C"

Leaves = Literal["", "ringing", "talking", "mailing"]


@dataclass(frozen=True)
class Row:
    """A call, and what the records say of it. In all texts `@` is the organisation, N its number, C the caller.

    The last three digits of an extension or of a number outside say how its phone behaves: 200 answers and talks on,
    211 hangs up a second after its answer, 180 rings on, 486 is busy, 404 is no number.
    """

    rule: Mapping[str, str]
    said: Sequence[str]  # our own records: kind, facts
    legs: Sequence[str]  # endpoint, account, whether it was answered, cause, who hung up
    people: Sequence[str] = ("200",)  # the extensions of persons 1, 2 …
    by: str = "C"  # who rings: somebody outside, or the login of a person
    dials: str = "N"
    keys: str = ""
    leaves: Leaves = ""  # when the caller hangs up: never, or as soon as this goes on
    k5: Answers = Answers.YES
    ahead: bool = False
    is_toll_free: bool = False
    is_recorded: bool = False
    entries: Mapping[str, str] = field(default_factory=dict)
    queue: str = ""  # its members
    paid_s: float | None = None  # how long the paid leg lasted
    asked: Sequence[str] = ()  # kind, to


ROWS = {
    "a person answers and hangs up": Row(
        rule={"start": "ring|u@-1|20|||"},
        people=["211"],
        said=[IN, "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "the caller hangs up": Row(
        rule={"start": "ring|u@-1|20|||"},
        leaves="talking",
        said=[IN, "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 itself", "u@-1 @ up 16 other"],
    ),
    "the caller gives up": Row(
        rule={"start": "ring|u@-1|20|||"},
        people=["180"],
        leaves="ringing",
        said=[IN, "K5_DONE @|start|CANCEL|127|||"],
        legs=["trunk-a @ down 127 itself", "u@-1 @ down 127 -"],
    ),
    "the caller gives up after a menu": Row(
        rule={"start": "menu|recorded|4|1|no", "start_1": "people", "people": "ring|u@-1|20|||"},
        people=["180"],
        keys="1",
        leaves="ringing",
        said=[IN, "K5_DONE @|people|CANCEL|0|||"],
        legs=["trunk-a @ up 0 itself", "u@-1 @ down 16 -"],
    ),
    "busy": Row(
        rule={"start": "ring|u@-1|20|none|busy|gone", "none": "hang|19", "busy": "hang|17", "gone": "hang|21"},
        people=["486"],
        said=[IN, "K5_DONE @|busy|BUSY|17|||"],
        legs=["trunk-a @ down 17 dialplan", "u@-1 @ down 17 itself"],
    ),
    "no answer": Row(
        rule={"start": "ring|u@-1|4|none|busy|gone", "none": "hang|19", "busy": "hang|17", "gone": "hang|21"},
        people=["180"],
        said=[IN, "K5_DONE @|none|NOANSWER|19|||"],
        legs=["trunk-a @ down 19 dialplan", "u@-1 @ down 0 -"],
    ),
    "out of reach": Row(
        rule={"start": "ring|u@-9|20|none|busy|gone", "none": "hang|19", "busy": "hang|17", "gone": "hang|21"},
        said=[IN, "K5_DONE @|gone|CHANUNAVAIL|21|||"],
        legs=["trunk-a @ down 21 dialplan"],
    ),
    "all ring and one answers": Row(
        rule={"start": "ring|u@-1&u@-2|20|||"},
        people=["180", "211"],
        said=[IN, "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ down 26 -", "u@-2 @ up 16 itself"],
    ),
    "a forward to its limit": Row(
        rule={"start": f"forward|{OUTSIDE}200|20|||"},
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}200|call|", "K5_DONE @|start|ANSWER|16|||", "K5_END - -"],
        legs=["trunk-a @ up 16 -", "trunk-a call up 16 -"],
        paid_s=4,
        asked=[f"forward {OUTSIDE}200"],
    ),
    "a forward that hangs up": Row(
        rule={"start": f"forward|{OUTSIDE}211|20|||"},
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}211|call|", "K5_DONE @|start|ANSWER|16|||", "K5_END - -"],
        legs=["trunk-a @ up 16 other", "trunk-a call up 16 itself"],
        asked=[f"forward {OUTSIDE}211"],
    ),
    "a forward that is busy": Row(
        rule={"start": f"forward|{OUTSIDE}486|20|none|busy|else", "busy": "hang|17"},
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}486|call|", "K5_DONE @|busy|BUSY|17|486||", "K5_END 486 -"],
        legs=["trunk-a @ down 17 dialplan", "trunk-a call down 17 itself"],
        asked=[f"forward {OUTSIDE}486"],
    ),
    "a forward to no number": Row(
        rule={"start": f"forward|{OUTSIDE}404|20|none|busy|other", "other": "hang|21"},
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}404|call|", "K5_DONE @|other|CHANUNAVAIL|21|404||", "K5_END 404 -"],
        legs=["trunk-a @ down 21 dialplan", "trunk-a call down 1 itself"],
        asked=[f"forward {OUTSIDE}404"],
    ),
    "a forward that nobody answers": Row(
        rule={"start": f"forward|{OUTSIDE}180|4|none|busy|other", "none": "hang|19"},
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}180|call|", "K5_DONE @|none|NOANSWER|19|180||", "K5_END 180 ringing"],
        legs=["trunk-a @ down 19 dialplan", "trunk-a call down 0 -"],
        asked=[f"forward {OUTSIDE}180"],
    ),
    "a forward without money": Row(
        rule={"start": f"forward|{OUTSIDE}200|20|none|busy|people", "people": "ring|u@-1|20|||"},
        people=["211"],
        k5=Answers.NO,
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}200||funds", "K5_DONE @|people|ANSWER|16||funds|"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
        asked=[f"forward {OUTSIDE}200"],
    ),
    "a forward while K5 fails": Row(
        rule={"start": f"forward|{OUTSIDE}200|20|none|busy|people", "people": "ring|u@-1|20|||"},
        people=["211"],
        k5=Answers.ERROR,
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}200||silent", "K5_DONE @|people|ANSWER|16||silent|"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
        asked=[f"forward {OUTSIDE}200"],
    ),
    "a forward by what was held ahead": Row(
        rule={"start": f"forward|{OUTSIDE}200|20|||"},
        k5=Answers.EVIL,
        ahead=True,
        said=[IN, f"K5_HOLD @|1|forward|{OUTSIDE}200|call|", "K5_DONE @|start|ANSWER|16|||", "K5_END - -"],
        legs=["trunk-a @ up 16 -", "trunk-a call up 16 -"],
        paid_s=4,
        asked=[f"forward {OUTSIDE}200"],
    ),
    "an 8-800 to its limit": Row(
        rule={"start": "ring|u@-1|20|||"},
        is_toll_free=True,
        said=[IN, "K5_HOLD @|1|in|N|call|", "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 -", "u@-1 @ up 16 -"],
        paid_s=4,
        asked=["in N"],
    ),
    "an 8-800 to its limit in a menu": Row(
        rule={"start": "menu|greeting|9|1|no"},
        is_toll_free=True,
        said=[IN, "K5_HOLD @|1|in|N|call|", "K5_DONE @|start||0|||"],
        legs=["trunk-a @ up 0 -"],
        paid_s=4,
        asked=["in N"],
    ),
    "an 8-800 without money": Row(
        rule={"start": "ring|u@-1|20|||"},
        is_toll_free=True,
        k5=Answers.NO,
        said=[IN, "K5_HOLD @|1|in|N||funds", "K5_DONE @|||21||funds|"],
        legs=["trunk-a @ down 21 dialplan"],
        asked=["in N"],
    ),
    "an 8-800 that is put through": Row(
        rule={"start": f"forward|{OUTSIDE}211|20|||"},
        is_toll_free=True,
        said=[
            *(IN, "K5_HOLD @|1|in|N|call|", f"K5_HOLD @|2|forward|{OUTSIDE}211|call|"),
            *("K5_DONE @|start|ANSWER|16|||", "K5_END - -"),
        ],
        legs=["trunk-a @ up 16 other", "trunk-a call up 16 itself"],
        asked=["in N", f"forward {OUTSIDE}211"],
    ),
    "a key of a menu": Row(
        rule={"start": "menu|recorded|4|1|no", "start_1": "people", "people": "ring|u@-1|20|||", "no": "hang|17"},
        people=["211"],
        keys="1",
        said=[IN, "K5_DONE @|people|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "an extension in a menu": Row(
        rule={"start": "menu|recorded|4|1|no", "no": "hang|17"},
        people=["211"],
        keys="211",
        said=[IN, "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "nothing pressed in a menu": Row(
        rule={"start": "menu|recorded|1|1|no", "no": "hang|17"},
        said=[IN, "K5_DONE @|no||17|||"],
        legs=["trunk-a @ up 17 dialplan"],
    ),
    "a wrong key in a menu": Row(
        rule={"start": "menu|recorded|4|1|no", "no": "hang|17"},
        keys="9",
        said=[IN, "K5_DONE @|no||17|||"],
        legs=["trunk-a @ up 17 dialplan"],
    ),
    "a message": Row(
        rule={"start": "voicemail|@|60"},
        leaves="mailing",
        said=[IN, "K5_VOICEMAIL @|@|vm-@-leg.wav|HANGUP", "K5_DONE @|start||0|||"],
        legs=["trunk-a @ up 0 itself"],
    ),
    "something said": Row(
        rule={"start": "say|recorded|over", "over": "hang|16"},
        said=[IN, "K5_DONE @|over||16|||"],
        legs=["trunk-a @ up 16 dialplan"],
    ),
    "the black list": Row(
        rule={"start": "ring|u@-1|20|||"},
        entries={"black/@/C": "1"},
        said=[IN, "K5_DONE @|||21|||"],
        legs=["trunk-a @ down 21 dialplan"],
    ),
    "a queue": Row(
        rule={"start": "queue|k5-@|20|full", "full": "hang|17"},
        people=["211"],
        queue="u@-1",
        said=[IN, "K5_DONE @|start||16|||"],
        legs=["trunk-a @ up 16 -", "u@-1 @ up 16 itself"],
    ),
    "a queue that nobody answers": Row(
        rule={"start": "queue|k5-@|2|full", "full": "hang|17"},
        queue="u@-9",
        said=[IN, "K5_DONE @|full||17|||TIMEOUT"],
        legs=["trunk-a @ up 17 dialplan"],
    ),
    "the shared number": Row(
        rule={"start": "ring|u@-1|20|||"},
        people=["211"],
        dials=SHARED,
        keys="@",
        said=[f"K5_IN 0|shared|{SHARED}|C", f"K5_IN @|@r1|{SHARED}|C", "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "a rule without its next step": Row(
        rule={"start": "say|recorded|nowhere"},
        people=["211"],
        said=[IN, "K5_FAULT rule|@r1|nowhere|2", "K5_DONE @|nowhere|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "a rule with a name that is none": Row(
        rule={"start": "say|recorded|P"},
        people=["211"],
        said=[IN, "K5_FAULT rule|@r1|P|2", "K5_DONE @|P|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "a rule with an unknown step": Row(
        rule={"start": "dance|1"},
        people=["211"],
        said=[IN, "K5_FAULT rule|@r1|start|1", "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "a rule that goes round": Row(
        rule={"start": "hours|start|start"},
        people=["211"],
        said=[IN, "K5_FAULT rule|@r1|start|41", "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 other", "u@-1 @ up 16 itself"],
    ),
    "a recorded talk": Row(
        rule={"start": "ring|u@-1|20|||"},
        people=["211"],
        is_recorded=True,
        said=[IN, "K5_REC @|rec-@-leg.alaw", "K5_DONE @|start|ANSWER|16|||"],
        legs=["trunk-a @ up 16 -", "u@-1 @ up 16 itself"],
    ),
    "a recorded number that is busy": Row(
        rule={"start": "ring|u@-1|20|none|busy|gone", "busy": "hang|17"},
        people=["486"],
        is_recorded=True,
        said=[IN, "K5_REC @|rec-@-leg.alaw", "K5_DONE @|busy|BUSY|17|||"],
        legs=["trunk-a @ up 17 dialplan", "u@-1 @ down 17 itself"],
    ),
    "a recorded number that is busy and leads outside": Row(
        rule={"start": "ring|u@-1|20|none|busy|gone", "busy": f"forward|{OUTSIDE}200|20|||"},
        people=["486"],
        is_recorded=True,
        said=[
            *(IN, "K5_REC @|rec-@-leg.alaw", f"K5_HOLD @|1|forward|{OUTSIDE}200|call|"),
            *("K5_DONE @|busy|ANSWER|16|||", "K5_END - -"),
        ],
        legs=["trunk-a @ up 16 -", "u@-1 @ down 17 itself", "trunk-a call up 16 -"],
        paid_s=4,
        asked=[f"forward {OUTSIDE}200"],
    ),
    "a recorded forward": Row(
        rule={"start": f"forward|{OUTSIDE}200|20|||"},
        is_recorded=True,
        said=[
            *(IN, f"K5_HOLD @|1|forward|{OUTSIDE}200|call|", "K5_DONE @|start|ANSWER|16|||"),
            *("K5_REC @|rec-@-leg.alaw", "K5_END - -"),
        ],
        legs=["trunk-a @ up 16 -", "trunk-a call up 16 -"],
        paid_s=4,
        asked=[f"forward {OUTSIDE}200"],
    ),
    "a person calls a colleague": Row(
        rule={"start": "hang|17"},
        people=["200", "211"],
        by="u@-1",
        dials="211",
        said=["K5_DONE @||ANSWER|16|||"],
        legs=["u@-1 @ up 16 other", "u@-2 @ up 16 itself"],
    ),
    "a person calls outside": Row(
        rule={"start": "hang|17"},
        by="u@-1",
        dials=f"{OUTSIDE}200",
        said=[f"K5_HOLD @|1|out|{OUTSIDE}200|call|", "K5_DONE @||ANSWER|16|||", "K5_END - -"],
        legs=["u@-1 @ up 16 -", "trunk-a call up 16 -"],
        paid_s=4,
        asked=[f"out {OUTSIDE}200"],
    ),
    "a person calls outside without money": Row(
        rule={"start": "hang|17"},
        by="u@-1",
        dials=f"{OUTSIDE}200",
        k5=Answers.NO,
        said=[f"K5_HOLD @|1|out|{OUTSIDE}200||funds", "K5_DONE @||CONGESTION|21||funds|"],
        legs=["u@-1 @ down 21 dialplan"],
        asked=[f"out {OUTSIDE}200"],
    ),
}
