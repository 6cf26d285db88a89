"""What the switch gets of a rule."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.pbx.rule import Menu, Ring, Rule, Voicemail
from k5web.domain.pbx.rule_table import SAFE, Switchboard, compile_rule, refusing_rule, shared_number
from k5web.domain.pbx.rule_templates import default_rule
from k5web.domain.pbx.switch_tables import Queue
from tests.domain.pbx.rules import DIGEST, LOGINS, any_rule, one_of_each

BOARD = Switchboard(8841, LOGINS)


def test_each_kind_of_step_is_a_line_of_the_table() -> None:
    compiled = compile_rule(one_of_each(), 3, BOARD)
    assert re.fullmatch(r"8841r3x[0-9a-f]{12}", compiled.version)
    (queue,) = compiled.queues
    assert queue == Queue(queue.name, ("u8841-1",))
    assert re.fullmatch(r"k5-8841-[0-9]{1,9}", queue.name)
    head = f"rule/{compiled.version}/"
    assert {key.removeprefix(head): value for key, value in compiled.entries.items()} == {
        "start": "hours|s2|s3",
        "start.hours": "mon-fri/09:00-17:59+sat/10:00-13:59",
        "s2": f"menu|o/8841/{DIGEST}|5|3|s6",
        "s2.1": "s4",
        "s2.2": "s5",
        "s3": "say|not-now|vm",
        "s4": "ring|u8841-1|20|s4x2|s4x2|s4x2",
        "s4x2": "ring|u8841-2&w8841-00|20|s5|s5|s7",
        "s5": f"queue|{queue.name}|300|vm",
        "s6": "ring|u8841-1&u8841-2&w8841-00|25|s7|s8|vm",
        "s7": "forward|79161234567|25|vm|s8|vm",
        "s8": "hang|17",
        "vm": "voicemail|8841|120",
    }


def test_the_rule_by_default_is_as_the_specification_has_it() -> None:
    compiled = compile_rule(default_rule("79160000200"), 0, Switchboard(8841, {"0": ("w8841-00",)}))
    assert [*compiled.entries.values()] == [
        "ring|w8841-00|25|out|out|out",
        "forward|79160000200|25|vm|vm|vm",
        "voicemail|8841|120",
    ]
    assert "out" not in default_rule(None).steps


def test_a_version_is_of_one_content_only() -> None:
    """A running call keeps its version: so whatever changes the lines, also a person's new phone, has another one."""
    rule = one_of_each()
    compiled = compile_rule(rule, 3, BOARD)
    assert compile_rule(rule, 3, BOARD) == compiled
    changed = [
        compile_rule(rule, 4, BOARD),
        compile_rule(rule, 3, Switchboard(8842, LOGINS)),
        compile_rule(rule, 3, Switchboard(8841, LOGINS | {"202": ("u8841-9",)})),
        compile_rule(Rule({**rule.steps, "vm": Voicemail(60)}), 3, BOARD),
    ]
    assert len({compiled.version, *(one.version for one in changed)}) == 5


@given(rule=any_rule(), version=st.integers(0, 10**6))
def test_only_signs_that_the_dialplan_can_read_get_into_the_table(rule: Rule, version: int) -> None:
    compiled = compile_rule(rule, version, BOARD)
    assert compiled.version.isalnum()
    for key, value in compiled.entries.items():
        assert re.fullmatch(rf"rule/{compiled.version}/[0-9a-z]{{2,}}(\.([0-9]|hours))?", key)
        assert SAFE.fullmatch(value)


def test_two_names_of_a_queue_are_two_queues() -> None:
    assert BOARD.queue(("201",)).name != BOARD.queue(("202",)).name
    assert BOARD.queue(("0",)).members == LOGINS["0"]


def test_a_key_that_ends_the_call_is_no_key_for_the_switch() -> None:
    compiled = compile_rule(Rule({"start": Menu("greeting", {"1": "", "2": "vm"}), "vm": Voicemail()}), 1, BOARD)
    assert sorted(key.rpartition("/")[2] for key in compiled.entries) == ["start", "start.2", "vm"]


def test_people_without_phones_are_passed_over() -> None:
    entries = compile_rule(Rule({"start": replace(Ring(("203",)), busy="")}), 1, BOARD).entries
    assert [*entries.values()] == ["ring||25|||"]


def test_whoever_is_not_served_has_calls_refused() -> None:
    refusing = refusing_rule(8841)
    assert refusing.entries == {f"rule/{refusing.version}/start": "hang|21"}


def test_the_shared_number_asks_for_an_id() -> None:
    assert shared_number("74952121562")["in/74952121562"] == "0|shared|free|"
    assert shared_number("74952121562")["rule/shared/start"] == "id|enter-id|4|3|sorry"
