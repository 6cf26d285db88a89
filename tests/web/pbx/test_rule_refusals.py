"""Every refusal about a rule, and everything that may be wrong with one, has words of its own."""

from typing import get_args

from flask import Flask

from k5web.domain.pbx.rule_problems import Problem, What
from k5web.errors import GreetingUsed, K5Error, WrongGreeting, WrongHours, WrongNumber, WrongRule
from k5web.web import errors
from k5web.web.pbx.rule_refusals import GREETINGS, field_of, said


def test_each_problem_has_words_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        whole = said([Problem(what, "s2", "74951110002") for what in get_args(What)])
        assert len(whole) == len(get_args(What))
        assert said([Problem("unknown_person", "s2", "299")]) == ["Сотрудника с номером 299 нет."]
        assert len(said([Problem("no_hours", "s2"), Problem("no_hours", "s3")])) == 1


def test_each_refusal_says_what_to_do(app: Flask) -> None:
    with app.test_request_context():
        refused = errors.words(WrongRule(problems=[Problem("no_hours", "s2"), Problem("no_people", "s3")]))
        assert refused == "Не указаны часы работы. Не выбрано, кому звонить. Правило осталось прежним."
        assert "9:00" in errors.words(WrongHours(text="x"))
        assert "495" in errors.words(GreetingUsed(number="74951110002"))
        told = {errors.words(WrongGreeting(reason=reason)) for reason in GREETINGS}
        assert len(told) == len(GREETINGS)
        assert errors.words(WrongGreeting(reason="else")) in told


def test_each_refusal_of_a_step_names_its_field() -> None:
    refused: dict[str, list[K5Error]] = {
        "number": [WrongNumber(text="x"), WrongRule(problems=[Problem("own_number", "s2", "74951110002")])],
        "hours": [WrongHours(text="x"), WrongRule(problems=[Problem("no_hours", "s2")])],
        "people": [WrongRule(problems=[Problem("no_people", "s2"), Problem("no_hours", "s3")])],
        "step": [WrongRule(problems=[]), WrongRule(problems=[Problem("loop", "s2")])],
    }
    for field, each_of in refused.items():
        assert {field_of(each) for each in each_of} == {field}
