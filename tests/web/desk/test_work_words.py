"""Everything that may wait has its words, and leads where it is done."""

import re
from datetime import date

import pytest
from flask import Flask

from k5web.domain.desk.work import WorkItem, WorkKind
from k5web.domain.money import rub
from k5web.web.desk import work_words

FACTS = {
    "kind": "call_lost", "n": 1, "amount": rub("2.20"), "why": "debt", "what": "plan go", "by": "staff:anna",
    "month": date(2026, 11, 1), "state": "failed",
}  # fmt: skip


@pytest.mark.parametrize("kind", WorkKind)
def test_what_is_to_be_done_names_no_command(app: Flask, kind: WorkKind) -> None:
    """Whoever works at the desk has no shell of the operator's machine."""
    with app.test_request_context():
        told = work_words.to_do(WorkItem(kind, 100001, "1", date(2026, 12, 1), None, FACTS))
    assert kind is WorkKind.INCIDENT or not re.search(r"\bk5\b", told)


@pytest.mark.parametrize("kind", WorkKind)
def test_each_kind_is_named_and_says_what_happened_and_what_to_do(app: Flask, kind: WorkKind) -> None:
    item = WorkItem(kind, 100001, "1", date(2026, 12, 1), None, FACTS)
    with app.test_request_context():
        assert re.search(r"[А-Я][а-яё]{2}", work_words.title(kind))
        assert work_words.what(item)
        assert re.search(r"[а-я]{3}", work_words.to_do(item))


def test_a_page_that_is_not_there_is_not_led_to(app: Flask) -> None:
    with app.test_request_context():
        assert work_words.to("desk.nowhere") is None
        assert work_words.to("desk.work_list") == "/desk/work"
