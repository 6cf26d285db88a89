"""Every kind of step, way and stage has words; nothing is left as a code."""

import re
from typing import get_args

import pytest
from flask import Flask

from k5web.domain.pbx.hours import Span
from k5web.domain.pbx.rule import KINDS, PROMPTS, Hang, Hours, Ring, Step
from k5web.domain.pbx.rule_templates import TEMPLATES
from k5web.domain.pbx.rule_walk import Met, Reached, Stage
from k5web.web.pbx import rule_words
from tests.domain.pbx.rules import DIGEST, one_of_each


def test_every_code_has_words(app: Flask) -> None:
    assert rule_words.KIND_WORDS.keys() == KINDS.keys()
    assert rule_words.TEMPLATE_WORDS.keys() == TEMPLATES.keys()
    assert rule_words.PROMPT_WORDS.keys() == {*PROMPTS}
    assert rule_words.REACHED_WORDS.keys() == {*Reached}
    assert rule_words.WAY_WORDS.keys() == {way for kind in get_args(Step) for way in kind.WAYS}


def test_every_step_is_a_sentence_and_its_ways_are_lines(app: Flask) -> None:
    with app.test_request_context():
        rule = one_of_each()
        numbers = rule_words.numbered(rule)
        for step in rule.steps.values():
            assert re.fullmatch(r"[А-Я].*\.", rule_words.step_words(step))
            assert all("→" in line for line in rule_words.ways_words(step, numbers))
        assert rule_words.ways_words(rule.steps["s2"], numbers)[0] == "кнопка 0 → конец звонка"
        assert rule_words.step_words(Ring((), is_together=False)) == "Звоним по очереди: никому, каждому 25 секунд."
        assert rule_words.step_words(Hang()) == "Кладём трубку."


def test_hours_are_said_by_runs_of_days(app: Flask) -> None:
    with app.test_request_context():
        spans = (Span((0, 1, 2, 3, 4), 540, 1080), Span((5,), 600, 1440))
        assert rule_words.hours_words(spans) == "пн–пт 09:00–18:00, сб 10:00–24:00"
        assert rule_words.step_words(Hours(spans)).startswith("Смотрим на часы: работаем пн–пт")


@pytest.mark.parametrize("met", [*Met])
def test_every_stage_of_a_call_is_a_sentence(app: Flask, met: Met) -> None:
    with app.test_request_context():
        said = rule_words.stage_words(Stage(met, "s2", "79161234567", Reached.BUSY))
        assert re.fullmatch(r"[А-Я].*\.", said)
        assert met.value not in said


def test_a_prompt_of_ones_own_and_the_id_have_names(app: Flask) -> None:
    with app.test_request_context():
        assert rule_words.prompt_name(DIGEST, {DIGEST: "Наше"}) == "Наше"
        assert rule_words.prompt_name(DIGEST) == "приветствие, которого больше нет"
        assert rule_words.number_name("id") == "Звонки по вашему ID"
