"""What a new plan file names must be there: other plans, the fee that gives an allowance."""

import pytest

from k5web.errors import WrongPlan
from k5web.services.in_force.plan_folder import parse
from tests.fakes.doors import SHIPPED
from tests.plan_samples import CODES, SMALL_PLAN, faults_of, read_small

OTHERS = ("start", "profi", "vip")


def told(old: str = "", new: str = "", text: str = SMALL_PLAN) -> list[str]:
    """Return the mistakes of the small plan with a text in place of another, where there are some other plans."""
    assert old in text
    return faults_of(text.replace(old, new, 1), OTHERS)


def test_the_sample_is_fine_among_other_plans() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('needs_plan = ["prof"]', "line 6: there is no plan 'prof': did you mean 'profi'?"),
        ('needs_plan = ["vip", "gold"]', "line 6: there is no plan 'gold'; there are: profi, start, vip"),
        ('needs_plan = ["small"]', "line 6: needs_plan: 'small' is this plan itself"),
    ],
)
def test_a_plan_that_it_runs_beside_must_be_there(line: str, words: str) -> None:
    assert told('groups = "two"', f'groups = "two"\n{line}') == [words]


@pytest.mark.parametrize(
    ("becomes", "words"),
    [
        ("star", "line 9: there is no plan 'star': did you mean 'start'?"),
        ("small", "line 9: becomes: 'small' is this plan itself"),
    ],
)
def test_the_plan_that_an_unused_one_becomes_must_be_there(becomes: str, words: str) -> None:
    assert told("[calling]", f'[idle]\ndays = 90\nbecomes = "{becomes}"\n\n[calling]') == [words]


def test_plans_that_are_there_are_fine() -> None:
    assert told('groups = "two"', 'groups = "two"\nneeds_plan = ["vip", "profi"]') == []
    assert told("[calling]", '[idle]\ndays = 90\nbecomes = "start"\n\n[calling]') == []


def test_an_allowance_comes_as_often_as_the_fee_that_gives_it() -> None:
    """The fee of each period gives it: «50 minutes a day» with a monthly fee would come once a month."""
    words = 'every: option bonus is paid by the day and gives it then: write "day"'
    assert told('amount = "50 min"\nevery = "day"', 'amount = "50 min"\nevery = "month"') == [f"line 20: {words}"]


def test_an_allowance_of_a_plan_without_a_fee_is_never_given() -> None:
    words = "line 16: is never given: the plan has no fee that recurs; one of 0.00 gives it"
    assert told('\noption = "bonus"\n\n[[rate]]', "\n\n[[rate]]") == [words]
    free = SMALL_PLAN.replace('\noption = "bonus"\n\n[[rate]]', "\n\n[[rate]]", 1)
    assert told("[[option]]", '[[fee]]\namount = "0.00 RUB"\nevery = "day"\n\n[[option]]', free) == []


def test_a_second_fee_would_never_be_taken() -> None:
    fee = '[[fee]]\namount = "1.00 RUB"\nevery = "{}"\n\n'
    two = fee.format("month") + fee.format("day") + "[[option]]"
    assert told("[[option]]", two) == [
        "line 14: a plan has one fee that recurs: add this one to it, or make it an option's (starts_with_plan = true)"
    ]


def test_what_is_published_already_is_read_without_the_other_plans() -> None:
    named = SMALL_PLAN.replace('groups = "two"', 'groups = "two"\nneeds_plan = ["gone"]')
    assert read_small(named).needs_plan == {"gone"}


@pytest.mark.parametrize("code", CODES)
def test_every_plan_of_k5_is_fine_among_the_others(code: str) -> None:
    assert parse(SHIPPED.text(code), set(CODES) - {code}).code == code


def test_without_the_plan_that_it_becomes_a_plan_of_k5_is_wrong() -> None:
    with pytest.raises(WrongPlan, match="there is no plan 'start'"):
        parse(SHIPPED.text("economny"), {"k5", "go"})
