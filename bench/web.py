"""The call page of a remembered subscriber against an empty Flask page: one gunicorn process each, set alike."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from flask import Flask

from bench import Measure
from bench.house import CALL_PAGE, house, log_in, serving
from bench.load import requests_per_second
from bench.turns import medians, processor_s
from k5web.cli.web_process import run_web

CONNECTIONS = 8
EMPTY = ("bench.web", "{port}")
K5 = ("k5web", "serve", "--port", "{port}", "--processes", "1")


def run(seconds: float = 3.0) -> list[Measure]:
    """Return the ratio of answers a second, by medians, and the processor time of one. Units: seconds of each run."""
    with house() as environ, serving(environ, *K5) as (ours, k5), serving(environ, *EMPTY) as (empty, flask):
        browser = log_in(ours, environ["BENCH_PHONE"], environ["BENCH_PASSWORD"])
        cookies = {
            "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies),
            "Accept-Encoding": "gzip",
        }
        pages = (_Page(ours + CALL_PAGE, cookies, k5), _Page(empty, {}, flask))
        for page in pages:
            page.per_second(1)  # warm: price list, templates, connections
            page.cpu_ms.clear()
        rates = medians({page.address: partial(page.per_second, seconds) for page in pages})
    our_rate, empty_rate = rates.values()
    cpu_ms = (median(pages[0].cpu_ms), median(pages[1].cpu_ms))
    return [Measure("call page, logged in", our_rate, "empty Flask page", empty_rate, "/s", 0.15, cpu_ms)]


@dataclass
class _Page:
    """A page, the master of the processes that serve it, and what an answer took of the processor in each run."""

    address: str
    headers: Mapping[str, str]
    master: int
    cpu_ms: list[float] = field(default_factory=list)

    def per_second(self, seconds: float) -> float:
        """Ask for it so long; return the answers a second."""
        before_s = processor_s(self.master)
        rate = requests_per_second(self.address, self.headers, CONNECTIONS, seconds)
        self.cpu_ms.append((processor_s(self.master) - before_s) * 1000 / (rate * seconds))
        return rate


def empty_app() -> Flask:
    """Return the least that Flask can serve."""
    application = Flask(__name__)
    application.add_url_rule("/", "empty", lambda: "")
    return application


if __name__ == "__main__":
    run_web([f"127.0.0.1:{sys.argv[1]}"], 1, empty_app)
