"""How the pages answer: requests by route, method and status and their seconds, of all processes of one `k5 serve`.

The counts lie in memory that the processes share; each adds to a row of its own. prometheus_client would keep them in
mapped files, and on a full disk the system kills whoever writes there: no figure is worth the pages.
"""

import mmap
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import Lock
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from k5web.domain.calls.quality import US_PER_S

UNKNOWN: Final = "unknown"  # the route of an address that leads nowhere
METHODS: Final = ("GET", "POST", "other")
STATUSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")
WITHIN_US: Final = tuple(ms * 1000 for ms in (10, 25, 50, 100, 250, 500, 1000, 2500, 10_000))
_SUM: Final = len(STATUSES) + len(WITHIN_US) + 1  # of a route and a method: the place of the whole time, the last
_CELLS: Final = _SUM + 1
_CELL_BYTES: Final = 8
MOST_ROUTES: Final = 128
_HERE: Final = "k5.request_figures"
_ROW: Final = MOST_ROUTES * len(METHODS) * _CELLS


class RequestFigures:
    """Counts that the processes of a web server share where it is made before they part."""

    def __init__(self, processes: int = 1) -> None:
        """Take memory for so many processes, and for as many that end while their successors begin."""
        self._rows = 2 * processes
        self._cells = memoryview(mmap.mmap(-1, self._rows * _ROW * _CELL_BYTES)).cast("Q")
        self._begin = 0
        self._lock = Lock()

    def sit(self, seat: int) -> None:
        """Count in the row of this seat from now on: no two processes that live have the same one."""
        self._begin = seat % self._rows * _ROW

    def add(self, place: int, method: str, status: int, took_us: int) -> None:
        """Count an answer. Units: microseconds."""
        nth = METHODS.index(method) if method in METHODS else len(METHODS) - 1
        of = self._begin + (place * len(METHODS) + nth) * _CELLS
        with self._lock:
            self._cells[of + status // 100 - 1] += 1
            self._cells[of + len(STATUSES) + bisect_left(WITHIN_US, took_us)] += 1
            self._cells[of + _SUM] += took_us

    def collect(self, routes: Sequence[str]) -> Iterator[Metric]:
        """Yield what all processes counted since the web server began, with the names of the routes in their order."""
        requests = CounterMetricFamily(
            "k5_http_requests", "Requests answered, by route, method and status", labels=["route", "method", "status"]
        )
        seconds = HistogramMetricFamily(
            "k5_http_seconds", "From a request's beginning to its answer's", labels=["route", "method"]
        )
        for place, route in enumerate(routes):
            for nth, method in enumerate(METHODS):
                cells = self._summed((place * len(METHODS) + nth) * _CELLS)
                for status, count in zip(STATUSES, cells, strict=False):
                    if count:
                        requests.add_metric([route, method, status], count)
                within = list(accumulate(cells[len(STATUSES) : _SUM]))
                if within[-1]:
                    bounds = [*(str(us / US_PER_S) for us in WITHIN_US), "+Inf"]
                    seconds.add_metric([route, method], list(zip(bounds, within, strict=True)), cells[_SUM] / US_PER_S)
        yield requests
        yield seconds

    def _summed(self, of: int) -> list[int]:
        """Return the cells of one route and method, over all rows."""
        rows = [self._cells[row * _ROW + of : row * _ROW + of + _CELLS] for row in range(self._rows)]
        return [sum(cells) for cells in zip(*rows, strict=True)]


def register(app: Flask, figures: RequestFigures) -> None:
    """Count every answer: attached first, so that its time is the longest and its status the last."""
    places: dict[str, int] = {}

    def begin() -> None:
        g.began_ns = time.perf_counter_ns()

    def count(answer: Response) -> Response:
        if not places:
            places.update({route: place for place, route in enumerate(routes(app))})
        now_ns = time.perf_counter_ns()
        took_us = (now_ns - g.get("began_ns", now_ns)) // 1000  # none: refused before it had begun
        method = "GET" if request.method == "HEAD" else request.method
        figures.add(places[_route(request.endpoint)], method, answer.status_code, took_us)
        return answer

    app.extensions[_HERE] = figures
    app.before_request(begin)
    app.after_request(count)


def collected(app: Flask) -> Iterator[Metric]:
    """Return what was counted, in Prometheus's words."""
    figures: RequestFigures = app.extensions[_HERE]
    return figures.collect(routes(app))


def routes(app: Flask) -> list[str]:
    """Return what an address may belong to, in the same order in every process of the same program."""
    found = sorted({_route(rule.endpoint) for rule in app.url_map.iter_rules()} | {UNKNOWN})
    assert len(found) <= MOST_ROUTES
    return found


def _route(endpoint: str | None) -> str:
    """Return the name of the blueprint: addresses hold numbers of people, and there is no end of them."""
    return endpoint.partition(".")[0] if endpoint else UNKNOWN
