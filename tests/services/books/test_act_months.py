"""Random months: acts, statement, ledger and call detail agree, whatever is taken back and when. Promise: B10."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k5web.domain.books.act import Act
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.books.period import Period
from k5web.domain.books.service import ServiceKind, charge_name, is_charge, reversal_of
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import acts, corrections, statements
from k5web.services.payments.topups import credit
from k5web.storage.books import ledger
from tests.services.books.months import Months
from tests.services.house import House

NUMBERS = count(1)
STEPS = st.one_of(
    st.tuples(st.just("call"), st.integers(0, 200)),  # seconds
    st.tuples(st.just("order"), st.integers(1, 500_00)),
    st.tuples(st.just("promise"), st.integers(1, 50_00)),
    st.tuples(st.just("allowance"), st.integers(1, 600)),
    st.tuples(st.just("gift"), st.integers(1, 50_00)),
    st.tuples(st.just("refund"), st.integers(1, 90_00)),
    st.tuples(st.just("back"), st.integers(0, 20)),
    st.tuples(st.just("again"), st.integers(0, 20)),  # what was taken back stands again
    st.tuples(st.just("worker"), st.just(0)),
    st.tuples(st.just("month"), st.just(0)),
)


class Story:
    """One subscriber's months, and what they should come to."""

    def __init__(self, k5: House, n: int, currency: str) -> None:
        number = Msisdn(f"7916{n:07d}" if currency == "RUB" else f"996555{n:06d}")
        owner = add_subscriber(k5.ports, number, "correct horse", "Вера", currency)
        self.k5, self.currency = k5, currency
        self.months = Months(k5, owner)
        self.services: dict[EventName, tuple[date, int]] = {}  # month and sum of each charge
        self.back: Counter[EventName] = Counter()  # how often a charge was taken back or stood again
        self._keys = 0
        self._paid = EventName("test:bank", number.digits)
        top_up = Money(100_000_00, currency)
        credit(k5.ports, owner.id, self._paid, top_up, "cash.test", "connector:test", k5.clock())
        self._open_allowance()

    def take(self, step: str, value: int) -> None:
        """Let one thing happen."""
        steps: dict[str, Callable[[int], object]] = {
            "call": self._call,
            "order": lambda minor: self._charge("order", minor),
            "promise": lambda minor: self._charge("promise", minor),
            "allowance": self._use_allowance,
            "gift": lambda minor: self._move("gift", minor, "gift", self._main()),
            "refund": self._refund,
            "back": self._take_back,
            "again": self._take_back,
            "worker": lambda _: acts.run(self.k5.ports),
            "month": lambda _: self._next_month(),
        }
        steps[step](value)

    def _main(self) -> int:
        with self.k5.ports.sessions.read() as db:
            return ledger.purse(db, self.months.owner_id).account_id

    def _open_allowance(self) -> None:
        with self.k5.ports.sessions.begin() as db:
            self._seconds = ledger.open_account(db, self.months.owner_id, "allowance:gift", "SEC")
        self._move("grant", 1_000_000, "gift", self._seconds)

    def _move(self, origin: str, amount: int, counter: str, account_id: int) -> EventName:
        self._keys += 1
        name, now = EventName(origin, f"{origin} {self._keys}"), self.k5.clock()
        event = Event(self.months.owner_id, name, (Move(account_id, amount, counter),), "test", now)
        with self.k5.ports.sessions.begin() as db:
            ledger.record(db, event, self.k5.ports.today(), now)
        return name

    def _charge(self, origin: str, minor: int) -> None:
        name = self._move(origin, -minor, "sale.order", self._main())
        self.services[name] = self.k5.ports.today().replace(day=1), minor

    def _use_allowance(self, seconds: int) -> None:
        self._move("order", -seconds, "sale.call", self._seconds)

    def _call(self, seconds: int) -> None:
        if self.currency == "RUB":  # the test's price list is in roubles
            order = self.k5.order(caller=self.months.caller)
            done = self.k5.talk(order, str(seconds))
            if done.cost is not None and done.cost.minor:
                self.services[EventName("call", order.id)] = self.k5.ports.today().replace(day=1), done.cost.minor

    def _refund(self, minor: int) -> None:
        self._keys += 1
        amount = Money(minor, self.currency)
        corrections.refund(self.k5.ports, self.months.owner_id, self._paid, amount, f"paper {self._keys}", "staff:1")

    def _take_back(self, at: int) -> None:
        """Take a charge back, or what took it back."""
        if self.services:
            name = list(self.services)[at % len(self.services)]
            undone = name
            for _ in range(self.back[name]):
                undone = reversal_of(undone)
            if len(str(undone)) < 150:  # names have an end
                self.months.back(undone)
                self.back[name] += 1

    def _next_month(self) -> None:
        self.k5.clock.forward(days=20 if self.k5.ports.today().day > 15 else 31)

    def due(self) -> Counter[date]:
        """What each month's services come to. Units: minor."""
        found: Counter[date] = Counter()
        for name, (month, minor) in self.services.items():
            found[month] += 0 if self.back[name] % 2 else minor
        return found

    def _latest(self) -> dict[date, int]:
        found: dict[date, int] = {}
        for act in self.months.found():
            found.setdefault(act.month, act.total.minor)
        return found

    def assert_all_agree(self) -> None:
        """Acts, ledger, statement and call detail come to the same, month by month."""
        this_month = self.k5.ports.today().replace(day=1)
        due = {month: minor for month, minor in self.due().items() if minor and month < this_month}
        assert {month: minor for month, minor in self._latest().items() if minor} == due
        lines = self._lines()
        by_statement: Counter[date] = Counter()
        for month, _, minor in lines:
            by_statement[month] += minor
        assert {month: minor for month, minor in by_statement.items() if minor and month < this_month} == due
        calls = self._by_detail()
        latest = {act.month: act for act in reversed(self.months.found())}
        for act in latest.values():
            line = [each.amount.minor for each in act.lines if each.kind is ServiceKind.CALLS]
            assert sum(line) == calls[act.month]
        self._assert_versions_follow(lines)

    def _assert_versions_follow(self, lines: list[tuple[date, int, int]]) -> None:
        """A corrected act is the one before and what was given back, or taken again, since."""
        before: dict[date, Act] = {}
        for act in reversed(self.months.found()):
            assert act.currency == self.currency
            assert all(each.quantity * each.price.minor == each.amount.minor for each in act.lines)
            last = before.get(act.month)
            since = [
                m for month, seq, m in lines if last and month == act.month and last.upto_seq < seq <= act.upto_seq
            ]
            assert last is None or act.total.minor == last.total.minor + sum(since)
            before[act.month] = act

    def _lines(self) -> list[tuple[date, int, int]]:
        """Return the statement's lines of services: the month they count in, their number, what they took."""
        found = []
        months = {name: month for name, (month, _) in self.services.items()}
        period = Period(date(2026, 12, 1), self.k5.ports.today())
        for line in statements.statement(self.k5.ports, self.months.owner_id, period, limit=1000).lines:
            name = charge_name(line.posting.name)
            if is_charge(line.posting.counter):
                found.append((months[name], line.posting.seq, -line.posting.amount.minor))
        return found

    def _by_detail(self) -> Counter[date]:
        found: Counter[date] = Counter()
        for call in statements.calls(self.k5.ports, self.months.owner_id, limit=1000).calls:
            name = EventName("call", call.id)
            if name in self.services and not self.back[name] % 2:
                found[self.services[name][0]] += call.cost.minor if call.cost else 0
        return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=3, max_size=25), currency=st.sampled_from(["RUB", "RUB", "KGS"]))
def test_act_statement_ledger_and_call_detail_agree(k5: House, steps: list[tuple[str, int]], currency: str) -> None:
    story = Story(k5, next(NUMBERS), currency)  # the house lives on; each story has a subscriber of its own
    for step, value in steps:
        story.take(step, value)
    story.take("month", 0)
    acts.run(k5.ports)
    story.assert_all_agree()
    assert story.months.breaches() == []
