"""The alerts and the board, asked of the real Prometheus over a K5 that runs."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from app import open_ports
from tests.processes import ROOT, Processes, do_without, foreign_environ, free_port, running, wait_for
from tests.services.house import publish

DEPLOY = ROOT / "deploy"
WIDTH = 24  # columns of a board
# What a board must be for Grafana to take it in: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
BOARD = {
    "type": "object",
    "required": ["title", "uid", "schemaVersion", "panels", "templating", "time"],
    "properties": {
        "schemaVersion": {"type": "integer", "minimum": 36},
        "panels": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "title", "type", "gridPos", "targets", "datasource", "fieldConfig"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "title": {"type": "string", "minLength": 1},
                    "type": {"enum": ["stat", "timeseries"]},
                    "gridPos": {
                        "type": "object",
                        "required": ["x", "y", "w", "h"],
                        "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 200},
                    },
                    "targets": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["refId", "expr", "legendFormat"],
                            "properties": {"expr": {"type": "string", "minLength": 1}},
                        },
                    },
                },
            },
        },
    },
}


def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana" / "k5.json").read_text("utf-8"))
    return found


def questions() -> list[str]:
    """Return what the panels ask."""
    return [target["expr"] for panel in board()["panels"] for target in panel["targets"]]


def test_the_board_is_one() -> None:
    jsonschema.validate(board(), BOARD)


def test_the_board_shows_every_figure() -> None:
    """What K5 tells and nobody sees is told in vain."""
    shown = set(re.findall(r"\bk5_\w+", " ".join(questions())))
    texts = [(ROOT / "k5web" / "web" / name).read_text("utf-8") for name in ("monitoring.py", "request_figures.py")]
    told = set(re.findall(r'"(k5_\w+)"', " ".join(texts)))
    endings = {"k5_build": "k5_build_info", "k5_refusals": "k5_refusals_total"}
    endings["k5_wrong_passwords"] = "k5_wrong_passwords_total"
    endings |= {"k5_http_requests": "k5_http_requests_total", "k5_http_seconds": "k5_http_seconds_bucket"}
    assert {endings.get(name, name) for name in told} == shown


def test_panels_have_a_place_of_their_own() -> None:
    panels = board()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= WIDTH, panel["title"]
    for one, other in combinations(panels, 2):
        a, b = one["gridPos"], other["gridPos"]
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        assert beside or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"], (one["title"], other["title"])


@pytest.mark.prometheus
def test_promtool_finds_nothing_in_the_alerts() -> None:
    need_prometheus()
    command = ["promtool", "check", "rules", str(DEPLOY / "alerts.yml")]
    done = subprocess.run(command, capture_output=True, text=True, env=foreign_environ(), check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@pytest.mark.prometheus
@pytest.mark.server
def test_a_real_prometheus_answers_every_panel(prometheus: str) -> None:
    answers = {question: ask(prometheus, question) for question in questions()}
    assert answers['up{job="k5"}'][0]["value"][1] == "1"
    assert {question for question, found in answers.items() if not found} <= MAY_BE_EMPTY


# Of what has not happened in a house that has just begun: a kind, a code, a state, a trunk has no row yet
MAY_BE_EMPTY = {
    "k5_calls_ended",
    "k5_trunk_answered / k5_trunk_attempts",
    "k5_trunk_talk_seconds / k5_trunk_answered",
    "k5_trunk_answer_delay_seconds",
    "k5_partner_payments",
    "k5_partner_money_minor",
    "k5_partner_notices",
    "k5_partner_silent_seconds",
    "k5_held_money_minor",
    "k5_worker_silent_seconds",
    "k5_ledger_breaches",
    "k5_ledger_verified_seconds / 3600",
    "k5_recordings_disk_percent",
    "k5_holds_ahead",
    "k5_auto_topups",
    *(question for question in questions() if "k5_http_" in question),  # nobody has opened a page
    "k5_standby_read",  # of a house that has one: tests/storage/test_standby.py
    "k5_standby_behind_seconds",
    "k5_incidents",
    "sum(k5_incidents)",
    "k5_trunk_strikes",
    "k5_unread_records_seconds",
    "k5_calls",
    "rate(k5_refusals_total[5m]) * 60",
}


def need_prometheus() -> None:
    if shutil.which("promtool") is None or shutil.which("prometheus") is None:
        do_without("no Prometheus here: apt-get install prometheus")


@pytest.fixture
def prometheus(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus that reads, by our alerts, the figures of a K5 that has just begun."""
    need_prometheus()
    shutil.copyfile(sqlite_template, tmp_path / "k5.db")
    processes = Processes(f"sqlite:///{tmp_path / 'k5.db'}", tmp_path)
    ports = open_ports(processes.settings)
    publish(ports)
    ports.sessions.dispose()
    with running(processes):
        port = free_port()
        server = start(tmp_path, processes.start_web(1), port)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: looks_twice(address), "Prometheus has asked K5 twice", look_every_s=0.2)
            yield address
        finally:
            server.kill()
            server.wait()


def start(folder: Path, k5: str, port: int) -> subprocess.Popen[bytes]:
    """Start Prometheus with our alerts."""
    target = k5.removeprefix("http://")
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: [{json.dumps(str(DEPLOY / 'alerts.yml'))}]\n"
        f"scrape_configs: [{{job_name: k5, static_configs: [{{targets: [{json.dumps(target)}]}}]}}]\n",
        "utf-8",
    )
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'figures'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=foreign_environ())


def looks_twice(address: str) -> bool:
    """Return whether two answers of K5 are there, as a rate needs."""
    try:
        found = ask(address, 'count_over_time(up{job="k5"}[1m])')
    except requests.RequestException:
        return False
    return bool(found) and float(found[0]["value"][1]) >= 2


def ask(address: str, question: str) -> list[Any]:
    """Return what Prometheus answers. Raises: AssertionError where the question is wrong."""
    said = requests.get(f"{address}/api/v1/query", params={"query": question}, timeout=30).json()
    assert said["status"] == "success", said
    found: list[Any] = said["data"]["result"]
    return found
