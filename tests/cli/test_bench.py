"""`k5 bench`: each figure beside its rival's, the aim judged, the machine named."""

import io
import json
import shutil
import subprocess
import sys
from functools import partial

import pytest
import requests
from click.testing import CliRunner

from bench import Measure, house, pgbench, rivals, static_file, turns, web
from k5web.cli import main


@pytest.fixture
def played_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = [
        Measure("call page, logged in", 350, "empty Flask page", 1000, "/s", 0.35),
        Measure("call page, stranger", 349, "empty Flask page", 1000, "/s", 0.35),
        Measure("start", 0.5, "bare start", 0.25, "s", cpu_ms=(6.25, 0.4)),
    ]
    monkeypatch.setattr(web, "run", lambda: figures)


@pytest.mark.usefixtures("played_figures")
def test_a_ratio_is_judged_by_its_aim_where_it_has_one() -> None:
    said = CliRunner().invoke(main, ["bench", "web"])
    assert said.exit_code == 0
    assert "cores" in said.output
    verdicts = [line.split()[1:] for line in said.output.splitlines() if line.strip().startswith("ratio")]
    assert verdicts == [["0.35", "aim", "0.35:", "reached"], ["0.35", "aim", "0.35:", "MISSED"], ["2.00"]]
    processor = [line.split() for line in said.output.splitlines() if "processor time" in line]
    assert [line[-4:] for line in processor] == [["6.25", "against", "0.40", "ms"]]


@pytest.mark.usefixtures("played_figures")
def test_json_holds_the_machine_and_every_ratio() -> None:
    said = json.loads(CliRunner().invoke(main, ["bench", "web", "--json"]).stdout)
    assert said["machine"]["cores"] >= 1
    assert [measure["ratio"] for measure in said["measures"]] == [0.35, 0.349, 2.0]


def test_a_rival_that_this_machine_lacks_is_left_out_and_words_say_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pgbench, "find_binaries", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert list(rivals._on_postgres(1)) == []
    assert "left out: PostgreSQL and its pgbench; to have it: apt-get install postgresql" in capsys.readouterr().err
    with static_file.served(b"page") as address:
        assert address is None


def test_an_unknown_benchmark_is_usage_and_the_known_are_named() -> None:
    said = CliRunner().invoke(main, ["bench", "speed"])
    assert said.exit_code == 2
    assert all(name in said.output for name in ("calls", "ledger", "lookups", "memory", "web"))


def test_a_server_that_answers_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    troubles = [requests.ConnectionError(), requests.ReadTimeout()]

    def get(address: str, timeout: float) -> None:
        assert timeout > 60, "as long as there is patience"
        if troubles:
            raise troubles.pop()

    class Alive(subprocess.Popen[bytes]):
        def __init__(self) -> None:
            pass

        def __del__(self) -> None:
            pass

        def poll(self) -> None:
            return None

    monkeypatch.setattr(requests, "get", get)
    house._wait_until_answering("http://127.0.0.1:1", Alive(), io.BytesIO())
    assert troubles == []


def test_a_server_that_ends_is_told_with_its_last_words() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
        with pytest.raises(AssertionError, match="the server ended: no such file"):
            house._wait_until_answering("http://127.0.0.1:1", ended, io.BytesIO(b"no such file"))


def test_works_are_done_in_turn_and_told_by_their_medians() -> None:
    order: list[str] = []
    figures = {"ours": [1.0, 90.0, 2.0], "theirs": [5.0, 4.0, 3.0]}

    def work(name: str) -> float:
        order.append(name)
        return figures[name].pop(0)

    assert turns.medians({name: partial(work, name) for name in figures}, 3) == {"ours": 2.0, "theirs": 4.0}
    assert order == ["ours", "theirs"] * 3


def test_processor_time_counts_the_processes_that_one_began() -> None:
    busy = "import os, time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\n{}"
    inner = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy.format('')!r}])\n"
    with subprocess.Popen(
        [sys.executable, "-c", inner + "print('done', flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        while process.stdout.readline().strip() != "done":
            pass
        assert turns.processor_s(process.pid) >= 0.2
        process.stdin.close()
