"""A command in a house without a database, or with an old one: one sentence that says how to make it."""

import ast
import os
import pwd
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from k5web.cli import context
from k5web.cli.context import open_house
from k5web.errors import NotFound, OutdatedDatabase
from tests.cli.sentences import SECRET, assert_sentence, k5_with
from tests.services.house import THEIRS

SECRET_OF_A_HOUSE = "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA-Q2xE4"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        (tmp_path / "bare.db").touch()
        return f"sqlite:///{tmp_path}/bare.db"
    url: str = request.getfixturevalue("postgres_server_url")
    return url


@pytest.mark.parametrize("words", [("quote", "+79161234567", THEIRS), ("deck", "list"), ("subscriber", "show", "1")])
def test_a_base_without_tables_says_how_to_make_them(bare_url: str, words: tuple[str, ...]) -> None:
    assert_sentence(
        k5_with({"K5_DATABASE_URL": bare_url}, *words), "the database is not at the newest version: run k5 db upgrade"
    )


@pytest.mark.parametrize("what", ["DROP TABLE trunk_off", "ALTER TABLE trunk_off RENAME COLUMN actor TO who"])
def test_a_table_that_is_missing_from_a_database_of_today_is_no_bug_of_ours(
    sqlite_url: str, tmp_path: Path, what: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "k5.db")) as database:
        database.execute(what)
    said = k5_with({"K5_DATABASE_URL": sqlite_url}, "trunk", "list")
    assert_sentence(said, "the database is not whole: k5 db check names what is missing")


@pytest.mark.parametrize("words", [("ledger", "close"), ("deck", "list"), ("worker",)])
def test_a_file_that_is_not_there_is_said_so_and_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    path = tmp_path / "k5.db"
    refused = k5_with({"K5_DATABASE_URL": f"sqlite:///{path}"}, *words)
    assert_sentence(refused, f"there is no database at {path}: run k5 db upgrade")
    assert not path.exists()


def test_a_fault_inside_is_laid_to_the_old_database_and_a_refusal_is_not(
    bare_url: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a command trips over in an old database is no bug of ours; where the database is current it may be one."""
    monkeypatch.setenv("K5_SECRET_KEY", SECRET)
    monkeypatch.setenv("K5_VAR", str(tmp_path / "var"))
    for url, fault, seen in (
        (bare_url, KeyError("column"), OutdatedDatabase),
        (bare_url, NotFound(what="payment 7"), NotFound),
        (sqlite_url, KeyError("column"), KeyError),
    ):
        monkeypatch.setenv("K5_DATABASE_URL", url)
        with pytest.raises(seen), open_house():
            raise fault


@pytest.mark.parametrize(
    ("environ", "who"),
    [
        ({"SUDO_USER": "m.petrov"}, "staff:m.petrov"),
        ({"SUDO_USER": "m.petrov", "K5_STAFF": "a.ivanova"}, "staff:a.ivanova"),
    ],
)
def test_who_did_it_is_the_person_and_not_whom_they_became(
    environ: dict[str, str], who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K5_SECRET_KEY", SECRET)
    monkeypatch.delenv("K5_STAFF", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert context.actor() == who


def test_who_is_not_root_is_not_whom_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "m.petrov")
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "getlogin", lambda: "a.ivanova")
    assert context.person() == "a.ivanova"


def test_without_a_login_the_user_of_the_process_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer has no terminal to have logged in at."""
    monkeypatch.delenv("SUDO_USER", raising=False)

    def nobody() -> str:
        raise OSError

    monkeypatch.setattr(os, "getlogin", nobody)
    assert context.person() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert context.person() == "uid-4000000000"


def test_a_house_on_the_web_says_which_database_it_means(tmp_path: Path) -> None:
    """A URL that a shell cut at "&" vanishes: SQLite in its place would be a house without its money."""
    given = {"K5_VAR": str(tmp_path), "K5_PUBLIC_URL": "https://t.k5.example", "K5_SECRET_KEY": SECRET_OF_A_HOUSE}
    for words in (("db", "upgrade"), ("serve",), ("config", "check")):
        refused = k5_with(given, *words)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("k5: K5_DATABASE_URL: must be set, for K5_PUBLIC_URL is https")
    assert not list(tmp_path.iterdir())
    small = given | {"K5_DATABASE_URL": f"sqlite:///{tmp_path}/k5.db"}
    assert k5_with(small, "config", "check").exit_code == 0


def test_no_command_writes_another_name_of_staff_than_its_own() -> None:
    """What staff did carries who did it: a name written out in the code would say the same of everybody."""
    root = Path(context.__file__).parents[1]
    named = {
        str(path.relative_to(root)): node.value
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("staff:")
    }
    # At the desk who it is comes from the log-in; `services/desk/staff.py` counts tries under such a name, and no more
    assert named == dict.fromkeys(("cli/context.py", "domain/desk/staff.py", "services/desk/staff.py"), "staff:")
