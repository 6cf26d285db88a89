"""Each guard of the ledger removed in turn, in a copy of the house: some test must fail, or the guard is unproved.

Trial: R16. `./test --only R16` runs it; the ordinary run only looks whether each guard still stands where it is said.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import ROOT, foreign_environ
from tests.proofs import figure

KEPT = ("app.py", "pyproject.toml", "k5web", "connectors", "templates", "static", "tests", "deploy", "docs")
LEDGER, SQL, SESSION = (f"k5web/storage/{name}.py" for name in ("books/ledger", "books/ledger_sql", "session"))
FIRST, GUARDS, SEALED = (
    f"k5web/storage/migrations/versions/{name}.py" for name in ("0001_tables", "0002_guards", "0042_sealed_days")
)
CROWD = "tests/reliability/test_ledger_crowd.py"


@dataclass(frozen=True)
class Mutant:
    """A guard, the text it is made of, what stands there without it, and the tests that must miss it."""

    guard: str
    path: str
    text: str
    without: str
    tests: tuple[str, ...]


MUTANTS = [
    Mutant(
        "unique key: a name that others give is claimed once",
        FIRST,
        'sa.PrimaryKeyConstraint("key", "origin", name=op.f("pk_name_claim"))',
        'sa.PrimaryKeyConstraint("key", "origin", "owner_id", name=op.f("pk_name_claim"))',
        (f"{CROWD}::test_one_name_for_two_owners_is_credited_to_one",),
    ),
    Mutant(
        "unique key: a taken name of others is not posted again",
        LEDGER,
        "if event.name.is_outside and db.execute(sql.CLAIM_OUTSIDE_NAME, row).first() is None:",
        "if event.name.is_outside and db.execute(sql.CLAIM_OUTSIDE_NAME, row) is None:",
        (f"{CROWD}::test_one_name_for_two_owners_is_credited_to_one",),
    ),
    Mutant(
        "unique key: a taken name of ours is not posted again",
        LEDGER,
        "return db.execute(sql.CLAIM_NAME, row).first() is not None",
        "return db.execute(sql.CLAIM_NAME, row) is not None",
        ("tests/storage/books/test_ledger.py",),
    ),
    Mutant(
        "fingerprint check",
        LEDGER,
        "if (first.owner_id, first.fingerprint) != (event.owner_id, event.fingerprint):",
        "if first.owner_id != event.owner_id:",
        (f"{CROWD}::test_known_names_with_other_facts_are_alarms_among_true_repeats",),
    ),
    Mutant(
        "lock of the account that a posting continues",
        SQL,
        ".where(*_THE_ACCOUNT, ACCOUNT.c.closed_at.is_(None), *funds)\n        .with_for_update(key_share=True)",
        ".where(*_THE_ACCOUNT, ACCOUNT.c.closed_at.is_(None), *funds)",
        (f"{CROWD}::test_money_for_ten_is_given_to_ten_of_sixty_four",),
    ),
    Mutant(
        "lock of the account that a hold takes from",
        SQL,
        "        .with_for_update(key_share=True),\n        include_defaults=False,",
        "        ,\n        include_defaults=False,",
        (f"{CROWD}::test_money_for_ten_is_given_to_ten_of_sixty_four",),
    ),
    Mutant(
        "order of locks between two owners",
        LEDGER,
        "for account_id, owner_id in sorted(accounts):",
        "for account_id, owner_id in sorted(accounts, key=lambda pair: pair[1] != first.owner_id):",
        ("tests/reliability/test_transfer_crowd.py",),
    ),
    Mutant(
        "trigger: history is appended, never edited (SQLite)",
        GUARDS,
        '*(_sqlite_refusal(f"{table}_no_update", f"UPDATE ON {table}", HISTORY) for table in APPEND_ONLY),',
        "",
        ("tests/reliability/test_ledger_guards.py",),
    ),
    Mutant(
        "trigger: history is appended, never edited (PostgreSQL, also for its owner)",
        GUARDS,
        'f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "',
        'f"CREATE TRIGGER {table}_is_frozen BEFORE TRUNCATE ON {table} "',
        ("tests/reliability/test_ledger_guards.py",),
    ),
    Mutant(
        "trigger: a posting continues its account's chain (PostgreSQL)",
        SEALED,
        "AND last_day <= NEW.day AND balance_minor + NEW.amount_minor = NEW.balance_minor;",
        "AND last_day <= NEW.day;",
        ("tests/reliability/test_ledger_guards.py",),
    ),
    Mutant(
        "retry of what the database threw back",
        SESSION,
        "stop=stop_after_attempt(ATTEMPTS),",
        "stop=stop_after_attempt(1),",
        ("tests/storage/test_session.py",),
    ),
    Mutant(
        "the answer waits for the commit",
        SESSION,
        "session.commit()",
        "session.flush()",
        (f"{CROWD}::test_simultaneous_deliveries_of_one_payment_are_one_credit",),
    ),
    Mutant(
        "a commit that did not reach the standby is no success",
        SESSION,
        "            if UNKNOWN_COMMIT in notices:\n                raise OutcomeUnknown",
        "",
        ("tests/storage/test_session.py",),
    ),
    Mutant(
        "`WHERE` funds: a fee",
        SQL,
        "ADD_LINK_WITH_FUNDS = _link(_AVAILABLE + _AMOUNT >= 0)",
        "ADD_LINK_WITH_FUNDS = _link()",
        (f"{CROWD}::test_money_for_ten_is_given_to_ten_of_sixty_four",),
    ),
    Mutant(
        "`WHERE` funds: a hold",
        SQL,
        "            _AVAILABLE >= _AMOUNT,\n",
        "",
        (f"{CROWD}::test_money_for_ten_is_given_to_ten_of_sixty_four",),
    ),
    Mutant(
        "a hold ends once",
        SQL,
        "END_HOLD = _END.where(*_THE_HOLD, HOLD.c.state == OPEN)",
        "END_HOLD = _END.where(*_THE_HOLD)",
        ("tests/storage/books/test_ledger.py",),
    ),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house beside this one, to be broken."""
    place = tmp_path_factory.mktemp("mutants")
    place.chmod(0o755)
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    return place


def run(copy: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run tests in the copy, of the copy's own modules, until one fails."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not full", *tests]
    environ = foreign_environ() | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=copy, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.guard)
def test_each_guard_stands_where_it_is_said(mutant: Mutant) -> None:
    """The text of a guard that was rewritten would leave it unproved."""
    assert (ROOT / mutant.path).read_text("utf-8").count(mutant.text) == 1


@pytest.mark.full
@pytest.mark.postgres
@pytest.mark.timeout(1800)
def test_with_every_guard_in_its_place_the_tests_pass(copy: Path) -> None:
    done = run(copy, sorted({test for mutant in MUTANTS for test in mutant.tests}))
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.full
@pytest.mark.postgres
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.guard)
def test_some_test_misses_a_guard_that_is_gone(copy: Path, mutant: Mutant) -> None:
    path = copy / mutant.path
    whole = path.read_text("utf-8")
    path.write_text(whole.replace(mutant.text, mutant.without), "utf-8")
    try:
        done = run(copy, list(mutant.tests))
    finally:
        path.write_text(whole, "utf-8")
    found = re.search(r"^FAILED (.+?)(?: - |$)", done.stdout, re.MULTILINE)
    assert done.returncode == 1, f"no test missed it:\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
    assert found, done.stdout[-3000:]
    figure(f"without {mutant.guard}: {found[1]} fails")
