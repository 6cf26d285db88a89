"""A writer at each database machine, whatever role it has just now: who acknowledges what, and when."""

import threading
import time
from dataclasses import dataclass
from itertools import pairwise

import psycopg

from tests.patroni import Cluster, Node

PAUSE_S = 0.1
UNKNOWN_COMMIT = "01000"  # a cancelled wait for the standby: success in words only
PATIENCE = " tcp_user_timeout=5000 keepalives_idle=5 keepalives_interval=2 keepalives_count=3"
# Of each timeline: a primary is promoted onto a new one
INSERT = """
INSERT INTO written (node, n, timeline) VALUES (%s, %s, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))
RETURNING timeline
"""


@dataclass(frozen=True)
class Written:
    """One row that a machine said is safe."""

    node: str
    n: int
    timeline: int
    at: float  # on the monotonic clock


class Sides:
    """The writers. Their table is in a database of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._acknowledged: list[Written] = []
        primary = cluster.primary()
        assert primary is not None
        with psycopg.connect(primary.place(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE sides")
        with psycopg.connect(primary.place("sides")) as connection:
            connection.execute("CREATE TABLE written (node text, n bigint, timeline text, PRIMARY KEY (node, n))")
        self._threads = [threading.Thread(target=self._write_on, args=(node,), daemon=True) for node in cluster.nodes]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Write no more."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def assert_one_at_a_time(self) -> int:
        """All that was acknowledged is there, and no machine acknowledged anything after its follower did.

        Returns how many rows that are.
        """
        primary = self._cluster.primary()
        assert primary is not None
        with psycopg.connect(primary.place("sides")) as connection:
            there = {(node, n) for node, n in connection.execute("SELECT node, n FROM written")}
        assert {(row.node, row.n) for row in self._acknowledged} - there == set(), "acknowledged and lost"
        in_order = sorted(self._acknowledged, key=lambda row: row.at)
        late = [(old, new) for new, old in pairwise(in_order) if old.timeline < new.timeline]
        assert late == [], "two primaries acknowledged"
        assert len({row.node for row in in_order}) > 1, "nobody took over"
        return len(in_order)

    def _write_on(self, node: Node) -> None:
        n = 0
        while not self._is_over.is_set():
            try:
                with psycopg.connect(node.place("sides") + PATIENCE) as connection:
                    while not self._is_over.wait(PAUSE_S):
                        n += 1
                        self._write(connection, node, n)
            except psycopg.Error:
                self._is_over.wait(PAUSE_S)  # a standby, or gone

    def _write(self, connection: psycopg.Connection, node: Node, n: int) -> None:
        muttered: list[str | None] = []
        connection.add_notice_handler(lambda notice: muttered.append(notice.sqlstate))
        row = connection.execute(INSERT, (node.name, n)).fetchone()
        connection.commit()
        assert row is not None
        if UNKNOWN_COMMIT not in muttered:
            with self._lock:
                self._acknowledged.append(Written(node.name, n, int(row[0], 16), time.monotonic()))
