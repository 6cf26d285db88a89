"""What /metrics tells of requests: their route, method, status and time, of all processes of a web server."""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from k5web.services import health
from k5web.web.request_figures import METHODS, MOST_ROUTES, UNKNOWN, WITHIN_US, RequestFigures, routes
from tests.processes import Processes, running, wait_for
from tests.web.conftest import Browser

ROUTES = ["calls", "pages"]


def counted(figures: RequestFigures) -> dict[tuple[str, ...], float]:
    """Return the requests by route, method and status."""
    requests, _ = figures.collect(ROUTES)
    return {tuple(sample.labels.values()): sample.value for sample in requests.samples}


def told(text: str) -> dict[tuple[str, ...], float]:
    """Return the requests that /metrics tells, by route, method and status."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    requests = [sample for sample in samples if sample.name == "k5_http_requests_total"]
    return {tuple(sample.labels[of] for of in ("route", "method", "status")): sample.value for sample in requests}


def test_answers_are_counted_by_route_method_and_status(phone: Browser) -> None:
    before = told(phone.get("/metrics").text)
    phone.get("/+74951234567")
    phone.client.head("/+74951234567", base_url=phone.site)
    phone.get("/no/such/page")
    phone.post("/call", number="+74951234567")  # no token: refused before the page
    phone.client.open("/call", method="PROPFIND", base_url=phone.site)
    after = told(phone.get("/metrics").text)
    grown = {labels: count - before.get(labels, 0) for labels, count in after.items()}
    assert {labels: count for labels, count in grown.items() if count} == {
        ("calls", "GET", "2xx"): 2,
        (UNKNOWN, "GET", "4xx"): 1,
        ("calls", "POST", "4xx"): 1,
        (UNKNOWN, "other", "4xx"): 1,
        ("monitoring", "GET", "2xx"): 1,
    }


def test_a_fault_of_ours_is_counted_as_one(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_ports: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(health, "is_ready", breaks)
    assert browser.get("/readyz").status_code == 500
    assert told(browser.get("/metrics").text)["monitoring", "GET", "5xx"] == 1


def test_times_fall_into_their_steps() -> None:
    figures = RequestFigures()
    for took_us in (0, WITHIN_US[0], WITHIN_US[0] + 1, 400_000, 11_000_000):
        figures.add(1, "POST", 303, took_us)
    _, seconds = figures.collect(ROUTES)
    steps: dict[str, Any] = {
        sample.labels["le"]: sample.value for sample in seconds.samples if sample.name.endswith("_bucket")
    }
    assert steps == {"0.01": 2, "0.025": 3, "0.05": 3, "0.1": 3, "0.25": 3, "0.5": 4, "1.0": 4, "2.5": 4, "10.0": 4} | {
        "+Inf": 5
    }
    [whole] = [sample.value for sample in seconds.samples if sample.name == "k5_http_seconds_sum"]
    assert whole == pytest.approx(11.420001)


def test_processes_that_parted_count_together() -> None:
    figures = RequestFigures(2)
    figures.sit(0)
    figures.add(0, "GET", 200, 1)
    child = os.fork()
    if child == 0:
        figures.sit(1)
        figures.add(0, "GET", 200, 1)
        figures.add(1, "GET", 503, 1)
        os._exit(0)
    os.waitpid(child, 0)
    assert counted(figures) == {("calls", "GET", "2xx"): 2, ("pages", "GET", "5xx"): 1}
    figures.sit(1)  # a successor goes on where the dead one stopped
    figures.add(1, "GET", 503, 1)
    assert counted(figures)["pages", "GET", "5xx"] == 2


def test_the_last_cell_is_the_last() -> None:
    """Routes, methods and seats never reach into their neighbours."""
    figures = RequestFigures(1)
    figures.sit(1)
    figures.add(MOST_ROUTES - 1, METHODS[-1], 599, 11_000_000)
    figures.sit(2)  # more processes than seats: they share
    figures.add(0, "GET", 100, 0)
    assert counted(figures) == {("calls", "GET", "1xx"): 1}


def test_a_route_is_a_word_of_ours(app: Flask) -> None:
    assert {"calls", "hooks", "api", "desk", UNKNOWN} <= set(routes(app))
    assert all(route.replace("_", "").isalpha() for route in routes(app))


@pytest.mark.server
def test_each_process_of_a_real_web_server_tells_of_all(sqlite_template: Path, tmp_path: Path) -> None:
    """Also of one that was killed: a figure that fell would be an alert for nothing."""
    shutil.copyfile(sqlite_template, tmp_path / "k5.db")
    processes = Processes(f"sqlite:///{tmp_path / 'k5.db'}", tmp_path)
    with running(processes):
        address = processes.start_web(2)

        def answers(path: str, times: int) -> str:
            return [requests.get(f"{address}{path}", timeout=60).text for _ in range(times)][-1]

        answers("/login", 30)
        assert all(told(answers("/metrics", 1))["accounts", "GET", "2xx"] == 30 for _ in range(10))
        killed = children_of(processes.pid("serve"))[0]
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: killed not in (now := children_of(processes.pid("serve"))) and len(now) == 2, "a successor")
        answers("/login", 30)
        assert all(told(answers("/metrics", 1))["accounts", "GET", "2xx"] == 60 for _ in range(10))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
