"""A rule changed by a step: what callers meet afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.pbx.rule import START, Forward, Hours, Menu, Ring, Rule, Say, Voicemail
from k5web.domain.pbx.rule_edits import add, change, free_name, get, move, prune, remove, say_instead, way_names
from k5web.domain.pbx.rule_problems import Known, problems
from k5web.domain.pbx.rule_templates import default_rule
from k5web.errors import NotFound
from tests.domain.pbx.rules import any_rule, one_of_each, tame

SAY = Say("greeting")
LINE = Rule(
    {"start": Say("greeting", "s2"), "s2": Say("not-now", "s3"), "s3": Say("wait-operator", "vm"), "vm": Voicemail()}
)


def said(rule: Rule) -> list[str]:
    """Return what a straight rule says, one after another."""
    return [getattr(rule.steps[name], "prompt", "vm") for name in rule.order()]


def test_one_prompt_is_said_in_the_place_of_another_everywhere() -> None:
    said = say_instead(
        Rule({"start": Menu("greeting", {"1": "s2"}), "s2": SAY, "s3": Say("not-now")}), "greeting", "new"
    )
    assert said == Rule({"start": Menu("new", {"1": "s2"}), "s2": Say("new"), "s3": Say("not-now")})
    assert say_instead(said, "greeting", "other") == said


def test_a_step_is_put_before_all_others() -> None:
    added = add(LINE, "", "", Say("wait-operator", START))
    assert said(added) == ["wait-operator", *said(LINE)]


def test_a_step_is_put_behind_a_way() -> None:
    rule = default_rule("79160000200")
    added = add(rule, "start", "busy", Say("not-now", "vm"))
    assert added.steps["s2"] == Say("not-now", "vm")
    assert added.steps["start"] == Ring(("0",), no_answer="out", busy="s2", unreachable="out")


def test_a_step_is_put_behind_a_key() -> None:
    rule = Rule({"start": Menu("greeting", {"1": "vm"}, nothing="vm"), "vm": Voicemail()})
    assert add(rule, "start", "1", Say("not-now", "vm")).steps["start"] == Menu("greeting", {"1": "s2"}, nothing="vm")
    with pytest.raises(NotFound):
        add(rule, "start", "2", SAY)
    with pytest.raises(NotFound):
        add(rule, "s9", "then", SAY)


def test_what_nobody_comes_to_any_more_goes() -> None:
    assert [*change(LINE, "s2", Say("not-now")).steps] == ["start", "s2"]
    with pytest.raises(NotFound):
        change(LINE, "s9", SAY)


@pytest.mark.parametrize("name", ["start", "s2", "s3", "vm"])
def test_a_step_is_taken_out_and_the_others_stay(name: str) -> None:
    rest = [text for at, text in zip(LINE.order(), said(LINE), strict=True) if at != name]
    assert said(remove(LINE, name)) == rest


def test_the_last_step_taken_out_leaves_no_rule() -> None:
    assert problems(remove(Rule({"start": SAY}), "start"), Known())[0].what == "no_start"


@pytest.mark.parametrize(
    ("name", "before", "order"),
    [
        ("s3", "start", ["wait-operator", "greeting", "not-now", "vm"]),
        ("s3", "s2", ["greeting", "wait-operator", "not-now", "vm"]),
        ("start", "s3", ["not-now", "greeting", "wait-operator", "vm"]),
        ("start", "s2", ["greeting", "not-now", "wait-operator", "vm"]),
        ("start", "vm", ["not-now", "wait-operator", "greeting", "vm"]),
        ("s2", "s2", ["greeting", "not-now", "wait-operator", "vm"]),
    ],
)
def test_a_step_is_put_elsewhere(name: str, before: str, order: list[str]) -> None:
    assert said(move(LINE, name, before)) == order


def test_a_step_that_ends_calls_stays_last() -> None:
    with pytest.raises(NotFound):
        move(LINE, "vm", "start")
    with pytest.raises(NotFound):
        move(LINE, "start", "s9")


def test_a_first_step_whose_main_way_ends_is_put_elsewhere_too() -> None:
    rule = Rule({"start": Ring(("201",), busy="vm"), "vm": Voicemail()})
    assert move(rule, "start", "vm").steps["start"] == Ring(("201",), no_answer="vm", busy="vm")


def test_every_step_and_key_has_its_ways() -> None:
    assert way_names(Menu("greeting", {"2": ""})) == ("nothing", "2")
    assert way_names(get(default_rule("79160000200"), "out")) == ("no_answer", "busy", "refused")
    assert free_name(LINE) == "s4"


@given(rule=any_rule(), data=st.data())
def test_an_edit_leaves_no_dead_end_and_nobody_lonely(rule: Rule, data: st.DataObject) -> None:
    whole = prune(tame(rule))
    name, other = data.draw(st.sampled_from([*whole.steps])), data.draw(st.sampled_from([*whole.steps]))
    edits = [remove(whole, name), add(whole, "", "", Say("greeting", START)), change(whole, name, SAY)]
    if whole.steps[name].WAYS:
        edits += [move(whole, name, other), add(whole, name, whole.steps[name].WAYS[0], SAY)]
    for edited in edits:
        wrong = {one.what for one in problems(edited, Known())}
        assert not wrong & {"dead_end", "lonely"}
        assert "no_start" not in wrong or not edited.steps


def test_all_kinds_of_steps_are_edited() -> None:
    rule = one_of_each()
    assert isinstance(remove(rule, "start").steps[START], Menu)
    assert isinstance(add(rule, "start", "closed", Forward("79161234567")).steps["s9"], Forward)
    assert isinstance(move(rule, "s2", "start").steps["start"], Menu)
    assert isinstance(move(rule, "s2", "start").steps["s9"], Hours)
