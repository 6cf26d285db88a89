"""Legs counted together: what is asked for of a span, and that equal ones are one group."""

from datetime import timedelta

from k5web.domain.money import Price
from k5web.storage.prices import traffic_rows
from tests.services.house import House


def test_legs_alike_are_one_group_and_calls_outside_the_span_are_none(k5: House) -> None:
    k5.top_up("100.00")
    since = k5.clock()
    for seconds in ("50.25", "50.75", "50"):
        k5.talk(k5.order("+74951234567"), seconds)
    span = since, k5.clock() + timedelta(seconds=1)
    with k5.ports.sessions.read() as db:
        sold = sorted(traffic_rows.sold_by(db, "k5", span, 4), key=lambda one: (one.head, one.rated_us))
        assert [(one.head, one.rated_us, one.count) for one in sold] == [
            ("7495", 50_000_000, 1),
            ("7495", 50_000_001, 2),  # any part of a second counts alike
            ("7916", 50_000_000, 1),
            ("7916", 50_000_001, 2),
        ]
        assert [one.unknown for one in sold] == [1, 2, 1, 2]
        assert list(traffic_rows.sold_by(db, "k5", (span[1], span[1]), 4)) == []
        assert list(traffic_rows.sold_by(db, "clovertel", span, 4)) == []


def test_what_a_trunk_carried_comes_with_its_own_seconds_and_the_rate_it_was_sold_by(k5: House) -> None:
    k5.top_up("100.00")
    since = k5.clock()
    k5.talk(k5.order("+74951234567"), "50")
    with k5.ports.sessions.read() as db:
        span = since, since + timedelta(days=1)
        carried = sorted(traffic_rows.carried_by(db, ["trunk"], span, 4), key=lambda one: one.head)
        assert list(traffic_rows.carried_by(db, ["other"], span, 4)) == []
    leg_b, leg_a = carried
    assert (leg_b.rated_us, leg_b.carried_us, leg_a.rated_us, leg_a.carried_us) == (
        50_000_000, 50_000_000, 50_000_000, 55_000_000,
    )  # fmt: skip
    assert leg_a.sold is not None
    assert (leg_a.sold.per_minute, leg_a.sold.counting) == (Price.parse("1.75"), (60, 60, 3))
