"""Wishes to top up by themselves as rows, on both databases: who is due, taken up once, tried again, ended."""

from dataclasses import replace
from datetime import timedelta

from k5web.domain.money import rub
from k5web.domain.payments.auto_top_up import AutoTopUp
from k5web.services.accounts import blocking
from k5web.storage.payments import auto_top_up_rows
from tests.services.house import House


def wish(k5: House, threshold: str = "100.00") -> AutoTopUp:
    facts = {"off_why": None, "is_armed": True, "round": 0, "refusals": 0, "try_at": None}
    return AutoTopUp(k5.caller.id, 1, rub(threshold), rub("300.00"), rub("600.00"), **facts)  # type: ignore[arg-type]


def due(k5: House) -> list[int]:
    with k5.ports.sessions.read() as db:
        return auto_top_up_rows.due(db, k5.clock())


def test_only_who_is_below_the_threshold_and_not_blocked_is_due(k5: House) -> None:
    k5.top_up("99.99")
    with k5.ports.sessions.begin() as db:
        assert not auto_top_up_rows.is_any(db)
        auto_top_up_rows.set_up(db, wish(k5))
    with k5.ports.sessions.read() as db:
        assert auto_top_up_rows.is_any(db)
        assert auto_top_up_rows.find(db, k5.caller.id) == wish(k5)
    assert due(k5) == [k5.caller.id]
    blocking.block(k5.ports, k5.caller.id, "staff:1", "a trial")
    assert due(k5) == []
    blocking.unblock(k5.ports, k5.caller.id, "staff:1", "it is over")
    k5.top_up("0.01")
    assert due(k5) == []


def test_a_crossing_is_taken_up_once_until_the_balance_was_above_the_threshold(k5: House) -> None:
    owner_id = k5.caller.id
    with k5.ports.sessions.begin() as db:
        auto_top_up_rows.set_up(db, wish(k5))
    with k5.ports.sessions.begin() as db:
        taken = auto_top_up_rows.take(db, owner_id, k5.clock())
        assert taken == wish(k5)
        auto_top_up_rows.begin_round(db, taken, k5.clock())
    with k5.ports.sessions.begin() as db:
        auto_top_up_rows.arm(db)
        assert auto_top_up_rows.take(db, owner_id, k5.clock()) is None
        assert auto_top_up_rows.unfinished(db, k5.clock()) == [owner_id], "its top-up was never written"
        assert auto_top_up_rows.unfinished(db, k5.clock() - timedelta(seconds=1)) == []
    k5.top_up("100.00")
    with k5.ports.sessions.begin() as db:
        auto_top_up_rows.arm(db)
    with k5.ports.sessions.read() as db:
        assert auto_top_up_rows.find(db, owner_id) == replace(wish(k5), round=1)


def test_a_refusal_is_counted_and_the_same_crossing_is_tried_later(k5: House) -> None:
    owner_id, later = k5.caller.id, k5.clock() + timedelta(hours=1)
    with k5.ports.sessions.begin() as db:
        auto_top_up_rows.set_up(db, wish(k5))
        auto_top_up_rows.note_refusal(db, owner_id, 1, later)
    assert due(k5) == []
    k5.clock.forward(hours=1)
    assert due(k5) == [owner_id]
    with k5.ports.sessions.begin() as db:
        auto_top_up_rows.switch_off(db, owner_id, "refused")
    assert due(k5) == []
    with k5.ports.sessions.read() as db:
        found = auto_top_up_rows.find(db, owner_id)
        assert found == replace(wish(k5), off_why="refused", refusals=1, try_at=later)


def test_it_is_switched_off_where_it_runs_and_only_with_the_card_that_is_named(k5: House) -> None:
    owner_id = k5.caller.id
    with k5.ports.sessions.begin() as db:
        auto_top_up_rows.switch_off(db, owner_id, "owner")
        assert auto_top_up_rows.find(db, owner_id) is None, "nobody wished it"
        auto_top_up_rows.set_up(db, wish(k5))
    for why, card_n, expected in (("card_gone", 2, None), ("card_gone", 1, "card_gone"), ("owner", None, "card_gone")):
        with k5.ports.sessions.begin() as db:
            auto_top_up_rows.switch_off(db, owner_id, why, card_n)  # type: ignore[arg-type]
        with k5.ports.sessions.read() as db:
            left = auto_top_up_rows.find(db, owner_id)
        assert left is not None
        assert left.off_why == expected
