"""A rule drawn as a tree: plain geometry for an SVG in the template; the same stands in a list beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from k5web.domain.pbx.rule import START, Rule, ways
from k5web.web.pbx.rule_words import KIND_WORDS, numbered, target_words, way_words

WIDTH: Final = 284  # units of the SVG's own box: what a phone of 320 pixels has, so that letters are as large as said
ROW: Final = 44
INDENT: Final = 14
DEEPEST: Final = 8  # further steps stand below each other
LETTER: Final = 10  # about the width of one, of wide letters
HALF: Final = 12  # of a row's text, above its middle


@dataclass(frozen=True, slots=True)
class Branch:
    """One row: the way, what it leads to, the line from the row above it. Units: of the SVG's box."""

    way: str
    text: str
    x: int
    y: int
    from_y: int


@dataclass(frozen=True, slots=True)
class Tree:
    """All rows."""

    branches: tuple[Branch, ...]
    width: int
    height: int


def tree_of(rule: Rule) -> Tree:
    """Return the tree of a rule; a step that is reached by several ways is drawn once."""
    rows = tuple(_rows(rule))
    return Tree(rows, WIDTH, len(rows) * ROW + HALF)


def _rows(rule: Rule) -> Iterator[Branch]:
    numbers, drawn, at = numbered(rule), set[str](), 0
    waiting = [("", START, 0, 0)]
    while waiting:
        way, name, depth, from_y = waiting.pop()
        y = at * ROW + ROW // 2
        x = min(depth, DEEPEST) * INDENT
        is_first = name in rule.steps and name not in drawn
        title = f"{numbers[name]}. {KIND_WORDS[rule.steps[name].KIND]()}" if is_first else target_words(numbers, name)
        yield Branch(_fitted(way, x), _fitted(title, x), x, y, from_y)
        at += 1
        if is_first:
            drawn.add(name)
            onward = [(way_words(found), target, depth + 1, y) for found, target in ways(rule.steps[name])]
            waiting += reversed(onward)


def _fitted(text: str, x: int) -> str:
    most = (WIDTH - x - INDENT) // LETTER
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
