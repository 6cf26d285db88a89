"""A database that answers slowly, whose rows somebody keeps locked, and too few connections to it. Trial: R19.

Providers hear "later" in time, everything is credited once afterwards, and no thread is left stuck.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import pytest

from k5web.cli.web_process import THREADS
from k5web.services.books.verify import verify
from tests.processes import wait_for
from tests.proofs import figure
from tests.reliability.provider import Answer, Payment
from tests.reliability.slow_line import SlowLine, led_by
from tests.reliability.test_payments_over_http import FIRST_OWNER, TENTH, Trial, trial

pytestmark = [pytest.mark.postgres, pytest.mark.server]

WITHIN_S = 10.0  # promised to providers, at full size
AT_ONCE = 3 * THREADS
PATIENT = {"K5_DATABASE_POOL": "1"}  # two connections in need, for eight threads
LOCK = "SELECT 1 FROM account WHERE owner_id = %s FOR UPDATE"


@dataclass(frozen=True)
class Size:
    """How slow it is, how long a row is locked, and what a notice may take."""

    notice_s: int
    delay_s: float
    locked_s: float
    longest_s: float | None  # that any answer may take; None: whatever the machine needs


SIZES = [
    pytest.param(Size(1, 0.4, 0, None), id="a fifth"),
    pytest.param(Size(5, 2.0, 30, WITHIN_S), id="whole", marks=[pytest.mark.full, pytest.mark.timeout(7200)]),
]


@pytest.mark.parametrize("size", SIZES)
def test_a_slow_or_locked_database_is_later_in_time(postgres_url: str, tmp_path: Path, size: Size) -> None:
    settings = PATIENT | {"K5_NOTICE_TIME": str(size.notice_s)}
    with SlowLine(postgres_url) as line, trial(line.url, tmp_path, TENTH, workers=1, **settings) as house:
        slow = Slow(house, size)
        slow.deliver_over(line)
        slow.deliver_against(postgres_url)
        slow.assert_drained(postgres_url)


class Slow:
    """Payments at once, as many as keep every thread busy three times, while the database is in trouble."""

    def __init__(self, house: Trial, size: Size) -> None:
        self._house = house
        self._size = size
        self._longest_s = 0.0
        self._put_off = 0
        self._all: list[Payment] = []

    def deliver_over(self, line: SlowLine) -> None:
        """Each answer of the database comes late, so that no payment is credited in its time."""
        wait_for(lambda: self._answers(1) == {"0"}, "a payment is credited while all is well")
        line.delay_s = self._size.delay_s
        assert self._answers(AT_ONCE) == {"1"}
        line.delay_s = 0.0

    def deliver_against(self, url: str) -> None:
        """Somebody keeps an account locked; who pays it holds both connections there are."""
        with locked(url, FIRST_OWNER):
            began = time.monotonic()
            told = self._answers(AT_ONCE, FIRST_OWNER)
            while time.monotonic() - began < self._size.locked_s:
                told |= self._answers(AT_ONCE, FIRST_OWNER)
        assert told == {"1"}

    def assert_drained(self, url: str) -> None:
        """What was put off is credited once when it comes again, and all threads and connections are free."""
        wait_for(lambda: under_way(url) == 0, "every transaction has ended")
        self._wait_for_all_threads()
        insist = self._house.provider.insist
        answers = self._house.provider.at_once(partial(insist, payment) for payment in self._all)
        assert {answer.result for answer in answers if answer} == {"0"}
        assert self._house.credited() == sorted((one.key, one.account, one.minor) for one in self._all)
        assert "a bug in a notice" not in self._house.processes.logged("serve")
        assert verify(self._house.ports) == []
        figure(
            f'R19: {len(self._all)} payments, {self._put_off} times "later", each answer within '
            f"{self._longest_s:.1f} s; all credited once"
        )

    def _answers(self, count: int, owner: int | None = None) -> set[str]:
        """Pay so often at once; return what providers heard."""
        payments = self._house.payments(1 + len(self._all), count)
        if owner is not None:
            payments = [Payment(one.key, owner, one.minor) for one in payments]
        self._all += payments
        answers = self._house.provider.at_once(partial(self._send, payment) for payment in payments)
        results = [answer.result for answer in answers if answer]
        assert len(results) == count, "a line broke, or nobody answered"
        self._put_off += results.count("1")
        return set(results)

    def _send(self, payment: Payment) -> Answer | None:
        began = time.monotonic()
        answer = self._house.provider.send(payment)
        took_s = time.monotonic() - began
        self._longest_s = max(self._longest_s, took_s)
        assert self._size.longest_s is None or took_s <= self._size.longest_s, f"answered after {took_s:.1f} s"
        return answer

    def _wait_for_all_threads(self) -> None:
        """All threads but one read half a request each, and the last one answers."""
        port = self._house.processes.web_port
        with ExitStack() as open_lines:
            for _ in range(THREADS - 1):
                half = open_lines.enter_context(socket.create_connection(("127.0.0.1", port)))
                half.sendall(b"GET /healthz HTTP/1.1\r\n")
            wait_for(lambda: self._answers(1) == {"0"}, "the last thread answers")


@contextmanager
def locked(url: str, owner: int) -> Iterator[None]:
    """Keep everybody from the account for a while."""
    with psycopg.connect(led_by(url)) as connection:
        connection.execute(LOCK, [owner])
        yield
        connection.rollback()


def under_way(url: str) -> int:
    """How many transactions of others this database has."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND state <> 'idle' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(led_by(url)) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return int(row[0])
