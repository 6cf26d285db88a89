"""The disk of the database is full, of its data or of its log, while payments come. Trial: R10.

Providers hear "later", nothing that was acknowledged is lost, and with room again all goes on without repair.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from k5web.services.books.verify import verify
from k5web.storage import schema
from tests.databases import serving
from tests.postgres import PostgresServer
from tests.processes import wait_for
from tests.proofs import figure, progress
from tests.reliability.provider import Answer
from tests.reliability.small_disk import SmallDisk, small_disk
from tests.reliability.stream import THREADS, Stream
from tests.reliability.test_payments_over_http import FIRST_OWNER, TENTH, Trial, trial

pytestmark = pytest.mark.server

LATER = {(200, "1")}  # the network's own word for it
ROOM = 300_000  # bytes that are left at most: a full disk meets any write there is
PAYMENTS = 30  # between two moments, at most
# No part of the WAL is there ahead: the disk is asked for each. A disk in memory has nothing to flush
SETTINGS = {"wal_recycle": "off", "min_wal_size": "2MB", "fsync": "off"}
MOMENTS = [
    pytest.param(1, id="one moment"),
    pytest.param(10, id="whole", marks=[pytest.mark.full, pytest.mark.timeout(7200)]),
]


@pytest.mark.postgres
@pytest.mark.parametrize("moments", MOMENTS)
def test_postgresql_goes_on_when_there_is_room_again(tmp_path: Path, moments: int) -> None:
    with (
        small_disk(160) as tables,
        small_disk(160) as log,
        on_disks(tables, log) as server,
        trial(server.url, tmp_path, TENTH, workers=1) as house,
    ):
        Fill(house, server).meet({"data": tables, "WAL": log}, moments)


@pytest.mark.parametrize("moments", MOMENTS)
def test_sqlite_goes_on_when_there_is_room_again(sqlite_template: Path, tmp_path: Path, moments: int) -> None:
    with small_disk(64) as disk:
        shutil.copyfile(sqlite_template, disk.path / "k5.db")
        with trial(f"sqlite:///{disk.path}/k5.db", tmp_path, TENTH, workers=1) as house:
            Fill(house).meet({"SQLite": disk}, moments)


@contextmanager
def on_disks(tables: SmallDisk, log: SmallDisk) -> Iterator[PostgresServer]:
    """Run a server whose data and WAL have a disk each. Small parts of the WAL: a new one is soon wanted."""
    with serving(SETTINGS, log_part_mb=1) as server:
        schema.upgrade(server.url)
        server.move({"data/pg_wal": log.path, "data": tables.path})
        yield server


class Fill:
    """Payments without end into a house whose disks are filled, one after another."""

    def __init__(self, house: Trial, server: PostgresServer | None = None) -> None:
        self._house = house
        self._server = server
        self._starts = 0
        owners = range(FIRST_OWNER, FIRST_OWNER + house.size.accounts)
        self._stream = Stream(house.provider, owners, house.dice.randrange(2**32), pause_s=0.02, repeats=1)

    def meet(self, disks: dict[str, SmallDisk], moments: int) -> None:
        """Fill each of them so many times; afterwards every payment is credited once."""
        turns = list(disks.items()) * moments
        for n, (name, disk) in enumerate(turns):
            self._wait_for_payments(self._house.dice.randint(1, PAYMENTS))
            self._fill(name, disk)
            self._assert_nothing_missing()
            progress(n + 1, len(turns), "moments")
        self._stream.stop()
        self._stream.assert_answers_are_right()
        payments = self._stream.payments
        assert self._house.credited() == sorted((one.key, one.account, one.minor) for one in payments)
        assert {(answer.status, answer.result) for answer in self._heard} == LATER
        assert "a bug in a notice" not in self._house.processes.logged("serve")
        assert verify(self._house.ports) == []
        figure(
            f"R10: {' and '.join(disks)} full at {len(turns)} moments: {len(payments)} payments credited once, "
            f'"later" {len(self._heard)} times, PostgreSQL started again {self._starts} times'
        )

    @property
    def _heard(self) -> list[Answer]:
        return self._house.provider.put_off

    def _fill(self, name: str, disk: SmallDisk) -> None:
        heard, dice = len(self._heard), self._house.dice
        disk.fill(dice.randrange(ROOM))
        try:
            if self._server:
                with suppress(psycopg.Error):
                    self._server.ask("CHECKPOINT")  # one comes sooner or later; pages then go whole into the WAL
            self._wait_for(lambda: len(self._heard) > heard, f"providers hear later: {name} is full")
            heard = len(self._heard) + dice.randint(1, PAYMENTS)
            self._wait_for(lambda: len(self._heard) > heard, "providers go on hearing later")
        finally:
            disk.make_room()
        self._wait_for_payments(THREADS + 1)  # more than were on their way

    def _wait_for_payments(self, count: int) -> None:
        """Wait until more of them are acknowledged; who starts services starts PostgreSQL where it ended itself."""
        enough = len(self._stream.acknowledged()) + count

        def look() -> bool:
            if self._server and self._server.has_ended:
                self._starts += 1
                self._server.start()
            return len(self._stream.acknowledged()) >= enough

        self._wait_for(look, "payments are acknowledged")

    def _wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, while no payment is refused."""
        wait_for(lambda: self._stream.wrong or condition(), what)
        assert self._stream.wrong == []

    def _assert_nothing_missing(self) -> None:
        known = self._stream.acknowledged()
        assert known - {key for key, _, _ in self._house.credited()} == set()
