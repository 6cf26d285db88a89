"""The subscriber's list of calls: callbacks and conversations together, a conversation explained. Promise: B7."""

from datetime import timedelta
from typing import Any

import pytest

from k5web.domain.books.period import Period
from k5web.domain.calls.call import CallKind, CallOrder
from k5web.domain.pbx.conversation import ConversationOutcome
from k5web.errors import NotFound
from k5web.services.pbx import call_log
from k5web.services.pbx.call_log import CallLog, Shown, Talk
from tests.services.house import House
from tests.services.pbx.conversed import CALLER, converse, paid_by


def names(page: CallLog) -> list[str]:
    """Return the entries by their names."""
    return [one.id if isinstance(one, CallOrder) else one.conversation.linked_id for one in page.entries]


def test_callbacks_and_conversations_stand_in_one_list_page_by_page(k5: House) -> None:
    k5.top_up("100.00")
    expected = []
    for n in range(4):
        expected.append(k5.talk(k5.order(), "5").id)
        k5.clock.forward(minutes=1)
        expected.append(converse(k5, f"k5-{n}.1"))
        k5.clock.forward(minutes=1)
    whole = names(call_log.page(k5.ports, k5.caller.id))
    assert whole == expected[::-1]
    for limit in (1, 3, 7, 8):
        read, place = [], None
        for _page in range(9):
            page = call_log.page(k5.ports, k5.caller.id, before=place, limit=limit)
            read += names(page)
            if (place := page.further) is None:
                break
        assert read == whole


def test_a_list_shows_a_kind_and_days(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "5").id
    converse(k5, "k5-1.1", outcome=ConversationOutcome.MISSED)
    converse(k5, "k5-1.2", outcome=ConversationOutcome.REFUSED)
    converse(k5, "k5-1.3", direction="out")
    shown = {kind: sorted(names(call_log.page(k5.ports, k5.caller.id, kind))) for kind in Shown}
    assert shown == {
        Shown.ALL: [call, "k5-1.1", "k5-1.2", "k5-1.3"],
        Shown.CALLBACKS: [call],
        Shown.INCOMING: ["k5-1.1", "k5-1.2"],
        Shown.MISSED: ["k5-1.1"],
        Shown.OUTGOING: ["k5-1.3"],
    }


def test_a_paid_leg_shows_in_its_conversation_and_not_beside_it(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "61")
    converse(k5, "k5-1.1", outcome=ConversationOutcome.FORWARDED)
    paid_by(k5, "k5-1.1", call, CallKind.FORWARD)
    [entry] = call_log.page(k5.ports, k5.caller.id).entries
    assert isinstance(entry, Talk)
    assert entry.cost == call.cost
    assert [leg.call_n for leg in entry.legs] == [None, 1]


def test_a_forward_whose_conversation_is_not_known_is_not_lost(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "61")
    paid_by(k5, "", call, CallKind.FORWARD)
    assert names(call_log.page(k5.ports, k5.caller.id)) == [call.id]


def test_a_conversation_is_its_owner_s(k5: House) -> None:
    converse(k5, "k5-1.1")
    talk = call_log.talk(k5.ports, k5.caller.id, "k5", "k5-1.1").talk
    assert (talk.conversation.caller, talk.cost) == (CALLER, None)
    assert talk.people["u1-1"].title == "Анна"
    for owner_id, switch, name in ((k5.caller.id + 1, "k5", "k5-1.1"), (k5.caller.id, "other", "k5-1.1")):
        with pytest.raises(NotFound):
            call_log.talk(k5.ports, owner_id, switch, name)


def test_what_an_unsettled_leg_costs_is_not_known_yet(k5: House) -> None:
    k5.top_up("100.00")
    converse(k5, "k5-1.1")
    paid_by(k5, "k5-1.1", k5.order(), CallKind.FORWARD)
    assert call_log.talk(k5.ports, k5.caller.id, "k5", "k5-1.1").talk.cost is None


def test_conversations_of_other_days_are_left_out(k5: House) -> None:
    today = k5.ports.today()
    converse(k5, "k5-1.1")
    assert names(call_log.page(k5.ports, k5.caller.id, period=Period(today, today))) == ["k5-1.1"]
    yesterday = today - timedelta(1)
    assert names(call_log.page(k5.ports, k5.caller.id, period=Period(yesterday, yesterday))) == []


def test_calls_with_a_number_are_those_to_it_and_those_from_it(k5: House) -> None:
    """With whom a conversation was, not which phone answered it; page by page like all others."""
    k5.top_up("100.00")
    to_it = k5.talk(k5.order(f"+{CALLER}"), "5").id
    k5.talk(k5.order(), "5")
    k5.clock.forward(minutes=1)
    converse(k5, "k5-1.1")
    converse(k5, "k5-1.2", caller="79990000000")
    k5.clock.forward(minutes=1)
    converse(k5, "k5-1.3", direction="out", caller="u1-1", called=CALLER)
    forwarded = k5.talk(k5.order("+79990000000"), "5")
    paid_by(k5, "k5-1.1", forwarded, CallKind.FORWARD)

    def listed(kind: Shown = Shown.ALL, **differs: Any) -> list[str]:
        return names(call_log.page(k5.ports, k5.caller.id, kind, other=CALLER, **differs))

    assert listed() == ["k5-1.3", "k5-1.1", to_it]
    first = call_log.page(k5.ports, k5.caller.id, other=CALLER, limit=2)
    assert listed(before=first.further) == [to_it]
    kinds = {kind: listed(kind) for kind in (Shown.CALLBACKS, Shown.INCOMING, Shown.OUTGOING, Shown.MISSED)}
    assert list(kinds.values()) == [[to_it], ["k5-1.1"], ["k5-1.3"], []]
    assert names(call_log.page(k5.ports, k5.caller.id, other="79990000000")) == ["k5-1.2"]
