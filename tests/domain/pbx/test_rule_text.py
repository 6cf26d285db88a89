"""A rule as it is kept: written and read again it is the same; what is not exactly a rule is refused."""

import json
from typing import Any

import pytest
from hypothesis import given

from k5web.domain.pbx.rule import Rule
from k5web.domain.pbx.rule_text import is_extension, read_rule, write_rule
from tests.domain.pbx.rules import any_rule, one_of_each

SAY = {"kind": "say", "prompt": "greeting", "then": ""}
RING = {
    **{"kind": "ring", "people": ["201"], "seconds": 25, "is_together": True},
    **dict.fromkeys(("no_answer", "busy", "unreachable"), ""),
}
MENU = {"kind": "menu", "prompt": "greeting", "keys": {}, "seconds": 5, "tries": 3, "nothing": ""}
HOURS = {"kind": "hours", "spans": [{"days": [0], "opens": 540, "closes": 1080}], "open": "", "closed": ""}


@given(rule=any_rule())
def test_what_is_written_is_read(rule: Rule) -> None:
    assert read_rule(json.loads(json.dumps(write_rule(rule)))) == rule


def test_the_samples_are_right() -> None:
    assert len(read_rule({"start": SAY, "s2": RING, "s3": MENU, "vm": HOURS}).steps) == 4
    assert read_rule(write_rule(one_of_each())) == one_of_each()


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("start/../x", SAY),
        ("s2|hang", SAY),
        ("s0", SAY),
        ("start", {"kind": "say", "prompt": "greeting"}),
        ("start", SAY | {"title": "x"}),
        ("start", SAY | {"kind": "system"}),
        ("start", SAY | {"prompt": "../../etc/passwd"}),
        ("start", SAY | {"prompt": "o/8841/0123"}),
        ("start", SAY | {"then": "s2|vm"}),
        ("start", SAY | {"then": None}),
        ("start", RING | {"people": ["u8841-1"]}),
        ("start", RING | {"people": "201"}),
        ("start", RING | {"seconds": 4}),
        ("start", RING | {"seconds": True}),
        ("start", RING | {"seconds": "25"}),
        ("start", RING | {"is_together": 1}),
        ("start", MENU | {"keys": {"11": ""}}),
        ("start", MENU | {"keys": {"1": "nowhere"}}),
        ("start", MENU | {"tries": 0}),
        ("start", MENU | {"seconds": 21}),
        ("start", HOURS | {"spans": [{"days": [0], "opens": 540}]}),
        ("start", HOURS | {"spans": [{"days": [7], "opens": 540, "closes": 600}]}),
        ("start", HOURS | {"spans": [{"days": [], "opens": 540, "closes": 600}]}),
        ("start", HOURS | {"spans": [{"days": [1, 0], "opens": 540, "closes": 600}]}),
        ("start", HOURS | {"spans": [{"days": [0], "opens": 1440, "closes": 600}]}),
        ("start", HOURS | {"spans": [{"days": [0], "opens": 600, "closes": 600}]}),
        ("start", HOURS | {"spans": [{"days": [0], "opens": 1, "closes": 2}] * 7}),
        ("start", {"kind": "forward", "number": "+7916", "seconds": 25, "no_answer": "", "busy": "", "refused": ""}),
        ("start", {"kind": "hang", "is_busy": None}),
        ("start", ["say"]),
        ("start", None),
    ],
)
def test_what_is_no_rule_is_refused(name: str, step: Any) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]{3,120}$"):
        read_rule({name: step})


def test_people_are_named_by_two_to_four_digits_or_all_of_them() -> None:
    assert [is_extension(text) for text in ("0", "20", "201", "2012")] == [True] * 4
    assert not any(is_extension(text) for text in ("", "2", "00", "020", "20123", "２０１", "2a1"))
