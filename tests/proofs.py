"""Which test proves what: docstrings name promises and trials (docs/promises.md), `./test --only R9` runs those of one.

A test proves what its own docstring names; where that names nothing, what its class does, else its module. Chance comes
from `dice`, whose seed is printed, and what came out goes to `figure`: both are told again at the end.
"""

import ast
import os
import random
import re
import sys
import time
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
KINDS = "A-EIRSW"  # promises, invariants, trials of reliability and of security, what many machines must hold
RANGE = re.compile(rf"\b([{KINDS}])([0-9]{{1,2}})(?:(?:-| to )\1([0-9]{{1,2}}))?\b")
PAPER = re.compile(r"\b(?:on|of|an?) A4\b")
TOLD_EVERY_S = 10.0
FIGURES, SEED = "figure", "K5_TEST_SEED"

Items = list[pytest.Item]


def ids(docstring: str | None) -> set[str]:
    """Return what a docstring names: `R2, R3`, `S4-S8` and `E3 to E5` with all between. A sheet of A4 is no promise."""
    found = set()
    for kind, first, last in RANGE.findall(PAPER.sub("", docstring or "")):
        found |= {f"{kind}{number}" for number in range(int(first), int(last or first) + 1)}
    return found


@cache
def named_in(path: Path) -> frozenset[str]:
    """Return what the docstrings of a file's module, classes and tests name."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.ClassDef)]
    places = [each for each in inside if isinstance(each, ast.ClassDef) or each.name.startswith("test_")]
    return frozenset(ids(ast.get_docstring(tree)).union(*(ids(ast.get_docstring(place)) for place in places)))


@cache
def named_through(path: Path) -> frozenset[str]:
    """Return what a file's tests may name: also by what it takes from a list of checks that several share."""
    tree = ast.parse(path.read_text("utf-8"))
    modules = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    shared = [TESTS.parent.joinpath(*name.split(".")).with_suffix(".py") for name in modules if ".contract" in name]
    return named_in(path).union(*(named_in(each) for each in shared if each.exists()))


def known() -> set[str]:
    """Return every id that some test names."""
    paths = [*TESTS.rglob("test_*.py"), *TESTS.rglob("contract.py")]
    return set().union(*(named_in(path) for path in paths))


def in_order(some: Collection[str]) -> list[str]:
    """Sort ids as people count: R2 before R10."""
    return sorted(some, key=lambda each: (each[0], int(each[1:])))


def proves(item: pytest.Item) -> set[str]:
    """Return what a test proves."""
    function = getattr(item, "function", None)
    home = sys.modules.get(getattr(function, "__module__", ""), None)
    cls, module = getattr(item, "cls", None), getattr(item, "module", None)
    docstrings = [getattr(place, "__doc__", None) for place in (function, cls, home, module)]
    return next((found for found in map(ids, docstrings) if found), set())


def at_full_size(items: Items) -> tuple[Items, Items]:
    """Part the tests to run from the small sizes of those that have a full one."""
    sized = {_function(item) for item in items if item.get_closest_marker("full")}
    is_small = [_function(item) in sized and not item.get_closest_marker("full") for item in items]
    runs = [item for item, small in zip(items, is_small, strict=True) if not small]
    return runs, [item for item, small in zip(items, is_small, strict=True) if small]


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


# What a test tells while it runs


class Teller:
    """Prints at once, and keeps for the end what the test now running told."""

    def __init__(self) -> None:
        self.item: pytest.Item | None = None
        self.told_at = 0.0

    def tell(self, kind: str, words: str) -> None:
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()
        if self.item is not None and words not in [kept for _, kept in self.item.user_properties]:
            self.item.user_properties.append((kind, words))


TELLER = Teller()


def seed() -> int:
    """Return the seed of this run, printed: `K5_TEST_SEED=…` before the command repeats it."""
    chosen = int(os.environ.get(SEED) or random.randrange(2**32))
    TELLER.tell(SEED, f"{SEED}={chosen}")
    return chosen


def dice() -> random.Random:
    """Return chance that can be repeated."""
    return random.Random(seed())


def figure(words: str) -> None:
    """Say in one line what a trial did and what came out."""
    TELLER.tell(FIGURES, words)


def progress(done: int, of: int, what: str) -> None:
    """Say how far a long trial is, every ten seconds at most."""
    if (now := time.monotonic()) - TELLER.told_at >= TOLD_EVERY_S:
        TELLER.told_at = now
        sys.stdout.write(f"  {done} of {of} {what}\n")
        sys.stdout.flush()


# What pytest asks


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only", metavar="IDS", help="only the tests that prove these, at full size: R9 or R9,S3")


@cache
def asked_for(value: str) -> frozenset[str]:
    """Return the ids of `R9,S3`. Raises: UsageError naming what no test proves."""
    asked = frozenset(part.strip().upper() for part in value.split(",") if part.strip())
    if unknown := asked - known():
        raise pytest.UsageError(f"no test proves {', '.join(sorted(unknown))}; known are {' '.join(in_order(known()))}")
    if not asked:
        raise pytest.UsageError("--only wants ids, as R9 or R9,S3")
    return asked


def wanted(config: pytest.Config) -> frozenset[str]:
    """Return the ids that were asked for, none where all tests run."""
    value: str | None = config.getoption("--only")
    return frozenset() if value is None else asked_for(value)


def pytest_configure(config: pytest.Config) -> None:
    wanted(config)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files alone that name none of what is asked for: to read them all takes half a minute."""
    asked = wanted(config)
    if not asked or not re.fullmatch(r"test_.*\.py", collection_path.name):
        return None
    return True if not asked & named_through(collection_path) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Items) -> None:
    asked = wanted(config)
    if not asked:
        return
    proofs = [item for item in items if asked & proves(item)]
    runs, small = at_full_size(proofs)
    config.hook.pytest_deselected(items=small + [item for item in items if item not in proofs])
    items[:] = runs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What is told between setting up and tearing down is this test's."""
    TELLER.item = item
    try:
        return (yield)
    finally:
        TELLER.item = None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell again what each proof ran with and what came out."""
    asked = wanted(config)
    if not asked:
        return
    terminalreporter.section(f"proofs of {', '.join(in_order(asked))}")
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            told = "".join(f"\n    {words}" for _, words in report.user_properties)
            if told or outcome != "passed":
                terminalreporter.line(f"{report.nodeid}: {outcome} in {report.duration:.0f} s{told}")


if __name__ == "__main__":
    try:
        asked_for(sys.argv[1])
    except pytest.UsageError as refusal:
        sys.exit(f"test: {refusal}")
