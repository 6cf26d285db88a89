"""Calls as their owner looks back at them."""

from datetime import timedelta

from k5web.storage.calls import call_rows, past_call_rows
from tests.services.house import THEIRS, House


def test_a_number_that_a_program_chose_is_not_the_last_one_of_a_thumb(k5: House) -> None:
    k5.top_up("100.00")
    mine = k5.talk(k5.order(), "1")
    k5.talk(k5.order(key="api:x:1"), "1")
    with k5.ports.sessions.read() as db:
        last = past_call_rows.last_to(db, k5.caller.id, THEIRS.removeprefix("+"), at_once=False)
        assert last is not None
        assert last.id == mine.id
        assert [call.id for call in call_rows.page(db, k5.caller.id, 2, 25)] == [mine.id]


def test_settled_calls_of_a_span_come_oldest_first(k5: House) -> None:
    k5.top_up("100.00")
    began = k5.clock()
    first = k5.talk(k5.order(), "1")
    k5.clock.forward(hours=1)
    second = k5.talk(k5.order(), "61")
    k5.order()
    with k5.ports.sessions.read() as db:
        both = past_call_rows.settled_between(db, k5.caller.id, began, k5.clock() + timedelta(1), 10)
        early = past_call_rows.settled_between(db, k5.caller.id, began, began + timedelta(minutes=30), 10)
    assert [call.id for call in both] == [first.id, second.id]
    assert [call.id for call in early] == [first.id]
