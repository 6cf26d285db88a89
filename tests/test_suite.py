"""The tests as a developer meets them: one alone, one from cold, files of several folders in any order."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAVY = ("k5web.storage", "k5web.telephony", "k5web.config", "alembic", "psycopg", "sqlalchemy", "flask", "requests")
LOADED = """
import sys, pytest
code = pytest.main(["-q", "-p", "no:cacheprovider", "tests/domain/test_money.py"])
print("loaded:", *(name for name in sys.argv[1:] if name in sys.modules))
sys.exit(code)
"""


def test_one_file_runs_alone_and_says_what_is_left_out() -> None:
    """From another folder, as a path is typed there."""
    done = run_tests("domain/accounts/test_label.py", cwd=ROOT / "tests")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Only these tests; style, types and schema are left out" in done.stdout
    assert "passed" in done.stdout
    assert "mypy" not in done.stdout


def test_names_choose_tests_and_one_that_no_test_has_is_a_failure() -> None:
    done = run_tests("tests/domain/accounts/test_label.py", "-k", "no_such_name")
    assert " deselected" in done.stdout
    assert done.returncode == 1


def test_a_test_of_the_domain_starts_without_databases_and_pages() -> None:
    """Seconds are not measured: what it would wait for is not loaded."""
    done = subprocess.run([sys.executable, "-c", LOADED, *HEAVY], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_a_folder_that_is_come_back_to_keeps_its_fixtures(tmp_path: Path) -> None:
    """pytest 9.1 loses them where a file of the folder above came between."""
    web = tmp_path / "tests" / "web"
    web.mkdir(parents=True)
    for place in (tmp_path / "tests", web):
        (place / "__init__.py").touch()
    (web / "conftest.py").write_text("import pytest\n\n@pytest.fixture\ndef own():\n    return 1\n")
    for path in ("web/test_one.py", "web/test_two.py"):
        (tmp_path / "tests" / path).write_text("def test_it(own):\n    assert own\n")
    (tmp_path / "tests" / "test_above.py").write_text("def test_it():\n    pass\n")
    (tmp_path / "pytest.ini").touch()
    files = ["tests/web/test_one.py", "tests/test_above.py", "tests/web/test_two.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "3 passed" in done.stdout, done.stdout


def run_tests(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "test"), *arguments], cwd=cwd, capture_output=True, text=True)
