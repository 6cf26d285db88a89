"""Templates are read as easily as code: short lines, addresses by name, every filter and function from one place."""

import ast
import re
from pathlib import Path

from flask import Flask
from jinja2 import nodes

from k5web.web import vocabulary

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST_LINE = 140  # characters: a break inside of {{ … }} and after %} adds nothing to the page
JINJAS_OWN = {"forceescape", "join", "length", "replace", "tojson", "upper"}
BARE = {"error.html", "footer.html"}  # a request to a foreign host gets an error page, but no map of addresses
REGISTERS = {"add_template_filter", "add_template_global", "add_app_template_filter", "add_app_template_global"} | {
    name for scope in ("", "app_") for name in (f"{scope}template_filter", f"{scope}template_global")
}


def test_no_line_is_long() -> None:
    for path in TEMPLATES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert len(line) <= LONGEST_LINE, f"{path.relative_to(ROOT)}:{number} has {len(line)} characters"


def test_addresses_are_made_from_the_names_of_views() -> None:
    for path in (one for one in TEMPLATES if one.name not in BARE):
        bare = re.findall(r'(?:href|action|src)="/[^"]*"', path.read_text("utf-8"))
        assert not bare, f"{path.relative_to(ROOT)}: write {bare} as url_for(…)"


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
