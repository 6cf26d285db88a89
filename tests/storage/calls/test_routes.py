"""Switches and trunks as rows: what is under way on each, who failed lately and rests, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.domain.calls.call import CallState
from k5web.storage.calls import call_rows, routes
from k5web.storage.calls.routes import Trouble
from k5web.storage.session import Sessions
from tests.services.house import House

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
RESTING = Trouble("trunk", "one", 3, NOW + timedelta(minutes=5), NOW, "no route", 2, ("74951234567", "79161234567"))


def test_a_trouble_is_remembered_until_the_trunk_works_again(sessions: Sessions) -> None:
    with sessions.begin() as db:
        routes.write_trouble(db, Trouble.none("trunk", "one", NOW))
        routes.write_trouble(db, RESTING)
        routes.write_trouble(db, Trouble.none("switch", "one", NOW))
    with sessions.begin() as db:
        assert routes.find_trouble(db, "trunk", "one") == RESTING
        assert routes.find_trouble(db, "trunk", "two") is None
        routes.forget_trouble(db, "trunk", ["one", "two"])
        assert routes.troubles(db) == [Trouble.none("switch", "one", NOW)]


def test_who_rests_is_passed_by_until_the_rest_is_over(sessions: Sessions) -> None:
    with sessions.begin() as db:
        routes.write_trouble(db, RESTING)
    with sessions.read() as db:
        assert routes.traffic(db, NOW).resting_trunks == {"one"}
        assert routes.traffic(db, NOW).resting_switches == frozenset()
        assert routes.traffic(db, RESTING.rests_until).resting_trunks == frozenset()


def test_a_number_that_another_trunk_reached_counts_no_more(sessions: Sessions) -> None:
    with sessions.begin() as db:
        routes.write_trouble(db, RESTING)
        routes.forget_number(db, "one", "74951234567")
        routes.forget_number(db, "two", "79161234567")
        assert routes.find_trouble(db, "trunk", "one") == replace(RESTING, numbers=("79161234567",))


def test_a_call_takes_a_line_of_the_trunk_that_leg_a_tries_now_and_of_the_first_one_of_leg_b(k5: House) -> None:
    k5.top_up("100.00")
    order = k5.order()
    with k5.ports.sessions.begin() as db:
        assert not routes.traffic(db, k5.clock()).calls, "it waits"
        call_rows.change(
            db,
            order,
            k5.clock(),
            state=CallState.PLACING,
            switch="fake",
            trunks_a=("one", "two"),
            trunks_b=("three", "four"),
        )
        traffic = routes.traffic(db, k5.clock())
    assert (dict(traffic.calls), dict(traffic.legs)) == ({"fake": 1}, {"two": 1, "three": 1})
