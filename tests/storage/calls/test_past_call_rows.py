"""Calls as their owner looks back at them."""

from datetime import timedelta

import pytest

from k5web.storage.calls import call_rows, past_call_rows
from tests.plans import plans
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


def test_talk_is_summed_between_edges_in_whole_seconds_of_each_call(k5: House) -> None:
    """As the list of calls tells it: 61 and 61, though both are longer by most of a second."""
    k5.top_up("1000.00")
    began = k5.clock()
    k5.talk(k5.order(), "61.999999")
    k5.talk(k5.order(), "61.7")
    k5.clock.forward(days=2)
    k5.talk(k5.order(), "0.9")
    k5.talk(k5.order(), "600")
    k5.order()
    edges = [began - timedelta(1), began, began + timedelta(1), began + timedelta(30)]
    with k5.ports.sessions.read() as db:
        assert past_call_rows.talked_between(db, k5.caller.id, edges) == [0, 122, 600]
        assert past_call_rows.talked_between(db, k5.caller.id + 1, edges) == [0, 0, 0]


def test_whom_an_owner_rang_is_told_of_the_newest_calls_alone(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the key of the table on both databases, so that a long past costs a page nothing."""
    k5.top_up("100.00")
    for number in ("+73431234567", THEIRS, "+77172123456"):
        k5.talk(k5.order(number), "5")
        k5.clock.forward(hours=1)
    monkeypatch.setattr(past_call_rows, "LOOKED_BACK", 2)
    with k5.ports.sessions.read() as db:
        found = past_call_rows.newest(db, k5.caller.id)
        assert [number for number, _at in found] == ["77172123456", THEIRS.removeprefix("+")]
        assert found[0][1] > found[1][1]
        assert past_call_rows.newest(db, k5.caller.id + 1) == []
    with plans(k5.ports.sessions) as statements, k5.ports.sessions.read() as db:
        past_call_rows.newest(db, k5.caller.id)
    [(_statement, steps)] = statements
    assert [(step.table, step.is_whole_table) for step in steps] == [("call", False)]
    assert steps[0].index in {"pk_call", "sqlite_autoindex_call_1"}


def test_calls_with_a_number_are_found_by_its_index_however_many_others_there_are(k5: House) -> None:
    k5.top_up("100.00")
    ours = [k5.talk(k5.order(number), "2").id for number in ("+73431234567", THEIRS, "+73431234567")]
    owner_id, span = k5.caller.id, (k5.clock() - timedelta(1), k5.clock() + timedelta(1))
    with plans(k5.ports.sessions) as statements, k5.ports.sessions.read() as db:
        page = past_call_rows.alone(db, owner_id, None, 25, None, "73431234567")
        assert past_call_rows.alone_with(db, owner_id, "73431234567") == [1, 3]
    assert [call.id for call in page] == [ours[2], ours[0]]
    assert {steps[0].index for _statement, steps in statements} == {"ix_call_owner_id_b_number"}
    with k5.ports.sessions.read() as db:
        assert past_call_rows.alone(db, owner_id + 1, None, 25, None, "73431234567") == []
        assert [call.id for call in past_call_rows.free(db, owner_id, span, None, 5, THEIRS[1:])] == [ours[1]]
        assert past_call_rows.count_free(db, owner_id, span, "73431234567") == 2
        assert past_call_rows.count_free(db, owner_id, span) == 3


def test_who_typed_a_number_last_is_found_by_its_index_however_often_others_rang_it(k5: House) -> None:
    """A countdown that nobody used for it must not read all calls to a number, nor the button where a program rang."""
    k5.top_up("100.00")
    mine = k5.talk(k5.order(), "1")
    for n in range(3):
        k5.talk(k5.order(key=f"api:x:{n}"), "1")
    with plans(k5.ports.sessions) as statements, k5.ports.sessions.read() as db:
        found = [past_call_rows.last_to(db, k5.caller.id, THEIRS.removeprefix("+"), by) for by in (False, True)]
    assert [call and call.id for call in found] == [mine.id, None]
    assert [[step.index for step in steps] for _statement, steps in statements] == [["ix_call_typed"]] * 2
