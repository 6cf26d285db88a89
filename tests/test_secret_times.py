"""How long an answer takes tells neither what of a secret was right (S3) nor who is a subscriber (S11).

Times are samples, compared by `bench/samples.py`; how busy the machine is falls on both sides alike.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import Measure, signatures
from tests.processes import ROOT, bare_environ
from tests.proofs import figure

TRIES = 5  # a distance is beyond its bound by chance once in a hundred times, oftener on a busy machine
WORDS = r"passwords?|secrets?|signature|checksum|hmac|authorization|(validator|presented|password|code)_hash"
SECRET = re.compile(rf"(?<![A-Za-z])({WORDS})(?![A-Za-z])")
PLAIN = {  # what compares by these names and answers no stranger
    "bool(carrier.user) != bool(carrier.password)": "whether both are set",
    "bool(parts.username) != bool(parts.password)": "whether both are set",
    "(kind == 'none') == bool(secrets)": "whether any is set",
    "_deciphered(ports, kept[1]) == code_secret": "the demo's own, kept or made anew",
    "SubscriberRow.password_hash == old_hash": "a condition of a statement: both are our own",
    "members.get('Password') != wallet.merchant['password']": "the simulated wallet, which keeps nobody's secret",
}


@pytest.mark.parametrize(
    "size", [500, pytest.param(signatures.FULL, marks=[pytest.mark.full, pytest.mark.timeout(1800)])]
)
def test_a_refusal_takes_as_long_wherever_a_secret_is_wrong(size: int) -> None:
    """S3. A check that stops at a wrong letter is found by the same measurement."""
    *ours, bad = signatures.run(size)
    assert bad.ratio > 1
    for _ in range(TRIES - 1):
        if all(each.ratio > 1 for each in ours):
            break
        *ours, _ = signatures.run(size)
    assert [each.name for each in ours if each.ratio <= 1] == []
    for each in (*ours, bad):
        figure(f"S3, 2 x {size} refusals: {_words(each)}")


def test_nothing_compares_a_secret_letter_by_letter() -> None:
    """S3: where a secret's name is compared, `hmac.compare_digest` does it, or it is listed with a reason."""
    files = [*(ROOT / "k5web").rglob("*.py"), *(ROOT / "connectors").rglob("*.py"), ROOT / "app.py"]
    assert {each for path in files for each in compared(path.read_text("utf-8"))} == PLAIN.keys()
    assert list(compared("if given_password == kept.password: pass")) == ["given_password == kept.password"]
    assert list(compared("if signature(text) in {given}: pass")) == ["signature(text) in {given}"]
    assert list(compared("if hmac.compare_digest(given, secret): pass")) == []


@pytest.mark.full
@pytest.mark.timeout(3 * 3600)
def test_the_time_of_an_answer_does_not_tell_who_is_a_subscriber() -> None:
    """S11: 2 x 2000 answers by each way, known and unknown numbers in turns, with passwords hashed as K5 does it."""
    wrong: list[str] = []
    for _ in range(TRIES):
        found = _bench("enumeration")
        for each in found:
            figure(f"S11, 2 x 2000 answers: {_words(each)}")
        again = [each.name for each in found if each.ratio <= 1]
        wrong = [name for name in again if name in wrong] if wrong else again
        if not wrong:
            return
    assert wrong == []


def compared(text: str) -> Iterator[str]:
    """Yield what a module's text compares by operators where a secret's name stands on a side."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        is_plain = any(isinstance(side, ast.Constant) for side in sides)
        is_equality = any(isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in node.ops)
        if is_equality and not is_plain and SECRET.search(ast.unparse(node)):
            yield ast.unparse(node)


def _bench(name: str) -> list[Measure]:
    command = [sys.executable, "-m", "k5web", "bench", name, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=bare_environ(), capture_output=True, text=True, timeout=3 * 3600)
    assert done.returncode == 0, done.stderr
    known = Measure.__dataclass_fields__
    return [Measure(**{k: v for k, v in one.items() if k in known}) for one in json.loads(done.stdout)["measures"]]


def _words(measure: Measure) -> str:
    return f"{measure.name}: {measure.ours:.4f} against {measure.theirs:.4f}, {measure.rival}"
