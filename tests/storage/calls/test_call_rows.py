"""Orders as rows: states move as the table of states allows; queue, pages and positions are told from rows."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from k5web.domain.calls.call import CallState
from k5web.storage.calls import call_rows
from k5web.storage.session import Sessions
from tests.services.house import House, subscriber


def test_a_change_of_state_that_no_table_knows_is_refused(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    settled = k5.talk(call, "60")
    with k5.ports.sessions.begin() as db, pytest.raises(ValueError, match="is settled and cannot become talking"):
        call_rows.change(db, settled, k5.clock(), state=CallState.TALKING)
    assert k5.call(call).state is CallState.SETTLED


def test_an_order_comes_back_with_the_prices_it_was_made_at(k5: House) -> None:
    k5.top_up("100.00")
    ordered = k5.order()
    k5.reprice("7495", "9.99")
    with k5.ports.sessions.read() as db:
        found = call_rows.find(db, k5.caller.id, 1)
        assert found == ordered
        assert [str(rate.per_minute) for rate in (found.quote.a, found.quote.b)] == ["1.75", "0.45"]
        assert call_rows.find(db, k5.caller.id, 2) is None
        assert call_rows.find(db, k5.caller.id + 1, 1) is None


def test_the_queue_is_in_the_order_of_the_orders(k5: House) -> None:
    k5.top_up("100.00")
    first = k5.order()
    k5.clock.forward(seconds=1)
    second = k5.order(caller=subscriber(k5, 1))
    with k5.ports.sessions.begin() as db:
        assert [call.id for call in call_rows.waiting(db)] == [first.id, second.id]
        assert [call_rows.queue_place(db, call) for call in (first, second)] == [0, 1]
        call_rows.change(db, first, k5.clock(), state=CallState.PLACING, switch="fake", trunks_a=("one", "two"))
        taken = call_rows.lock(db, k5.caller.id, 1)
        assert taken is not None
        assert (taken.state, taken.switch, taken.trunks_a) == (CallState.PLACING, "fake", ("one", "two"))
        assert [call.id for call in call_rows.waiting(db)] == [second.id]
        assert call_rows.take(db, k5.caller.id, 1, CallState.RESERVED) is None, "somebody else has it"


def test_a_switch_is_read_on_from_where_it_was_left(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        assert call_rows.position(db, "one") == ""
        call_rows.move_position(db, "one", "1:20")
        assert call_rows.position(db, "two") == ""
    read_until = k5.clock() - timedelta(seconds=3)
    with k5.ports.sessions.begin() as db:
        assert call_rows.position(db, "one") == "1:20"
        call_rows.note_look(db, "one", read_until)
        assert call_rows.looks(db) == {"one": read_until}


def test_live_calls_are_found_without_a_look_at_the_others(sessions: Sessions) -> None:
    with sessions.read() as db:
        engine = db.connection().engine
        explain = "EXPLAIN QUERY PLAN "
        if engine.dialect.name == "postgresql":
            db.execute(text("SET LOCAL enable_seqscan = off"))
            db.execute(text("SET LOCAL enable_bitmapscan = off"))
            explain = "EXPLAIN "
        asked = call_rows._LIVE.params(of_owner=1).compile(engine, compile_kwargs={"literal_binds": True})
        plan = [str(row[-1]) for row in db.connection().exec_driver_sql(explain + str(asked))]
    assert [step for step in plan if "ix_call_live" in step], plan
