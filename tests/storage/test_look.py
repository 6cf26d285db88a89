"""Readers of one page share one transaction, and what is written meanwhile is seen by the next."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from k5web.storage.look import Look
from k5web.storage.session import Sessions
from k5web.storage.tables import AllocatorRow

COUNT = text("SELECT count(*) FROM allocator WHERE kind = 'test.look'")


@pytest.fixture
def look(sessions: Sessions) -> Iterator[Look]:
    look = Look(sessions)
    yield look
    look.close()


@pytest.fixture
def begun(look: Look) -> Iterator[list[object]]:
    """What transactions of readers were begun."""
    begun: list[object] = []
    note = begun.append
    event.listen(look._read, "begin", note)
    yield begun
    event.remove(look._read, "begin", note)


def count(look: Look) -> int:
    with look.read() as db:
        return int(db.scalar(COUNT) or 0)


def write(through: Sessions) -> None:
    with through.begin() as db:
        db.add(AllocatorRow(kind="test.look", next_id=1))


def test_readers_share_one_transaction_also_inside_each_other(look: Look, begun: list[object]) -> None:
    with look.read() as outer:
        assert count(look) == 0
        outer.execute(COUNT)
    assert count(look) == 0
    assert len(begun) == 1
    look.close()
    assert count(look) == 0
    assert len(begun) == 2


def test_what_others_write_meanwhile_is_not_half_seen(look: Look, sessions: Sessions) -> None:
    assert count(look) == 0
    write(sessions)
    assert count(look) == 0
    look.close()
    assert count(look) == 1


def test_what_was_written_through_it_is_seen_by_the_next_reader(look: Look) -> None:
    assert count(look) == 0
    with look.begin() as db:
        db.add(AllocatorRow(kind="test.look", next_id=1))
        assert count(look) == 0  # not committed yet, and no reader of before the commit stays
    assert count(look) == 1


def test_a_reader_around_a_writer_goes_on_afterwards(look: Look) -> None:
    with look.read() as db:
        assert db.scalar(COUNT) == 0
        write(look)
        assert db.scalar(COUNT) == 1


def test_after_an_error_the_next_reader_begins_anew(look: Look, begun: list[object]) -> None:
    with pytest.raises((OperationalError, ProgrammingError)), look.read() as db:
        db.execute(text("SELECT nothing FROM nowhere"))
    assert count(look) == 0
    assert len(begun) == 2


def test_a_shut_house_is_asked_about_as_before(sessions: Sessions, look: Look) -> None:
    asked: list[object] = []
    sessions.gate = asked.append
    look.ask()
    assert len(asked) == 1
    sessions.write.dispose()  # a new connection is asked anew
    with look.begin():
        pass
    assert len(asked) == 2
