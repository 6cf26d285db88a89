"""Texts have the forms that their language has."""

from datetime import UTC, datetime

import pytest
from flask import Flask

import k5web.errors as refusals
from k5web.domain.languages import NAMES
from k5web.web import language, texts
from k5web.web.errors import words
from k5web.web.messaging.speech import speaking
from k5web.web.texts import listed


def test_russian_has_three_plurals(app: Flask) -> None:
    waits = {1: "1 секунду", 2: "2 секунды", 5: "5 секунд", 21: "21 секунду", 60: "1 минуту", 61: "2 минуты"}
    until = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    with app.test_request_context():
        for wait_s, said in (waits | {900: "15 минут"}).items():
            assert words(refusals.LoginPaused(wait_s=wait_s)).endswith(f"Подождите {said}.")
        for times, said in {1: "1 раз.", 2: "2 раза.", 5: "5 раз.", 22: "22 раза."}.items():
            assert f"уже {said}" in words(refusals.TooManyUnanswered(number="79160000001", times=times, until=until))


def test_what_a_plan_names_is_said_in_the_readers_language_and_other_words_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(language, "OFFERED", tuple(NAMES))
    with speaking("en"):
        assert listed("Минуты в подарок") == "Free minutes"
        assert listed("100 % вашей мечты") == "100 % вашей мечты"
        assert listed("") == ""
    with speaking("ru"):
        assert listed("Минуты в подарок") == "Минуты в подарок"


def test_a_template_escapes_facts_and_another_language_is_spoken_at_once(app: Flask) -> None:
    """The catalogue of a request is kept; who speaks another language in it is not answered from the first."""
    page = app.jinja_env.from_string('{{ _("Позвонить %(number)s", number=given) }}')
    with app.test_request_context():
        assert page.render(given="<b>") == "Позвонить &lt;b&gt;"
        with language.speaking("en"):
            assert page.render(given="7") == "Call 7"
            with language.speaking("ky"):
                assert page.render(given="7") == "Чалуу: 7"
            assert page.render(given="7") == "Call 7"
        assert page.render(given="7") == "Позвонить 7"


def test_a_text_may_name_any_fact(app: Flask) -> None:
    """Also one that is called as a function's own parameter is."""
    page = app.jinja_env.from_string(
        """{{ _("%(text)s: %(one)s", text="a", one="b") }}{{ ngettext("%(one)s", "", 1, one="c") }}"""
    )
    with app.test_request_context():
        assert page.render() == "a: bc"
        assert texts._("%(text)s", text="d") == "d"
        assert texts.ngettext("%(many)s", "", 1, many="e") == "e"


def test_words_said_where_nobody_is_answered_are_russian() -> None:
    assert listed("Минуты в подарок") == "Минуты в подарок"
