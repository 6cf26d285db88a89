"""The money path's statements: one owner each, no locks over many, both dialects. Promises: W2, C1, C2, C4, C5."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ClauseElement, event
from sqlalchemy.dialects import postgresql, sqlite

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.services.books.corrections import chargeback, refund, reverse
from k5web.services.payments.topups import credit
from k5web.storage.books import ledger, ledger_sql
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors

OWNER = 100001
OF_ALL_OWNERS = {"OVERDUE_HOLDS"}  # a list without a lock; each of its rows is looked at again
BY_NAME = {"FIND_CLAIM"}  # an outside name lies by its key
OF_A_BATCH = {"LOCK_MAINS", "LOCK_FREE_MAINS", "LOCK_OTHERS"}  # fees: where tables are distributed, of one owner (C4)
STATEMENTS = {
    name: found
    for name, found in vars(ledger_sql).items()
    if name.isupper() and isinstance(found, ClauseElement) and hasattr(found, "compile") and name[0] != "_"
    if name not in {"ACCOUNT", "CLAIM", "TRANSACTION", "POSTING", "HOLD", "OPEN", "FIRST_OPEN_DAY"}
}
LOCKING = re.compile(r"FOR (NO KEY )?UPDATE")


def compiled(name: str, dialect: Any) -> str:
    return " ".join(str(STATEMENTS[name].compile(dialect=dialect)).split())


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_money_statement_is_for_one_owner(name: str) -> None:
    for dialect in (postgresql.dialect(), sqlite.dialect()):  # type: ignore[no-untyped-call]
        sql = compiled(name, dialect)
        if name in OF_ALL_OWNERS | BY_NAME:
            assert not LOCKING.search(sql)
            assert sql.startswith("SELECT")
        elif name in OF_A_BATCH:
            assert re.search(r"owner_id (IN \(|= ANY \()", sql)
            assert "ORDER BY account.id" in sql  # two batches wait for each other in one order
        elif sql.startswith("INSERT") and "SELECT" not in sql:
            assert "owner_id" in sql.partition("VALUES")[0]
        else:
            assert re.search(r"owner_id = (%\(owner\)s|\?)", sql)
        assert "FOR UPDATE" not in sql  # it would wait for every key share a foreign key takes


def test_a_returning_insert_from_a_select_has_an_alias_or_returns_no_column() -> None:
    """Citus refuses it otherwise; SQLite refuses the alias."""
    for name in ("ADD_LINK", "ADD_LINK_WITH_FUNDS"):
        assert compiled(name, postgresql.dialect()).startswith("INSERT INTO posting AS posting (")  # type: ignore[no-untyped-call]
        assert compiled(name, sqlite.dialect()).startswith("INSERT INTO posting (")
    assert compiled("ADD_HOLD", postgresql.dialect()).endswith("RETURNING 1")  # type: ignore[no-untyped-call]


@contextmanager
def listening(sessions: Sessions) -> Iterator[list[str]]:
    """Collect what is really sent."""
    heard: list[str] = []

    def hear(*call: Any) -> None:
        heard.append(" ".join(call[2].split()))

    event.listen(sessions.write, "before_cursor_execute", hear)
    yield heard
    event.remove(sessions.write, "before_cursor_execute", hear)


def test_all_that_money_does_is_asked_by_owner(sessions: Sessions, clock: Clock) -> None:
    ports = open_doors(sessions, clock)
    with sessions.begin() as db:
        account_id = ledger.open_account(db, OWNER, "main", "RUB")
        seconds = ledger.open_account(db, OWNER, "minutes", "SEC")
    name, now, today = EventName("test:bank", "p"), clock(), ports.today()
    with listening(sessions) as heard:
        for _ in range(2):
            credit(ports, OWNER, name, rub("50.00"), "cash.test", "test", now)
            refund(ports, OWNER, name, rub("1.00"), "a", "test")
            chargeback(ports, OWNER, name, rub("1.00"), "c", "test", now)
        reverse(ports, OWNER, EventName("refund", "a"), "test")
        with sessions.begin() as db:
            for call_id in ("1", "2", "3"):
                ledger.hold(db, OWNER, account_id, call_id, rub("1.00"), now, now)
            moves = (Move(account_id, -1, "sale.call"), Move(seconds, -60, "sale.call"))
            ledger.settle(db, Event(OWNER, EventName("call", "1"), moves, "test", now), "1", today, now)
            ledger.release(db, OWNER, account_id, "2", now)
            ledger.expire(db, OWNER, account_id, "3", now + timedelta(seconds=1))
    asked = [sql for sql in heard if not sql.startswith(("BEGIN", "PRAGMA"))]
    assert len(asked) > 30
    for sql in asked:
        by_owner = re.search(r"(owner_id|subscriber\.id) (= (%\(\w+\)s|\?|ANY \()|IN \()", sql)
        assert by_owner or ("owner_id" in sql and (sql.startswith("INSERT") or "FROM name_claim" in sql))
