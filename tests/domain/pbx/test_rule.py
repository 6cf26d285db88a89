"""A rule as a value: its order, its ways."""

from k5web.domain.pbx.rule import Forward, Menu, Ring, Rule, Say, Voicemail, led, main_way, ways
from tests.domain.pbx.rules import DIGEST, one_of_each


def test_steps_come_in_the_order_in_which_a_tree_is_read() -> None:
    assert one_of_each().order() == ["start", "s2", "s4", "s5", "vm", "s7", "s8", "s6", "s3"]


def test_what_leads_nowhere_is_left_out_of_the_order() -> None:
    assert Rule({"start": Say("greeting", "s9"), "s3": Voicemail()}).order() == ["start"]


def test_a_rule_says_where_it_forwards_and_which_prompts_are_its_own() -> None:
    assert one_of_each().forwards() == ("79161234567",)
    assert one_of_each().prompts() == {DIGEST}


def test_keys_are_ways_too() -> None:
    menu = Menu("greeting", {"2": "s3", "1": "s2"}, nothing="vm")
    assert [*ways(menu)] == [("1", "s2"), ("2", "s3"), ("nothing", "vm")]
    assert led(led(menu, "1", "s9"), "nothing", "") == Menu("greeting", {"1": "s9", "2": "s3"})
    assert main_way(menu) == "vm"
    assert main_way(Voicemail()) == ""
    assert led(Forward("79161234567"), "refused", "vm").refused == "vm"  # type: ignore[union-attr]


def test_a_rule_cannot_be_changed_behind_its_back() -> None:
    steps = {"start": Ring(("0",))}
    rule = Rule(steps)
    steps["start"] = Ring(("201",))
    assert rule.steps["start"] == Ring(("0",))
