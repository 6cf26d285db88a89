"""Damaged statements end in a sentence: no trace, no freeze, no wrong credit. Promises: B13."""

import random
from collections import Counter
from pathlib import Path

import pytest

from k5web.domain.bank.statement import MOST_DOCUMENTS
from k5web.domain.bank.totals import Audit
from k5web.domain.money import rub
from k5web.errors import K5Error, WrongFile, WrongStatement
from k5web.services.bank import statement_files
from k5web.services.bank.statement_files import LONGEST_LINE, read_statement
from k5web.services.bank.statement_import import import_statement
from tests.bank_files import OURS, Came, exchange, table
from tests.services.house import House

OWN = frozenset({OURS})
SIGNS = ["", "\n", "\r", "=", ";", '"', "0", "9", " ", "\x00", "\x1b", "Ж", "№", "\ufeff", "+", "E", "КонецФайла\n"]
SOME = [
    Came("17", rub("100.00"), "Лицевой счет 100001. Без НДС"),
    Came("18", rub("250.00"), "л/с 100001"),
    Came("19", rub("7.00"), "Комиссия").outgoing(),
]


def files() -> list[bytes]:
    wide = exchange(SOME).decode("cp1251").encode("utf-16")
    return [exchange(SOME), exchange(SOME, "cp866"), exchange(SOME, "utf-8"), table(SOME, total="350,00"), wide]


def mutated(chance: random.Random, content: bytes) -> bytes:
    """Return the file with one thing changed: a sign, a line, a word, its end, or some of its bytes."""
    kind = chance.randrange(6)
    at = chance.randrange(len(content))
    if kind == 0:
        return content[:at] + chance.choice(SIGNS).encode("cp1251", "replace") + content[at + chance.randrange(3) :]
    if kind == 1:
        return content[:at]
    if kind == 2:
        return content[:at] + bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9))) + content[at + 4 :]
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    if kind == 3:
        del lines[at]
    elif kind == 4:
        lines.insert(chance.randrange(len(lines)), lines[at])
    else:
        name, _, value = lines[at].partition(b"=")
        lines[at] = name + b"=" + bytes(chance.sample(value, len(value)))
    return b"".join(lines)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "statement"
    path.write_bytes(content)
    return path


def test_a_thousand_mutations_are_read_or_refused_in_words(tmp_path: Path) -> None:
    chance = random.Random(17)
    kinds = files()
    refused = 0
    for n in range(1000):
        path = write(tmp_path, mutated(chance, kinds[n % len(kinds)]))
        audit = Audit(OWN, Counter())
        try:
            for record in read_statement(path, OWN, OURS, audit.notes):
                audit.add(record)
        except K5Error:
            refused += 1
            continue
        assert audit.doubts or audit.came_to == rub("350.00")
    assert 0 < refused < 1000


def test_a_mutated_statement_credits_nothing_twice(k5: House, tmp_path: Path) -> None:
    """Whatever one thing is changed, the payments are known, doubtful, or the file is refused."""
    chance = random.Random(18)
    kinds = files()
    assert import_statement(k5.ports, write(tmp_path, kinds[0]), [OURS]).credited.count == 2
    for n in range(120):
        try:
            done = import_statement(k5.ports, write(tmp_path, mutated(chance, kinds[n % len(kinds)])), [OURS])
        except K5Error:
            continue
        assert done.credited.count == done.suspended.count == 0
    assert k5.balance() == rub("350.00")
    k5.assert_sound()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\x00" * 100, "the file is empty"),
        (exchange(SOME).replace(b"17", b"1" * LONGEST_LINE, 1), "is longer than 65536 bytes"),
        (exchange(SOME) + b"x" * LONGEST_LINE * 9, "is longer than 65536 bytes"),
        (b"PK\x03\x04" + bytes(range(256)) * 40, "no heading"),
    ],
)
def test_bounds_and_no_text_are_named(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises((WrongFile, WrongStatement), match=said):
        list(read_statement(write(tmp_path, content), OWN, OURS, Counter()))


def test_a_file_of_too_many_documents_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_files, "MOST_DOCUMENTS", 2)
    assert MOST_DOCUMENTS == 1_000_000
    with pytest.raises(WrongStatement, match="more than 2 documents"):
        list(read_statement(write(tmp_path, exchange(SOME)), OWN, OURS, Counter()))


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_files, "LARGEST_FILE", 1024 * 1024)
    path = write(tmp_path, b" " * (1024 * 1024 + 1))
    with pytest.raises(WrongFile, match="larger than 1 MB"):
        list(read_statement(path, OWN, OURS, Counter()))


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="no such file"):
        list(read_statement(tmp_path / "nowhere", OWN, OURS, Counter()))
