"""Number patterns of the phonenumbers metadata, walked digit by digit.

The metadata describe the numbers of a country by regular expressions over the national number. Here such a
pattern becomes an automaton, and several of them together say what kinds of numbers can follow a prefix.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

DIGITS = "0123456789"

Label = TypeVar("Label", bound=Hashable)
States = tuple[int, ...]  # one of each automaton


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of several sequences."""

    options: tuple["Nodes", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A sequence written `least` to `most` times."""

    body: "Nodes"
    least: int
    most: int


Node = frozenset[str] | Alternatives | Repeat
Nodes = tuple[Node, ...]


def parse(pattern: str) -> Nodes:
    """Return the pattern as nodes; it may have digits, classes, `\\d`, `(?:…)`, `|`, `?`, `{n}`, `{n,m}`.

    Raises: ValueError for any other syntax.
    """
    nodes, end = _alternatives(pattern, 0)
    if end != len(pattern):
        raise ValueError(f"unexpected {pattern[end]!r} at {end} in {pattern}")
    return nodes


def _alternatives(text: str, at: int) -> tuple[Nodes, int]:
    options: list[Nodes] = []
    nodes: list[Node] = []
    while at < len(text) and text[at] != ")":
        if text[at] == "|":
            options.append(tuple(nodes))
            nodes, at = [], at + 1
            continue
        body, at = _atom(text, at)
        least, most, at = _count(text, at)
        nodes.append(body[0] if (least, most) == (1, 1) and len(body) == 1 else Repeat(body, least, most))
    options.append(tuple(nodes))
    return (options[0] if len(options) == 1 else (Alternatives(tuple(options)),)), at


def _atom(text: str, at: int) -> tuple[Nodes, int]:
    if text.startswith("(?:", at):
        nodes, end = _alternatives(text, at + 3)
        return nodes, end + 1
    if text.startswith(r"\d", at):
        return (frozenset(DIGITS),), at + 2
    if text[at] == "[":
        end = text.index("]", at)
        return (_digit_class(text[at + 1 : end]),), end + 1
    if text[at] in DIGITS:
        return (frozenset(text[at]),), at + 1
    raise ValueError(f"unexpected {text[at]!r} at {at} in {text}")


def _digit_class(text: str) -> frozenset[str]:
    found: set[str] = set()
    at = 0
    while at < len(text):
        last = text[at + 2] if text[at + 1 : at + 2] == "-" else text[at]
        found.update(str(digit) for digit in range(int(text[at]), int(last) + 1))
        at += 3 if text[at + 1 : at + 2] == "-" else 1
    return frozenset(found)


def _count(text: str, at: int) -> tuple[int, int, int]:
    if text.startswith("?", at):
        return 0, 1, at + 1
    if text.startswith("{", at):
        end = text.index("}", at)
        least, _, most = text[at + 1 : end].partition(",")
        return int(least), int(most or least), end + 1
    return 1, 1, at


class Automaton:
    """The numbers a pattern describes; a state is a small integer, 0 is the dead one."""

    def __init__(self, pattern: str) -> None:
        self._ids: dict[frozenset[Nodes], int] = {frozenset(): 0}
        self._states: list[frozenset[Nodes]] = [frozenset()]
        self._steps: dict[tuple[int, str], int] = {}
        self.accepting: list[bool] = [False]
        self.start = self._intern(frozenset({parse(pattern)}))

    def _intern(self, state: frozenset[Nodes]) -> int:
        if state not in self._ids:
            self._ids[state] = len(self._states)
            self._states.append(state)
            self.accepting.append(any(_may_end(nodes) for nodes in state))
        return self._ids[state]

    def step(self, state: int, digit: str) -> int:
        """Return the state after one more digit."""
        if state == 0:
            return 0
        key = (state, digit)
        if key not in self._steps:
            rests: set[Nodes] = set()
            for nodes in self._states[state]:
                rests |= _after(nodes, digit)
            self._steps[key] = self._intern(frozenset(rests))
        return self._steps[key]


def _may_end(nodes: Nodes) -> bool:
    for node in nodes:
        if isinstance(node, Repeat):
            if node.least and not _may_end(node.body):
                return False
        elif not isinstance(node, Alternatives) or not any(_may_end(option) for option in node.options):
            return False
    return True


def _after(nodes: Nodes, digit: str) -> set[Nodes]:
    if not nodes:
        return set()
    head, rest = nodes[0], nodes[1:]
    if isinstance(head, Alternatives):
        return set().union(*(_after(option + rest, digit) for option in head.options))
    if isinstance(head, Repeat):
        left = (Repeat(head.body, max(head.least - 1, 0), head.most - 1),) if head.most > 1 else ()
        found = _after(head.body + left + rest, digit) if head.most else set()
        return found | _after(rest, digit) if head.least == 0 else found
    return {rest} if digit in head else set()


def split(
    automata: Sequence[Automaton], label: Callable[[Sequence[bool]], Label | None], depth: int, least: int = 0
) -> dict[str, Label]:
    """Return the shortest prefixes, of `least` digits or more, under which all numbers have one label.

    `label` answers for a finished number from what each automaton says of it. Where numbers of several labels
    still share a prefix of `depth` digits (mostly numbers of different lengths), the most frequent has it.
    """
    counts: dict[States, dict[Label, int]] = {}
    decisions: dict[tuple[States, int], frozenset[Label]] = {}
    found: dict[str, Label] = {}

    def below(states: States) -> dict[Label, int]:
        """Return how many numbers of each label can follow."""
        if not any(states):
            return {}
        if states not in counts:
            total: dict[Label, int] = {}
            own = label(_said(automata, states))
            if own is not None:
                total[own] = 1
            for digit in DIGITS:
                for what, numbers in below(_step(automata, states, digit)).items():
                    total[what] = total.get(what, 0) + numbers
            counts[states] = total
        return counts[states]

    def decided(states: States, left: int) -> frozenset[Label]:
        """Return the labels the prefixes under this one end with, `left` digits further at most."""
        total = below(states)
        if len(total) < 2:
            return frozenset(total)
        if left == 0:
            return frozenset([max(total, key=lambda what: total[what])])
        key = (states, left)
        if key not in decisions:
            nexts = (_step(automata, states, digit) for digit in DIGITS)
            decisions[key] = frozenset[Label]().union(*(decided(following, left - 1) for following in nexts))
        return decisions[key]

    def walk(prefix: str, states: States) -> None:
        labels = decided(states, depth - len(prefix))
        if len(labels) == 1 and len(prefix) >= least:
            found[prefix] = next(iter(labels))
        elif labels:
            for digit in DIGITS:
                walk(prefix + digit, _step(automata, states, digit))

    walk("", tuple(automaton.start for automaton in automata))
    return found


def _step(automata: Sequence[Automaton], states: States, digit: str) -> States:
    return tuple(automaton.step(state, digit) for automaton, state in zip(automata, states, strict=True))


def _said(automata: Sequence[Automaton], states: States) -> list[bool]:
    return [automaton.accepting[state] for automaton, state in zip(automata, states, strict=True)]
