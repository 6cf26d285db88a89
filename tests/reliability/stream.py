"""A payment network that never rests: new payments and repeats of old ones, until it is told to stop."""

import random
import threading
import time
from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise

from tests.processes import PATIENCE_S
from tests.reliability.provider import Payment, Provider

THREADS = 16
REPEATS = 3  # of each payment, on average, beside what is repeated for want of an answer
PAUSE_S = 0.2  # of each thread: the machine has other things to do


class Stream:
    """Payments of `owners`, delivered by many threads; what is acknowledged is written down with its moment.

    `took` says when each delivery had its final answer and after how long. Units: seconds, on the monotonic clock.
    """

    def __init__(
        self,
        provider: Provider,
        owners: Sequence[int],
        seed: int,
        pause_s: float = PAUSE_S,
        repeats: int = REPEATS,
    ) -> None:
        self._provider = provider
        self._owners = owners
        self._dice = random.Random(seed)
        self._pause_s, self._repeats = pause_s, repeats
        self._each_s = 0.0  # a thread begins one delivery in so long, on average
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self.payments: list[Payment] = []
        self._numbers: dict[str, set[str | None]] = {}  # what each was acknowledged with
        self._moments: list[float] = []  # of the first acknowledgements, on the monotonic clock
        self.took: list[tuple[float, float]] = []
        self.wrong: list[str] = []  # final answers that are no credit
        self._threads = [threading.Thread(target=self._deliver_on, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def acknowledged(self) -> set[str]:
        """The payments that K5 called credited."""
        with self._lock:
            return set(self._numbers)

    def first_after(self, moment: float) -> float | None:
        """When a new payment was acknowledged first after this moment."""
        with self._lock:
            after = bisect(self._moments, moment)
            return self._moments[after] if after < len(self._moments) else None

    def slow_down_to(self, a_second: float) -> None:
        """Begin so many deliveries a second from now on, at uneven moments."""
        self._each_s = THREADS / a_second

    def longest_gap_s(self, since: float) -> float:
        """The longest stretch from this moment until now in which no new payment was acknowledged."""
        with self._lock:
            moments = [since, *(at for at in self._moments if at > since), time.monotonic()]
        return max(after - before for before, after in pairwise(moments))

    def stop(self) -> None:
        """Begin nothing more; wait until all that was begun is acknowledged."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        assert not any(thread.is_alive() for thread in self._threads), "payments are without a final answer"

    def assert_answers_are_right(self) -> None:
        """Each was acknowledged, always with the same number."""
        assert self.wrong == []
        assert set(self._numbers) == {payment.key for payment in self.payments}
        assert {len(found) for found in self._numbers.values()} == {1}

    def _deliver_on(self) -> None:
        took_s = 0.0
        while not self._is_over.wait(max(self._pause_s, self._chance() * self._each_s - took_s)):
            payment = self._next()
            began = time.monotonic()
            try:
                answer = self._provider.insist(payment)
            except AssertionError:
                return  # the network is closed: the test has failed already
            with self._lock:
                answered = time.monotonic()
                took_s = answered - began
                self.took.append((answered, took_s))
                if answer.result != "0":
                    self.wrong.append(f"{payment}: {answer}")
                elif payment.key in self._numbers:
                    self._numbers[payment.key].add(answer.number)
                else:
                    self._numbers[payment.key] = {answer.number}
                    self._moments.append(answered)

    def _chance(self) -> float:
        """Between nothing and two: what is even by chance meets at times."""
        with self._lock:
            return 2 * self._dice.random()

    def _next(self) -> Payment:
        with self._lock:
            if self.payments and self._dice.random() < self._repeats / (self._repeats + 1):
                return self._dice.choice(self.payments[-1000:])  # also one that another thread is delivering just now
            key = f"7{len(self.payments):09d}"
            self.payments.append(Payment(key, self._dice.choice(self._owners), self._dice.randint(1, 100_000)))
            return self.payments[-1]
