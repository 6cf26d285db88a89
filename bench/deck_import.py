"""A long price list imported, against bare inserts of its rows; lookups while it is swapped, none of which fails."""

import csv
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from bench import Measure
from bench.bulk import open_house
from bench.house import house
from bench.lookups import times_of
from k5web.services.ports import Ports
from k5web.services.prices.ratedecks import import_deck

FULL = 50_000  # prices
LIMIT_S = 5  # for an import of that many
NUMBER = "79161234567"
WATCHED_S = 2.0


def run(size: int = FULL) -> list[Measure]:
    """Return prices a second into SQLite, and lookups a second while a new list is imported and takes force."""
    with house() as environ:
        ports = open_house(environ)
        try:
            folder = Path(environ["K5_VAR"])
            first, second = (_write(folder / f"{mark}.csv", size, mark) for mark in ("1.00", "2.00"))
            return [_import(ports, folder, first, size), _swap(ports, environ, second)]
        finally:
            ports.sessions.dispose()


def _import(ports: Ports, folder: Path, path: Path, size: int) -> Measure:
    names = iter(f"bench-{number}" for number in range(1_000))

    def ours() -> None:
        done = import_deck(ports, path, next(names), ports.today())
        assert done.version is not None

    def bare() -> None:
        (folder / "bare.db").unlink(missing_ok=True)
        with sqlite3.connect(folder / "bare.db") as db, path.open(newline="", encoding="utf-8") as file:
            db.execute("CREATE TABLE rate (prefix TEXT PRIMARY KEY, destination TEXT, per_minute TEXT)")
            db.executemany("INSERT INTO rate VALUES (?, ?, ?)", list(csv.reader(file))[1:])
        db.close()

    our_s, bare_s = times_of(ours, bare)
    assert our_s < LIMIT_S or size > FULL, f"the import took {our_s:.1f} s"
    return Measure(f"import of {size} prices", size / our_s, "bare inserts of three columns", size / bare_s, "prices/s")


def _swap(ports: Ports, environ: Mapping[str, str], path: Path) -> Measure:
    """Look prices up in a thread at rest, then while another process imports and the list changes; none may fail."""
    ports.rates.table("bench-0")
    at_rest = _Lookups(ports)
    time.sleep(WATCHED_S)
    at_rest.stop()
    meanwhile = _Lookups(ports)
    words = ("deck", "import", str(path), "--deck", "bench-0", "--effective", str(ports.today()))
    subprocess.run([sys.executable, "-m", "k5web", *words], env=environ, check=True, capture_output=True)
    while str(ports.rates.table("bench-0").find(NUMBER).per_minute) != "2.00":
        time.sleep(0.01)
    meanwhile.stop()
    return Measure("lookups while a new list is swapped in", meanwhile.rate, "lookups at rest", at_rest.rate, "calls/s")


class _Lookups:
    """A thread that looks one price up again and again, as a web thread would between its pages."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._is_over = threading.Event()
        self._found = 0
        self._failure: Exception | None = None
        self._began = time.perf_counter()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    @property
    def rate(self) -> float:
        return self._found / self._took_s

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()
        self._took_s = time.perf_counter() - self._began
        if self._failure is not None:
            raise self._failure

    def _ask(self) -> None:
        try:
            while not self._is_over.wait(0.001):
                self._ports.rates.table("bench-0").find(NUMBER)
                self._found += 1
        except Exception as failure:  # noqa: BLE001
            self._failure = failure


def _write(path: Path, size: int, mark: str) -> Path:
    draw = random.Random(7)
    prefixes = {"7", "79"}
    while len(prefixes) < size:
        prefix = draw.choice("123456789") + "".join(draw.choices("0123456789", k=draw.randrange(3, 9)))
        if not NUMBER.startswith(prefix):
            prefixes.add(prefix)
    lines = [f"{prefix},Направление {prefix[:4]},{mark}\n" for prefix in sorted(prefixes)]
    path.write_text("prefix,destination,per_minute\n" + "".join(lines), encoding="utf-8")
    return path
