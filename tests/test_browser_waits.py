"""No test looks at a page straight after a click: the page before may still stand, or be gone in the middle of a look.

`follow` of `tests/browser/conftest.py` clicks and waits for the page that comes; `expect(…)` waits by itself.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

BROWSER = Path(__file__).parent / "browser"
# What looks once, at whatever is there
LOOKS = {
    *("assert_axe_finds_nothing", "assert_fits", "assert_targets_are_large", "shown"),
    *("all_inner_texts", "content", "evaluate", "get_attribute", "inner_html", "inner_text", "input_value"),
    *("is_visible", "screenshot", "text_content"),
}


def hasty_looks(text: str) -> Iterator[int]:
    """Yield the lines of clicks after which the very next statement looks at the page."""
    for node in ast.walk(ast.parse(text)):
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(block, list):
                yield from (first.lineno for first, then in pairwise(block) if is_click(first) and has_look(then))


def is_click(statement: ast.stmt) -> bool:
    """Whether it is `….click(…)` alone."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "click"


def has_look(statement: ast.stmt) -> bool:
    """Whether something in it looks at once."""
    called = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any((one.id if isinstance(one, ast.Name) else getattr(one, "attr", "")) in LOOKS for one in called)


def test_no_test_looks_straight_after_a_click() -> None:
    found = {str(path): [*hasty_looks(path.read_text("utf-8"))] for path in sorted(BROWSER.rglob("*.py"))}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("page.click('#pay')\nassert 'ok' in shown(page)", [1]),
        ("def f(page):\n    page.locator('a').first.click()\n    assert_fits(page)", [2]),
        ("if page:\n    pass\nelse:\n    page.click('a')\n    assert 'ok' in page.content()", [4]),
        ("follow(page.locator('a'))\nassert_fits(page)", []),
        ("page.click('a')\nexpect(page.locator('h1')).to_have_text('ok')\nassert_fits(page)", []),
    ],
)
def test_a_hasty_look_is_found(text: str, lines: list[int]) -> None:
    assert [*hasty_looks(text)] == lines
