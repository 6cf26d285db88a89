"""The worker outlives its surroundings: database away, switch away, a lost ear, company. Promises: R8, R24."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from sqlalchemy import func, select, text

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.calls.call import CallKind, CallOrder, CallState, Outcome
from k5web.domain.money import rub
from k5web.services.accounts import devices, numbers
from k5web.services.books import promised_payments
from k5web.services.calls import placing, settling
from k5web.services.calls.settling import advance
from k5web.services.pbx import browser_phones
from k5web.services.pbx.publishing import Publisher
from k5web.services.ports import Ports
from k5web.services.worker import loop, rounds
from k5web.storage import restored
from k5web.storage.accounts import number_rows
from k5web.storage.pbx import question_rows
from k5web.storage.session import Sessions, open_sessions
from k5web.storage.tables import SipAccountRow
from k5web.storage.wakeups import Wakeups
from tests.conftest import Clock
from tests.fakes.recorded import RecordedFiles
from tests.postgres import PostgresServer
from tests.processes import PATIENCE_S, wait_for
from tests.services.accounts.stock import GO, A, fill, on
from tests.services.house import House, subscriber
from tests.services.pbx.office import MOBILE, Office
from tests.tamper import tampering

PAUSE = "worker pauses"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Pauses of tests, and its warnings to be seen."""
    monkeypatch.setattr(loop, "SWEEP_EVERY_S", 0.05)
    monkeypatch.setattr(loop, "AFTER_TROUBLE_S", 0.05)
    monkeypatch.setattr(loop, "LOOK_EVERY_S", 0.0)
    caplog.set_level(logging.WARNING)


@contextmanager
def working(k5: House, workers: int = 1) -> Iterator[None]:
    """Let workers work meanwhile: none of them ends by itself, all of them when told to."""
    stop = threading.Event()
    work = partial(loop.work, k5.ports, stop.is_set, k5.switches)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield
        assert all(thread.is_alive() for thread in threads), "a worker ended unasked"
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in threads), "a worker did not stop"


def is_placed(k5: House, call: CallOrder) -> Callable[[], bool]:
    """Whether its phone rings."""
    return lambda: k5.call(call).state is CallState.CALLING_A


def said(caplog: pytest.LogCaptureFixture, message: str) -> Callable[[], bool]:
    """Whether the worker warned so."""
    return lambda: message in caplog.messages


def test_it_stops_when_told(k5: House) -> None:
    k5.top_up("100.00")
    with working(k5):
        wait_for(is_placed(k5, k5.order()), "the call is placed")


def test_workers_at_once_place_each_order_once(k5: House) -> None:
    """The switch of the tests fails the worker that asks for the same call a second time."""
    callers = [subscriber(k5, n) for n in range(4)]
    with working(k5, workers=3):
        calls = [k5.order(caller=caller) for caller in callers]
        for call in calls:
            wait_for(is_placed(k5, call), "the call is placed")
    assert sorted(order.id for order in k5.switch.orders) == sorted(call.id for call in calls)


def test_an_order_is_placed_before_all_records_of_other_calls_are_worked_off(
    k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while the worker is at the first of two calls; when the second's turn comes, its phone rings."""
    busy = [subscriber(k5, n) for n in range(2)]
    k5.top_up("100.00")
    new: list[CallOrder] = []
    states: list[CallState] = []

    def watched(ports: Ports, call_id: str) -> None:
        if call_id in {call.id for call in calls}:
            if new:
                states.append(k5.call(new[0]).state)
            else:
                new.append(k5.order())
        advance(ports, call_id)

    with working(k5):
        calls = [k5.order(caller=caller) for caller in busy]
        for call in calls:
            wait_for(is_placed(k5, call), "the call is placed")
        k5.switch.batch = 0  # both records are to come at once
        monkeypatch.setattr(settling, "advance", watched)
        for call in calls:
            k5.switch.answer_a(call.id)
        k5.switch.batch = 2000
        wait_for(lambda: states, "the second call's turn comes")
    assert states[0] is CallState.PLACING


def test_an_order_is_placed_before_all_quiet_calls_are_looked_after(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes while the first of two is looked after; when the second's turn comes, its phone rings."""
    busy = [subscriber(k5, n) for n in range(2)]
    k5.top_up("100.00")
    new: list[CallOrder] = []
    states: list[CallState] = []

    def watched(ports: Ports, call_id: str) -> None:
        if new:
            states.append(k5.call(new[0]).state)
        else:
            new.append(k5.order())
        advance(ports, call_id)

    with working(k5):
        for caller in busy:
            wait_for(is_placed(k5, k5.order(caller=caller)), "the call is placed")
        monkeypatch.setattr(placing, "advance", watched)
        k5.clock.forward(seconds=6)
        wait_for(lambda: states, "the second call's turn comes")
    assert states[0] is CallState.PLACING


def test_a_switch_that_is_away_stops_nobody(k5: House, caplog: pytest.LogCaptureFixture) -> None:
    """Asked once, never again; the next order is placed as soon as the switch is back."""
    k5.top_up("100.00")
    other = subscriber(k5, 1)
    k5.switch.unreachable = True
    with working(k5):
        lost = k5.order()
        wait_for(said(caplog, "switch did not answer"), "the worker asks")
        k5.clock.forward(seconds=61)
        k5.switch.unreachable = False
        wait_for(lambda: k5.call(lost).outcome is Outcome.NOT_PLACED, "it is found that the call never rang")
        wait_for(is_placed(k5, k5.order(caller=other)), "the next call is placed")
    assert [order.id for order in k5.switch.orders].count(lost.id) == 1
    k5.assert_sound()


@pytest.mark.postgres
def test_a_base_that_is_away_is_waited_for(own_server: PostgresServer, caplog: pytest.LogCaptureFixture) -> None:
    """Away at the start, and killed while the worker works."""
    sessions = open_sessions(own_server.url, own_server.url)
    k5 = House(sessions, Clock())
    k5.top_up("100.00")
    other = subscriber(k5, 1)
    first = k5.order()
    own_server.kill()
    with working(k5):
        wait_for(said(caplog, PAUSE), "the worker finds no database")
        own_server.start()
        wait_for(is_placed(k5, first), "the call is placed")
        caplog.clear()
        own_server.kill()
        wait_for(said(caplog, PAUSE), "the worker loses the database")
        own_server.start()
        wait_for(is_placed(k5, k5.order(caller=other)), "the next call is placed")
    sessions.dispose()


@pytest.mark.postgres
def test_a_call_ordered_while_nobody_listened_is_placed(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    may_listen = threading.Event()

    class LateEar(Wakeups):
        """Listens when the test lets it."""

        def __init__(self, sessions: Sessions) -> None:
            may_listen.wait(PATIENCE_S)
            super().__init__(sessions)

    monkeypatch.setattr(loop, "Wakeups", LateEar)
    may_listen.set()
    sessions = open_sessions(postgres_url, postgres_url)
    k5 = House(sessions, Clock())
    k5.top_up("100.00")
    ears = "FROM pg_stat_activity WHERE query = 'LISTEN k5_calls' AND datname = current_database()"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other, working(k5):
        wait_for(lambda: other.execute(f"SELECT pid {ears}").fetchall(), "the worker listens")
        may_listen.clear()
        assert other.execute(f"SELECT pg_terminate_backend(pid) {ears}").fetchall() == [(True,)]
        wait_for(said(caplog, PAUSE), "the worker notices")
        call = k5.order()
        assert k5.call(call).state is CallState.RESERVED
        may_listen.set()
        wait_for(is_placed(k5, call), "the call is placed")
    sessions.dispose()


def test_a_number_whose_time_is_over_is_written_down_as_free(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "FORGET_EVERY_S", 0.05)
    fill(k5.ports, A)
    numbers.reserve(k5.ports, on(k5.ports, GO, k5.caller), A)

    def is_free() -> bool:
        with k5.ports.sessions.read() as db:
            return number_rows.get(db, A).state is NumberState.FREE

    with working(k5):
        k5.clock.forward(minutes=15)
        wait_for(is_free, "the number is free")


def test_a_promised_payment_ends_with_its_term_though_nobody_asks(k5: House) -> None:
    k5.ports = replace(k5.ports, promise=PromiseTerms(rub("100.00"), days=3, account_days=0))
    taken = promised_payments.take(k5.ports, k5.caller.id, rub("100.00"), "form-1")
    with working(k5, workers=2):
        assert k5.purse().available == rub("100.00")
        k5.clock.now = taken.due_at + timedelta(days=9)
        wait_for(lambda: k5.purse().available == rub("0.00"), "the floor is back")
    k5.assert_sound()


def test_old_questions_and_accounts_of_browsers_that_ended_are_forgotten(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    asked = office.question(CallKind.FORWARD, MOBILE)
    assert office.ask(asked) == "no|funds"
    with sessions.begin() as db:
        device = devices.remember(db, office.caller, clock(), browser="Chrome", place="", is_own=True).device
    browser_phones.open_account(office.ports, office.caller, device, clock() + timedelta(days=1))
    assert browser_phones.end_accounts(office.ports, office.caller.id, device.selector) == 1
    clock.forward(days=7, seconds=1)

    def are_there() -> tuple[bool, int]:
        with sessions.read() as db:
            browsers = select(func.count()).where(SipAccountRow.kind == "browser")
            return question_rows.answer_of(db, asked) is not None, db.scalar(browsers) or 0

    assert are_there() == (True, 1)
    with working(office):
        wait_for(lambda: are_there() == (False, 0), "the worker forgets them")


def test_a_worker_in_a_house_that_was_brought_back_waits_quietly_and_goes_on_by_itself(
    k5: House, database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "SHUT_S", 0.01)
    monkeypatch.setattr(rounds, "SHUT_S", 0.01)
    told: list[str] = []
    monkeypatch.setattr(Publisher, "look", lambda publisher: told.append("switch"))
    k5.ports = replace(k5.ports, switch_tables={"k5": RecordedFiles(k5.clock)})
    k5.top_up("100.00")
    call = k5.order()
    with k5.ports.sessions.begin() as db:
        db.execute(text("UPDATE house SET place = 'a copy'"))
    restored.guard(k5.ports.sessions)
    asked = threading.Semaphore(0)
    ask = k5.ports.sessions.ask

    def count() -> None:
        asked.release()
        ask()

    monkeypatch.setattr(k5.ports.sessions, "ask", count)
    with working(k5):
        for _ in range(100):
            assert asked.acquire(timeout=PATIENCE_S)
        assert told == []
        assert {*caplog.messages} == {"restored database: nothing is written until k5 db opened --yes"}
        with tampering(database_url) as connection:
            connection.execute(text("UPDATE house SET place = NULL"))
        wait_for(is_placed(k5, call), "the call is placed")
        wait_for(lambda: told, "the switch is told")
