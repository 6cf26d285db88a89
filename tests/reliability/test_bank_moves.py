"""The bank test, in Jepsen's manner: money moves among fifty accounts while connections and the database are killed,
and whoever sums all balances meanwhile sees the same total each time. Trial: R5."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.books.transfer import COUNTER, received_name, sent_name
from k5web.domain.money import Money
from k5web.errors import InsufficientFunds, Unavailable
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.session import open_sessions, transactional
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.postgres import PostgresServer
from tests.processes import wait_for
from tests.proofs import figure, progress, seed

T = TypeVar("T")

FIRST_OWNER, ACCOUNTS, START = 900_001, 50, 1_000_00
TOTAL = ACCOUNTS * START
CLIENTS, READERS = 8, 2
WAIT_S = 0.02
SUM = text("SELECT sum(balance_minor) FROM account")
CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Size:
    """How much of it."""

    reads: int
    faults: int


SIZES = [
    pytest.param(Size(60, 2), id="small"),
    pytest.param(Size(10_000, 30), id="whole", marks=[pytest.mark.full, pytest.mark.timeout(3600)]),
]


@dataclass
class Bank:
    """Fifty accounts, who moves money among them, and who looks."""

    ports: Ports
    seed: int
    moved: list[tuple[str, int, int, int]] = field(default_factory=list)  # form, sender, receiver, minor
    totals: list[int] = field(default_factory=list)
    wrong: list[BaseException] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    pause: threading.Event = field(default_factory=threading.Event)  # never set

    def open(self) -> None:
        """Give everybody the same."""
        with self.ports.sessions.begin() as db:
            for owner_id in range(FIRST_OWNER, FIRST_OWNER + ACCOUNTS):
                ledger.open_account(db, owner_id, "main", "RUB")
        for owner_id in range(FIRST_OWNER, FIRST_OWNER + ACCOUNTS):
            name = EventName("test:bank", f"{owner_id}")
            credit(self.ports, owner_id, name, Money(START), "cash.test", "test", self.ports.clock())

    def move_on(self, client: int) -> None:
        """Move random sums, each until it is known what became of it."""
        dice, n = random.Random(f"{self.seed} {client}"), 0
        while not self.is_over.is_set():
            sender, receiver = dice.sample(range(FIRST_OWNER, FIRST_OWNER + ACCOUNTS), 2)
            form, minor, n = f"form-{client}-{n}", dice.randint(1, START // 2), n + 1
            try:
                self.insist(lambda s=sender, r=receiver, m=minor, f=form: move(self.ports, f, s, r, m))  # type: ignore[misc]
            except InsufficientFunds:
                continue
            self.moved.append((form, sender, receiver, minor))

    def look_on(self) -> None:
        """Sum all balances in one statement, over and over."""
        while not self.is_over.is_set():
            self.totals.append(self.insist(self.total))

    def has_read(self, enough: int) -> bool:
        """Whether so many totals were read. Raises: what a client or reader ended with."""
        assert self.wrong == []
        return len(self.totals) >= enough

    def total(self) -> int:
        """Sum all balances."""
        with self.ports.sessions.read() as db:
            return int(db.execute(SUM).scalar_one())

    def insist(self, work: Callable[[], T]) -> T:
        """Do the work until it is answered: a database that is away is asked again under the same name."""
        while True:
            try:
                return work()
            except Unavailable:
                self.pause.wait(WAIT_S)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have clients and readers go on meanwhile; a bug in one of them is raised at the end."""
        works = [*(lambda n=n: self.move_on(n) for n in range(CLIENTS)), *[self.look_on] * READERS]
        threads = [threading.Thread(target=self._guarded, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()
        assert self.wrong == []

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 — raised where the test sees it
            self.wrong.append(error)
            self.is_over.set()


@transactional
def move(ports: Ports, form: str, sender: int, receiver: int, minor: int) -> None:
    """Move money as a transfer does: both sides in one transaction, under one name."""
    now, sent = ports.clock(), sent_name(form)
    with ports.sessions.begin() as db:
        mine, theirs = ledger.purse(db, sender).account_id, ledger.purse(db, receiver).account_id
        out = Event(sender, sent, (Move(mine, -minor, COUNTER),), "test", now)
        into = Event(receiver, received_name(sender, sent), (Move(theirs, minor, COUNTER),), "test", now)
        ledger.charge_both(db, out, into, ports.today(), now)


@pytest.mark.parametrize("size", SIZES)
def test_each_read_on_sqlite_sees_one_total(sqlite_url: str, clock: Clock, size: Size) -> None:
    _move_among_faults(sqlite_url, clock, size, [])


@pytest.mark.server
@pytest.mark.postgres
@pytest.mark.parametrize("size", SIZES)
def test_each_read_on_postgresql_sees_one_total_among_kills(
    durable_server: PostgresServer, clock: Clock, size: Size
) -> None:
    def kill() -> None:
        durable_server.kill()
        durable_server.start()

    _move_among_faults(durable_server.url, clock, size, [lambda: durable_server.ask(CUT), kill])


def _move_among_faults(url: str, clock: Clock, size: Size, faults: list[Callable[[], object]]) -> None:
    sessions = open_sessions(url, url, pool_size=CLIENTS + READERS)
    bank = Bank(open_doors(sessions, clock), seed())
    bank.open()
    with bank.at_work():
        for n in range(size.faults):
            enough = size.reads * (n + 1) // (size.faults + 1)
            wait_for(lambda enough=enough: bank.has_read(enough), f"{enough} reads")  # type: ignore[misc]
            if faults:
                faults[n % len(faults)]()
            progress(len(bank.totals), size.reads, "reads")
        wait_for(lambda: bank.has_read(size.reads), "the last reads")
    assert set(bank.totals) == {TOTAL}
    _assert_no_move_is_lost_or_doubled(bank)
    assert verify(bank.ports) == []
    sessions.dispose()
    kills = size.faults if faults else 0
    figure(f"R5: {len(bank.totals)} reads of one total, {len(bank.moved)} moves, {kills} kills: none lost or doubled")


def _assert_no_move_is_lost_or_doubled(bank: Bank) -> None:
    """The balances are what the acknowledged moves say, and each of them is in the ledger once, on both sides."""
    owed = dict.fromkeys(range(FIRST_OWNER, FIRST_OWNER + ACCOUNTS), START)
    for _, sender, receiver, minor in bank.moved:
        owed[sender] -= minor
        owed[receiver] += minor
    with bank.ports.sessions.read() as db:
        assert {owner_id: ledger.purse(db, owner_id).balance.minor for owner_id in owed} == owed
        sides = db.execute(text("SELECT count(*) FROM posting WHERE counter = 'transfer'")).scalar_one()
    assert sides == 2 * len(bank.moved) > 0
