"""The rounds run beside each other until they are told to stop, whatever fails in one of them."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from k5web.domain.money import rub
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import Unavailable
from k5web.services.accounts import endings
from k5web.services.messaging import delivery
from k5web.services.payments import topups
from k5web.services.ports import Connectors
from k5web.services.prices import billing, idle, objections
from k5web.services.worker import rounds
from k5web.services.worker.rounds import beside
from k5web.storage import restored
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.connector import FakeConnector
from tests.processes import PATIENCE_S, wait_for
from tests.services.house import House
from tests.services.payments.shop import PAID, Shop
from tests.tamper import tampering


@pytest.fixture(autouse=True)
def _see_them_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for every round to end: on a busy machine one would outlive its test with a connection in its hand."""
    monkeypatch.setattr(rounds, "GOODBYE_S", PATIENCE_S)


def test_a_silent_provider_keeps_no_other_waiting(sessions: Sessions) -> None:
    shop = Shop(sessions, Clock())
    other = FakeConnector(replace(shop.connector.partner, code="other"))
    shop.ports = replace(shop.ports, connectors=Connectors([shop.connector, other]))
    first = shop.begin()
    second = topups.begin(shop.ports, shop.caller, replace(shop.wish("form-2"), origin="fake:other"))
    other.seen[second.number] = Seen(PAID, rub("100.00"), provider_id="id-2")
    shop.clock.forward(minutes=1)
    is_asked, may_answer = threading.Event(), threading.Event()

    def never(top_up: TopUp) -> Seen:
        is_asked.set()
        may_answer.wait(60)
        return Seen(TopUpState.WAITING)

    shop.connector.look = never  # type: ignore[method-assign]
    with beside(shop.ports, lambda: False):
        assert is_asked.wait(60)
        wait_for(lambda: shop.balance() == rub("100.00"), "the other provider's payment is credited meanwhile")
        may_answer.set()
    assert shop.state(first) is TopUpState.WAITING


@pytest.mark.parametrize(("module", "name"), [(billing, "run"), (idle, "move_idle"), (delivery, "deliver_due")])
def test_a_fault_ends_neither_its_own_next_time_nor_the_other_steps(
    k5: House, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    monkeypatch.setattr(rounds, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(rounds, "seldom", lambda every_s, step: step)
    times = dict.fromkeys(("run", "move_idle", "deliver_due", "sweep"), 0)

    def count(of: str) -> Callable[[object], None]:
        def step(ports: object) -> None:
            times[of] += 1
            if of == name:
                raise ValueError("a fault")

        return step

    for at, of in ((billing, "run"), (idle, "move_idle"), (delivery, "deliver_due"), (delivery, "sweep")):
        monkeypatch.setattr(at, of, count(of))
    with beside(k5.ports, lambda: False):
        wait_for(lambda: times[name] > 1 and all(times.values()), "all steps, and the failing one again")


def test_the_databases_trouble_is_one_line_of_the_log_and_no_traceback(
    k5: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rounds, "LOOK_EVERY_S", 0.01)
    tried = threading.Event()

    def deliver(ports: object) -> None:
        tried.set()
        raise Unavailable

    monkeypatch.setattr(delivery, "deliver_due", deliver)
    with beside(k5.ports, lambda: False):
        wait_for(lambda: "a round waits for its next time" in caplog.messages, "the line")
    assert tried.is_set()
    assert not [record for record in caplog.records if record.exc_info]


def test_a_step_of_the_day_is_taken_once_on_each_of_the_operators_days(k5: House) -> None:
    taken: list[object] = []
    step = rounds._daily(taken.append)
    for hours in (0, 1, 24, 1):
        k5.clock.forward(hours=hours)
        step(k5.ports)
    assert len(taken) == 2


@pytest.mark.parametrize("module", [objections, endings])
def test_where_a_contract_could_not_be_ended_it_is_tried_again_on_the_same_day(
    k5: House, monkeypatch: pytest.MonkeyPatch, module: object
) -> None:
    tries: list[int] = []

    def carry_out(ports: object, note_failed: Callable[[int], None]) -> int:
        tries.append(k5.caller.id)
        if len(tries) == 1:
            note_failed(k5.caller.id)
        return 0

    monkeypatch.setattr(module, "carry_out", carry_out)
    step = rounds._daily(rounds._end_contracts)
    with pytest.raises(Unavailable):
        step(k5.ports)
    for _ in range(2):
        step(k5.ports)
    assert len(tries) == 2


def test_a_seldom_step_waits_its_time(k5: House) -> None:
    taken: list[object] = []
    step = rounds.seldom(3600.0, taken.append)
    for _ in range(3):
        step(k5.ports)
    assert len(taken) == 1


def test_a_step_that_does_not_work_is_taken_ever_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(1, 95))
    now, works_from, taken = 0, 80, []

    def step() -> bool:
        taken.append(now)
        return now >= works_from

    monkeypatch.setattr(time, "monotonic", lambda: float(now))
    take = rounds.until_it_works(1.0, 20.0, step)
    for now in seconds:  # noqa: B007 - the clock of the step
        take()
    assert taken == [1, 3, 7, 15, 31, 51, 71, 91, 92, 93, 94]


def test_a_step_that_ends_in_a_fault_waits_its_time_too() -> None:
    taken = []

    def step() -> bool:
        taken.append(1)
        raise RuntimeError

    take = rounds.until_it_works(60.0, 600.0, step)
    with pytest.raises(RuntimeError):
        take()
    take()
    assert len(taken) == 1


def test_who_tells_it_to_stop_ends_all_rounds(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LOOK_EVERY_S", 0.01)
    before = threading.active_count()
    with beside(k5.ports, lambda: True):
        wait_for(lambda: threading.active_count() <= before, "all threads end")


def test_in_a_house_that_was_brought_back_no_step_is_taken_and_no_switch_is_told(
    k5: House, database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Files and switches have no gate: what a backup says of people who left is told to nobody."""
    monkeypatch.setattr(rounds, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(rounds, "SHUT_S", 0.01)
    monkeypatch.setattr(rounds, "seldom", lambda every_s, step: step)
    with k5.ports.sessions.begin() as db:
        db.execute(text("UPDATE house SET place = 'a copy'"))
    restored.guard(k5.ports.sessions)
    asked, taken, is_asked = [], [], threading.Event()
    ask = k5.ports.sessions.ask

    def count() -> None:
        asked.append(1)
        if len(asked) > 100:  # more than there are rounds
            is_asked.set()
        ask()

    class Told:
        def look(self) -> int:
            taken.append("switch")
            return 0

    monkeypatch.setattr(k5.ports.sessions, "ask", count)
    monkeypatch.setattr(delivery, "deliver_due", lambda ports: taken.append("messages"))
    with beside(k5.ports, lambda: False, [Told()]):  # type: ignore[list-item]
        assert is_asked.wait(60)
        assert taken == []
        assert caplog.messages == ["restored database: nothing is written until k5 db opened --yes"]
        with tampering(database_url) as connection:
            connection.execute(text("UPDATE house SET place = NULL"))
        wait_for(lambda: {*taken} == {"switch", "messages"}, "it goes on by itself")
