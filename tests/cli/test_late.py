"""Help waits for nothing that a command works with; what was put off is whole before a command runs."""

import gc
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from k5web.cli import late

ASK_ALL = """
import sys
from click.testing import CliRunner
from k5web.cli import main

def ask(command, words):
    asked = CliRunner().invoke(main, [*words, "--help"])
    assert asked.exit_code == 0, asked.output
    for name, below in getattr(command, "commands", {}).items():
        ask(below, [*words, name])

ask(main, [])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
ASK_PRICE = """
import sys
from click.testing import CliRunner
from k5web.cli import main

asked = CliRunner().invoke(main, ["quote", "+79161234567", "+74951234567"])
assert "no price list" in asked.output, asked.output
print(*sorted({name.partition(".")[0] for name in sys.modules if name != "app"}))
print(*(name for name in ("app",) if "Flask" in object.__getattribute__(sys.modules.get(name, sys), "__dict__")))
print(*(name for name in sys.modules if name.startswith("k5web.storage.tables.")))
"""
BEGIN = """
import contextlib, gc, io, sys
from k5web.cli import late
from k5web.start import k5

sys.argv = ["k5", "--version"]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    k5()
sys.stdout = open(1, "w", closefd=False)
before = gc.isenabled()
late.load_all()
print(before, gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects()))
"""
HEAVY = {"alembic", "av", "babel", "cryptography", "flask", "gunicorn", "jinja2", "msgspec", "openpyxl", "psycopg"} | {
    "reportlab",
    "requests",
    "sqlalchemy",
}


def test_no_help_loads_the_pages_or_the_database() -> None:
    asked = subprocess.run([sys.executable, "-c", ASK_ALL], capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    assert "click" in asked.stdout.split()
    assert not HEAVY & set(asked.stdout.split())


def test_a_quote_loads_the_database_and_nothing_of_the_pages(sqlite_url: str, tmp_path: Path) -> None:
    """It was four seconds of the processor for two prices. PostgreSQL's driver is for who has a PostgreSQL."""
    environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path), "PATH": ""}
    asked = subprocess.run([sys.executable, "-c", ASK_PRICE], capture_output=True, text=True, check=False, env=environ)
    assert asked.returncode == 0, asked.stderr
    loaded = set(asked.stdout.split())
    assert "sqlalchemy" in loaded
    assert not (HEAVY - {"sqlalchemy"} | {"app", "connectors"}) & loaded
    assert {name for name in loaded if name.startswith("k5web.storage.tables.")} == {
        "k5web.storage.tables.base",
        "k5web.storage.tables.prices",
    }


def test_a_house_on_sqlite_does_without_the_driver_of_postgresql() -> None:
    """Nor does an application need what serves it, or what decodes strangers' sound in a process of its own."""
    asks = "import app, sys; print(*{'av', 'flask', 'gunicorn', 'psycopg'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["flask"]


def test_garbage_is_collected_once_all_is_loaded() -> None:
    """While the program loads there is none, and afterwards what is loaded is no garbage: it is not looked through."""
    done = subprocess.run([sys.executable, "-c", BEGIN], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]


def test_a_process_that_collects_already_goes_on_so() -> None:
    """Tests run commands in their own process, by the hundred: each freezing would keep the garbage of the last."""
    before = gc.get_freeze_count()
    late.load_all()
    assert gc.isenabled()
    assert gc.get_freeze_count() == before


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "k5_late_example.py").write_text("LOADED_BY = __import__('threading').get_ident()\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(late, "ROOMS", ("k5_late_example",))
    monkeypatch.delitem(sys.modules, "k5_late_example", raising=False)
    return "k5_late_example"


def test_what_was_put_off_is_loaded_whole_before_any_thread_asks(module: str) -> None:
    with late.put_off():
        found = __import__(module)
    assert "LOADED_BY" not in object.__getattribute__(found, "__dict__")
    late.load_all()
    assert object.__getattribute__(found, "__dict__")["LOADED_BY"] == threading.get_ident()


def test_nothing_is_put_off_afterwards(module: str) -> None:
    with late.put_off():
        pass
    assert "LOADED_BY" in vars(__import__(module))
