"""Sums of days: those counted now are those that are kept; a day is open while a call of it is."""

from datetime import timedelta

from k5web.services.ports import start_of_day
from k5web.storage.prices import margin_rows
from tests.services.house import House


def test_what_is_kept_of_a_day_is_what_is_counted(k5: House) -> None:
    k5.top_up("100.00")
    day = k5.ports.today()
    span = start_of_day(day), start_of_day(day + timedelta(days=1))
    with k5.ports.sessions.read() as db:
        assert (margin_rows.first_call(db), margin_rows.last_day(db), margin_rows.counted(db, span)) == (None, None, [])
    call = k5.order("+74951234567")
    with k5.ports.sessions.read() as db:
        assert margin_rows.first_call(db) == call.ordered_at
        assert margin_rows.has_open_calls(db, span[1])
        assert not margin_rows.has_open_calls(db, call.ordered_at)
    k5.talk(call, "50")
    with k5.ports.sessions.begin() as db:
        assert not margin_rows.has_open_calls(db, span[1])
        counted = margin_rows.counted(db, span)
        assert margin_rows.sum_up(db, day, span, k5.clock())
        assert margin_rows.kept(db, day, day) == counted
        assert margin_rows.kept(db, day + timedelta(days=1), day + timedelta(days=2)) == []
        assert margin_rows.last_day(db) == day
    [line] = counted
    assert (line.price_list, line.destination, line.calls, line.seconds, line.revenue_minor, line.unknown_calls) == (
        "deck k5", "Москва городской", 1, 50, 220, 1,
    )  # fmt: skip
