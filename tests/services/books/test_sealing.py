"""Days are closed and sealed, once each, whatever happens meanwhile. Promises: I10, I12, S30."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.errors import DayNotOver
from k5web.services.books import sealing
from k5web.services.books.corrections import reverse
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger, seal_rows
from k5web.storage.session import Sessions, open_sessions
from k5web.web.messaging import speech
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.processes import wait_for
from tests.tamper import tampering

OWNERS = (100001, 100002)
KEEPERS = (EmailAddress("a@example.ru"), EmailAddress("b@example.ru"))
# The three days of `lived` below, on either database
KNOWN = ["75374f1a298fc7a3", "296147cf2579bdd5", "cb33b55c0609a129"]


@pytest.fixture(autouse=True)
def same_clock(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """The database's clock is the test's, which stands where it likes."""
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: clock())


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A house with two accounts."""
    return two_accounts(sessions, clock)


def two_accounts(sessions: Sessions, clock: Clock) -> Ports:
    opened = open_doors(sessions, clock, seal_to=KEEPERS)
    with sessions.begin() as db:
        for owner_id in OWNERS:
            ledger.open_account(db, owner_id, "main", "RUB")
    return opened


def pay(ports: Ports, key: str, owner_id: int = OWNERS[0], amount: str = "10.00") -> date:
    """Pay in; return the accounting day."""
    now = ports.clock()
    paid = credit(ports, owner_id, EventName("test:bank", key), rub(amount), "cash.test", "connector:test", now)
    return paid.postings[0].day


def charge(ports: Ports, key: str, owner_id: int = OWNERS[0], minor: int = 300) -> date:
    """Take something."""
    with ports.sessions.begin() as db:
        purse = ledger.purse(db, owner_id)
        event = Event(
            owner_id, EventName("order", key), (Move(purse.account_id, -minor, "sale.order"),), "job", ports.clock()
        )
        return ledger.charge(db, event, ports.today(), ports.clock()).postings[0].day


def lived(ports: Ports, clock: Clock) -> None:
    """Let three days pass with something on each, the second without a closing of its own."""
    pay(ports, "1")
    pay(ports, "2", OWNERS[1], "5.00")
    charge(ports, "a")
    clock.forward(days=1)
    sealing.close_due(ports)
    pay(ports, "3")
    clock.forward(days=1)
    reverse(ports, OWNERS[0], EventName("test:bank", "1"), "staff:1")
    clock.forward(days=1)
    sealing.close_due(ports)


def chain(ports: Ports) -> list[str]:
    return [seal.digest.hex() for seal in sealing.seals(ports)]


def test_each_day_gets_one_seal_and_each_tells_of_the_one_before(ports: Ports, clock: Clock) -> None:
    lived(ports, clock)
    found = sealing.seals(ports)
    assert [seal.day for seal in found] == [date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3)]
    assert [seal.previous for seal in found] == [b"", found[0].digest, found[1].digest]
    assert verify(ports) == []
    assert sealing.close_due(ports) == []
    assert sealing.seals(ports) == found


def test_both_databases_make_the_same_seals(ports: Ports, clock: Clock) -> None:
    lived(ports, clock)
    assert [digest[:16] for digest in chain(ports)] == KNOWN


def test_days_on_which_nothing_moved_are_sealed_too(ports: Ports, clock: Clock) -> None:
    pay(ports, "1")
    clock.forward(days=1)
    sealing.close_due(ports)
    clock.forward(days=4)
    assert [seal.day.day for seal in sealing.close_due(ports)] == [2, 3, 4, 5]
    assert verify(ports) == []


def test_what_is_booked_with_a_clock_turned_back_comes_into_the_first_open_day(ports: Ports, clock: Clock) -> None:
    pay(ports, "1")
    clock.forward(days=1)
    sealing.close_due(ports)
    clock.forward(days=-3)
    assert pay(ports, "2") == date(2026, 12, 2)
    assert charge(ports, "b") == date(2026, 12, 2)
    assert pay(ports, "3", OWNERS[1]) == date(2026, 12, 2)
    assert sealing.close_due(ports) == []
    clock.forward(days=4)
    sealing.close_due(ports)
    assert verify(ports) == []


def test_the_database_itself_refuses_a_posting_into_a_closed_day(ports: Ports, clock: Clock) -> None:
    pay(ports, "1")
    clock.forward(days=1)
    sealing.close_due(ports)
    row = (
        "INSERT INTO posting (owner_id, account_id, day, seq, unit, amount_minor, balance_minor, counter, origin, key) "
        f"VALUES ({OWNERS[0]}, {{account}}, '2026-12-01', 2, 'RUB', 100, 1100, 'gift', 'test:bank', '1')"
    )
    with ports.sessions.begin() as db:
        account = ledger.purse(db, OWNERS[0]).account_id
    with pytest.raises(DBAPIError, match="is closed"), ports.sessions.begin() as db:
        db.execute(text(row.format(account=account)))
    assert verify(ports) == []


class Killed(Exception):
    """The process ends here."""


STEPS = ["note_closed", "writers_until_now", "owners_moved", "add_closes", "seal_before", "add_seal"]


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_closing_killed_at_any_step_is_finished_by_the_next(
    ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: str, is_after: bool
) -> None:
    original: Callable[..., Any] = getattr(seal_rows, step)

    def kill(*args: Any, **kwargs: Any) -> Any:
        if is_after:
            original(*args, **kwargs)
        raise Killed

    pay(ports, "1")
    pay(ports, "2", OWNERS[1], "5.00")
    clock.forward(days=1)
    with monkeypatch.context() as patched:
        patched.setattr(seal_rows, step, kill)
        with pytest.raises(Killed):
            sealing.close_due(ports)
    pay(ports, "late")
    sealing.close_due(ports)
    assert [seal.day for seal in sealing.seals(ports)] == [date(2026, 12, 1)]
    assert verify(ports) == []


def test_a_day_that_is_closed_and_not_sealed_yet_is_no_breach(
    ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(ports, "1")
    clock.forward(days=1)
    sealing.close_due(ports)
    pay(ports, "2", OWNERS[1])  # its account moves for the first time
    clock.forward(days=1)
    with monkeypatch.context() as patched:
        patched.setattr(seal_rows, "add_seal", lambda db, seal, house: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            sealing.close_due(ports)
    assert verify(ports) == []


def test_many_workers_at_once_make_one_seal_a_day(ports: Ports, clock: Clock) -> None:
    for n in range(20):
        pay(ports, f"{n}", OWNERS[n % 2])
    clock.forward(days=1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sealing.close_due, [ports] * 4))
    assert [seal.day for seal in sealing.seals(ports)] == [date(2026, 12, 1)]
    with ports.sessions.read() as db:
        assert db.execute(text("SELECT count(*) FROM outbox WHERE kind = 'seal'")).scalar_one() == len(KEEPERS)
    assert verify(ports) == []


def test_a_day_that_another_worker_closes_meanwhile_is_sealed_before_the_next(
    ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of its two looks the worker does first, the other one is killed between them, before it has sealed."""
    pay(ports, "1")
    clock.forward(days=1)
    sealing.close_due(ports)
    pay(ports, "2")
    clock.forward(days=2)
    looks = {name: getattr(sealing, name) for name in ("_days_due", "_unsealed")}
    rivals = [lambda: sealing._close(ports, date(2026, 12, 2))]

    def look(name: str) -> list[date]:
        found: list[date] = looks[name](ports)
        while rivals:
            rivals.pop()()
        return found

    for name in looks:
        monkeypatch.setattr(sealing, name, lambda ports, name=name: look(name))
    assert [seal.day.day for seal in sealing.close_due(ports)] == [2, 3]
    assert [seal.day.day for seal in sealing.seals(ports)] == [1, 2, 3]
    assert verify(ports) == []


def test_a_seal_that_a_worker_with_a_clock_turned_back_makes_is_not_older_than_its_day(
    ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day was closed in its time, and the worker killed; whoever seals it lives half a day behind."""
    clock.forward(hours=9)
    pay(ports, "1")
    clock.forward(hours=15)
    sealing._close(ports, date(2026, 12, 1))
    clock.forward(hours=-20)
    sealing.close_due(ports)
    assert [seal.sealed_at for seal in sealing.seals(ports)] == [datetime(2026, 12, 1, 21, 0, tzinfo=UTC)]
    assert verify(ports) == []


def test_each_keeper_is_sent_the_seal(ports: Ports, clock: Clock) -> None:
    pay(ports, "1")
    clock.forward(days=1)
    made = sealing.close_due(ports)
    with ports.sessions.read() as db:
        rows = db.execute(text("SELECT address, facts FROM outbox WHERE kind = 'seal' ORDER BY address")).all()
    assert [row.address for row in rows] == [str(keeper) for keeper in KEEPERS]
    assert all(made[0].digest.hex() in row.facts for row in rows)
    wording = speech.say("seal", json.loads(rows[0].facts), None)
    assert made[0].digest.hex() in wording.text
    assert "01.12.2026" in wording.subject


FAULTS = {
    "a sum changed together with its balances": (
        "I10",
        "UPDATE posting SET amount_minor = amount_minor + 1, balance_minor = balance_minor + 1 WHERE key = '3'; "
        "UPDATE posting SET balance_minor = balance_minor + 1 WHERE origin = 'reversal'; "
        "UPDATE account SET balance_minor = balance_minor + 1 WHERE owner_id = 100001",
    ),
    "who did it changed": ("I10", "UPDATE ledger_transaction SET actor = 'staff:2' WHERE key = 'a'"),
    "when it was changed": (
        "I10",
        "UPDATE ledger_transaction SET occurred_at = '2026-11-30 09:00:00.000000Z' WHERE key = '2'",
    ),
    "a closing taken out": ("I10", "DELETE FROM day_close WHERE owner_id = 100002"),
    "a closing's balance changed": ("I10", "UPDATE day_close SET balance_minor = balance_minor + 1"),
    "a seal taken out": ("I10", "DELETE FROM seal WHERE day = '2026-12-02'"),
    "the first seal taken out": ("I10", "DELETE FROM seal WHERE day = '2026-12-01'"),
    "the last seal taken out, which was mailed": ("I10", "DELETE FROM seal WHERE day = '2026-12-03'"),
    "a seal made anew": ("I10", "UPDATE seal SET digest = previous WHERE day = '2026-12-03'"),
    "a posting slipped into a sealed day": (
        "I12",
        "UPDATE ledger_transaction SET recorded_at = '2026-12-05 09:00:00.000000Z' WHERE key = 'a'",
    ),
    "a house account's day changed": ("I9", "UPDATE house_day SET credit_minor = credit_minor + 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_of_sealed_days_is_named(ports: Ports, clock: Clock, database_url: str, fault: str) -> None:
    lived(ports, clock)
    invariant, statements = FAULTS[fault]
    with tampering(database_url) as connection:
        for statement in statements.split("; "):
            connection.execute(text(statement))
    found = [breach for breach in verify(ports) if breach.invariant == invariant]
    assert found
    assert all(breach.where and breach.found for breach in found)


def test_nothing_is_closed_before_anything_moved(ports: Ports, clock: Clock) -> None:
    assert sealing.close_due(ports) == []
    pay(ports, "1")
    assert [seal.day for seal in sealing.close_due(ports)] == [date(2026, 11, 30)]


def test_what_was_there_before_the_first_closing_is_in_it(ports: Ports, clock: Clock) -> None:
    pay(ports, "1")
    clock.forward(days=40)
    pay(ports, "2")
    clock.forward(days=1)
    made = sealing.close_due(ports)
    assert [seal.day for seal in made] == [date(2027, 1, 10)]
    assert verify(ports) == []


class TestOfTheServer:
    """What only PostgreSQL can get into: several write at one time, and it has a clock of its own."""

    pytestmark = pytest.mark.postgres

    @pytest.fixture
    def ports(self, postgres_url: str, clock: Clock) -> Iterator[Ports]:
        sessions = open_sessions(postgres_url, postgres_url)
        yield two_accounts(sessions, clock)
        sessions.dispose()

    def test_a_posting_under_way_when_its_day_is_closed_is_in_the_seal(self, ports: Ports, clock: Clock) -> None:
        pay(ports, "1")
        today, now = ports.today(), ports.clock()
        clock.forward(days=1)
        with ThreadPoolExecutor(1) as pool:
            with ports.sessions.begin() as db:
                account = ledger.purse(db, OWNERS[1]).account_id
                move = Move(account, 700, "cash.test")
                ledger.record(db, Event(OWNERS[1], EventName("test:bank", "slow"), (move,), "job", now), today, now)
                closing = pool.submit(sealing.close_due, ports)
                wait_for(lambda: is_marked(ports), "the day to be closed")
                assert not closing.done()
            closing.result()
        with ports.sessions.read() as db:
            closes = list(seal_rows.closes_on(db, date(2026, 12, 1)))
        assert [(close.owner_id, close.balance) for close in closes] == [(OWNERS[0], 1000), (OWNERS[1], 700)]
        assert verify(ports) == []

    def test_a_day_that_the_servers_clock_has_not_seen_the_end_of_is_not_closed(
        self, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pay(ports, "1")
        monkeypatch.setattr(seal_rows, "clock_of", lambda db: clock())
        right = clock()
        ahead = replace(ports, clock=lambda: right + timedelta(days=1))
        with pytest.raises(DayNotOver, match="2026-12-01"):
            sealing.close_due(ahead)
        assert sealing.seals(ports) == []
        assert pay(ports, "2") == date(2026, 12, 1)


def is_marked(ports: Ports) -> bool:
    with ports.sessions.begin() as db:
        return seal_rows.last_closed(db) == date(2026, 12, 1)


def test_letters_of_days_without_a_seal_are_none_on_both_databases(ports: Ports) -> None:
    """The desk's page of days asks for them before there is a seal."""
    day = ports.today()
    assert sealing.letters(ports, [day]) == {day: []}
    assert sealing.letters(ports, []) == {}
