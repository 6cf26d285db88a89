"""Style sheets: one a blueprint, and no class that means one thing in this sheet and another in that."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
SHARED = {"bare", "base", "paper"}  # pages of one request, pages with a menu, what is printed


def sheets() -> dict[str, list[str]]:
    """Return the selectors of each sheet."""
    found = {}
    for path in [*STATIC.glob("*.css"), *STATIC.glob("inline/*.css")]:
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        lists = re.findall(r"([^{}]+)\{", text)
        found[path.stem] = [
            one.strip() for each in lists for one in each.split(",") if not each.strip().startswith("@")
        ]
    return found


def heads(selectors: list[str]) -> set[str]:
    """Return the classes that stand first in a selector: what stands behind is scoped by them."""
    found = (re.search(r"\.([a-z][\w-]*)", selector) for selector in selectors)
    return {match[1] for match in found if match}


def test_no_two_sheets_have_a_name() -> None:
    names = Counter(path.name for path in STATIC.rglob("*.css"))
    assert max(names.values()) == 1


def test_a_class_belongs_to_one_blueprint_or_to_all() -> None:
    of_each = {name: heads(selectors) for name, selectors in sheets().items()}
    shared = set().union(*(of_each[name] for name in SHARED))
    owners = Counter(of for name in of_each.keys() - SHARED for of in of_each[name] - shared)
    assert [name for name, count in owners.items() if count > 1] == []


def test_a_page_has_the_style_of_its_own_blueprint_alone() -> None:
    for path in TEMPLATES.rglob("*.html"):
        linked = set(re.findall(r'(?:asset|inline_style)\(\s*["\'](\w+)(?:\.css)?["\']', path.read_text("utf-8")))
        strays = linked - SHARED - {path.parent.name, path.stem}
        assert not strays, f"{path.relative_to(ROOT)} has the style of {sorted(strays)}"


def test_no_class_is_styled_that_no_page_has() -> None:
    texts = [path.read_text("utf-8") for path in TEMPLATES.rglob("*") if path.is_file()]
    drawn = ROOT / "k5web" / "paper" / "svg.py"
    texts += [path.read_text("utf-8") for path in [drawn, *STATIC.rglob("*.js")]]
    words = set(re.findall(r"[a-z][\w-]*", " ".join(texts)))
    styled = {of for selectors in sheets().values() for one in selectors for of in re.findall(r"\.([a-z][\w-]*)", one)}
    assert styled - words == set()
