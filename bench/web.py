"""The call page of a remembered subscriber against an empty Flask page: one gunicorn process each, set alike."""

import sys

from flask import Flask

from bench import Measure
from bench.house import CALL_PAGE, house, log_in, serving
from bench.load import requests_per_second
from k5web.cli.web_process import run_web

CONNECTIONS = 8
ROUNDS = 3
EMPTY = ("bench.web", "{port}")
K5 = ("k5web", "serve", "--port", "{port}", "--processes", "1")


def run(seconds: float = 3.0) -> list[Measure]:
    """Return the ratio of answers a second. Units: seconds of each single run."""
    with house() as environ, serving(environ, *K5) as (ours, _), serving(environ, *EMPTY) as (empty, _):
        browser = log_in(ours, environ["BENCH_PHONE"], environ["BENCH_PASSWORD"])
        cookies = {
            "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies),
            "Accept-Encoding": "gzip",
        }
        pages = {ours + CALL_PAGE: cookies, empty: {}}
        best = dict.fromkeys(pages, 0.0)
        for page, headers in pages.items():
            requests_per_second(page, headers, CONNECTIONS, 1)  # warm: price list, templates, connections
        for _ in range(ROUNDS):
            for page, headers in pages.items():
                best[page] = max(best[page], requests_per_second(page, headers, CONNECTIONS, seconds))
    return [Measure("call page, logged in", best[ours + CALL_PAGE], "empty Flask page", best[empty], "/s", 0.15)]


def empty_app() -> Flask:
    """Return the least that Flask can serve."""
    application = Flask(__name__)
    application.add_url_rule("/", "empty", lambda: "")
    return application


if __name__ == "__main__":
    run_web([f"127.0.0.1:{sys.argv[1]}"], 1, empty_app)
