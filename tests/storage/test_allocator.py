"""Numbers are given once, in a row, and none is lost by what is rolled back."""

from k5web.storage.allocator import allocate, allocate_many
from k5web.storage.session import Sessions


def test_numbers_of_each_kind_go_on_by_one(sessions: Sessions) -> None:
    with sessions.begin() as db:
        first = allocate(db, "invoice")
    with sessions.begin() as db:
        assert [allocate(db, "invoice"), allocate(db, "invoice")] == [first + 1, first + 2]
        rule = allocate(db, "bank_rule")
        assert allocate(db, "bank_rule") == rule + 1, "another kind has a row of its own"


def test_a_number_that_was_not_used_after_all_is_given_again(sessions: Sessions) -> None:
    with sessions.begin() as db:
        given = allocate(db, "invoice")
        db.rollback()
    with sessions.begin() as db:
        assert allocate(db, "invoice") == given


def test_a_sequence_begins_by_itself_and_gives_many_at_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert list(allocate_many(db, "act 2026", 3)) == [1, 2, 3]
        assert list(allocate_many(db, "act 2027", 1)) == [1]
        db.rollback()
    with sessions.begin() as db:
        assert list(allocate_many(db, "act 2026", 2)) == [1, 2]
        assert list(allocate_many(db, "act 2026", 1)) == [3]
