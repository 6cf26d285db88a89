"""Labels of particulars, and what is said of a wrong one."""

from typing import get_args

import pytest
from flask import Flask

from k5web.domain.accounts.profile import DOCUMENTS, FIELDS, Kind, Profile, Rule
from k5web.web.accounts import profile_words


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_field_has_a_label_and_words_for_every_rule(app: Flask, kind: Kind) -> None:
    with app.test_request_context():
        labels = {one.label for one in profile_words.fields(kind)}
        assert len(labels) == len(FIELDS[kind])
        required = [field.name for field in FIELDS[kind] if field.is_required]
        missing = [profile_words.wrong(name, "missing") for name in [*required, "document_number", "ogrn"]]
        assert len(set(missing)) == len(missing)
        said = [profile_words.wrong("surname", rule) for rule in get_args(Rule)]
        assert len(set(said)) == len(said)
        assert all(words.endswith(".") for words in [*said, *missing])


def test_every_kind_of_document_has_a_name(app: Flask) -> None:
    with app.test_request_context():
        assert profile_words.documents().keys() == {"", *DOCUMENTS}


def test_a_page_shows_a_label_without_its_hint_and_a_number_without_its_beginning(app: Flask) -> None:
    profile = Profile("person", {"surname": "Сидорова", "document": "passport", "document_number": "AN1234567"})
    with app.test_request_context():
        assert list(profile_words.labels(profile)) == [
            ("Фамилия", "Сидорова"), ("Документ", "паспорт другой страны"), ("Серия и номер документа", "…67"),
        ]  # fmt: skip


def test_every_obstacle_to_an_erasure_says_what_to_do(app: Flask) -> None:
    with app.test_request_context():
        said = {
            profile_words.obstacle(name)
            for name in ("contract", "ending", "refund", "money", "calls", "payments", "numbers", "services")
        }
    assert len(said) == 8
    assert all(words.endswith(".") for words in said)
