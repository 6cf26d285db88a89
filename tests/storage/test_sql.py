"""Inserts that meet a row already there mean the same on both databases."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import literal, select
from sqlalchemy.dialects import sqlite

from k5web.storage.session import Sessions
from k5web.storage.sql import (
    FactOf,
    FirstWord,
    Microseconds,
    OneOf,
    among,
    insert_or_change,
    insert_or_nothing,
    whole_seconds,
    word,
)
from k5web.storage.tables import FraudAlarmRow, RefusalRow, ThrottleRow
from tests.conftest import Clock

NOW = Clock().now


@pytest.mark.parametrize("unique", [(), ("scope", "subject")])
def test_a_row_that_is_there_stays_as_it_is(sessions: Sessions, unique: tuple[str, ...]) -> None:
    with sessions.begin() as db:
        for until in (NOW, NOW + timedelta(days=1)):
            row = {"scope": "login", "subject": "a", "booked_until": until}
            db.execute(insert_or_nothing(ThrottleRow, *unique).values(**row))
        assert list(db.scalars(select(ThrottleRow.booked_until))) == [NOW]


@pytest.mark.parametrize("wanted", [[], [2], [1, 3, 10**12]])
def test_rows_are_found_by_a_list_that_is_one_value(sessions: Sessions, wanted: list[int]) -> None:
    found = select(RefusalRow.owner_id).where(OneOf(RefusalRow.owner_id, "owners")).order_by(RefusalRow.owner_id)
    with sessions.begin() as db:
        for owner_id in (1, 2, 3, 10**12):
            row = {"owner_id": owner_id, "kind": "daily", "times": 1, "last_at": NOW}
            db.execute(insert_or_nothing(RefusalRow).values(**row))
        assert list(db.scalars(found, {"owners": wanted})) == wanted


def test_a_list_is_a_condition_that_an_index_serves_on_sqlite() -> None:
    found = select(RefusalRow.kind).where(OneOf(RefusalRow.owner_id, "owners"), RefusalRow.kind == "daily")
    written = str(found.compile(dialect=sqlite.dialect()))
    assert "IN (SELECT value FROM json_each(?)) AND" in written, "with `= 1` behind it all rows would be read"


@pytest.mark.parametrize(
    ("text", "word"), [("call 1-1", "call"), ("call", "call"), ("a b c", "a"), ("", ""), (" x", "")]
)
def test_the_first_word_of_a_text_is_the_same_on_both(sessions: Sessions, text: str, word: str) -> None:
    with sessions.read() as db:
        assert db.scalar(select(FirstWord(literal(text)))) == word


@pytest.mark.parametrize("us", [0, 1, 999_999, 1_000_000, 59_999_999, 86_400_000_000])
def test_microseconds_between_moments_are_exact_on_both(sessions: Sessions, us: int) -> None:
    since = NOW.replace(second=18, microsecond=999_999)
    with sessions.begin() as db:
        db.execute(insert_or_nothing(ThrottleRow).values(scope="login", subject="a", booked_until=since))
        until = literal(since + timedelta(microseconds=us), ThrottleRow.booked_until.type)
        span = select(Microseconds(ThrottleRow.booked_until, until), whole_seconds(ThrottleRow.booked_until, until))
        assert db.execute(span).one() == (us, us // 1_000_000)


def test_a_fact_is_read_by_its_name_on_both(sessions: Sessions) -> None:
    facts = {"destination": "Россия «моб.»", "other": "x"}
    row = {"owner_id": 1, "n": 1, "kind": "night", "raised_at": NOW, "facts": facts}
    with sessions.begin() as db:
        db.execute(insert_or_nothing(FraudAlarmRow).values(**row))
        read = select(FactOf(FraudAlarmRow.facts, "destination"), FactOf(FraudAlarmRow.facts, "nothing"))
        assert db.execute(read).one() == ("Россия «моб.»", None)


def test_a_row_that_is_there_is_changed(sessions: Sessions) -> None:
    def refused(at: datetime) -> None:
        first = {"owner_id": 1, "kind": "daily", "times": 1, "last_at": at}
        again = {"times": RefusalRow.times + 1, "last_at": at}
        db.execute(insert_or_change(RefusalRow, first, ["owner_id", "kind"], again))

    with sessions.begin() as db:
        refused(NOW)
        refused(NOW + timedelta(hours=1))
        assert db.execute(select(RefusalRow.times, RefusalRow.last_at)).all() == [(2, NOW + timedelta(hours=1))]


def test_statements_are_run_by_the_session() -> None:
    """One way for all: nobody has to ask which of two a statement needs (k5web/storage/__init__.py)."""
    storage = Path(__file__).parents[2] / "k5web" / "storage"
    texts = {path.name: path.read_text("utf-8") for path in storage.rglob("*.py")}
    assert [name for name, text in texts.items() if "db.connection()" in text] == []


def test_a_word_of_our_own_is_written_out_for_partial_indexes() -> None:
    kind = RefusalRow.kind
    found = select(RefusalRow.owner_id).where(kind == word("daily"), among(kind, ["a", "b"]), ~among(kind, ["c"]))
    asked = found.compile(dialect=sqlite.dialect())
    assert "kind = 'daily' AND refusal.kind IN ('a', 'b') AND (refusal.kind NOT IN ('c'))" in str(asked)
    assert not asked.params
