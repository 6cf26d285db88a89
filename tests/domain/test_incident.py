"""The kinds of incidents: each is listed by somebody and explained in the handbook."""

import re
from pathlib import Path

from k5web.domain.incident import IncidentKind

ROOT = Path(__file__).parents[2]


def test_the_handbook_says_what_to_do_on_each_incident() -> None:
    text = (ROOT / "docs" / "operators.md").read_text("utf-8")
    first_cells = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", " ".join(first_cells))) == set(IncidentKind)


def test_every_kind_of_incident_is_listed_by_somebody() -> None:
    used = {
        name
        for path in (ROOT / "k5web" / "services").rglob("*.py")
        for name in re.findall(r"IncidentKind\.([A-Z_]+)", path.read_text("utf-8"))
    }
    assert used == set(IncidentKind.__members__)
