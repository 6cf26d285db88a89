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
    assert table[1] == incident_words.handbook(), "write the rows of incident_words.handbook() into docs/operators.md"


@pytest.mark.parametrize("kind", IncidentKind)
def test_the_desk_says_what_happened_and_what_to_do_in_russian(app: Flask, kind: IncidentKind) -> None:
    with app.test_request_context():
        said = incident_words.said(kind)
    assert re.search(r"[а-я]{3}", said.happened)
    assert re.search(r"[а-я]{3}", said.to_do)


def test_a_kind_of_an_older_k5_is_shown_too(app: Flask) -> None:
    with app.test_request_context():
        assert incident_words.said("balloon").happened
