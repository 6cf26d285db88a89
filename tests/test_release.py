"""A version is called the same everywhere: the program, the wheel, what changed, the tag."""

import re
import subprocess
import tomllib
from pathlib import Path

from k5web import VERSION

ROOT = Path(__file__).parent.parent
CHANGES = (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_version_stands_in_one_place() -> None:
    """`k5 --version` and the package are held against it in tests/test_start.py and tests/test_package.py."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert about["project"]["dynamic"] == ["version"]
    assert about["tool"]["hatch"]["version"] == {"path": "k5web/__init__.py"}
    assert re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", VERSION)


def test_what_changed_begins_with_this_version_and_goes_back() -> None:
    sections = re.findall(r"^## (.*)$", CHANGES, re.MULTILINE)
    assert sections[0] == VERSION
    numbers = [tuple(map(int, section.split("."))) for section in sections]
    assert numbers == sorted(set(numbers), reverse=True)
    days = re.findall(r"^### (\d{4}-\d\d-\d\d)$", CHANGES, re.MULTILINE)
    assert days == sorted(days, reverse=True)
    assert len(re.findall(r"^###? ", CHANGES, re.MULTILINE)) == len(sections) + len(days)


def test_no_tag_lies() -> None:
    """A tag on this commit is this version's; a version that was tagged before is not said of what came after."""
    done = subprocess.run(
        ["git", "tag", "--list", "v*", "--no-contains", "HEAD", "--merged", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    here = subprocess.run(
        ["git", "tag", "--list", "v*", "--points-at", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    assert f"v{VERSION}" not in done.stdout.split()
    assert set(here.stdout.split()) <= {f"v{VERSION}"}
