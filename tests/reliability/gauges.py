"""What a long trial watches: the memory of each process, the connections of the database, how busy the machine is."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from bench.turns import children
from tests.postgres import PostgresServer
from tests.processes import PATIENCE_S, ROOT, Processes

Took = Sequence[tuple[float, float]]  # moments, and how long something took that ended then
CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


class Gauges:
    """Read again and again. `weights` are kilobytes by kind and process, `connections` those of all clients."""

    def __init__(self, processes: Processes, server: PostgresServer, workers: Sequence[str]) -> None:
        self._processes, self._server, self._workers = processes, server, workers
        self.weights: dict[tuple[str, int], list[tuple[float, int]]] = {}
        self.connections: list[int] = []

    def read(self, moment: float) -> None:
        """Look at all that runs now."""
        web = self._processes.pid("serve")
        kinds = {"web": children(web), "web's master": [web], "simulator": [self._processes.pid("simulator")]}
        kinds["worker"] = [self._processes.pid(name) for name in self._workers]
        for kind, pids in kinds.items():
            for pid in pids:
                if (weight_kb := resident_kb(pid)) is not None:
                    self.weights.setdefault((kind, pid), []).append((moment, weight_kb))
        self.connections.append(self._server.ask(CLIENTS))

    def kinds(self) -> list[str]:
        """What processes there were."""
        return sorted({kind for kind, _ in self.weights})

    def growth(self, kind: str, warm_s: float, least_s: float) -> list[float]:
        """How many times its weight after its warming up each process of a kind had at last, if it lived so long."""
        lives = [seen for (whose, _), seen in self.weights.items() if whose == kind]
        return [_grown(seen, warm_s) for seen in lives if seen[-1][0] - seen[0][0] >= least_s]

    def weight_mb(self, kind: str) -> tuple[float, float]:
        """The median weight of a kind's processes in the first half of the readings and in the last, in megabytes."""
        seen = sorted(one for (whose, _), found in self.weights.items() if whose == kind for one in found)
        half = len(seen) // 2
        first, last = (median(kb for _, kb in part) / 1024 for part in (seen[: half + 1], seen[half:]))
        return first, last

    def connected(self) -> tuple[int, float]:
        """The most connections in the first quarter of the readings, and their median in the last.

        A pool opens what it needs at once: one reading tells how busy it was, and only what stays is kept by somebody.
        """
        quarter = (len(self.connections) + 3) // 4
        return max(self.connections[:quarter]), median(self.connections[-quarter:])


class Probe:
    """The process that tells how busy the machine is."""

    def __init__(self, log: Path) -> None:
        self._log = log
        with log.open("wb") as told:
            command = [sys.executable, "-m", "tests.reliability.probe"]
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=told)

    def stop(self) -> Took:
        """End it; return what it told."""
        self._process.kill()
        self._process.wait(PATIENCE_S)
        whole = self._log.read_text("utf-8").rpartition("\n")[0]
        return [(float(moment), float(took)) for moment, took in map(str.split, whole.splitlines())]


def resident_kb(pid: int) -> int | None:
    """What of a process lies in memory; nothing of one that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), None)


def slowest_by_part(took: Took, began: float, ended: float, parts: int) -> list[float]:
    """Return of each part of the time what 99 of 100 took at most; a part without any has none. Units: seconds."""
    found: list[list[float]] = [[] for _ in range(parts)]
    for moment, took_s in took:
        if began <= moment < ended:
            found[int((moment - began) / (ended - began) * parts)].append(took_s)
    return [quantiles(each, n=100, method="inclusive")[-1] if len(each) > 1 else 0.0 for each in found]


def _grown(seen: Sequence[tuple[float, int]], warm_s: float) -> float:
    warm = [kb for moment, kb in seen if moment - seen[0][0] >= warm_s]
    return median(warm[-3:]) / median(warm[:3])
