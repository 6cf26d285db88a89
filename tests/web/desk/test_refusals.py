"""Refusals of the desk are said in Russian words that tell what to do."""

import re

import pytest
from flask import Flask

import k5web.errors.desk as refusals
from k5web.errors import K5Error
from k5web.web.desk.refusals import WORDS
from k5web.web.errors import words
from tests.web.test_errors import FACTS

OWN = [found for found in vars(refusals).values() if isinstance(found, type) and issubclass(found, K5Error)]


@pytest.mark.parametrize("refusal", [found for found in OWN if found is not K5Error])
def test_each_has_words(app: Flask, refusal: type[K5Error]) -> None:
    assert refusal.code in WORDS
    with app.test_request_context():
        said = words(refusal(**FACTS))
    assert re.search(r"[а-я]{4}", said)
    assert "%(" not in said


def test_the_tries_that_are_left_are_told_until_none_is(app: Flask) -> None:
    with app.test_request_context():
        assert "2" in words(refusals.StaffUnproved(attempts_left=2))
        assert "попыт" not in words(refusals.StaffUnproved(attempts_left=0))
