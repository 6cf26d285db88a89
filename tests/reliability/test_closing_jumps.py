"""Days are closed by workers whose clocks jump and who are killed, while money moves. Promise: S30."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.errors import DayNotOver
from k5web.services.books import sealing
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger, seal_rows
from tests.conftest import Clock

OWNERS = (100001, 100002)
STEPS = 80
KILLED_AT = ("note_closed", "writers_until_now", "owners_moved", "add_closes", "seal_before", "add_seal")
JUMPS = (timedelta(days=1), timedelta(days=-1), timedelta(days=3), timedelta(hours=5), timedelta(minutes=-31))


class Killed(Exception):
    """The process ends here."""


@pytest.fixture
def right(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The database's clock: it only goes forward. Workers have `clock`, which jumps."""
    true = Clock(clock())
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: true())
    return true


def close_or_be_killed(ports: Ports, monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> None:
    step, is_after = dice.choice(KILLED_AT), dice.random() < 0.5
    original: Callable[..., Any] = getattr(seal_rows, step)

    def kill(*args: Any, **kwargs: Any) -> Any:
        if is_after:
            original(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(seal_rows, step, kill)
        with contextlib.suppress(Killed, DayNotOver):
            sealing.close_due(ports)


def close(ports: Ports) -> bool:
    """Close what is due; whether no clock was ahead."""
    try:
        sealing.close_due(ports)
    except DayNotOver:
        return False
    return True


def test_one_seal_a_day_and_a_whole_chain_however_clocks_jump(
    ports: Ports, clock: Clock, right: Clock, monkeypatch: pytest.MonkeyPatch, dice: random.Random
) -> None:
    with ports.sessions.begin() as db:
        for owner_id in OWNERS:
            ledger.open_account(db, owner_id, "main", "RUB")
    for step in range(STEPS):
        right.forward(hours=dice.randint(0, 9))
        clock.now = right() + (dice.choice(JUMPS) if dice.random() < 0.4 else timedelta())
        match dice.randrange(4):
            case 0:
                close_or_be_killed(ports, monkeypatch, dice)
            case 1:
                with ThreadPoolExecutor(3) as pool:
                    list(pool.map(close, [ports] * 3))
            case _:
                owner_id = dice.choice(OWNERS)
                credit(ports, owner_id, EventName("test:bank", f"{step}"), rub("1.00"), "cash.test", "test", clock())
        assert verify(ports) == [], step
    clock.now = right()
    sealing.close_due(ports)
    days = [seal.day for seal in sealing.seals(ports)]
    assert len(days) > STEPS // 10
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert max(days) < ports.today()
    assert_days_go_forward(ports)
    assert verify(ports) == []


def assert_days_go_forward(ports: Ports) -> None:
    with ports.sessions.read() as db:
        found = db.execute(text("SELECT owner_id, seq, day FROM posting ORDER BY owner_id, seq")).all()
    seen: dict[int, date] = {}
    counts: Counter[int] = Counter()
    for row in found:
        day = date.fromisoformat(str(row.day))
        assert day >= seen.get(row.owner_id, day)
        seen[row.owner_id] = day
        counts[row.owner_id] += 1
        assert row.seq == counts[row.owner_id]


def test_a_clock_that_is_a_day_ahead_closes_nothing_and_is_told(ports: Ports, clock: Clock, right: Clock) -> None:
    with ports.sessions.begin() as db:
        ledger.open_account(db, OWNERS[0], "main", "RUB")
    credit(ports, OWNERS[0], EventName("test:bank", "1"), rub("1.00"), "cash.test", "test", clock())
    for ahead in (timedelta(days=1), timedelta(days=30)):
        with pytest.raises(DayNotOver, match="2026-1"):
            sealing.close_due(replace(ports, clock=Clock(right() + ahead)))
    right.forward(days=1)
    clock.now = right()
    assert [seal.day for seal in sealing.close_due(ports)] == [date(2026, 12, 1)]
