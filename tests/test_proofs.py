"""What proves what: docstrings name it, `./test --only` runs the tests of one id, docs/proofs.md has each trial."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests import proofs
from tests.test_suite import run_tests

ROOT = Path(__file__).parent.parent
TRIALS = [*(f"R{n}" for n in range(1, 25)), *(f"S{n}" for n in range(1, 31))]  # every one that is demanded
ROW = re.compile(r"^\| ([RSW][0-9]+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)


@pytest.mark.parametrize(
    ("docstring", "found"),
    [
        ("R7.", {"R7"}),
        ("Many at once. Promises: R2, R3, W3.", {"R2", "R3", "W3"}),
        ("S4-S6: whatever comes. E3 to E5.", {"S4", "S5", "S6", "E3", "E4", "E5"}),
        ("The price on the screen (A3, A4); printed on A4.", {"A3", "A4"}),
        ("Print a page on A4 and return its words.", set()),
        ("GO100 and SIP2 and F7 and R234 are none.", set()),
        (None, set()),
    ],
)
def test_ids_are_read_from_a_docstring(docstring: str | None, found: set[str]) -> None:
    assert proofs.ids(docstring) == found


def test_the_nearest_docstring_that_names_anything_decides() -> None:
    def own() -> None:
        """R2."""

    def silent() -> None:
        """Says nothing of what it proves."""

    module, cls = SimpleNamespace(__doc__="Promises: R2, R3."), SimpleNamespace(__doc__="S4.")
    assert proofs.proves(item(own, cls, module)) == {"R2"}
    assert proofs.proves(item(silent, cls, module)) == {"S4"}
    assert proofs.proves(item(silent, None, module)) == {"R2", "R3"}


def item(function: Any, cls: Any, module: Any) -> pytest.Item:
    function.__module__ = "nowhere"
    return cast(pytest.Item, SimpleNamespace(function=function, cls=cls, module=module))


def test_the_small_size_is_left_out_where_there_is_a_full_one() -> None:
    small, full, other = sized("a.py::test_a[5]"), sized("a.py::test_a[200]", "full"), sized("a.py::test_b")
    assert proofs.at_full_size([small, full, other]) == ([full, other], [small])


def sized(nodeid: str, *marks: str) -> pytest.Item:
    found = SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda name: name if name in marks else None)
    return cast(pytest.Item, found)


def test_one_id_runs_its_tests_alone_and_tells_seed_and_figure_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path keeps other files out: here it is not asked what they prove."""
    monkeypatch.setenv("K5_TEST_SEED", "17")
    done = run_tests(
        "--only", "r17", "tests/reliability/test_ledger_money_text.py", "tests/domain/prices/test_rating.py"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "style, types and schema are left out" in done.stdout
    assert "test_rating" not in done.stdout
    told = done.stdout.partition("proofs of R17")[2]
    assert "K5_TEST_SEED=17\n    100000 sums: parse, then print is the identity" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--only"], "--only wants ids, as R9 or R9,S3"),
        (["--only", " "], "--only wants ids, as R9 or R9,S3"),
        (["--only", ","], "--only wants ids, as R9 or R9,S3"),
        (["--only", "R9,R99"], "no test proves R99; known are A1 A2 "),
        (["--fast", "--only", "R9"], "Usage: "),
    ],
)
def test_a_wrong_id_is_told_before_anything_runs(words: list[str], told: str) -> None:
    done = run_tests(*words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Running" not in done.stdout


def test_each_trial_stands_in_the_table_of_proofs_with_its_command_or_with_what_is_missing() -> None:
    table = ROW.findall((ROOT / "docs" / "proofs.md").read_text("utf-8"))
    known = {each for each in proofs.known() if each[0] in "RSW"}
    assert [row[0] for row in table] == [*TRIALS, *proofs.in_order(known.difference(TRIALS))]
    for name, _, came_out, _ in table:
        assert came_out.startswith("not built") == (name not in known), f"{name}: has it tests, or has it none?"
