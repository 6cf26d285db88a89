"""Instructions that a call page takes of the processor, counted by valgrind: other work changes nothing."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from shutil import which
from typing import Any

import click
from werkzeug.test import EnvironBuilder

from app import create_app
from bench import Measure
from bench.house import CALL_PAGE, house, log_in, serving
from bench.web import K5, empty_app

FEW, MANY = 20, 120  # pages: what both have in common is the start of the program
AIM = 6.0  # million
ADDRESS, COOKIES = "BENCH_ADDRESS", "BENCH_COOKIES"


def run() -> list[Measure]:
    """Return millions of instructions of one page. Raises: ClickException where there is no valgrind."""
    if which("valgrind") is None:
        raise click.ClickException("valgrind is not here: apt-get install valgrind")
    with house() as environ, serving(environ, *K5) as (address, _):
        browser = log_in(address, environ["BENCH_PHONE"], environ["BENCH_PASSWORD"])
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
        told = {**environ, ADDRESS: address, COOKIES: cookies, "K5_PUBLIC_URL": address}
        ours, empty = (_millions(told, work) for work in WORKS)
    return [
        Measure("instructions allowed a call page", AIM, "the call page, logged in", ours, "million", 1.0),
        Measure("an empty Flask page", empty, "the call page", ours, "million"),
    ]


def _millions(environ: Mapping[str, str], work: str) -> float:
    few, many = (_counted(environ, work, pages) for pages in (FEW, MANY))
    return (many - few) / (MANY - FEW) / 1e6


def _counted(environ: Mapping[str, str], work: str, pages: int) -> int:
    counter = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={environ['K5_VAR']}/callgrind"]
    command = [*counter, sys.executable, "-m", "bench.instructions", work, str(pages)]
    fixed = {**environ, "PYTHONHASHSEED": "0"}
    said = subprocess.run(command, env=fixed, check=True, capture_output=True, text=True).stderr
    found = re.search(r"Collected : (\d+)", said)
    assert found, said
    return int(found[1])


def _ask(application: Any, path: str, pages: int) -> None:
    """Ask for a page so often, as a server does."""
    statuses: list[str] = []
    headers = [("Cookie", os.environ[COOKIES]), ("Accept-Encoding", "gzip")]
    environ = EnvironBuilder(path=path, base_url=os.environ[ADDRESS], headers=headers).get_environ()
    for _ in range(pages):
        answer = application(dict(environ), lambda status, _headers, _error=None: statuses.append(status))
        for _part in answer:
            pass
        answer.close()
    assert set(statuses) == {"200 OK"}, set(statuses)


WORKS = {
    "ours": lambda pages: _ask(create_app(), CALL_PAGE, pages),
    "empty": lambda pages: _ask(empty_app(), "/", pages),
}

if __name__ == "__main__":
    WORKS[sys.argv[1]](int(sys.argv[2]))
