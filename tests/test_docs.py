"""The pages tell the truth: every setting is explained, both locks agree, every command named is there."""

import re
from pathlib import Path

import click
import pytest

from k5web import settings
from k5web.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
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
    named = re.findall(r"`k5 ([a-z-]+)(?: ([a-z]+))?", page.read_text())
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
