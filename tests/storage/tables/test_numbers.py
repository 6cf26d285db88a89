"""Rows of the stock that contradict themselves are refused by the database, whatever the program forgets."""

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from k5web.storage.session import Sessions
from k5web.storage.tables import NumberRow
from tests.conftest import Clock

OWNER = 100001


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "sold"},
        {"state": "rented"},
        {"owner_id": OWNER},
        {"state": "reserved", "owner_id": OWNER},
        {"state": "quarantine"},
        {"code": "499"},
        {"code": "916"},
        {"rings": "79161234567"},
    ],
)
def test_rows_that_contradict_themselves_are_refused(
    sessions: Sessions, clock: Clock, wrong: dict[str, object]
) -> None:
    free = {"digits": "74950000101", "code": "495", "is_beautiful": False, "state": "free", "changes": 0}
    with sessions.begin() as db:
        db.execute(insert(NumberRow), {**free, "since": clock()})
    with pytest.raises(IntegrityError), sessions.begin() as db:
        db.execute(update(NumberRow).values(**wrong))


def test_a_subscriber_has_one_reservation_whatever_the_program_forgets(sessions: Sessions, clock: Clock) -> None:
    row = {"code": "495", "is_beautiful": False, "state": "reserved", "owner_id": OWNER, "changes": 1}
    times = {"since": clock(), "reserved_until": clock()}
    with pytest.raises(IntegrityError), sessions.begin() as db:
        db.execute(insert(NumberRow), [{"digits": f"7495000020{n}", **row, **times} for n in range(2)])
