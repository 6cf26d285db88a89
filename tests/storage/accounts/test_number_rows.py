"""The stock in the database: of two changes one is too late, its history cannot be edited."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, NumberTaken
from k5web.storage.accounts import number_rows
from k5web.storage.accounts.number_rows import Move
from k5web.storage.session import Sessions
from k5web.storage.tables import NumberChangeRow
from tests.conftest import Clock

A, OWNER = Msisdn("74950000101"), 100001


@pytest.fixture(autouse=True)
def _one_number(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        assert number_rows.add(db, {A: False}, clock(), "test") == [A]


def test_a_number_that_is_there_is_not_added_again(sessions: Sessions, clock: Clock) -> None:
    other = Msisdn("74950000102")
    with sessions.begin() as db:
        assert number_rows.add(db, {A: True, other: True}, clock(), "test") == [other]
        assert not number_rows.get(db, A.digits).is_beautiful
        assert len(number_rows.history(db, A.digits)) == 1


def test_of_two_who_saw_the_same_number_the_second_is_too_late(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        seen = number_rows.get(db, A.digits)
        until = clock() + timedelta(minutes=15)
        number_rows.move(db, seen, Move(NumberState.RESERVED, OWNER, clock(), "test", until))
        with pytest.raises(NumberTaken):
            number_rows.move(db, seen, Move(NumberState.RESERVED, OWNER + 1, clock(), "test", until))


def test_nothing_may_skip_a_state(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        seen = number_rows.get(db, A.digits)
        with pytest.raises(NumberTaken):
            number_rows.move(db, seen, Move(NumberState.RENTED, OWNER, clock(), "test"))


def test_history_cannot_be_edited(sessions: Sessions) -> None:
    for forbidden in (update(NumberChangeRow).values(actor="nobody"), delete(NumberChangeRow)):
        with pytest.raises(DBAPIError), sessions.begin() as db:
            db.execute(forbidden)


def test_what_is_over_is_listed_until_it_is_written_down(sessions: Sessions, clock: Clock) -> None:
    until = clock() + timedelta(minutes=15)
    with sessions.begin() as db:
        kept = number_rows.move(
            db, number_rows.get(db, A.digits), Move(NumberState.RESERVED, OWNER, clock(), "test", until)
        )
        assert number_rows.overdue(db, until - timedelta(microseconds=1), 10) == []
        assert number_rows.overdue(db, until, 10) == [A.digits]
        number_rows.move(db, kept, Move(NumberState.FREE, OWNER, until, "test"))
        assert number_rows.overdue(db, until, 10) == []


def test_a_number_that_is_not_there_is_not_found(sessions: Sessions) -> None:
    with sessions.read() as db, pytest.raises(NotFound):
        number_rows.get(db, "74950000199")
