"""`k5 ledger verify`: what it prints, how it exits, and how a look that was cut goes on."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Breach
from k5web.errors import Unavailable
from k5web.services.books import verify as verifying
from k5web.services.ports import Ports
from k5web.storage import sql
from k5web.storage.books import ledger
from k5web.storage.books.chain_invariants import LAST
from k5web.storage.session import open_sessions
from tests.cli.conftest import K5
from tests.cli.test_db import k5 as k5_of
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.tamper import tampering


def test_a_sound_ledger_is_said_so_and_a_breach_is_shown(database_url: str) -> None:
    sessions = open_sessions(database_url, database_url)
    with sessions.begin() as db:
        ledger.open_account(db, 100001, "main", "RUB")
    sessions.dispose()
    sound = k5_of(database_url, "ledger", "verify")
    assert (sound.stdout, sound.stderr) == (
        "every invariant holds\n",
        "verify: 25 %\nverify: 50 %\nverify: 75 %\nverify: 100 %\n",
    )
    assert json.loads(k5_of(database_url, "ledger", "verify", "--json").stdout) == {"breaches": []}
    with tampering(database_url) as connection:
        connection.execute(text("UPDATE account SET balance_minor = 700"))
    found = k5_of(database_url, "ledger", "verify")
    assert found.exit_code == 1
    assert found.stdout.startswith("I1  owner 100001 account 1: kept 700")
    found = k5_of(database_url, "ledger", "verify", "--json")
    assert found.exit_code == 1
    breaches = json.loads(found.stdout)["breaches"]
    assert [breach["invariant"] for breach in breaches] == ["I1", "I9"]
    assert set(breaches[0]) == {"invariant", "where", "found"}


def test_a_ledger_that_cannot_be_asked_is_not_called_broken(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit 3 whatever is in the way: a database that does not answer, takes too long or is not there; a bug of ours."""
    gone = (
        f"{database_url.partition('://')[0]}://{tmp_path if database_url.startswith('sqlite') else '127.0.0.1:1'}/none"
    )
    found = k5_of(gone, "ledger", "verify")
    assert (found.exit_code, found.stdout) == (3, "")
    assert found.stderr.startswith("k5: the ledger could not be verified: ")
    with tampering(database_url) as connection:
        connection.execute(text("DROP VIEW journal"))
    broken = k5_of(database_url, "ledger", "verify")
    assert (broken.exit_code, broken.stdout) == (3, "")
    if database_url.startswith("postgresql"):
        monkeypatch.setattr(sql, "_BE_PATIENT", text("SET LOCAL statement_timeout = '1ms'"))
        slow = k5_of(database_url, "ledger", "verify")
        assert (slow.exit_code, slow.stdout) == (3, "")


def test_a_question_that_is_interrupted_says_nothing_about_the_ledger(k5: K5, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> list[Breach]:
        raise KeyboardInterrupt

    monkeypatch.setattr(verifying, "verify", interrupted)
    done = k5("ledger", "verify")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.endswith("the ledger was not verified: it was interrupted\n")


@pytest.fixture
def cut(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Four owners; each look from now on ends behind the second of them, until the function is called."""
    sessions = open_sessions(sqlite_url, sqlite_url)
    with sessions.begin() as db:
        for owner_id in (11, 12, 13, 14):
            ledger.open_account(db, owner_id, "main", "RUB")
    sessions.dispose()
    whole = partial(verifying.verify, at_once=1)

    def half(ports: Ports, told: Callable[[verifying.Step], None]) -> list[Breach]:
        def told_until(step: verifying.Step) -> None:
            told(step)
            if step.through == 12:
                raise Unavailable

        return whole(ports, told_until)

    monkeypatch.setattr(verifying, "verify", half)
    return lambda: monkeypatch.setattr(verifying, "verify", whole)


def test_a_look_that_was_cut_says_from_where_to_go_on(
    k5: K5, cut: Callable[[], None], sqlite_url: str, clock: Clock
) -> None:
    done = k5("ledger", "verify")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.endswith("\nk5: the owners up to 12 were asked; --after-owner 12 goes on from there\n")
    cut()
    goes_on = k5("ledger", "verify", "--after-owner", "12")
    words = "every invariant of the owners behind 12 and of the whole house holds\n"
    assert (goes_on.exit_code, goes_on.stdout) == (0, words)
    sessions = open_sessions(sqlite_url, sqlite_url)
    assert verifying.last(open_doors(sessions, clock)) is None, "a part proves nothing of the whole"
    with tampering(sqlite_url) as connection:
        connection.execute(text("UPDATE account SET balance_minor = 700 WHERE owner_id IN (11, 14)"))
    found = k5("ledger", "verify", "--after-owner", "12")
    assert (found.exit_code, [line.split()[:3] for line in found.stdout.splitlines()]) == (
        1,
        [["I1", "owner", "14"], ["I9", "unit", "RUB:"]],
    )
    noted = verifying.last(open_doors(sessions, clock))
    assert noted
    assert noted.breaches == 2
    sessions.dispose()


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_was_found_before_a_look_was_cut_is_told_and_is_a_broken_ledger(
    k5: K5, sqlite_url: str, clock: Clock, options: tuple[str, ...]
) -> None:
    with tampering(sqlite_url) as connection:
        connection.execute(text("UPDATE account SET balance_minor = 700 WHERE owner_id IN (11, 14)"))
    done = k5("ledger", "verify", *options)
    assert done.exit_code == 1
    assert "owner 11 account" in done.stdout
    assert "owner 14" not in done.stdout
    assert done.stdout.count("kept 700") == 1
    assert "--after-owner 12" in done.stderr
    sessions = open_sessions(sqlite_url, sqlite_url)
    noted = verifying.last(open_doors(sessions, clock))
    assert noted, "the desk is told too"
    assert noted.first.startswith("I1  owner 11 account")
    sessions.dispose()


def test_a_look_that_was_cut_behind_the_last_owner_goes_on_with_the_whole_house(
    k5: K5, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = verifying.verify

    def cut(ports: Ports, told: Callable[[verifying.Step], None]) -> list[Breach]:
        def told_until(step: verifying.Step) -> None:
            told(step)
            if step.through is None:
                raise Unavailable

        return whole(ports, told_until)

    monkeypatch.setattr(verifying, "verify", cut)
    done = k5("ledger", "verify")
    words = f"k5: every owner was asked; --after-owner {LAST} goes on from there\n"
    assert (done.exit_code, done.stderr.endswith(words)) == (3, True)
    monkeypatch.setattr(verifying, "verify", whole)
    assert k5("ledger", "verify", "--after-owner", str(LAST)).exit_code == 0
    assert k5("ledger", "verify", "--after-owner", str(LAST + 1)).exit_code == 2
