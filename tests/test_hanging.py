"""A test whose end hangs is ended with the traces of its threads, and the run says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import PATIENCE_S, ROOT, bare_environ

HANGS = """
import threading
import pytest

@pytest.fixture
def door():
    yield
    threading.Event().wait()

def test_before(): pass

def test_hangs_at_its_end(door): pass
"""


@pytest.mark.server
def test_the_end_of_a_test_may_not_hang(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(HANGS)
    (tmp_path / "watch.py").write_text(
        "import tests.hanging\ntests.hanging.LONGEST_END_S = 1\nfrom tests.hanging import *\n"
    )
    once = ["-q", "-n", "1", "--max-worker-restart", "0"]
    command = [sys.executable, "-m", "pytest", *once, "-p", "watch", "test_it.py"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=bare_environ() | {"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 1
    assert "in door" in done.stderr, "the trace of the thread that hangs"
    assert "test_hangs_at_its_end" in done.stdout
