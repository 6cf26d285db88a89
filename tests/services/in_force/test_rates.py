"""The table in force: exact at its moment, found within a second after an import, never a failed lookup."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import NoDeck, Unavailable
from k5web.services.in_force.rates import LOOK_EVERY, PREPARE_AHEAD, RateBook
from k5web.storage.prices import rates
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.processes import PATIENCE_S

INSTANT = timedelta(microseconds=1)


def publish(sessions: Sessions, price: int, since: datetime, *later: tuple[int, datetime]) -> int:
    """Publish a deck of one prefix, its price being its mark; `later` prices follow within the version."""
    listed = [(Rate("7", "Россия", Price(micro)), at) for micro, at in [(price, since), *later]]
    with sessions.begin() as db:
        return rates.add_version(db, "k5", since, since, "test", bytes(32), listed).id


class Watched(Sessions):
    """Sessions that count the looks and can be told not to answer."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(sessions.write, sessions._read)
        self.reads = 0
        self.is_down = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        self.reads += 1
        if self.is_down:
            raise Unavailable
        with super().read() as db:
            yield db


@pytest.fixture
def watched(sessions: Sessions) -> Watched:
    return Watched(sessions)


@pytest.fixture
def book(watched: Watched, clock: Clock) -> RateBook:
    return RateBook(watched, clock)


def price(book: RateBook) -> int:
    return book.table("k5").find("79161234567").per_minute.micro


def test_without_a_list_in_force_there_is_no_price(book: RateBook, sessions: Sessions, clock: Clock) -> None:
    with pytest.raises(NoDeck):
        book.table("k5")
    publish(sessions, 1, clock() + timedelta(hours=1))
    with pytest.raises(NoDeck):
        book.table("k5")
    clock.forward(hours=1)
    assert price(book) == 1


def test_the_table_is_read_once_and_the_base_asked_at_most_once_a_second(
    book: RateBook, watched: Watched, clock: Clock
) -> None:
    publish(watched, 1, clock())
    table = book.table("k5")
    book.table("k5")
    first = watched.reads
    for _ in range(99):
        clock.forward(seconds=0.01)
        assert book.table("k5") is table
    assert watched.reads == first
    clock.forward(seconds=0.01)
    assert book.table("k5") is table
    assert watched.reads == first + 1


def test_an_import_for_today_is_found_within_a_second(book: RateBook, sessions: Sessions, clock: Clock) -> None:
    publish(sessions, 1, clock())
    price(book)
    price(book)
    publish(sessions, 2, clock())
    assert price(book) == 1
    clock.now += LOOK_EVERY
    assert price(book) == 2


def test_a_list_published_for_later_does_not_build_today_s_again(
    book: RateBook, sessions: Sessions, clock: Clock
) -> None:
    publish(sessions, 1, clock())
    table = book.table("k5")
    publish(sessions, 2, clock() + timedelta(days=10))
    clock.now += LOOK_EVERY
    assert book.table("k5") is table
    clock.forward(days=10)
    assert price(book) == 2


@pytest.mark.parametrize("gap", [PREPARE_AHEAD / 2, PREPARE_AHEAD * 10])
def test_a_known_change_takes_force_exactly_at_its_moment(
    book: RateBook, sessions: Sessions, clock: Clock, gap: timedelta
) -> None:
    """Whether it was built ahead or not; both a new version and a later price within one."""
    start = clock()
    publish(sessions, 1, start, (2, start + gap))
    publish(sessions, 3, start + 2 * gap)
    assert price(book) == 1
    for moment, before, after in ((start + gap, 1, 2), (start + 2 * gap, 2, 3)):
        clock.now = moment - INSTANT
        assert price(book) == before
        clock.now = moment
        assert price(book) == after


def test_a_change_half_a_second_after_the_first_lookup_is_exact_too(
    book: RateBook, sessions: Sessions, clock: Clock
) -> None:
    publish(sessions, 1, clock(), (2, clock() + LOOK_EVERY / 2))
    assert price(book) == 1
    clock.now += LOOK_EVERY / 2
    assert price(book) == 2


def test_a_change_is_built_ahead_so_that_nobody_waits_at_its_moment(
    book: RateBook, watched: Watched, clock: Clock
) -> None:
    start = clock()
    publish(watched, 1, start)
    publish(watched, 2, start + PREPARE_AHEAD * 2)
    price(book)
    clock.now = start + PREPARE_AHEAD * 2 - LOOK_EVERY / 2
    assert price(book) == 1
    reads = watched.reads
    clock.now = start + PREPARE_AHEAD * 2
    assert price(book) == 2
    assert watched.reads == reads


def test_what_was_built_ahead_is_dropped_when_another_list_comes_before_it(
    book: RateBook, sessions: Sessions, clock: Clock
) -> None:
    start = clock()
    publish(sessions, 1, start)
    publish(sessions, 2, start + timedelta(seconds=30))
    price(book)
    price(book)  # has built the second one by now
    publish(sessions, 3, start + timedelta(seconds=30))  # imported again, mended
    publish(sessions, 4, start + timedelta(seconds=20))
    clock.forward(seconds=1)
    price(book)
    clock.now = start + timedelta(seconds=20)
    assert price(book) == 4
    clock.now = start + timedelta(seconds=30)
    assert price(book) == 3


def test_where_the_base_does_not_answer_the_old_table_stays(book: RateBook, watched: Watched, clock: Clock) -> None:
    start = clock()
    publish(watched, 1, start)
    publish(watched, 2, start + timedelta(hours=1))
    assert price(book) == 1
    watched.is_down = True
    clock.now = start + timedelta(hours=1)
    assert price(book) == 1
    reads = watched.reads
    assert price(book) == 1
    assert watched.reads == reads  # and it is not asked by every lookup
    watched.is_down = False
    clock.now += LOOK_EVERY
    assert price(book) == 2


def test_a_base_that_never_answered_is_named_as_our_trouble(book: RateBook, watched: Watched) -> None:
    watched.is_down = True
    with pytest.raises(Unavailable):
        book.table("k5")


def test_lookups_go_on_with_the_old_table_while_one_thread_builds_the_new_one(
    book: RateBook, sessions: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sessions, 1, clock())
    price(book)
    price(book)
    publish(sessions, 2, clock())
    clock.now += LOOK_EVERY
    is_building, may_finish = threading.Event(), threading.Event()
    load = rates.load_table

    def slow(*args: Any) -> RateTable:
        is_building.set()
        assert may_finish.wait(PATIENCE_S)
        return load(*args)

    monkeypatch.setattr(rates, "load_table", slow)
    found: list[int] = []
    builder = threading.Thread(target=lambda: found.append(price(book)))
    builder.start()
    assert is_building.wait(PATIENCE_S)
    clock.now += 2 * LOOK_EVERY  # time to look again, but somebody is at it
    assert [price(book) for _ in range(1_000)] == [1] * 1_000
    may_finish.set()
    builder.join(PATIENCE_S)
    assert found == [2]
    assert price(book) == 2


def test_many_threads_over_many_changes_never_fail_and_never_see_an_old_price_after_a_new_one(
    sessions: Sessions,
) -> None:
    """Each thread's prices only rise, because each version is dearer."""
    publish(sessions, 1, datetime(2026, 1, 1, tzinfo=UTC))
    clock = Clock()
    book = RateBook(sessions, clock)
    failures: list[BaseException] = []
    seen: list[list[int]] = [[] for _ in range(4)]
    is_over = threading.Event()

    def ask(prices: list[int]) -> None:
        try:
            while not is_over.is_set():
                prices.append(price(book))
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(prices,)) for prices in seen]
    for thread in threads:
        thread.start()
    for version in range(2, 5):
        publish(sessions, version, clock())
        clock.forward(seconds=1)
        while price(book) != version:
            pass
    is_over.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert failures == []
    assert all(prices == sorted(prices) for prices in seen)


def test_a_snapshot_is_the_same_until_its_table_changes(book: RateBook, sessions: Sessions, clock: Clock) -> None:
    publish(sessions, 1, clock())
    first = book.snapshot("k5")
    assert book.snapshot("k5") is first
    publish(sessions, 2, clock())
    clock.now += LOOK_EVERY
    assert book.snapshot("k5").table.version != first.table.version


def test_decks_do_not_disturb_one_another(book: RateBook, sessions: Sessions, clock: Clock) -> None:
    publish(sessions, 1, clock())
    with pytest.raises(NoDeck):
        book.table("clovertel")
    assert price(book) == 1
