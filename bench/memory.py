"""What a web process weighs with the K5 price list in it, against itself before the first page."""

from pathlib import Path

from bench import Measure
from bench.house import CALL_PAGE, house, log_in, serving
from bench.turns import children
from bench.web import K5

PAGES = 100


def run() -> list[Measure]:
    """Return resident megabytes of one worker process of gunicorn, after a hundred call pages."""
    with house() as environ, serving(environ, *K5) as (address, master):
        before_mb = _resident_mb(master)
        browser = log_in(address, environ["BENCH_PHONE"], environ["BENCH_PASSWORD"])
        for _ in range(PAGES):
            browser.get(address + CALL_PAGE, timeout=20).raise_for_status()
        after_mb = _resident_mb(master)
    return [Measure("web process with the K5 price list", after_mb, "the same before its first page", before_mb, "MB")]


def _resident_mb(master: int) -> float:
    """Return what the only worker of a gunicorn master keeps in memory."""
    [worker] = children(master)
    return _kilobytes(Path(f"/proc/{worker}/status"), "VmRSS:") / 1024


def proportional_mb(master: int) -> tuple[float, float]:
    """Return what a gunicorn master keeps with its workers, and alone: a page that several share is counted once."""
    sums = [_kilobytes(Path(f"/proc/{process}/smaps_rollup"), "Pss:") / 1024 for process in (master, *children(master))]
    return sum(sums), sums[0]


def _kilobytes(of: Path, name: str) -> int:
    [line] = [line for line in of.read_text().splitlines() if line.startswith(name)]
    return int(line.split()[1])
