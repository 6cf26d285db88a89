"""Python's patterns matched as Python matches them, one step at a time, so that a test can count the steps.

A clock says how busy the machine is; the steps say how the work grows with the text. Also here: texts made of a
pattern's own parts, which is what makes a pattern go back and try again.
"""

import functools
import importlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

# Whether the checker of types knows these two depends on what else it reads
op: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

Nodes = Sequence[tuple[Any, Any]]

LETTERS = {op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN}
REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
WHITE, WORDS, DIGITS = " \t\n\xa0", "aZ_я", "07"
OTHERS = "!\x00\uffff"  # what hardly any pattern wants
MOST_PAIRS, MOST_BEGINNINGS = 16, 6


class TooManySteps(Exception):
    """The matcher was told to give up here."""


@functools.cache
def _parsed(pattern: re.Pattern[str]) -> tuple[Nodes, dict[tuple[int, str, int], bool]]:
    """Return a pattern's nodes, and which letters fit which of them as far as is known: it is tried on many texts."""
    return parser.parse(pattern.pattern, pattern.flags), {}


class Matcher:
    """One pattern over one text. `steps` grows by one for each letter or place that is looked at."""

    def __init__(self, pattern: re.Pattern[str], text: str, most_steps: int = sys.maxsize) -> None:
        self.nodes, self._fitting = _parsed(pattern)
        self.flags = pattern.flags
        self.text = text
        self.most_steps = most_steps
        self.steps = 0
        self.groups: dict[int, tuple[int, int]] = {}

    def match(self, at: int = 0, *, full: bool = False) -> int | None:
        """Return where the match from here ends, None where there is none. Raises: TooManySteps."""
        self.groups = {}
        ends = self._sequence(self.nodes, 0, at, self.flags)
        return next((end for end in ends if not full or end == len(self.text)), None)

    def scan(self) -> list[tuple[int, int]]:
        """Return the places that `finditer` and `sub` find. Raises: TooManySteps."""
        found: list[tuple[int, int]] = []
        at = 0
        while at <= len(self.text):
            end = self.match(at)
            if end is not None and (end > at or not found or found[-1] != (at, end)):
                found.append((at, end))
            at = end if end is not None and end > at else at + 1
        return found

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.most_steps:
            raise TooManySteps

    def _sequence(self, nodes: Nodes, index: int, at: int, flags: int) -> Iterator[int]:
        while index < len(nodes) and nodes[index][0] in LETTERS:  # there is but one way on
            if not self._is_letter(nodes[index], at, flags):
                return
            index, at = index + 1, at + 1
        if index == len(nodes):
            yield at
            return
        for end in self._node(nodes[index], at, flags):
            yield from self._sequence(nodes, index + 1, end, flags)

    def _node(self, node: tuple[Any, Any], at: int, flags: int) -> Iterator[int]:
        kind, value = node
        if kind in REPEATS:
            yield from self._repeat(kind, value, at, flags)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from self._sequence(branch, 0, at, flags)
        elif kind is op.SUBPATTERN:
            group, add, drop, body = value
            for end in self._sequence(body, 0, at, (flags | add) & ~drop):
                if group is not None:
                    self.groups[group] = (at, end)
                yield end
        elif kind is op.ATOMIC_GROUP:
            yield from self._first(self._sequence(value, 0, at, flags))
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            direction, body = value
            start = at if direction > 0 else at - body.getwidth()[0]
            is_there = start >= 0 and next(self._sequence(body, 0, start, flags), None) is not None
            if is_there == (kind is op.ASSERT):
                yield at
        elif kind is op.GROUPREF:
            start, end = self.groups[value]
            self._step()
            if self.text.startswith(self.text[start:end], at):
                yield at + end - start
        elif kind is op.AT:
            self._step()
            if self._is_place(value, at, flags):
                yield at
        else:
            raise NotImplementedError(kind)

    @staticmethod
    def _first(ends: Iterator[int]) -> Iterator[int]:
        end = next(ends, None)
        if end is not None:
            yield end

    def _repeat(self, kind: Any, value: Any, at: int, flags: int) -> Iterator[int]:
        least, most, body = value
        most = sys.maxsize if most is op.MAXREPEAT else int(most)
        ends = (self._lazy if kind is op.MIN_REPEAT else self._greedy)(body, least, most, at, flags)
        yield from self._first(ends) if kind is op.POSSESSIVE_REPEAT else ends

    def _greedy(self, body: Nodes, least: int, most: int, at: int, flags: int) -> Iterator[int]:
        """Yield the ends of as many as possible, then of fewer; a list in place of recursion: texts are long."""
        path = [(at, self._sequence(body, 0, at, flags))]
        while path:
            here, ways = path[-1]
            count = len(path) - 1
            end = next(ways, None) if count < most else None
            if end is not None and (end > here or count < least):
                path.append((end, self._sequence(body, 0, end, flags)))
                continue
            path.pop()
            if count >= least:
                yield here

    def _lazy(self, body: Nodes, least: int, most: int, at: int, flags: int) -> Iterator[int]:
        path: list[Iterator[int]] = []
        here: int | None = at
        while True:
            if here is not None:
                if len(path) >= least:
                    yield here
                if len(path) < most:
                    path.append(self._sequence(body, 0, here, flags))
            if not path:
                return
            here = next(path[-1], None)
            if here is None:
                path.pop()

    def _is_letter(self, node: tuple[Any, Any], at: int, flags: int) -> bool:
        self._step()
        if at >= len(self.text):
            return False
        known = (id(node), self.text[at], flags)
        if known not in self._fitting:
            self._fitting[known] = is_one(node, self.text[at], flags)
        return self._fitting[known]

    def _is_place(self, place: Any, at: int, flags: int) -> bool:
        size = len(self.text)
        if place is op.AT_BEGINNING_STRING or (place is op.AT_BEGINNING and not flags & re.MULTILINE):
            return at == 0
        if place is op.AT_BEGINNING:
            return at == 0 or self.text[at - 1] == "\n"
        if place is op.AT_END_STRING:
            return at == size
        if place is op.AT_END:
            return at == size or (self.text[at] == "\n" and (at == size - 1 or bool(flags & re.MULTILINE)))
        before, after = at > 0 and is_word(self.text[at - 1], flags), at < size and is_word(self.text[at], flags)
        return (before != after) == (place is op.AT_BOUNDARY)


def is_word(letter: str, flags: int) -> bool:
    """Return whether this is a letter of a word, as the flags see it."""
    return (letter.isalnum() and (letter.isascii() or not flags & re.ASCII)) or letter == "_"


_ONE: dict[tuple[str, int], re.Pattern[str]] = {}


def is_one(node: tuple[Any, Any], letter: str, flags: int) -> bool:
    """Return whether one letter fits a node that takes one letter."""
    kind, value = node
    if kind is op.ANY:
        return letter != "\n" or bool(flags & re.DOTALL)
    if kind in (op.LITERAL, op.NOT_LITERAL):
        return _same(value, letter, flags) == (kind is op.LITERAL)
    if kind is not op.IN:
        raise NotImplementedError(kind)
    is_negated = value[0][0] is op.NEGATE
    return any(_is_in(item, letter, flags) for item in value[is_negated:]) != is_negated


def _same(code: int, letter: str, flags: int) -> bool:
    return ord(letter) == code or (bool(flags & re.IGNORECASE) and letter.lower() == chr(code).lower())


def _is_in(item: tuple[Any, Any], letter: str, flags: int) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return _same(value, letter, flags)
    if kind is op.RANGE:
        cases = {letter, letter.lower(), letter.upper()} if flags & re.IGNORECASE else {letter}
        return any(len(case) == 1 and value[0] <= ord(case) <= value[1] for case in cases)
    name = str(value).removeprefix("CATEGORY_")
    is_ascii = bool(flags & re.ASCII)
    tests: dict[str, Callable[[], bool]] = {
        "DIGIT": lambda: letter.isdecimal() and (letter.isascii() or not is_ascii),
        "SPACE": lambda: letter.isspace() and (letter in " \t\n\r\f\v" or not is_ascii),
        "WORD": lambda: is_word(letter, flags),
    }
    return tests[name.removeprefix("NOT_")]() != name.startswith("NOT_")


# Texts made of the pattern's own parts


def hard_texts(pattern: re.Pattern[str]) -> Iterator[Callable[[int], str]]:
    """Yield makers of texts of a length: the beginning of a match, one part again and again, an end."""
    nodes = parser.parse(pattern.pattern, pattern.flags)
    letters = _letters(nodes)
    beginnings = _beginnings(nodes)
    words = list(dict.fromkeys([*beginnings[1:], *_words(nodes), _sample(nodes)]))
    pairs = list(dict.fromkeys(map("".join, product(words + letters, letters + words))))
    pairs = pairs[:: -(-len(pairs) // MOST_PAIRS)]
    chosen = [pump for pump in dict.fromkeys([*letters, *words, *pairs]) if pump]
    for beginning, pump, end in product(beginnings, chosen, ("", OTHERS)):
        yield lambda size, a=beginning, b=pump, c=end: a + b * (size // len(b) + 1) + c  # type: ignore[misc]


def _beginnings(nodes: Nodes) -> list[str]:
    """Return nothing, and what leads to each repeat of the pattern: what comes next is what it is repeated on."""
    places = [at for at, node in enumerate(nodes) if node[0] in REPEATS or _bodies(node)]
    found = dict.fromkeys(["", *(_sample(nodes[:at]) for at in places), *(_sample(nodes[: at + 1]) for at in places)])
    return list(found)[:MOST_BEGINNINGS]


def _letters(nodes: Nodes) -> list[str]:
    """Return a letter or two for each set of letters that stands in the pattern."""
    found: dict[str, None] = {}
    for kind, value in _leaves(nodes):
        if kind is op.LITERAL:
            found[chr(value)] = None
        else:
            fitting = [
                letter
                for letter in f"a0 -.,;:=<>\"\\'&[]{{}}/+({WORDS}{DIGITS}{WHITE}"
                if is_one((kind, value), letter, 0)
            ]
            found |= dict.fromkeys(fitting[:2])
    return list(found)[:16]


def _leaves(nodes: Nodes) -> Iterator[tuple[Any, Any]]:
    for node in nodes:
        bodies = _bodies(node)
        if bodies:
            for body in bodies:
                yield from _leaves(body)
        elif node[0] in LETTERS:
            yield node


def _bodies(node: tuple[Any, Any]) -> list[Nodes]:
    kind, value = node
    if kind in REPEATS:
        return [value[2]]
    if kind is op.BRANCH:
        return list(value[1])
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind is op.ATOMIC_GROUP:
        return [value]
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return []


def _words(nodes: Nodes) -> Iterator[str]:
    """Yield an example of each part of the pattern."""
    for node in nodes:
        for body in _bodies(node):
            yield _sample(body)
            yield from _words(body)


def _sample(nodes: Nodes) -> str:
    """Return a short text that fits; what only looks around adds nothing."""
    parts = []
    for node in nodes:
        kind, value = node
        if kind in REPEATS:
            parts.append(_sample(value[2]) * max(1, value[0]))
        elif kind in (op.ASSERT, op.ASSERT_NOT, op.AT, op.GROUPREF):
            continue
        elif bodies := _bodies(node):
            parts.append(_sample(bodies[0]))
        else:
            parts.append(next(iter(_letters([node])), ""))
    return "".join(parts)
