"""Everything that is wrong with a rule is named at once."""

from k5web.domain.pbx.rule import MOST_MEMBERS, Forward, Hours, Menu, Ring, Rule, Say, Step, Voicemail, Wait
from k5web.domain.pbx.rule_problems import Known, Problem, problems
from k5web.domain.pbx.rule_templates import TEMPLATES
from tests.domain.pbx.rules import DIGEST, KNOWN, one_of_each


def test_nothing_is_wrong_with_a_good_rule_nor_with_any_template() -> None:
    assert problems(one_of_each(), KNOWN) == []
    for make in TEMPLATES.values():
        for phone in ("79161234567", None):
            assert problems(make(["201", "202"], phone), KNOWN) == []
            assert problems(make([], phone), Known()) == []


def test_all_problems_are_named_in_one_look() -> None:
    rule = Rule(
        {
            "start": Ring(("201", "299"), no_answer="s2", busy="s9", unreachable="s3"),
            "s2": Hours((), "s4", "s5"),
            "s3": Say("f" * 32, "s6"),
            "s4": Ring((), no_answer="vm"),
            "s5": Forward("74951110002"),
            "s6": Wait(tuple(str(number) for number in range(201, 202 + MOST_MEMBERS))),
            "s7": Voicemail(),
            "vm": Voicemail(),
        }
    )
    known = Known({str(number) for number in range(201, 230)}, rented={"74951110002"})
    assert problems(rule, known) == [
        Problem("dead_end", "start", "busy"),
        Problem("unknown_person", "start", "299"),
        Problem("no_hours", "s2"),
        Problem("unknown_prompt", "s3", "f" * 32),
        Problem("no_people", "s4"),
        Problem("own_number", "s5", "74951110002"),
        Problem("too_many_people", "s6"),
        Problem("lonely", "s7"),
    ]


def test_a_rule_without_a_beginning_is_none() -> None:
    assert problems(Rule({}), KNOWN) == [Problem("no_start")]


def test_a_loop_is_a_problem_but_not_one_that_the_caller_presses() -> None:
    looped = Rule({"start": Say("greeting", "s2"), "s2": Ring(("201",), no_answer="start")})
    assert [one.what for one in problems(looped, KNOWN)] == ["loop"]
    pressed = Rule({"start": Menu("greeting", {"9": "start"}, nothing="vm"), "vm": Voicemail()})
    assert problems(pressed, KNOWN) == []
    itself = Rule({"start": Menu("greeting", {"1": ""}, nothing="start")})
    assert [one.what for one in problems(itself, KNOWN)] == ["loop"]


def test_a_menu_without_keys_needs_people_whose_extensions_are_dialled() -> None:
    rule = Rule({"start": Menu(DIGEST, {})})
    assert problems(rule, KNOWN) == []
    assert problems(rule, Known(prompts={DIGEST})) == [Problem("no_keys", "start")]


def chain(length: int) -> Rule:
    names = ["start", *(f"s{at}" for at in range(2, length + 1))]
    steps: dict[str, Step] = {name: Say("greeting", after) for name, after in zip(names, [*names[1:], ""], strict=True)}
    return Rule(steps)


def test_a_call_takes_forty_steps_and_a_rule_has_fifty() -> None:
    assert problems(chain(40), KNOWN) == []
    assert [one.what for one in problems(chain(41), KNOWN)] == ["too_long"]
    assert [one.what for one in problems(chain(51), KNOWN)] == ["too_many_steps", "too_long"]


def test_people_in_turn_are_a_step_each() -> None:
    people = tuple(str(number) for number in range(201, 216))
    known = Known(people)
    rule = Rule(
        {
            "start": Ring(people, is_together=False, no_answer="s2"),
            "s2": Ring(people, is_together=False, no_answer="s3"),
            "s3": Ring(people, is_together=False, no_answer="s4"),
            "s4": Ring(people, is_together=False),
        }
    )
    assert [one.what for one in problems(rule, known)] == ["too_many_steps", "too_long"]
