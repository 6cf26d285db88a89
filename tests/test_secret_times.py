"""How long a refusal takes tells neither what of a secret was right (S3) nor who is a subscriber (S11).

Times are samples, compared by `bench/samples.py`; how busy the machine is falls on both sides alike.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import Measure, signatures
from tests.processes import ROOT, bare_environ
from tests.proofs import dice, figure

DISPLAYS = ast.Set | ast.List | ast.Tuple
SERVICES = {f"who is a subscriber, by {way}" for way in ("a wrong password", "a new password", "to join")}
TRIES = 5  # a distance is beyond its bound by chance once in a hundred times, oftener on a busy machine
WORDS = {
    *("password", "passwords", "secret", "secrets", "token", "pin", "otp", "hash", "authorization"),
    *("sign", "signature", "checksum", "digest", "seal", "hmac", "mac", "md5"),
}
PLAIN = {  # what compares by these names and answers no stranger
    "bool(carrier.user) != bool(carrier.password)": "whether both are set",
    "bool(parts.username) != bool(parts.password)": "whether both are set",
    "(kind == 'none') == bool(secrets)": "whether any is set",
    "_deciphered(ports, kept[1]) == code_secret": "the demo's own, kept or made anew",
    "SubscriberRow.password_hash == old_hash": "a condition of a statement: both are our own",
    "_hashes(key, message) == (kept.sender_hash, kept.text_hash)": "whether an SMS is a repeat: made by our own key",
    "record.judge(_hash(parts[1]), ports.clock()) in {TokenVerdict.DEAD, TokenVerdict.REUSED}": "compares verdicts",
    "_folded(first) != SIGNATURE.casefold()": "the first words of a bank's file",
    "_folded(text) == SIGNATURE.casefold()": "the first words of a bank's file",
    "key not in {*SECRET, 'reason'}": "the names of fields that are not shown",
    "self.sure != {deck_cells.thousands_sign(cell)}": "a sign between digits",
    **dict.fromkeys(
        (
            *("each.token == token", "ExportPartRow.token == token", "ExportRow.token == token"),
            "table.token == token",
        ),
        "the name of a file among those of its owner, who has logged in",
    ),
    **dict.fromkeys(
        (
            *("one.greeting.digest == digest", "GreetingRow.digest == digest", "seal(draft) != payload['seen']"),
            *("due.digest != text.digest", "last.digest == digest", "last.digest == deck.digest"),
            *("known.digest != document.digest", "self.document.digest == self.digest"),
            *("digest == self._accounts.loaded_queues()", "month.made.digest != made.digest()", "made.hex() != digest"),
            "(seal.previous, seal.digest) != (previous, made)",
            "chain.get(facts['day']) != facts['digest']",
            "(last.seq, last.balance.minor, digest) != (close.last_seq, close.balance, close.digest)",
        ),
        "whether two texts of ours are the same: no key is in it",
    ),
}
COMPARED = [
    "given_password == kept.password",
    "signature(text) in {given}",
    "written == md5(text + key).encode()",
    "written == encoded(sign(text, key))",
    "codes.generate_otp(step).encode() == sent",
    "pin.encode() == typed.encode()",
    "self.token == token",
    "given == self.digest",
    "sent['seal'] != made",
]


@pytest.mark.parametrize(
    "size", [500, pytest.param(signatures.FULL, marks=[pytest.mark.full, pytest.mark.timeout(1800)])]
)
def test_a_refusal_takes_as_long_wherever_a_secret_is_wrong(size: int) -> None:
    """S3. A check that stops at a wrong letter is found by the same measurement."""
    draw = dice()
    *ours, bad = signatures.run(size, draw)
    assert bad.ratio > 1
    for _ in range(TRIES - 1):
        if all(each.ratio > 1 for each in ours):
            break
        *ours, _ = signatures.run(size, draw)
    assert [each.name for each in ours if each.ratio <= 1] == []
    for each in (*ours, bad):
        figure(f"S3, 2 x {size} refusals: {_words(each)}")


def test_nothing_compares_a_secret_letter_by_letter() -> None:
    """S3: where one of `WORDS` names what is compared, `hmac.compare_digest` does it, or it is listed with a reason."""
    files = [*(ROOT / "k5web").rglob("*.py"), *(ROOT / "connectors").rglob("*.py"), ROOT / "app.py"]
    assert {each for path in files for each in compared(path.read_text("utf-8"))} == PLAIN.keys()
    assert list(compared("if hmac.compare_digest(given, secret): pass")) == []


@pytest.mark.parametrize("text", COMPARED)
def test_a_comparison_is_found_however_it_is_written(text: str) -> None:
    """S3."""
    assert list(compared(f"if {text}: pass")) == [text]


@pytest.mark.full
@pytest.mark.timeout(3 * 3600)
def test_the_time_of_an_answer_does_not_tell_who_is_a_subscriber() -> None:
    """S11: 2 x 2000 answers of each of three services, known and unknown numbers in turns.

    They are timed in process on SQLite, without the page, with passwords hashed as K5 does it.
    """
    wrong: list[str] = []
    for _ in range(TRIES):
        found = _bench("enumeration")
        assert {each.name for each in found} == SERVICES
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
        is_equality = any(map(_is_equality, node.ops, node.comparators))
        if is_equality and not any(map(_is_plain, sides)) and any(map(_is_secret, sides)):
            yield ast.unparse(node)


def _is_equality(operator: ast.cmpop, right: ast.expr) -> bool:
    """Whether it compares with one value, or with each of those written beside it."""
    is_among = isinstance(operator, ast.In | ast.NotIn) and isinstance(right, DISPLAYS)
    return is_among or isinstance(operator, ast.Eq | ast.NotEq)


def _is_plain(side: ast.expr) -> bool:
    """Whether it stands in the code for all to read."""
    values = side.elts if isinstance(side, DISPLAYS) else [side]
    return all(isinstance(value, ast.Constant) for value in values)


def _is_secret(side: ast.expr) -> bool:
    """Whether a name in it, or a key that is looked up, has a word of a secret: `code_hash`, `sent["seal"]`."""
    return any(WORDS & set(name.split("_")) for name in _names(side))


def _names(side: ast.expr) -> Iterator[str]:
    for node in ast.walk(side):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                yield name.lower()


def _bench(name: str) -> list[Measure]:
    command = [sys.executable, "-m", "k5web", "bench", name, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=bare_environ(), capture_output=True, text=True, timeout=3 * 3600)
    assert done.returncode == 0, done.stderr
    known = Measure.__dataclass_fields__
    return [Measure(**{k: v for k, v in one.items() if k in known}) for one in json.loads(done.stdout)["measures"]]


def _words(measure: Measure) -> str:
    return f"{measure.name}: {measure.ours:.4f} against {measure.theirs:.4f}, {measure.rival}"
