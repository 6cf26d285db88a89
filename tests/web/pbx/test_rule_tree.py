"""The tree of a rule fits a narrow page; every step is drawn once."""

from flask import Flask

from k5web.domain.pbx.rule import Rule, Say
from k5web.web.pbx.rule_tree import DEEPEST, INDENT, LETTER, WIDTH, tree_of
from tests.domain.pbx.rules import one_of_each


def test_every_step_is_drawn_once_and_every_way_has_a_row(app: Flask) -> None:
    with app.test_request_context():
        rule = one_of_each()
        tree = tree_of(rule)
        drawn = [one for one in tree.branches if one.text[0].isdigit()]
        assert [int(one.text.partition(".")[0]) for one in drawn] == [*range(1, len(rule.steps) + 1)]
        assert len(tree.branches) == 1 + 2 + 4 + 1 + 3 + 1 + 3 + 3  # a row for each way


def test_rows_stand_below_each_other_and_within_the_width(app: Flask) -> None:
    with app.test_request_context():
        names = ["start", *(f"s{at}" for at in range(2, 30))]
        rule = Rule({name: Say("greeting", after) for name, after in zip(names, [*names[1:], ""], strict=True)})
        tree = tree_of(rule)
        assert [one.y for one in tree.branches] == sorted({one.y for one in tree.branches})
        assert max(one.x for one in tree.branches) == DEEPEST * INDENT
        assert all(one.x + len(one.text) * LETTER <= WIDTH for one in tree.branches)
        assert tree.branches[-1].y < tree.height
