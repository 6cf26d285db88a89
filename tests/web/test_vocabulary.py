"""What templates may say is registered in one place, and nothing else is there."""

import ast
from pathlib import Path

from flask import Flask
from jinja2 import nodes

from k5web.web import vocabulary

ROOT = Path(__file__).parents[2]


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


JINJAS_OWN = {"forceescape", "join", "length", "list", "replace", "selectattr", "tojson"}


REGISTERS = {"add_template_filter", "add_template_global", "add_app_template_filter", "add_app_template_global"} | {
    name for scope in ("", "app_") for name in (f"{scope}template_filter", f"{scope}template_global")
}


def test_filters_and_functions_are_registered_in_one_place() -> None:
    for path in sorted((ROOT / "k5web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in REGISTERS, f"{path.relative_to(ROOT)}:{node.lineno}: name it in vocabulary.py"


def test_what_templates_say_is_in_the_vocabulary_and_nothing_else_is(app: Flask) -> None:
    filters, names = set(), set()
    for path in TEMPLATES:
        parsed = app.jinja_env.parse(path.read_text("utf-8"))
        filters |= {found.name for found in parsed.find_all(nodes.Filter)}
        names |= {found.name for found in parsed.find_all(nodes.Name)}
    assert filters - JINJAS_OWN == vocabulary.FILTERS.keys()
    assert vocabulary.FUNCTIONS.keys() <= names
