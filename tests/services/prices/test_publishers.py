"""Two people publish at one instant for different days: each is compared with what the other did, on both databases."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from k5web.errors import DeckStopped, NoticeTooShort
from k5web.services.prices.plan_publishing import publish
from k5web.storage.prices import plan_rows, rates
from tests.fakes.doors import SHIPPED
from tests.services.house import House
from tests.services.prices.test_deck_notice import put

__all__ = ["put"]
PATIENCE_S = 1.0  # where they are serialised the second never comes to meet the first


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read what is published before either writes, where nothing keeps them apart."""
    met = Barrier(2)

    def waits(found: Callable[..., Any]) -> Callable[..., Any]:
        def find(*given: Any) -> Any:
            answer = found(*given)
            with contextlib.suppress(BrokenBarrierError):
                met.wait(PATIENCE_S)
            return answer

        return find

    for module in (plan_rows, rates):
        monkeypatch.setattr(module, "next_after", waits(module.next_after))


def done_by_both(refused: type[Exception], *works: Callable[[], object]) -> int:
    """Return how many of two works were done; the other one is refused."""

    def is_done(work: Callable[[], object]) -> bool:
        try:
            work()
        except refused:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        return sum(both.map(is_done, works))


@pytest.mark.usefixtures("meeting")
def test_two_versions_of_a_plan_for_different_days_know_of_each_other(k5: House) -> None:
    """The better one first and the old terms again a day later would take a week's notice away."""
    text, today = SHIPPED.text("k5"), k5.ports.today()
    better = replace(text, plan=text.plan.replace("longest_minutes = 60", "longest_minutes = 90"))
    works = [
        lambda: publish(k5.ports, better, today + timedelta(days=5), "staff:a"),
        lambda: publish(k5.ports, text, today + timedelta(days=6), "staff:b"),
    ]
    assert done_by_both(NoticeTooShort, *works) == 1


def test_two_price_lists_for_different_days_know_of_each_other(
    k5: House, put: Callable[..., object], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("meeting")  # the first lists are there already
    assert done_by_both(DeckStopped, lambda: put(5, p79="1.00"), lambda: put(6, p99="1.00")) == 1
