"""`k5 dev` keeps its processes: what dies is started again, what is told to end ends whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import PATIENCE_S, wait_for

pytestmark = pytest.mark.server

FAMILY = r"""
import os, signal, time
from k5web.cli.supervisor import Child, run_once, say_ready, supervise

this = os.getpid()

def say(text):
    os.write(1, f"{text}\n".encode())  # a line at a time, whoever else writes

def sleeper():
    say(f"sleeper {os.getpid()}")
    time.sleep(60)

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleeper()

def greeter():
    say_ready(this)
    say_ready(this)
    sleeper()

def failing():
    say(time.monotonic())
    raise SystemExit(3)
"""


@contextmanager
def family(code: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", FAMILY + code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=Path(__file__).parents[2]
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def line(running: subprocess.Popen[str]) -> str:
    assert running.stdout
    return running.stdout.readline().rstrip()


def pid(running: subprocess.Popen[str]) -> int:
    return int(line(running).removeprefix("sleeper "))


def is_gone(process: int) -> bool:
    """Whether the process has ended; a zombie has ended too."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_all_children_end_with_the_supervisor(end: signal.Signals) -> None:
    with family("supervise([Child('one', sleeper), Child('two', sleeper)], print)") as running:
        children = [pid(running), pid(running)]
        os.kill(running.pid, end)
        assert running.wait(PATIENCE_S) == (-end if end == signal.SIGKILL else 0)
        wait_for(lambda: all(is_gone(child) for child in children), "all children are gone")


def test_a_second_signal_ends_who_does_not_want_to() -> None:
    endless = "from k5web.cli import supervisor\nsupervisor.END_S = 10_000\n"
    with family(endless + "supervise([Child('one', stubborn)], print)") as running:
        child = pid(running)

        def is_over() -> bool:
            running.send_signal(signal.SIGINT)
            return running.poll() is not None

        wait_for(is_over, "a second signal ends it")
        assert running.returncode == 0
        wait_for(lambda: is_gone(child), "the child is gone")


def test_a_dead_child_is_started_again_after_a_growing_pause_and_it_is_said() -> None:
    with family("supervise([Child('the worker', failing)], print)") as running:
        first = float(line(running))
        assert line(running) == "k5: the worker ended unasked; starting it again in 1 s"
        assert float(line(running)) - first >= 1
        assert line(running) == "k5: the worker ended unasked; starting it again in 2 s"


def test_a_killed_child_comes_back_and_the_others_stay() -> None:
    with family("supervise([Child('one', sleeper)], print)") as running:
        first = pid(running)
        os.kill(first, signal.SIGKILL)
        assert line(running) == "k5: one ended unasked; starting it again in 1 s"
        assert pid(running) != first


def test_readiness_is_said_once() -> None:
    with family("supervise([Child('one', greeter)], lambda: say('ready'))") as running:
        assert sorted([line(running), line(running)])[0] == "ready"
        os.kill(running.pid, signal.SIGTERM)
        assert running.stdout
        assert "ready" not in running.stdout.read()


def test_a_refusal_is_one_sentence() -> None:
    code = "from k5web.errors import NoDeck\ndef no():\n raise NoDeck(deck='k5')\nprint(run_once(no))"
    with family(code) as running:
        assert line(running).startswith("k5: task: no price list 'k5' is in force: ")
        assert line(running) == "False"
