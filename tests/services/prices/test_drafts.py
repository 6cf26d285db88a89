"""Drafts of lists and plans alike: listed by pages, dropped once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from k5web.domain.prices.price_draft import DraftState, NewDraft
from k5web.errors import DraftEnded, NotFound
from k5web.services.ports import Ports
from k5web.services.prices import drafts

NEW = NewDraft("deck", "k5", date(2027, 1, 1), "new.csv", b"7495,x,1\n", {}, {})


def test_drafts_are_listed_by_pages_those_of_plans_apart(ports: Ports) -> None:
    made = [drafts.keep(ports, replace(NEW, effective=NEW.effective + timedelta(days=n)), "anna").id for n in range(27)]
    drafts.keep(ports, replace(NEW, subject="plan"), "anna")
    first = drafts.listed(ports, "deck")
    assert [draft.id for draft in first] == made[:1:-1]
    assert [draft.id for draft in drafts.listed(ports, "deck", first[-1].id)] == [made[1], made[0]]


def test_a_draft_is_dropped_once(ports: Ports) -> None:
    draft = drafts.keep(ports, NEW, "anna")
    drafts.drop(ports, draft.id, "boris")
    dropped = drafts.find(ports, draft.id)
    assert (dropped.state, dropped.ended_by) == (DraftState.DROPPED, "boris")
    with pytest.raises(DraftEnded):
        drafts.drop(ports, draft.id, "anna")
    with pytest.raises(NotFound):
        drafts.drop(ports, draft.id + 1, "anna")
