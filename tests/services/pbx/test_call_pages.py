"""Pages of calls for programs on both databases; what they hold is tried with the API: tests/web/test_api_lists.py."""

import pytest
from sqlalchemy import insert

from k5web.errors import NotFound
from k5web.services.pbx import call_pages
from k5web.storage.tables import ConversationLegRow, ConversationRow
from tests.services.house import House


def test_a_page_holds_each_call_with_its_charge(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "61")
    page = call_pages.page(k5.ports, k5.caller.id)
    [view] = page.views
    assert view.call.id == call.id
    assert view.charge is not None
    assert str(view.charge.a.charge + view.charge.b.charge) == "4.40"
    assert (page.conversations, page.next_before) == ({}, None)
    assert call_pages.conversation_of(k5.ports, call) is None
    with pytest.raises(NotFound):
        call_pages.page(k5.ports, k5.caller.id + 1, call.id)


def test_conversations_are_paged_with_their_legs(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_pages, "PAGE", 1)
    for name in ("k5-1.1", "k5-1.2"):
        same = {"owner_id": k5.caller.id, "switch": "k5", "linked_id": name}
        talk = {"direction": "in", "number": "", "caller": "", "called": "", "began_at": k5.clock()}
        with k5.ports.sessions.begin() as db:
            db.execute(insert(ConversationRow).values(**same, **talk))
            leg = {"leg_uuid": name, "endpoint": "trunk-a", "started_at": k5.clock()}
            db.execute(insert(ConversationLegRow).values(**same, **leg))
    first = call_pages.conversations(k5.ports, k5.caller.id)
    second = call_pages.conversations(k5.ports, k5.caller.id, first.next_before)
    assert [talk.conversation.linked_id for talk in (*first.talks, *second.talks)] == ["k5-1.2", "k5-1.1"]
    assert [len(talk.legs) for talk in (*first.talks, *second.talks)] == [1, 1]
    assert second.next_before is None
