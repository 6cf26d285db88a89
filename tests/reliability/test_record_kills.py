"""Records missing, doubled, early, late, of too long a talk, among kills: each call is closed once, nothing guessed.

Trial: R8. It is one long file: which faults the records get, what each must come to, and the lists that are compared
belong to one another and to no other test.
"""

import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from ctypes import c_double
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

import pytest
from sqlalchemy import text

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallOrder, EventKind
from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money, Price
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.session import open_sessions
from k5web.telephony.simulator.script import Order, Record, line
from tests.fakes.doors import open_doors
from tests.processes import PATIENCE_S, wait_for
from tests.proofs import dice, figure, progress
from tests.reliability import told_switch
from tests.reliability.biller import SharedClock
from tests.reliability.crowd import insist
from tests.reliability.told_switch import ToldSwitch
from tests.services.house import THEIRS, publish

pytestmark = pytest.mark.server

FIRST_DAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WORKERS = 2
MINUTE, MINUTES = 2_20, 3  # the price of one, and for how many there is money: all of it is held
A_ANSWERS, B_ANSWERS = timedelta(seconds=4), timedelta(seconds=10)


class Kind(StrEnum):
    """What becomes of a call and of its records."""

    TALK = "talk"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    SILENT = "no record at all"
    NO_END = "no end"
    NO_LAST = "no last line"
    NO_HANGUP = "no hang-up of leg A"
    TWICE = "every record twice, and once more when all is over"
    ENDS_FIRST = "the end before the answers"
    ANSWERS_LATE = "the answers when all is over"
    EXPIRED = "the end after the hold has expired"
    TOLD_LATE = "the end after the call was closed without it"
    TOO_LONG = "dearer than what was held"


# Of forty: 20 % lack their end, 10 % come twice, 10 % end before the answer, 5 % after expiry, 5 % cost more than held
OF_FORTY = {
    **{Kind.SILENT: 2, Kind.NO_END: 2, Kind.NO_LAST: 2, Kind.NO_HANGUP: 2},
    **{Kind.TWICE: 4, Kind.ENDS_FIRST: 2, Kind.ANSWERS_LATE: 2, Kind.EXPIRED: 1, Kind.TOLD_LATE: 1, Kind.TOO_LONG: 2},
    **{Kind.TALK: 12, Kind.BUSY: 4, Kind.NO_ANSWER: 4},
}
PROVES_NOTHING = {Kind.BUSY, Kind.NO_ANSWER, Kind.SILENT, Kind.NO_END, Kind.ANSWERS_LATE, Kind.TOLD_LATE}
NOT_OVER = {Kind.SILENT, Kind.NO_END, Kind.NO_LAST, Kind.EXPIRED, Kind.TOLD_LATE}  # by what is told in time
NEWS_LATE = {Kind.ANSWERS_LATE, Kind.EXPIRED, Kind.TOLD_LATE}  # what comes when all is over was not known before
LISTED = {
    Kind.NO_END: {IncidentKind.CALL_LOST},
    Kind.NO_LAST: {IncidentKind.CALL_LOST},
    Kind.NO_HANGUP: {IncidentKind.CALL_LOST},
    Kind.ANSWERS_LATE: {IncidentKind.CALL_LOST, IncidentKind.LATE_RECORD},
    Kind.EXPIRED: {IncidentKind.HOLD_EXPIRED, IncidentKind.SETTLED_WITHOUT_HOLD},
    Kind.TOLD_LATE: {IncidentKind.CALL_LOST, IncidentKind.LATE_RECORD},
    Kind.TOO_LONG: {IncidentKind.COST_ABOVE_HOLD},
}


@dataclass(frozen=True, slots=True)
class Played:
    """One call, what becomes of it, and how long they talk. Units: whole seconds."""

    call: CallOrder
    kind: Kind
    talk_s: int

    @property
    def cost_minor(self) -> int:
        """What its records prove, by a count of its own, at most what is held."""
        return 0 if self.kind in PROVES_NOTHING else min(MINUTES, -(-self.talk_s // 60)) * MINUTE

    @property
    def listed(self) -> set[IncidentKind]:
        """What a person must be told."""
        return LISTED.get(self.kind, set())

    def records(self, number: int) -> tuple[list[str], list[str]]:
        """Return what the switch writes in time, and what it writes when all is over."""
        order, records = self._order(number), self._records()
        ends = [each for each in records if each.kind in {"HANGUP", "K5_END", "LINKEDID_END"}]
        last, a_hangup = records[-1], records[-2]
        answers = [each for each in records if each.kind == EventKind.ANSWER]
        now, later = {
            Kind.SILENT: ([], []),
            Kind.NO_END: (_less(records, ends), []),
            Kind.NO_LAST: (_less(records, [last]), []),
            Kind.NO_HANGUP: (_less(records, [a_hangup]), []),
            Kind.TWICE: (records * 2, records),
            Kind.ENDS_FIRST: (records[::-1], []),
            Kind.ANSWERS_LATE: (_less(records, answers), answers),
            Kind.EXPIRED: (_less(records, ends), ends),
            Kind.TOLD_LATE: (_less(records, ends), ends),
        }.get(self.kind, (records, []))
        return [line(order, each) for each in now], [line(order, each) for each in later]

    def _records(self) -> list[Record]:
        """The whole call, first to last."""
        began = self.call.ordered_at + SECOND
        answered = began + A_ANSWERS
        starts = [Record(_us(began), True, "CHAN_START")]
        if self.kind is Kind.NO_ANSWER:
            return starts + _ends_of_a(began + 30 * SECOND, 19, "")
        starts += [Record(_us(answered), True, "ANSWER"), Record(_us(answered), False, "CHAN_START")]
        if self.kind is Kind.BUSY:
            return starts + _ends_of_both(answered + SECOND, 17, "BUSY")
        talk = began + B_ANSWERS
        starts.append(Record(_us(talk), False, "ANSWER"))
        return starts + _ends_of_both(talk + self.talk_s * SECOND, 16, "ANSWER")

    def _order(self, number: int) -> Order:
        call = self.call
        return Order(
            id=f"k5-{call.id}-a",
            placed_us=_us(call.ordered_at) + number,
            number=number,
            a_number=call.quote.a_number,
            trunk="trunk",
            extension=call.quote.b_number,
            account=str(call.owner_id),
            caller_id=ToldSwitch.caller_id,
            ring_a_s=call.ring_a_s,
            ring_b_s=call.ring_b_s,
            talk_ms=call.talk_ms,
            leg_a_s=call.leg_a_s,
            trunks_b="trunk",
        )


def _less(records: Sequence[Record], without: Sequence[Record]) -> list[Record]:
    return [each for each in records if each not in without]


def _us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _ends_of_both(at: datetime, cause: int, dial_status: str) -> list[Record]:
    hangup = json.dumps({"hangupcause": cause, "hangupsource": "PJSIP/trunk-b", "dialstatus": dial_status})
    summary = json.dumps({"extra": f"dialing_b|{dial_status}|{cause}||"})
    return [
        Record(_us(at), False, "HANGUP", hangup),
        Record(_us(at), True, "K5_END", summary),
        *_ends_of_a(at, cause, dial_status),
    ]


def _ends_of_a(at: datetime, cause: int, dial_status: str) -> list[Record]:
    hangup = json.dumps({"hangupcause": cause, "hangupsource": "PJSIP/trunk-b", "dialstatus": dial_status})
    return [Record(_us(at), True, "HANGUP", hangup), Record(_us(at), True, "LINKEDID_END")]


@dataclass(frozen=True)
class Size:
    """How much of it."""

    calls: int
    kills: int


SIZES = [
    pytest.param(Size(40, 5), id="small"),
    pytest.param(Size(5000, 50), id="whole", marks=[pytest.mark.full, pytest.mark.timeout(3600)]),
]


class Recorded:
    """A house whose switch the test plays, two workers, and whoever kills them."""

    def __init__(self, url: str, folder: Path, size: Size) -> None:
        self.url, self.folder, self.size = url, folder, size
        self.context: ForkServerContext = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.reliability.told_switch"])
        self.stamp: c_double = RawValue(c_double, 0.0)
        self.clock = SharedClock(self.stamp)
        self.clock.set(FIRST_DAY)
        self.switch = ToldSwitch(folder)
        self.ports: Ports = open_doors(open_sessions(url, url), self.clock, self.switch)
        publish(self.ports)
        self.dice = dice()
        self.played: dict[str, Played] = {}
        self.workers: dict[Path, ForkServerProcess] = {}
        self.started = 0
        for _ in range(WORKERS):
            self.start()

    def start(self) -> None:
        """Start one more worker."""
        self.started += 1
        rounds = self.folder / f"rounds-{self.started}"
        rounds.touch()
        arguments = (self.url, self.stamp, str(self.folder), str(rounds))
        process = self.context.Process(target=told_switch.work, args=arguments, daemon=True)
        process.start()
        self.workers[rounds] = process

    def kill(self) -> None:
        """SIGKILL one of them, and start another in its place."""
        rounds = self.dice.choice(list(self.workers))
        victim = self.workers.pop(rounds)
        assert victim.is_alive(), "a worker died by itself"
        victim.kill()
        victim.join(PATIENCE_S)
        self.start()

    def wait_for_whole_rounds(self) -> None:
        """Every worker went from beginning to end, so whatever it does then it began after this moment."""
        before = {rounds: rounds.stat().st_size for rounds in self.workers}
        wait_for(lambda: all(rounds.stat().st_size > size + 1 for rounds, size in before.items()), "whole rounds")

    def order(self, kind: Kind) -> None:
        """Somebody new presses, and what becomes of the call is decided."""
        n = len(self.played)
        newcomer = accounts.Newcomer(Msisdn(f"7916{n:07d}"), "Анна", "RUB", "nobody logs in")
        caller = insist(lambda: self._write(newcomer))
        name, money = EventName("test:bank", f"in-{n}"), Money(MINUTE * MINUTES)
        insist(lambda: credit(self.ports, caller.id, name, money, "cash.test", "test", self.clock()))
        to, seen = Msisdn.parse(THEIRS), Price.parse("2.20")
        call = insist(lambda: ordering.order_call(self.ports, caller, to, "tap", seen))
        assert call.minutes == MINUTES
        talk_s = self.dice.randint(181, 235) if kind is Kind.TOO_LONG else self.dice.randint(5, 170)
        self.played[call.id] = Played(call, kind, talk_s)

    def _write(self, newcomer: accounts.Newcomer) -> Subscriber:
        with self.ports.sessions.begin() as db:
            return accounts.write(self.ports, db, newcomer, is_verified=True)

    def ask(self, question: str) -> list[tuple[object, ...]]:
        """Return the rows of a question."""
        with self.ports.sessions.read() as db:
            return [tuple(row) for row in db.execute(text(question))]

    def count(self, table: str, where: str) -> int:
        """How many rows are so."""
        [(found,)] = self.ask(f"SELECT count(*) FROM {table} WHERE {where}")
        assert isinstance(found, int)
        return found

    def close(self) -> None:
        for worker in self.workers.values():
            worker.kill()
            worker.join(PATIENCE_S)
        self.ports.sessions.dispose()


class Wave:
    """Some of the calls, from their orders to the last word about them; in one of its steps a worker dies."""

    def __init__(self, house: Recorded, kinds: Sequence[Kind], step: int) -> None:
        self.house, self.step = house, step
        self.kinds = kinds
        self.mine: list[Played] = []
        self.asked: set[str] = set()
        self.later: list[str] = []
        self.killed = 0

    def run(self) -> None:
        """Take one step after the other."""
        steps = [self.place, self.settle, self.look_after, self.expire, self.tell_late]
        for n, step in enumerate(steps):
            step(n == self.step)
        assert self.killed == 1

    def place(self, kill: bool) -> None:
        """Everybody presses; the workers ask the switch."""
        house, before = self.house, len(self.house.switch.asked())
        for kind in self.kinds:
            house.order(kind)
        self.mine = list(house.played.values())[-len(self.kinds) :]
        self._kill(kill, lambda: len(house.switch.asked()) - before, len(self.kinds))
        wait_for(lambda: house.count("call", "state = 'reserved'") == 0, "nobody waits")
        house.wait_for_whole_rounds()
        self.asked = {call_id for call_id, _ in house.switch.asked()}

    def settle(self, kill: bool) -> None:
        """The calls are over, and the switch writes what it writes in time."""
        house, rung = self.house, [each for each in self.mine if each.call.id in self.asked]
        house.clock.set(self._after(timedelta(seconds=30)))
        records = [each.records(n) for n, each in enumerate(rung)]
        self.later = [line for _, late in records for line in late]
        over = sum(each.kind not in NOT_OVER for each in rung)
        before = self._over()
        house.switch.write(line for now, _ in records for line in now)
        self._kill(kill, lambda: self._over() - before, over)
        wait_for(lambda: self._over() - before >= over, "what was told to its end is settled")
        house.wait_for_whole_rounds()  # and the rest is read
        house.switch.let_go(each.call.id for each in rung if each.kind is not Kind.EXPIRED)

    def look_after(self, kill: bool) -> None:
        """What was not told to its end is closed when its limits are over."""
        house, live = self.house, self._live()
        living = sum(each.kind is Kind.EXPIRED for each in live)
        house.clock.set(self._after(timedelta(minutes=5)))
        self._kill(kill, lambda: len(live) - len(self._live()), len(live) - living)
        wait_for(lambda: len(self._live()) <= living, "what was not told is closed")

    def expire(self, kill: bool) -> None:
        """A call goes on, against its limits and the worker's word, until its hold has expired."""
        house = self.house
        house.clock.set(self._after(timedelta(hours=1)))
        living = len(self._live())
        self._kill(kill, lambda: living - house.count("hold", "state = 'open'"), living)
        wait_for(lambda: house.count("hold", "state = 'open'") == 0, "its hold expires")

    def tell_late(self, kill: bool) -> None:
        """The switch writes what it had kept back."""
        house, before = self.house, self.house.count("switch_event", "1 = 1")
        rung = [each for each in house.played.values() if each.call.id in self.asked]
        odd = sum(len(each.listed) for each in rung)
        house.switch.write(self.later)
        news = sum(each.kind in NEWS_LATE and each.call.id in self.asked for each in self.mine)
        self._kill(kill, lambda: house.count("switch_event", "1 = 1") - before, min(1, news))
        wait_for(lambda: not self._live(), "all is over")
        house.switch.let_go(each.call.id for each in self.mine)
        wait_for(lambda: house.count("incident", "1 = 1") >= odd, "what came late is listed")

    def _kill(self, kill: bool, come: Callable[[], int], of: int) -> None:
        """Kill a worker when this step has come some way."""
        if kill:
            moment = min(of, 1 + int(self.house.dice.uniform(0, 0.8) * of))
            wait_for(lambda: come() >= moment, "the step comes some way", look_every_s=0.002)
            self.house.kill()
            self.killed += 1

    def _after(self, span: timedelta) -> datetime:
        """A moment so long after the last limit of these calls: one minute more, and a silent one is lost."""
        call = self.mine[0].call
        return call.ordered_at + (call.ring_a_s + call.leg_a_s) * SECOND + span

    def _over(self) -> int:
        return self.house.count("call", "state IN ('settled', 'not_placed')")

    def _live(self) -> list[Played]:
        rows = self.house.ask("SELECT owner_id, n FROM call WHERE state NOT IN ('settled', 'not_placed')")
        return [self.house.played[f"{owner_id}-{n}"] for owner_id, n in rows]


@pytest.fixture
def recorded(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Recorded]:
    """A house for so many calls."""
    opened = Recorded(database_url, tmp_path, request.param)
    yield opened
    opened.close()


@pytest.mark.parametrize("recorded", SIZES, indirect=True)
def test_each_call_is_closed_once_whatever_its_records_and_workers_come_to(recorded: Recorded) -> None:
    size = recorded.size
    kinds = [kind for kind, share in OF_FORTY.items() for _ in range(share * size.calls // 40)]
    recorded.dice.shuffle(kinds)
    for n in range(size.kills):
        recorded.clock.set(FIRST_DAY + n * timedelta(hours=2))
        Wave(recorded, kinds[n :: size.kills], n % 5).run()
        progress(n + 1, size.kills, "kills")
    never_asked = _assert_each_closed_once(recorded)
    figure(
        f"{size.calls} calls, {size.kills} kills of {WORKERS} workers: each closed once, held 0, "
        f"{recorded.count('incident', '1 = 1')} odd ones listed, {never_asked} never asked for because a worker died"
    )


def _assert_each_closed_once(recorded: Recorded) -> int:
    """Return how many calls died with the worker that was about to ask for them: they cost nothing."""
    asked = Counter(call_id for call_id, _ in recorded.switch.asked())
    assert set(asked.values()) == {1}, "a phone rang twice"
    never_asked = set(recorded.played) - set(asked)
    assert len(never_asked) <= recorded.size.kills
    rung = [each for each in recorded.played.values() if each.call.id in asked]
    found = {f"{owner}-{n}": (state, cost) for owner, n, state, cost in _rows(recorded)}
    expected = {each.call.id: ("settled", each.cost_minor) for each in rung}
    expected |= {each.call.id: ("not_placed", 0) for each in rung if each.kind is Kind.SILENT}
    expected |= dict.fromkeys(never_asked, ("not_placed", 0))
    assert found == expected
    costs = sorted((call_id, -cost) for call_id, (_, cost) in expected.items() if cost)
    assert sorted(recorded.ask("SELECT key, amount_minor FROM posting WHERE origin = 'call'")) == costs
    odd = {(each.call.id, kind) for each in rung for kind in each.listed}
    assert set(recorded.ask("SELECT reference, kind FROM incident")) == odd
    assert recorded.count("hold", "state = 'open'") == recorded.count("account", "held_minor <> 0") == 0
    assert verify(recorded.ports) == []
    return len(never_asked)


def _rows(recorded: Recorded) -> list[tuple[object, ...]]:
    return recorded.ask("SELECT owner_id, n, state, cost_minor FROM call")
