"""Drafts: one open draft of a list and day, listed without their files, ended once."""

from dataclasses import replace
from datetime import date

import pytest

from k5web.domain.prices.price_draft import DraftState, NewDraft
from k5web.errors import NotFound
from k5web.storage.prices import draft_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock

NEW = NewDraft("deck", "k5", date(2027, 1, 1), "new.csv", b"7495,x,1\n", {"replace": True}, {"counts": {"new": 1}})


def test_a_draft_is_read_as_it_was_kept(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        number = draft_rows.add(db, NEW, "staff:anna", clock())
        assert number is not None
        kept = draft_rows.find(db, number)
        assert (kept.subject, kept.name, kept.effective, kept.file) == ("deck", "k5", NEW.effective, "new.csv")
        assert (kept.options, kept.shown, kept.state) == (NEW.options, NEW.shown, DraftState.OPEN)
        assert (kept.drafted_by, kept.drafted_at, kept.version_id) == ("staff:anna", clock(), None)
        assert draft_rows.content(db, number) == NEW.content
        with pytest.raises(NotFound):
            draft_rows.find(db, number + 1)
        with pytest.raises(NotFound):
            draft_rows.lock(db, number + 1)


def test_one_draft_of_a_list_and_day_is_open_at_a_time(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        first = draft_rows.add(db, NEW, "staff:anna", clock())
        assert first is not None
        assert draft_rows.add(db, replace(NEW, file="other.csv"), "staff:boris", clock()) is None
        found = draft_rows.open_for(db, NEW)
        assert found is not None
        assert found.id == first
        for other in (replace(NEW, name="b"), replace(NEW, subject="plan"), replace(NEW, effective=date(2027, 2, 1))):
            assert draft_rows.open_for(db, other) is None
            assert draft_rows.add(db, other, "staff:anna", clock()) is not None
        draft_rows.end(db, first, DraftState.DROPPED, "staff:anna", clock(), None)
        assert draft_rows.add(db, NEW, "staff:anna", clock()) is not None


def test_another_check_and_the_end_are_written_down(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        number = draft_rows.add(db, NEW, "staff:anna", clock()) or 0
        draft_rows.show_anew(db, number, {"replace": False}, {"counts": {}})
        draft_rows.end(db, number, DraftState.PUBLISHED, "staff:boris", clock(), 7)
        kept = draft_rows.lock(db, number)
    assert (kept.options, kept.shown) == ({"replace": False}, {"counts": {}})
    assert (kept.state, kept.ended_by, kept.ended_at, kept.version_id) == ("published", "staff:boris", clock(), 7)


def test_drafts_are_paged_the_newest_first(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        made = [
            draft_rows.add(db, replace(NEW, effective=date(2027, 1, day)), "staff:anna", clock()) or 0
            for day in (1, 2, 3)
        ]
        first = [draft.id for draft in draft_rows.listed(db, "deck", None, 2)]
        second = [draft.id for draft in draft_rows.listed(db, "deck", first[-1], 2)]
    assert (first, second) == ([made[2], made[1]], [made[0]])
