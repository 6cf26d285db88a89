"""Templates are read as easily as code: short lines, addresses by name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST_LINE = 140  # characters: a break inside of {{ … }} and after %} adds nothing to the page
# A request to a foreign host gets an error page, but no map of addresses
BARE = {"error.html", "_menu.html", "footer.html"}


def test_no_line_is_long() -> None:
    for path in TEMPLATES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert len(line) <= LONGEST_LINE, f"{path.relative_to(ROOT)}:{number} has {len(line)} characters"


def test_addresses_are_made_from_the_names_of_views() -> None:
    for path in (one for one in TEMPLATES if one.name not in BARE):
        bare = re.findall(r'(?:href|action|src)="/[^"]*"', path.read_text("utf-8"))
        assert not bare, f"{path.relative_to(ROOT)}: write {bare} as url_for(…)"


def test_a_button_has_the_look_of_one() -> None:
    """Without a class it is the browser's own, small and grey; a form of `picker` gives its buttons their look."""
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        bare = re.findall(r"<button(?![^>]*class=)[^>]*>", text)
        assert not bare or 'class="picker' in text, f"{path.relative_to(ROOT)}: {bare}"
