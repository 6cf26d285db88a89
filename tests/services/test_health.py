"""The figures of monitoring follow the house, and readiness the database."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from k5web.domain.incident import IncidentKind
from k5web.services import health
from k5web.services.calls import safety
from k5web.storage import incidents
from k5web.storage.calls import routes
from k5web.storage.calls.routes import Trouble
from k5web.storage.session import open_sessions
from tests.services.house import House


def test_a_quiet_house_has_figures_of_nothing(k5: House) -> None:
    found = health.figures(k5.ports)
    assert (found.unfinished_calls, found.oldest_waiting, found.open_holds, found.incidents) == ({}, timedelta(), 0, {})
    assert (found.trunk_strikes, found.trunks_failing, found.wrong_passwords) == ({"trunk": 0}, 0, 0)
    assert found.fraud_alarms == 0
    assert found.refusals == {of.code: 0 for of in safety.COUNTED}
    assert found.unread_records == {}, "they are read here"


def test_what_waits_rests_or_wants_a_person_is_counted(k5: House) -> None:
    k5.top_up("10.00")
    k5.order()
    k5.clock.forward(seconds=7)
    failing = Trouble("trunk", "trunk", 3, k5.clock() + timedelta(minutes=5), k5.clock(), "no route")
    with k5.ports.sessions.begin() as db:
        incidents.report(db, 0, IncidentKind.DAMAGED_RECORD, "fake 1:0", k5.clock())
        routes.write_trouble(db, failing)
    found = health.figures(k5.ports)
    assert (found.unfinished_calls, found.oldest_waiting) == ({"reserved": 1}, timedelta(seconds=7))
    assert (found.open_holds, found.incidents) == (1, {"damaged_record": 1})
    assert (found.trunks_failing, found.trunk_strikes["trunk"] > 0) == (1, True)


def test_a_house_is_ready_while_its_database_answers(k5: House, tmp_path: Path) -> None:
    assert health.is_ready(k5.ports)
    nowhere = f"sqlite:///{tmp_path / 'nobody' / 'k5.db'}"
    gone = open_sessions(nowhere, nowhere)
    assert not health.is_ready(replace(k5.ports, sessions=gone))
    gone.dispose()


def test_the_worker_says_that_it_lives_and_how_far_it_has_read(k5: House) -> None:
    assert (health.figures(k5.ports).worker_silent, health.figures(k5.ports).verified) == (None, None)
    health.beat(k5.ports, {"fake": k5.clock()})
    k5.clock.forward(seconds=4)
    health.beat(k5.ports, {})
    k5.clock.forward(seconds=3)
    found = health.figures(k5.ports)
    assert (found.worker_silent, found.unread_records) == (timedelta(seconds=3), {"fake": timedelta(seconds=7)})


def test_calls_of_the_last_quarter_of_an_hour_are_counted_by_outcome_and_trunk(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    k5.talk_on(call, "60")
    found = health.figures(k5.ports)
    assert found.ended_calls == {"done_b": 1}
    assert [(each.name, each.attempts, each.answered) for each in found.qualities] == [("trunk", 2, 2)]
    k5.clock.forward(minutes=30)
    assert (health.figures(k5.ports).ended_calls, health.figures(k5.ports).qualities) == ({}, [])
