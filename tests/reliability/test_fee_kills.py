"""Fees under kill -9, four workers, a clock that goes back and days without a run: each period is taken once, in order.

Promises: R9, B5, B9, I8.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from ctypes import c_double
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub
from k5web.domain.prices.subscription import SubscriptionState
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports, start_of_day
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from k5web.storage.session import open_sessions
from tests.fakes.doors import open_doors
from tests.processes import PATIENCE_S, wait_for
from tests.proofs import dice, figure, progress
from tests.reliability import biller
from tests.reliability.biller import SharedClock
from tests.reliability.crowd import insist
from tests.reliability.subscribed import FIRST_OWNER, Subscribed, fill

pytestmark = pytest.mark.server

WORKERS = 4
KILLS = 20
FIRST_DAY = date(2026, 12, 1)
NEW_YEAR = date(2027, 1, 1)
LAST_DAY = date(2027, 1, 5)
MONTHLY, DAILY = ("go-100", 600_00), ("economny", 5_00)  # a fee a month; an option's fee a day
DAYS_PAID = 10  # of a daily fee, for the poor
SHORT = 1  # a kopeck too little for the second month

SMALL = [pytest.param(1_500, id="small")]  # on SQLite too more than billing takes at once
WHOLE = [pytest.param(100_000, id="whole", marks=[pytest.mark.full, pytest.mark.timeout(3600)])]


class Billed:
    """A house whose subscribers owe fees, its workers, and whoever kills them."""

    def __init__(self, url: str, folder: Path, size: int) -> None:
        self.url, self.folder = url, folder
        self.context: ForkServerContext = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.reliability.biller"])
        self.stamp = RawValue(c_double, 0.0)
        self.clock = SharedClock(self.stamp)
        self.clock.set(at(FIRST_DAY - timedelta(days=1)))
        self.ports: Ports = open_doors(open_sessions(url, url), self.clock)
        self.dice = dice()
        self.people = [person(n, size) for n in range(size)]
        fill(self.ports, self.people)
        self.workers: list[ForkServerProcess] = []
        self.started = 0
        for _ in range(WORKERS):
            self.start()

    def start(self) -> None:
        """Start one more worker."""
        self.started += 1
        process = self.context.Process(target=biller.work, args=(self.url, self.stamp, str(self.log(self.started))))
        process.start()
        self.workers.append(process)

    def log(self, n: int) -> Path:
        """Where a worker writes its whole runs."""
        return self.folder / f"runs-{n}"

    def kill(self) -> None:
        """SIGKILL one of them, and start another in its place."""
        victim = self.workers.pop(self.dice.randrange(len(self.workers)))
        assert victim.is_alive(), "a worker died by itself"
        victim.kill()
        victim.join()
        self.start()

    def turn(self, day: date, after_midnight_s: int = 5) -> None:
        """Turn the clock to a moment of a day."""
        self.clock.set(start_of_day(day) + timedelta(seconds=after_midnight_s))

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait as long as so many fees may take a busy machine; to count many takes longer, so look more seldom."""
        many = len(self.people)
        wait_for(condition, what, PATIENCE_S + many / 50, look_every_s=max(0.005, many / 1_000_000))

    def wait_until_billed(self) -> None:
        """Nothing is due, and nothing suspended is to be looked at."""

        def is_billed() -> bool:
            with self.ports.sessions.read() as db:
                due = subscription_rows.owners_due(db, self.ports.today(), 0, 1)
                return not due and not subscription_rows.owners_suspended(db, 0, 1)

        self.wait_for(is_billed, f"everything is billed by {self.clock()}")

    def wait_for_whole_runs(self) -> None:
        """Every worker ran from beginning to end by the clock as it stands."""
        moment = self.clock().isoformat()
        logs = [self.log(n) for n in range(1, self.started + 1)]

        def have_run() -> bool:
            return sum(path.exists() and moment in path.read_text() for path in logs) >= WORKERS

        self.wait_for(have_run, "every worker ran")

    def noted(self, day: date) -> int:
        """How many periods that begin on a day are written down."""
        counted = text("SELECT count(*) FROM subscription_period WHERE began_on = :day")
        with self.ports.sessions.read() as db:
            return int(db.execute(counted, {"day": day.isoformat()}).scalar_one())

    def fees(self) -> dict[int, list[tuple[str, int]]]:
        """Every fee that was taken, by owner, in the order of the account's chain."""
        query = text("SELECT owner_id, key, amount_minor FROM posting WHERE origin = 'fee' ORDER BY owner_id, seq")
        found: dict[int, list[tuple[str, int]]] = {}
        with self.ports.sessions.read() as db:
            for row in db.execute(query):
                found.setdefault(row.owner_id, []).append((row.key, row.amount_minor))
        return found

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.join()
        self.ports.sessions.dispose()


def at(day: date) -> datetime:
    """Noon of a day in Moscow."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def person(n: int, size: int) -> Subscribed:
    """One of them: a fiftieth pays by the day, a tenth is poor, and each twentieth is due on a day of its own."""
    due = FIRST_DAY + timedelta(days=n * KILLS // size)
    is_poor = n % 10 == 3
    if n % 50 in (2, 3):
        money = DAILY[1] * DAYS_PAID if is_poor else 1_000_00
        return Subscribed(FIRST_OWNER + n, DAILY[0], due, money, ("vklyuchaysya",))
    money = 2 * MONTHLY[1] - SHORT if is_poor else 5_000_00
    return Subscribed(FIRST_OWNER + n, MONTHLY[0], due, money)


def is_poor(one: Subscribed) -> bool:
    """Whether the money does not reach."""
    return (one.owner_id - FIRST_OWNER) % 10 == 3


def expected(one: Subscribed) -> list[tuple[str, int]]:
    """The fees of one of them to the last day, with the top-up on it, by a count of its own."""
    if one.plan == DAILY[0]:
        days = [one.due + timedelta(days=n) for n in range((LAST_DAY - one.due).days + 1)]
        paid = [*days[:DAYS_PAID], LAST_DAY] if is_poor(one) else days
        return [(f"2:{day}", -DAILY[1]) for day in paid]
    rest = 522_58  # 27 of the 31 days of January, of 600.00
    second = -rest if is_poor(one) else -MONTHLY[1]
    return [("1:2026-12", -MONTHLY[1]), ("1:2027-01", second)]


@pytest.fixture
def billed(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Billed]:
    """A house of this many subscribers; SQLite has one writer for all four workers, so it has a fifth of them."""
    size: int = request.param
    opened = Billed(database_url, tmp_path, size // 5 if database_url.startswith("sqlite") else size)
    yield opened
    opened.close()


@pytest.mark.parametrize("billed", [*SMALL, *WHOLE], indirect=True)
def test_each_period_is_taken_once_whatever_happens_to_the_workers(billed: Billed) -> None:
    _kill_one_a_day(billed)
    billed.turn(FIRST_DAY + timedelta(days=KILLS + 3))  # nobody billed for three days
    billed.wait_until_billed()
    _turn_back_over_midnight(billed)
    billed.turn(LAST_DAY)
    billed.wait_until_billed()
    taken = billed.fees()
    billed.wait_for_whole_runs()  # again for the same day
    assert billed.fees() == taken
    _top_up_the_poor(billed)
    billed.wait_until_billed()
    found = billed.fees()
    assert {one.owner_id: found.get(one.owner_id) for one in billed.people} == {
        one.owner_id: expected(one) for one in billed.people
    }
    _assert_all_active(billed)
    assert list(verify(billed.ports)) == []
    fees = sum(map(len, found.values()))
    figure(
        f"{len(billed.people)} subscriptions, {KILLS} kills of {WORKERS} workers: {fees} fees, one a period, in order"
    )


def _kill_one_a_day(billed: Billed) -> None:
    """Each day a part of the subscribers is due; somewhere among them a worker dies."""
    for n in range(KILLS):
        day = FIRST_DAY + timedelta(days=n)
        moment = billed.dice.uniform(0, 0.7) * len(billed.people) / KILLS
        billed.turn(day)
        billed.wait_for(lambda day=day, moment=moment: billed.noted(day) > moment, "fees are taken")  # type: ignore[misc]
        billed.kill()
        billed.wait_until_billed()
        progress(n + 1, KILLS, "days")


def _turn_back_over_midnight(billed: Billed) -> None:
    """The clock goes over the month's end and back while everybody's month is taken."""
    for _ in range(3):
        billed.turn(NEW_YEAR)
        half = billed.dice.uniform(0, 0.9) * len(billed.people)
        billed.wait_for(lambda half=half: billed.noted(NEW_YEAR) >= half, "the month is taken")  # type: ignore[misc]
        billed.turn(NEW_YEAR, -10)
        billed.wait_for_whole_runs()
    billed.turn(NEW_YEAR)
    billed.wait_until_billed()


def _top_up_the_poor(billed: Billed) -> None:
    """Whoever could not pay is suspended, and pays now."""
    poor = {one.owner_id for one in billed.people if is_poor(one)}
    assert _suspended(billed) == poor
    for n, owner_id in enumerate(sorted(poor)):
        name, now = EventName("test:bank", f"{n}"), billed.clock()
        insist(lambda o=owner_id, n=name, t=now: credit(billed.ports, o, n, rub("10.00"), "cash.test", "test", t))  # type: ignore[misc]


def _suspended(billed: Billed) -> set[int]:
    with billed.ports.sessions.read() as db:
        found = list(subscription_rows.all_with_periods(db))
    return {each.owner_id for each, _ in found if each.state is SubscriptionState.SUSPENDED}


def _assert_all_active(billed: Billed) -> None:
    assert _suspended(billed) == set()
    with billed.ports.sessions.read() as db:
        for one in billed.people[:50]:
            left = one.money + (10_00 if is_poor(one) else 0) + sum(amount for _, amount in expected(one))
            assert ledger.purse(db, one.owner_id).balance == Money(left)
