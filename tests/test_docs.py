"""The pages tell the truth: every setting is explained, both locks agree, every command named is there."""

import re
from pathlib import Path

import click
import pytest

from k5web.cli import main
from k5web.config import settings

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)


def test_every_setting_is_explained_and_no_other() -> None:
    explained = set(re.findall(r"^\| `(K5_\w+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    assert explained == settings._KNOWN


def test_both_locks_agree() -> None:
    running = dict(PIN.findall((ROOT / "deploy" / "requirements.lock").read_text()))
    testing = dict(PIN.findall((ROOT / "deploy" / "requirements-test.lock").read_text()))
    assert len(running) > 20
    assert running.items() <= testing.items()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`k5 ([a-z-]+)(?: ([a-z][a-z-]*))?", page.read_text())
    for name, below in named:
        command = main.commands.get(name)
        assert command, f"{page.name} names k5 {name}"
        if below and isinstance(command, click.Group):
            assert below in command.commands, f"{page.name} names k5 {name} {below}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r'(?:\]\(|src=")([^)#"]+)', prose):
        assert target.startswith("http") or (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_document_that_code_names_is_here() -> None:
    """What a comment cites, a reader can open: no specification that stands elsewhere."""
    rooms = ["app.py", "k5web", "connectors", "bench", "tests", "deploy", "templates", "static"]
    text = re.compile(r"(?<![\w./{}-])[\w-][\w./-]*\.md\b")
    for path in (file for room in rooms for file in [ROOT / room, *(ROOT / room).rglob("*")]):
        if path.suffix in {".py", ".conf", ".html", ".toml", ".css", ".js"} and path != Path(__file__):
            for name in text.findall(path.read_text("utf-8")):
                is_here = (ROOT / name).exists() or (path.parent / name).exists() or (ROOT / "docs" / name).exists()
                assert is_here, f"{path.relative_to(ROOT)} cites {name}"


def test_the_database_has_one_name() -> None:
    for path in [*PAGES, *(file for room in ("k5web", "connectors") for file in (ROOT / room).rglob("*.py"))]:
        found = re.search(r"\bthe\s+base\b(?! price| row)", path.read_text("utf-8"), re.IGNORECASE)
        assert not found, f"{path.relative_to(ROOT)} says {found and found[0]!r}: docs/glossary.md"
