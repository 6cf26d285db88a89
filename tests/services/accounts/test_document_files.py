"""Files of documents: those K5 comes with are fine, and what is wrong with one is said."""

from pathlib import Path

import pytest

from k5web import contracts
from k5web.domain.accounts.contract import DOCUMENT_KINDS
from k5web.domain.money import Money, rub
from k5web.errors import WrongFile
from k5web.services.accounts import document_files

FINE = """
kind = "offer"
number = 2
worsens = true
title = "Оферта"
[minimum]
RUB = "10.00"
[[section]]
title = "Предмет"
points = ["Первое.", "Второе."]
"""


def read(tmp_path: Path, text: str) -> str:
    """Return what is wrong with a file, nothing where nothing is."""
    (tmp_path / "offer.toml").write_text(text, "utf-8")
    try:
        document_files.read(tmp_path / "offer.toml")
    except WrongFile as wrong:
        return str(wrong)
    return ""


@pytest.mark.parametrize("kind", DOCUMENT_KINDS)
def test_the_documents_that_k5_comes_with_are_fine(kind: str) -> None:
    found = document_files.read(contracts.HERE / f"{kind}.toml")
    assert (found.kind, found.number, found.is_worse) == (kind, 1, False)
    assert len(found.sections) >= 6
    if kind == "offer":
        assert found.minimum == (Money(1000, "KGS"), rub("10.00"))


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    assert read(tmp_path, FINE) == ""
    found = document_files.read(tmp_path / "offer.toml")
    assert (found.kind, found.number, found.is_worse, found.title) == ("offer", 2, True, "Оферта")
    assert [(section.title, section.points) for section in found.sections] == [("Предмет", ("Первое.", "Второе."))]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('kind = "offer"', 'kind = "prices"', "kind must be offer or terms"),
        ("number = 2", "number = true", "number must be"),
        ("number = 2", 'number = "2"', "number must be"),
        ("worsens = true", "", "worsens must be"),
        ('title = "Оферта"', 'title = " "', "title must be set"),
        ("[minimum]", "[least]", "'least' means nothing"),
        ("number = 2", "number = " + "9" * 5000, "digits"),
        ("number = 2", "number = " + "[" * 5000, "too deep"),
        ("number = 2", "number = 2 #" + "x" * 1024 * 1024, "larger than 1 MB"),
        ('"Оферта"', '"Офе\\u0000рта"', "control character U+0000"),
        ('"Предмет"', '"Пред\\u202eмет"', "control character U+202E"),
        ('"Второе."', '"Вто\\u0007рое."', "control character U+0007"),
        ('RUB = "10.00"', 'EUR = "10.00"', r"[minimum] holds a sum"),
        ('RUB = "10.00"', "RUB = 10.00", r"[minimum]"),
        ('RUB = "10.00"', 'RUB = "ten"', r"[minimum]"),
        ('points = ["Первое.", "Второе."]', "points = []", "points, which are texts"),
        ('points = ["Первое.", "Второе."]', "points = [1]", "points, which are texts"),
        ("[[section]]", "[section]", "there must be a [[section]]"),
        ('title = "Предмет"', "title = 1", "title, which is a text"),
        ("[[section]]", "[[section", "offer.toml"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert said in read(tmp_path, FINE.replace(right, wrong))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match=r"none\.toml: No such file"):
        document_files.read(tmp_path / "none.toml")
