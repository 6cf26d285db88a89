"""`k5 db`: what it prints and how it exits."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from k5web.cli import main
from tests.tamper import tampering

SECRET = "k" * 40


def k5(url: str, *words: str) -> Result:
    """Run the program on a database."""
    return CliRunner().invoke(main, words, env={"K5_DATABASE_URL": url, "K5_SECRET_KEY": SECRET})


def test_a_base_is_made_once_wherever_it_shall_lie(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a/new/place/k5.db"
    missing = k5(url, "db", "check")
    assert (missing.exit_code, missing.output) == (1, "the database is not at the newest version: run k5 db upgrade\n")
    assert k5(url, "db", "upgrade").output == "the schema was brought to the newest version\n"
    assert k5(url, "db", "upgrade").output == "the schema is at the newest version\n"
    assert k5(url, "db", "check").exit_code == 0


def test_a_migration_is_written_where_it_is_wished(tmp_path: Path) -> None:
    """It needs neither a database nor settings."""
    said = CliRunner().invoke(main, ["db", "revision", "Words of thanks.", "--into", str(tmp_path)])
    [written] = tmp_path.glob("*.py")
    assert written.name.endswith("_words_of_thanks.py")
    assert said.output.splitlines()[0] == f"written: {written}"
    assert "GRANTS" in said.output


def test_a_migration_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    wrong = CliRunner().invoke(main, ["db", "revision", "", "--into", str(tmp_path)])
    assert (wrong.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "say in a sentence what the migration does" in wrong.output
    shut = CliRunner().invoke(main, ["db", "revision", "Wishes.", "--into", "/proc/self"])
    assert shut.exit_code == 1
    assert shut.output.startswith("k5: /proc/")


def test_a_database_of_a_newer_version_is_not_told_to_be_brought_up(database_url: str) -> None:
    with tampering(database_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    for words in (("db", "upgrade"), ("db", "check")):
        found = k5(database_url, *words)
        assert found.exit_code == 1
        assert found.output.startswith("k5: the database is at 0999, which this version of K5 does not know")


def test_a_changed_schema_and_a_missing_guard_are_named(database_url: str) -> None:
    assert k5(database_url, "db", "check").exit_code == 0
    with tampering(database_url) as connection:
        connection.execute(text("ALTER TABLE call ADD COLUMN extra text"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE posting DISABLE TRIGGER posting_moves_balance"))
    found = k5(database_url, "db", "check")
    assert found.exit_code == 1
    assert "extra" in found.output
    assert "guard posting_moves_balance is missing" in found.output


@pytest.mark.parametrize("words", [("db", "upgrade"), ("db", "check"), ("deck", "list")])
def test_a_base_that_does_not_answer_is_said_in_a_sentence(words: tuple[str, str]) -> None:
    found = k5("postgresql+psycopg://nobody@127.0.0.1:1/k5", *words)
    assert found.exit_code == 1
    assert found.output.startswith("k5: no database server answers at that address and port: ")
    assert found.output.count("\n") == 1


def test_a_house_is_shut_and_opened_by_hand(database_url: str) -> None:
    """Some ways back do not show: a server that came up from its archive to the end, a backup of an older version."""
    assert k5(database_url, "db", "shut").output.startswith("nothing is shut; k5 db shut --yes lets")
    assert k5(database_url, "db", "opened", "--yes").output.startswith("nothing is shut: ")
    assert k5(database_url, "db", "shut", "--yes").output.startswith("shut: pages and workers write nothing")
    assert k5(database_url, "db", "shut", "--yes").output == "it is shut already: see k5 db opened\n"
    assert k5(database_url, "db", "opened").output.startswith("this database was shut by k5 db shut\n")
    assert k5(database_url, "db", "opened", "--yes").output.startswith("opened; the next numbers: account ")
    assert k5(database_url, "db", "shut").output.startswith("nothing is shut; ")
