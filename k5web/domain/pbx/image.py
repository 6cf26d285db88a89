"""What a switch is told of one organisation, put together from what is known of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from k5web.domain.pbx.rule import EVERYBODY, Rule
from k5web.domain.pbx.rule_table import CompiledRule, Switchboard, compile_rule, refusing_rule, shared_number
from k5web.domain.pbx.rule_templates import default_rule
from k5web.domain.pbx.switch_tables import PbxImage, SipLogin

SHARED_OWNER: Final = 0  # whose the shared number is: nobody's, for the caller's id says whose call it is
BY_ID: Final = "id"  # the rule of callers of the shared number, in place of a number's digits (D6)
TOLL_FREE: Final = "7800"  # numbers whose owner pays for the caller (D4)


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule as it is kept; `steps` of none is the rule of who has none."""

    version: int  # 1, 2, 3 … of this number; 0: there is none
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """All that is known of an organisation's PBX."""

    owner_id: int
    is_served: bool  # neither blocked nor suspended, and the contract goes on
    phone: str | None  # proved, E.164 digits
    is_organisation: bool = False  # by its particulars: the shared number leads to it
    switch: str = ""  # where it lives; "": at the first switch of the settings
    is_recorded: bool = False
    numbers: tuple[str, ...] = ()  # rented, E.164 digits
    rules: Mapping[str, KeptRule] = field(default_factory=dict)  # by the number, or `BY_ID`
    people: Mapping[int, str] = field(
        default_factory=dict
    )  # extensions by the person's number, the longest there first
    logins: Sequence[tuple[SipLogin, int | None]] = ()  # and whose each is; None: the owner's own browser
    black: tuple[str, ...] = ()
    greetings: frozenset[str] = frozenset()  # digests of its own prompts that are ready
    fading: frozenset[str] = frozenset()  # of those that were removed, and a call may still be saying

    def rule(self, number: str) -> Rule:
        """Return the rule in force of a number, or of the callers by id."""
        kept = self.rules.get(number)
        return (kept.rule if kept else None) or default_rule(self.phone)


def image_of(facts: OwnerFacts, most_people: int | None = None) -> PbxImage:
    """Return what the switch is told. People beyond what is paid for have no phone and no extension."""
    if not facts.is_served:
        return _finished(facts.owner_id, _entries(facts, dict.fromkeys(_led(facts), refusing_rule(facts.owner_id))))
    people = dict([*facts.people.items()][:most_people])
    logins = [(login, n) for login, n in facts.logins if n is None or n in people]
    board = Switchboard(facts.owner_id, _by_extension(people, logins))
    rules = {number: _compiled(facts, number, board) for number in _led(facts)}
    entries = _entries(facts, rules)
    entries |= {f"ext/{facts.owner_id}/{one}": "&".join(theirs) for one, theirs in board.logins.items() if theirs}
    entries |= {f"black/{facts.owner_id}/{caller}": "1" for caller in facts.black}
    queues = {queue.name: queue for rule in rules.values() for queue in rule.queues}
    return _finished(facts.owner_id, entries, tuple(login for login, _n in logins), tuple(queues.values()))


def shared_image(number: str) -> PbxImage:
    """Return what the switch is told of the number that organisations share."""
    return _finished(SHARED_OWNER, shared_number(number))


def _finished(owner_id: int, entries: Mapping[str, str], logins: Any = (), queues: Any = ()) -> PbxImage:
    """Return the image under the version that is a digest of what it says: equal images have equal versions."""
    told = json.dumps([sorted(entries.items()), [repr(one) for one in (*logins, *queues)]])
    version = int.from_bytes(hashlib.sha256(told.encode()).digest()[:7]) + 1
    return PbxImage(owner_id, version, entries, logins, queues)


def _led(facts: OwnerFacts) -> tuple[str, ...]:
    """Return what leads callers to this organisation: its numbers, and its id."""
    return (*facts.numbers, *((BY_ID,) if facts.is_organisation else ()))


def _compiled(facts: OwnerFacts, number: str, board: Switchboard) -> CompiledRule:
    kept = facts.rules.get(number)
    return compile_rule(facts.rule(number), kept.version if kept else 0, board)


def _entries(facts: OwnerFacts, rules: Mapping[str, CompiledRule]) -> dict[str, str]:
    """Return the pointers of all numbers, and the rules where they point."""
    found: dict[str, str] = {}
    recorded = "rec" if facts.is_recorded and facts.is_served else ""
    for number, rule in rules.items():
        key = f"id/{facts.owner_id}" if number == BY_ID else f"in/{number}"
        paid = "in" if number.startswith(TOLL_FREE) and facts.is_served else "free"
        found |= {key: f"{facts.owner_id}|{rule.version}|{paid}|{recorded}", **rule.entries}
    return found


def _by_extension(
    people: Mapping[int, str], logins: Sequence[tuple[SipLogin, int | None]]
) -> Mapping[str, Sequence[str]]:
    theirs = {extension: [login.login for login, n in logins if n == person] for person, extension in people.items()}
    return {EVERYBODY: [login.login for login, _n in logins], **theirs}
