"""What a provider's notice costs the database: statements and transactions, no more and no fewer than are written here.

Counted on both databases, for a first payment to an empty account: it also tells that the account may be used again.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import event

from app import create_app
from k5web.config.settings import Settings
from k5web.domain.payments.notice import WireRequest
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.test_contract import CASES, OPEN
from tests.connectors.trial import SUM, Case, Trial


@dataclass(frozen=True)
class Cost:
    """Statements, those that begin and end a transaction aside, and transactions."""

    statements: int
    transactions: int


NEW = {
    # whose account is meant; the name claimed, the event, the posting, the messages; the notice
    "osmp": Cost(6, 1),
    "osmp4": Cost(6, 1),
    "k5json": Cost(6, 1),
    "a made-up fourth": Cost(6, 1),
    # the order under lock with its account; the same, and the order's new state
    "bill": Cost(7, 1),
    "pull": Cost(7, 1),
    # the order before the provider is asked, in a transaction of its own; then the same
    "payin": Cost(8, 3),
    "merchant": Cost(8, 3),
    "cards": Cost(8, 3),
}
KNOWN = {
    # whose account is meant; the name cannot be claimed, whom it credited, with what; the notice
    "osmp": Cost(5, 1),
    "osmp4": Cost(5, 1),
    "k5json": Cost(5, 1),
    "a made-up fourth": Cost(5, 1),
    # the order under lock; the notice
    "bill": Cost(2, 1),
    "pull": Cost(2, 1),
    # the order, the order under lock; the notice
    "payin": Cost(3, 3),
    "merchant": Cost(3, 3),
    "cards": Cost(3, 3),
}
PROVIDER = "79.142.16.1"
CHECKED = Cost(2, 1)  # whose account is meant; the notice


@dataclass
class Asked:
    """What reached the database."""

    statements: list[tuple[str, str]] = field(default_factory=list)  # with their parameters
    transactions: int = 0

    @property
    def cost(self) -> Cost:
        return Cost(len(self.statements), self.transactions)

    @property
    def twice(self) -> list[tuple[str, str]]:
        return [asked for asked, times in Counter(self.statements).items() if times > 1]


@contextmanager
def counting(sessions: Sessions) -> Iterator[Asked]:
    """Write down what passes either door of the database meanwhile."""
    asked = Asked()

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):  # how SQLite begins
            asked.statements.append((statement, str(parameters)))

    def begin(_connection: object) -> None:
        asked.transactions += 1

    doors = [sessions.write, sessions._read]
    for door in doors:
        event.listen(door, "before_cursor_execute", note)
        event.listen(door, "begin", begin)
    yield asked
    for door in doors:
        event.remove(door, "before_cursor_execute", note)
        event.remove(door, "begin", begin)


def cost_of(trial: Trial, request: WireRequest) -> Cost:
    """What this notice costs; it must not ask anything twice."""
    with counting(trial.ports.sessions) as asked:
        trial.deliver(request)
    assert asked.twice == []
    return asked.cost


@pytest.fixture
def trial(case: Case, sessions: Sessions, clock: Clock) -> Trial:
    """A house with this way to pay alone, on each database."""
    return Trial(sessions, clock, case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_payment_and_its_repeat_cost_what_is_written_here(trial: Trial) -> None:
    request = trial.says(trial.told())
    name = trial.case.name
    assert cost_of(trial, request) == NEW[name]
    assert trial.balance() == trial.money(SUM)
    assert cost_of(trial, request) == KNOWN[name]
    assert trial.balance() == trial.money(SUM)


def test_a_known_payment_costs_no_more_than_a_new_one() -> None:
    assert KNOWN.keys() == NEW.keys() == {case.name for case in CASES}
    for name, known in KNOWN.items():
        assert known.statements <= NEW[name].statements, name
        assert known.transactions <= NEW[name].transactions, name


CHECKS = {
    "osmp": (b"command=pay", b"command=check"),
    "osmp4": (b"<request-type>2<", b"<request-type>1<"),
    "k5json": (b"BillerPay", b"BillerCheck"),
}


@pytest.mark.parametrize(
    "case",
    [replace(case, table={**case.table, **OPEN.get(case.name, {})}) for case in CASES if case.name in CHECKS],
    ids=lambda case: f"{case.name} check",
)
def test_a_check_costs_one_question_and_the_row_of_the_notice(trial: Trial) -> None:
    paid, old, new = trial.says(trial.told()), *CHECKS[trial.case.name]
    query = paid.query.encode().replace(old, new).decode()
    assert cost_of(trial, replace(paid, query=query, body=paid.body.replace(old, new))) == CHECKED
    assert trial.balance() == trial.money("0.00")


@pytest.mark.parametrize("case", CASES[:1], ids=lambda case: case.name)
def test_the_web_asks_nothing_more(trial: Trial) -> None:
    client = create_app(Settings.from_env({"K5_SECRET_KEY": "s" * 40}), trial.ports).test_client()
    sent = trial.says(trial.told())
    for cost in (NEW["osmp"], KNOWN["osmp"]):
        with counting(trial.ports.sessions) as asked:
            answer = client.get(
                f"/hooks/{trial.connector.address}?{sent.query}", environ_base={"REMOTE_ADDR": PROVIDER}
            )
        assert b"<result>0</result>" in answer.data
        assert asked.cost == cost
