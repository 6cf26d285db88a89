"""The question that a switch asks before whatever costs, and the one line that it is answered with."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from k5web.domain.calls.call import CallKind
from k5web.domain.prices.number import Msisdn
from k5web.errors import WrongNumber

_LEG = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "switch": re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII),
    "channel": re.compile(rf"{_LEG}/{_LEG}", re.ASCII),
    "n": re.compile(r"[1-9][0-9]{0,3}", re.ASCII),
    "kind": re.compile(r"in|forward|out", re.ASCII),
    "owner": re.compile(r"[1-9][0-9]{0,9}", re.ASCII),
    "did": re.compile(r"[0-9]{0,15}", re.ASCII),
    "from": re.compile(r"\+?[A-Za-z0-9_-]{0,40}", re.ASCII),  # digits; of a PBX user the login
    "to": re.compile(r"[0-9]{1,20}", re.ASCII),
    "user": re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}", re.ASCII),
}
LONGEST = 1000  # bytes of a whole question

# What the dialplan takes for an answer; anything else is silence to it
ANSWER = re.compile(
    r"yes\|[0-9]{1,10}-[0-9]{1,10}\|[0-9]{3,9}\|[0-9]{1,6}\|[A-Za-z0-9,_-]{1,200}\|[0-9]{0,15}\|(?:rec)?|no\|[a-z_]{1,20}",
    re.ASCII,
)


class No(StrEnum):
    """Why a leg that costs does not begin, as the switch is told."""

    FUNDS = "funds"
    LIMIT = "limit"
    STOP_LIST = "stop_list"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Question:
    """What a switch asks. The owner is the switch's word, to be believed only by what else it says."""

    switch: str
    linked_id: str
    leg_uuid: str  # of the leg that asks
    n: int  # of this leg's questions: with switch and leg the key of the answer
    kind: CallKind
    owner_id: int
    did: str  # E.164 digits of the number that was called; "" where a PBX user calls
    caller: str  # E.164 digits; "" where none is shown, or no number; a PBX user's login
    called: str  # digits: what is to be dialled; of `in` the number itself
    endpoint: str  # an account's login, or a trunk

    @property
    def form_key(self) -> str:
        """The name of the order that it makes, among the owner's."""
        return f"switch:{self.switch}:{self.leg_uuid}:{self.n}"


def read_question(form: Mapping[str, str]) -> Question:
    """Return the question of a form's fields. Raises: ValueError naming the field."""
    for name, shape in _SHAPES.items():
        if name not in form or not shape.fullmatch(form[name]):
            raise ValueError(f"'{name}' is no such thing")
    linked_id, _, leg_uuid = form["channel"].partition("/")
    return Question(
        switch=form["switch"],
        linked_id=linked_id,
        leg_uuid=leg_uuid,
        n=int(form["n"]),
        kind=CallKind(form["kind"]),
        owner_id=int(form["owner"]),
        did=form["did"],
        caller=caller_of(form["from"]),
        called=form["to"],
        endpoint=form["user"],
    )


def caller_of(shown: str) -> str:
    """Return who calls as K5 keeps it: E.164 digits of what the carrier shows, "" where that is no number; a PBX user's
    login as it is."""
    if any(letter.isalpha() for letter in shown):
        return shown
    try:
        return Msisdn.parse(shown).digits
    except WrongNumber:
        return ""


def yes(call_id: str, talk_ms: int, leg_s: int, trunks: Iterable[str], shown: str, *, is_recorded: bool) -> str:
    """Return the answer that lets a leg begin, by these trunks in their order.

    Units: milliseconds of talk, seconds of the whole leg. Raises: ValueError (the switch could not read it).
    """
    answer = f"yes|{call_id}|{talk_ms}|{leg_s}|{','.join(trunks)}|{shown}|{'rec' if is_recorded else ''}"
    if not ANSWER.fullmatch(answer):
        raise ValueError(f"the switch would not read '{answer}'")
    return answer


def no(why: No) -> str:
    """Return the answer that lets nothing begin."""
    return f"no|{why}"
