"""Five times as many payments as K5 can take, over HTTP. Trial: R23.

A slow line to the database makes the work of a thread long: the threads are too few, and not the machine too weak. Each
client pays without a rest; there are five times as many as K5 can serve while a notice may lie in its socket.
"""

import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from k5web.cli.web_process import THREADS
from k5web.services.books.verify import verify
from tests.processes import PATIENCE_S, wait_for
from tests.proofs import figure, progress
from tests.reliability.provider import Answer, Payment
from tests.reliability.slow_line import SlowLine
from tests.reliability.test_payments_over_http import TENTH, Trial, trial

pytestmark = [pytest.mark.postgres, pytest.mark.server]

TIMES = 5
DELAY_S = 0.1  # of each answer of the database
ROUNDS = 3  # of all threads at work; by the last the capacity is found
WITHIN_S, BACK_S = 10.0, 30.0  # promised at full size


@dataclass(frozen=True)
class Size:
    """What a notice may take, how long the crowd stays, and whether the promised times are held against it."""

    notice_s: int
    crowd_s: float
    is_timed: bool


SIZES = [
    pytest.param(Size(3, 0, is_timed=False), id="some seconds"),
    pytest.param(Size(5, 300, is_timed=True), id="whole", marks=[pytest.mark.full, pytest.mark.timeout(7200)]),
]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_too_much_is_put_off_and_the_rest_booked(postgres_url: str, tmp_path: Path, size: Size) -> None:
    settings = {"K5_NOTICE_TIME": str(size.notice_s)}
    with SlowLine(postgres_url) as line, trial(line.url, tmp_path, TENTH, workers=1, **settings) as house:
        line.delay_s = DELAY_S
        crowd = Crowd(house, size)
        try:
            crowd.stay()
            crowd.assert_back_to_normal()
            line.delay_s = 0.0
            crowd.assert_booked_once()
        finally:
            crowd.leave()


class Crowd:
    """The clients, and what they heard."""

    def __init__(self, house: Trial, size: Size) -> None:
        self._house = house
        self._size = size
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._payments: list[Payment] = []
        self._accepted: set[str] = set()
        self._put_off = 0
        self._slowest_s = 0.0
        self._a_second = self._capacity()
        self._count = THREADS + round(TIMES * self._a_second * size.notice_s / 2)
        self._threads = [threading.Thread(target=self._pay_on, daemon=True) for _ in range(self._count)]

    def stay(self) -> None:
        """Pay all the while, and at least until there were as many refusals as clients."""
        for thread in self._threads:
            thread.start()
        wait_for(lambda: self._put_off >= self._count, "the crowd is put off")
        began = time.monotonic()
        while (stayed_s := time.monotonic() - began) < self._size.crowd_s:
            progress(round(stayed_s), round(self._size.crowd_s), "seconds of the crowd")
            self._is_over.wait(1)
        self.leave()

    def leave(self) -> None:
        """Pay no more; wait for the answers that are out."""
        self._is_over.set()
        for thread in self._threads:
            if thread.ident:
                thread.join(PATIENCE_S)
        assert not any(thread.is_alive() for thread in self._threads), "a client hears nothing"

    def assert_back_to_normal(self) -> None:
        """As many as there are threads are credited at once again."""
        began = time.monotonic()
        wait_for(lambda: {answer.result for answer in self._at_once(THREADS)} == {"0"}, "all is as before")
        self._back_s = time.monotonic() - began
        if self._size.is_timed:
            assert self._back_s <= BACK_S
            assert self._slowest_s <= WITHIN_S
            assert len(self._accepted) >= self._a_second * self._size.crowd_s / 2, "a crowd keeps K5 from its work"

    def assert_booked_once(self) -> None:
        """What was accepted is there; what was put off comes again, and then all is credited once."""
        credited = [key for key, _, _ in self._house.credited()]
        assert self._accepted - set(credited) == set()
        insist = self._house.provider.insist
        answers = self._house.provider.at_once(partial(insist, payment) for payment in self._payments)
        assert {answer.result for answer in answers if answer} == {"0"}
        assert self._house.credited() == sorted((one.key, one.account, one.minor) for one in self._payments)
        assert "a bug in a notice" not in self._house.processes.logged("serve")
        assert verify(self._house.ports) == []
        figure(
            f"R23: {self._count} clients of a house for {self._a_second:.0f} payments a second: {len(self._accepted)} "
            f'accepted, {self._put_off} heard "later", each answer within {self._slowest_s:.1f} s, back to normal '
            f"after {self._back_s:.1f} s; all credited once"
        )

    def _capacity(self) -> float:
        """Return how many payments a second are credited, all threads being busy."""
        for _ in range(ROUNDS):  # the first ones wait for connections
            began = time.monotonic()
            self._at_once(THREADS)
        return THREADS / (time.monotonic() - began)

    def _at_once(self, count: int) -> list[Answer]:
        answers = self._house.provider.at_once([self._pay] * count)
        return [answer for answer in answers if answer]

    def _pay_on(self) -> None:
        while not self._is_over.is_set():
            self._pay()

    def _pay(self) -> Answer | None:
        with self._lock:
            payment = self._house.payments(1 + len(self._payments), 1)[0]
            self._payments.append(payment)
        began = time.monotonic()
        answer = self._house.provider.send(payment)
        took_s = time.monotonic() - began
        with self._lock:
            self._slowest_s = max(self._slowest_s, took_s)
            if answer and answer.result == "0":
                self._accepted.add(payment.key)
            elif answer:
                assert answer.result == "1", f"{payment}: {answer}"
                self._put_off += 1
        return answer
