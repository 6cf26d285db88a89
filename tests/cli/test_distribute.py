"""`k5 db distribute`: what it prints and how it exits; what it does is told by tests/storage/test_distributing.py."""

import json

import pytest

from tests.cli.test_db import k5
from tests.storage.citus_stand_in import in_mood, stand_in

MACHINES = ("--coordinator", "10.0.0.1", "--worker", "10.0.0.2:6432")


@pytest.mark.parametrize("wrong", ["", ":5432", "a b", "10.0.0.1:0", "10.0.0.1:70000", "it's:5432", "10.0.0.1:x"])
def test_what_is_no_machine_is_refused(sqlite_url: str, wrong: str) -> None:
    said = k5(sqlite_url, "db", "distribute", "--worker", wrong)
    assert said.exit_code == 2
    assert "Invalid value for '--worker'" in said.stderr


def test_what_is_in_the_way_is_said_with_its_cure(sqlite_url: str) -> None:
    said = k5(sqlite_url, "db", "distribute", *MACHINES)
    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr == "k5: SQLite is one file on one machine: move to PostgreSQL first (docs/operators.md)\n"


@pytest.mark.postgres
def test_without_yes_it_only_says_what_it_would_do(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(postgres_url, monkeypatch)
    said = k5(postgres_url, "db", "distribute", *MACHINES)
    assert said.exit_code == 0
    assert said.stdout.splitlines()[:2] == [
        "SELECT citus_set_coordinator_host('10.0.0.1', 5432)",
        "SELECT citus_add_node('10.0.0.2', 6432)",
    ]
    assert said.stderr == "k5 db distribute --yes does these statements, each alone\n"
    found = json.loads(k5(postgres_url, "db", "distribute", *MACHINES, "--json").stdout)
    assert (found["kind"], found["more"]) == ("step", None)
    assert [item["statement"] for item in found["items"]] == said.stdout.splitlines()
    assert {item["is_done"] for item in found["items"]} == {False}


@pytest.mark.postgres
def test_a_step_that_is_refused_ends_it_in_a_sentence(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(postgres_url, monkeypatch)
    in_mood(postgres_url, refuses="deck")
    said = k5(postgres_url, "db", "distribute", *MACHINES, "--yes")
    assert said.exit_code == 1
    *done, last = said.stderr.splitlines()
    assert done[-1].endswith(": SELECT create_reference_table('contract_document')")
    assert last == (
        "k5: Citus refuses SELECT create_reference_table('deck') (no room for deck): "
        "mend that and do the same again, it goes on there"
    )
