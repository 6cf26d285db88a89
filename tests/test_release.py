"""A version is called the same everywhere: the program, the wheel, what changed, the tag."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

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


def git(folder: Path, *words: str) -> list[str]:
    """Return the words that git says. Raises: CalledProcessError where it cannot, as outside a repository."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.split()


def lying_tags(folder: Path, version: str) -> set[str]:
    """Return the tags on the commit that are not this version's; and this version's, where it stands on one before."""
    here = set(git(folder, "tag", "--list", "v*", "--points-at", "HEAD"))
    before = set(git(folder, "tag", "--list", "v*", "--no-contains", "HEAD", "--merged", "HEAD"))
    return here - {f"v{version}"} | before & {f"v{version}"}


def test_no_tag_lies() -> None:
    """A clone without tags has none that could lie: there this says that git answers; the next holds the rule."""
    assert lying_tags(ROOT, VERSION) == set()


def test_a_tag_that_lies_is_found(tmp_path: Path) -> None:
    """A version that was tagged before is not said of what came after; a tag on this commit is this version's."""
    with pytest.raises(subprocess.CalledProcessError):
        lying_tags(tmp_path, "1.0.0")
    git(tmp_path, "init", "--quiet")
    commit = ["-c", "user.name=A", "-c", "user.email=a@k5.example", "commit", "--quiet", "--allow-empty", "-m"]
    git(tmp_path, *commit, "first")
    git(tmp_path, "tag", "v1.0.0")
    assert lying_tags(tmp_path, "1.0.0") == set()
    assert lying_tags(tmp_path, "1.0.1") == {"v1.0.0"}
    git(tmp_path, *commit, "second")
    assert lying_tags(tmp_path, "1.0.0") == {"v1.0.0"}
    assert lying_tags(tmp_path, "1.0.1") == set()
