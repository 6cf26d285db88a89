"""CONTRIBUTING.md typed as it stands, in a checkout of its own; the hooks before a commit do what it says."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import PATIENCE_S
from tests.test_run import PARTS, borrow_environment

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COMMANDS = re.findall(r"^ *\$ (.*)$", PAGE, re.MULTILINE)
ELSEWHERE = {  # by whom it is typed
    "./run": "tests/test_run.py",
    "./test --fast": "whoever runs this",
    ".venv/bin/pre-commit install": "below",
    ".venv/bin/python -m tests.notice": "tests/test_notice.py",
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page speaks of; the environment of this checkout is borrowed."""
    place = tmp_path_factory.mktemp("checkout")
    for part in (*PARTS, "tests", "test", "docs", "README.md"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, place / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, place / part)
    borrow_environment(place)
    digest = hashlib.sha256((place / "deploy" / "requirements-test.lock").read_bytes()).hexdigest()
    (place / ".venv" / "installed-requirements-test.lock").write_text(f"{digest}  -")
    return place


@pytest.mark.server  # it takes as long as such do
@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in ELSEWHERE])
def test_every_command_works_as_it_stands(checkout: Path, command: str) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("K5_", "PYTEST_"))}
    done = subprocess.run(
        command, shell=True, cwd=checkout, env=environ, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no tests ran" not in done.stdout


def test_the_page_tells_each_thing_a_newcomer_adds() -> None:
    for thing in (
        "Set up",
        "Run one test",
        "Add a page",
        "Add a way to pay",
        "Add a table or a column",
        "Add a setting",
    ):
        assert f"## {thing}\n" in PAGE
    assert "## Add a word in four languages\n" in PAGE
    assert len(COMMANDS) >= 8
    assert set(ELSEWHERE) <= set(COMMANDS)


def test_every_file_it_names_is_there() -> None:
    for path in re.findall(r"`((?:k5web|tests|connectors|templates|deploy|docs)/[^`<>… ]+)`", PAGE):
        assert (ROOT / path).exists(), path


def test_the_hook_refuses_what_the_style_refuses_and_needs_no_network(tmp_path: Path) -> None:
    def typed(*command: str) -> subprocess.CompletedProcess[str]:
        environ = os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "home"), "SKIP": "mypy", "https_proxy": "127.0.0.1:1"}
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=PATIENCE_S)

    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "app.py").write_text("import os\n")
    typed("git", "init", "--quiet")
    typed("git", "add", "app.py", ".pre-commit-config.yaml")
    refused = typed(".venv/bin/pre-commit", "run")
    assert refused.returncode == 1
    assert "F401" in refused.stdout, refused.stdout + refused.stderr
    (tmp_path / "app.py").write_text('"""Nothing."""\n')
    typed("git", "add", "app.py")
    done = typed(".venv/bin/pre-commit", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    hooks = re.findall(r"entry: (\S+)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert all((ROOT / hook).exists() for hook in hooks)
