"""Every kind of incident has its words, once: the desk and the handbook say the same."""

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from k5web.domain.incident import IncidentKind
from k5web.web.desk import incident_words

HANDBOOK = Path(__file__).parents[3] / "docs" / "operators.md"


def test_every_kind_has_its_words_once() -> None:
    counts = Counter(kind for row in incident_words.ROWS for kind in row.kinds)
    assert counts == dict.fromkeys(IncidentKind, 1)


def test_the_handbook_has_the_same_table() -> None:
    table = re.search(
        r"\| kind \| what happened \| what to do \|\n\| --- \| --- \| --- \|\n(.*?)\n\n",
        HANDBOOK.read_text("utf-8"),
        re.DOTALL,
    )
    assert table
    assert table[1] == "\n".join(map(row_of, incident_words.ROWS))


def row_of(row: incident_words.Row) -> str:
    """Return a row of the handbook's table."""
    kinds = ", ".join(f"`{kind}`" for kind in row.kinds)
    return f"| {kinds} | {row.english.happened} | {row.english.to_do} |"


@pytest.mark.parametrize("kind", IncidentKind)
def test_the_desk_says_what_happened_and_what_to_do_in_russian(app: Flask, kind: IncidentKind) -> None:
    with app.test_request_context():
        said = incident_words.said(kind)
    assert re.search(r"[а-я]{3}", said.happened)
    assert re.search(r"[а-я]{3}", said.to_do)


def test_a_kind_of_an_older_k5_is_shown_too(app: Flask) -> None:
    with app.test_request_context():
        assert incident_words.said("balloon").happened
