"""A rule as the switch looks it up while a call runs: `rule/<version>/<node>` with an operation and its arguments.

Nothing that a person typed gets there but digits: no title, no text. Source: docs/pbx.md, «What the switch gets».
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from k5web.domain.pbx.hours import written
from k5web.domain.pbx.rule import PROMPTS, Forward, Hang, Hours, Menu, Ring, Rule, Say, Step, Voicemail, Wait
from k5web.domain.pbx.switch_tables import Queue

SHARED: Final = "shared"  # the version of the rule of the number that organisations share
BUSY, BYE, REFUSED = 17, 16, 21  # causes of a hang-up, ITU-T Q.850
SAFE: Final = re.compile(r"[0-9a-z|&/+:-]*", re.ASCII)  # all signs that may stand in a value

_REFUSING: Final = "refused"  # the version of the rule of a number whose calls are not taken


@dataclass(frozen=True, slots=True)
class Switchboard:
    """What rules are compiled with: whose they are, and by which logins each extension is reached."""

    owner_id: int
    logins: Mapping[str, Sequence[str]]

    def reached(self, people: Sequence[str]) -> tuple[str, ...]:
        """Return the logins of these extensions, each once."""
        return tuple(dict.fromkeys(login for one in people for login in self.logins.get(one, ())))

    def queue(self, people: Sequence[str]) -> Queue:
        """Return the queue of these people: rules that name the same have the same one."""
        name = f"k5-{self.owner_id}-{int(_digest(people), 16) % 10**9}"
        return Queue(name, self.reached(people))


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule as the switch has it. What has this version is always the same."""

    version: str  # letters and digits: `8841r3x1f0c3a2e`
    entries: Mapping[str, str]
    queues: tuple[Queue, ...]


def compile_rule(rule: Rule, kept_as: int, board: Switchboard) -> CompiledRule:
    """Return the rule for the switch. `kept_as`: the number of the rule's own version, 0 of the rule by default.

    The name of the version holds a digest of all steps, so other phones of the same people make another version.
    """
    nodes = {node: line for name, step in rule.steps.items() for node, line in _lines(name, step, board)}
    version = f"{board.owner_id}r{kept_as}x{_digest([f'{node}={line}' for node, line in sorted(nodes.items())])}"
    queues = dict.fromkeys(step.people for step in rule.steps.values() if isinstance(step, Wait))
    return CompiledRule(
        version,
        {f"rule/{version}/{node}": _safe(line) for node, line in nodes.items()},
        tuple(board.queue(people) for people in queues),
    )


def refusing_rule(owner_id: int) -> CompiledRule:
    """Return the rule of whoever K5 serves no more, or not now."""
    version = f"{owner_id}{_REFUSING}"
    return CompiledRule(version, {f"rule/{version}/start": f"hang|{REFUSED}"}, ())


def shared_number(number: str) -> Mapping[str, str]:
    """Return the entries of the number that organisations share (D6): it asks for an id, and goes on by their rule."""
    return {
        f"in/{number}": f"0|{SHARED}|free|",
        f"rule/{SHARED}/start": "id|enter-id|4|3|sorry",
        f"rule/{SHARED}/sorry": "say|not-now|bye",
        f"rule/{SHARED}/bye": f"hang|{BYE}",
    }


def _lines(name: str, step: Step, board: Switchboard) -> Iterator[tuple[str, str]]:
    """Yield the nodes of a step with their lines."""
    match step:
        case Ring() if step.is_together:
            yield name, _ring(board.reached(step.people), step.seconds, step.no_answer, step.busy, step.unreachable)
        case Ring():
            yield from _in_turn(name, step, board)
        case Forward():
            yield name, _line("forward", step.number, step.seconds, step.no_answer, step.busy, step.refused)
        case Menu():
            yield name, _line("menu", _prompt(step.prompt, board), step.seconds, step.tries, step.nothing)
            yield from ((f"{name}.{key}", target) for key, target in step.keys.items() if target)
        case Hours():
            yield name, _line("hours", step.open, step.closed)
            yield f"{name}.hours", written(step.spans)
        case Say():
            yield name, _line("say", _prompt(step.prompt, board), step.then)
        case Wait():
            yield name, _line("queue", board.queue(step.people).name, step.seconds, step.then)
        case Voicemail():
            yield name, _line("voicemail", board.owner_id, step.seconds)
        case Hang():
            yield name, _line("hang", BUSY if step.is_busy else BYE)


def _in_turn(name: str, step: Ring, board: Switchboard) -> Iterator[tuple[str, str]]:
    """Yield a node for each of the people; only the last one's ways lead on."""
    nodes = [name, *(f"{name}x{at}" for at in range(2, len(step.people) + 1))]
    for at, extension in enumerate(step.people):
        is_last = at == len(step.people) - 1
        onward = (step.no_answer, step.busy, step.unreachable) if is_last else (nodes[at + 1],) * 3
        yield nodes[at], _ring(board.reached([extension]), step.seconds, *onward)


def _ring(logins: Sequence[str], seconds: int, *onward: str) -> str:
    return _line("ring", "&".join(logins), seconds, *onward)


def _line(*parts: object) -> str:
    return "|".join(str(part) for part in parts)


def _prompt(prompt: str, board: Switchboard) -> str:
    return prompt if prompt in PROMPTS else f"o/{board.owner_id}/{prompt}"


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]


def _safe(line: str) -> str:
    assert SAFE.fullmatch(line), "only what the dialplan can read goes to the switch"
    return line
