"""Every pattern of the tree takes work that grows as its text does, whatever the text is (S23: regex bombs).

The steps are counted by a matcher of our own, so a busy machine changes nothing. A new one is found by itself.
"""

import ast
import functools
import importlib
import multiprocessing
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from werkzeug.routing import BaseConverter

import connectors
import k5web
from tests.backtracking import Matcher, TooManySteps, hard_texts

ROOT = Path(__file__).parents[1]
SHORT, LONG = 24, 200  # letters: a first look, and a second one where the first gave doubt
DOUBT, TOO_MUCH = 2.5, 2.9  # steps for twice the text: 2 is linear, 4 quadratic
MOST_STEPS = 400_000
HUGE = 64 * 1024  # letters: the longest request there is
PATIENCE_S = 300  # no measure: a pattern that runs away needs hours

ONCE = {"match", "fullmatch"}  # begin at the text's beginning alone
METHODS = ONCE | {"search", "sub", "subn", "split", "findall", "finditer"}


@dataclass(frozen=True)
class Use:
    """A pattern, where it stands, and whether it is tried at each letter or at the first one alone."""

    place: str
    pattern: re.Pattern[str]
    is_once: bool = False


def modules() -> list[ModuleType]:
    """Return every module of the product."""
    names = [
        found.name
        for root in (k5web, connectors)
        for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}.")
    ]
    return [
        importlib.import_module(name) for name in ["app", *names] if "__main__" not in name and "versions" not in name
    ]


@functools.cache
def patterns() -> list[Use]:
    """Return every pattern of the product: those that modules keep, those made where they are used."""
    trees = {module: ast.parse(Path(str(module.__file__)).read_text("utf-8")) for module in modules()}
    used: dict[str, set[str]] = {}
    for module, tree in trees.items():
        for name, method in _uses(tree):
            used.setdefault(_known_as(module, name), set()).add(method)
    found: dict[tuple[str, int, bool], Use] = {}
    for module, tree in trees.items():
        kept = [
            Use(f"{module.__name__}.{name}", pattern, used.get(_known_as(module, name), {"search"}) <= ONCE)
            for name, pattern in _kept(module)
        ]
        for use in (*kept, *_converters(module), *_made_in_place(module, tree)):
            found.setdefault((use.pattern.pattern, use.pattern.flags, use.is_once), use)
    return list(found.values())


def _known_as(module: ModuleType, name: str) -> str:
    """Return by what a name is found: a private one is another thing in another module."""
    return f"{module.__name__}.{name}" if name.startswith("_") else name


def _kept(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the patterns in a module's own names, however deep in tuples and tables."""
    for name, value in vars(module).items():
        for pattern in _within(value):
            if isinstance(pattern.pattern, str):
                yield name, pattern


def _converters(module: ModuleType) -> Iterator[Use]:
    """Yield the patterns of parts of addresses."""
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, BaseConverter):
            yield Use(f"{module.__name__}.{value.__name__}", re.compile(value.regex), is_once=True)


def _within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _within(item)
    elif isinstance(value, Mapping) and not isinstance(value, ModuleType):
        for item in list(value.values()):
            yield from _within(item)


def _uses(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each name of a pattern with how it is used; one that is handed on may be used in every way."""
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
            called.add(node.value)
            yield node.value.id, node.attr
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in called:
            yield node.id, "search"


def _made_in_place(module: ModuleType, tree: ast.Module) -> Iterator[Use]:
    """Yield the patterns of `re.match(…)` and its like; what they are filled with is taken for an x."""
    kept = {
        id(node)
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)) or id(node) in kept:
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        if node.func.attr not in METHODS | {"compile"}:
            continue
        place = f"{module.__name__}:{node.lineno}"
        text = _text(node.args[0], module)
        assert text is not None, f"{place}: a pattern nobody can look at beforehand: keep it in the module's head"
        yield Use(place, re.compile(text), node.func.attr in ONCE)


def _text(node: ast.expr, module: ModuleType) -> str | None:
    """Return the text of an expression, None where it is not known before it runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name) and isinstance(getattr(module, node.id, None), str):
        return str(getattr(module, node.id))
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
        return "".join(_text(part, module) or "x" for part in parts)
    return None


def is_steep(use: Use) -> str:
    """Return the beginning of a text that the pattern does too much work on, empty where there is none."""
    for make in hard_texts(use.pattern):
        if growth(use, make, SHORT) > DOUBT and growth(use, make, LONG) > TOO_MUCH:
            return make(SHORT)
    return ""


def growth(use: Use, make: Callable[[int], str], size: int) -> float:
    """Return how many times the steps for a text are those for its half."""
    half, whole = (Matcher(use.pattern, make(length), MOST_STEPS) for length in (size, 2 * size))
    try:
        assert _places(use, half) == _places_by_python(use, half.text), (use, half.text)
        _places(use, whole)
    except TooManySteps:
        return float("inf")
    return whole.steps / max(1, half.steps)


def _places(use: Use, matcher: Matcher) -> list[int | None] | list[tuple[int, int]]:
    return [matcher.match(), matcher.match(full=True)] if use.is_once else matcher.scan()


def _places_by_python(use: Use, text: str) -> list[int | None] | list[tuple[int, int]]:
    if use.is_once:
        found = [use.pattern.match(text), use.pattern.fullmatch(text)]
        return [match.end() if match else None for match in found]
    return [match.span() for match in use.pattern.finditer(text)]


@pytest.mark.parametrize(
    "steep",
    [r"(a+)+b", r"\s*x\s*y", r"\s*([{};,>])\s*", r"[0-9]+[.,][0-9]{7,}", r"(?:a|ab)*c", r"a*?b", r"дог\w*\s*№?\s*[0-9]",
     r"(?<!\w)дог(?:овор\w*|\.)(?:\s*оферт\w*)?\s*(?:№|N[o°]?\.?)?\s*[0-9]",
     r"(?i)\b[\w.\-]*(?:passw|sign)[\w.\-]*=[^&\s]+", r"<sign(?:\s[^>]*)?>", r"(?:a|a)*+b", r"(\w+\s?)*$"],
)  # fmt: skip
def test_the_test_knows_a_steep_pattern_when_it_sees_one(steep: str) -> None:
    assert is_steep(Use("here", re.compile(steep)))


@pytest.mark.parametrize(
    "flat",
    [r"(?<!\w)(\w++)=", r"[0-9]{1,10}", r'"(?:[^"\\]|\\.)*+"?', r"\s+", r"(?<![0-9])[0-9]{7,}", r"a*+b?"],
)
def test_the_test_lets_a_flat_pattern_pass(flat: str) -> None:
    assert not is_steep(Use("here", re.compile(flat)))


def test_a_pattern_takes_no_more_work_than_its_text_is_long() -> None:
    found = patterns()
    assert len(found) > 100  # all of them were looked for
    steep = {use.place: (use.pattern.pattern, text) for use in found if (text := is_steep(use))}
    assert not steep


def test_every_pattern_ends_on_64_kb_of_its_own_parts() -> None:
    """The real thing beside the count: nobody waits for a text as long as the longest request."""
    child = multiprocessing.get_context("spawn").Process(target=_try_all, args=(patterns(),))
    child.start()
    child.join(PATIENCE_S)
    is_over = child.exitcode is not None
    child.kill()
    assert is_over, "a pattern runs away"
    assert child.exitcode == 0


def _try_all(uses: list[Use]) -> None:
    for use in uses:
        for make in list(hard_texts(use.pattern))[::7]:
            text = make(HUGE)
            if use.is_once:
                use.pattern.fullmatch(text)
            else:
                use.pattern.sub("", text)
