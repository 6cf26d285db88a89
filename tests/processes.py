"""The real processes of K5 on this machine's loopback, for tests that kill them: started, ended, started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import NoReturn
from unittest import SkipTest
from urllib.parse import urlsplit

import requests

from k5web.config.settings import Settings

ROOT = Path(__file__).parents[1]
PATIENCE_S = 180.0  # only ends a test that hangs, whatever else the machine has to do: waits are for events


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def foreign_environ() -> dict[str, str]:
    """Return the environment for a program that is not K5: it keeps the real clock where `./test --at` moves ours.

    PostgreSQL's lock_timeout never comes under libfaketime, Chromium stands still, and what they do needs no date.
    """
    return {name: value for name, value in os.environ.items() if name not in {"LD_PRELOAD", "PYTHONPATH"}}


def do_without(why: str) -> NoReturn:
    """Skip what this machine has no program for; on the build machine that is a failure."""
    if os.environ.get("CI") == "true":
        raise AssertionError(why)
    raise SkipTest(why)  # pytest's own would not do: the benchmarks start these processes without it


def wait_for(
    condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S, look_every_s: float = 0.02
) -> None:
    """Look again and again until the condition is true. Raises: AssertionError naming what did not come."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {patience_s:.0f} s")
        time.sleep(look_every_s)


class Processes:
    """`k5` commands with one environment. What they print goes to files beside the database."""

    def __init__(self, database_url: str, var: Path, speed: int = 1, **environ: str) -> None:
        self.var = var
        self.web_port = free_port()
        self.environ = {
            "K5_DATABASE_URL": database_url,
            "K5_SECRET_KEY": "a-key-of-tests-0f1e2d3c4b5a69788f",  # no pattern: some of these houses are public
            "K5_VAR": str(var),
            "K5_PUBLIC_URL": f"http://127.0.0.1:{self.web_port}",
            "K5_ARI_URL": f"http://127.0.0.1:{free_port()}/ari",
            "K5_SWITCH_SPEED": str(speed),
            "K5_NOTICE_TIME": "60",  # a busy machine puts nobody off
        } | environ
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def settings(self) -> Settings:
        """The settings these processes run with."""
        return Settings.from_env(self.environ)

    @property
    def cel_file(self) -> Path:
        """Where the first switch writes its records."""
        found = self.settings.switches[0].cel_file
        assert found is not None
        return found

    def start(self, *commands: str) -> None:
        """Start `k5 <command>` for each, known by its first word; a second of a kind is known as `worker-2`."""
        for command in commands:
            words = command.split()
            names = chain(words[:1], (f"{words[0]}-{n}" for n in count(2)))
            name = next(name for name in names if name not in self._running)
            with (self.var / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", "k5web", *words],
                    cwd=ROOT,
                    env=bare_environ() | self.environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def start_in_socket(self, listener: socket.socket, command: str) -> None:
        """Start `k5 <command>` as systemd does whose socket unit listens for it: as file 3, said in the environment."""
        words = command.split()
        script = f'exec 3<&{listener.fileno()}-; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
        with (self.var / f"{words[0]}.log").open("ab") as log:
            self._running[words[0]] = subprocess.Popen(
                ["bash", "-c", script, "bash", sys.executable, "-m", "k5web", *words],
                cwd=ROOT,
                env=bare_environ() | self.environ,
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_simulator(self) -> None:
        """Start the simulated switch and wait until it answers."""
        self.start("simulator")
        wait_for(self.switch_answers, "the simulated switch answers")

    def start_web(self, processes: int = 1) -> str:
        """Start the web, wait until it answers, return its address."""
        self.start(f"serve --port {self.web_port} --processes {processes}")
        wait_for(self.web_answers, "the web answers")
        return self.environ["K5_PUBLIC_URL"]

    def start_providers(self) -> str:
        """Start the simulated providers, let what is started later know them, return their address."""
        url = f"http://127.0.0.1:{free_port()}"
        self.start(f"sandbox --port {urlsplit(url).port}")
        wait_for(lambda: answers(f"{url}/"), "the simulated providers answer", 2 * PATIENCE_S)
        self.environ["K5_CONNECTORS"] = str(self.var / "connectors.toml")
        return url

    def switch_answers(self) -> bool:
        """Whether the switch's health check passes."""
        settings = self.settings.switches[0]
        return answers(f"{settings.ari_url}/asterisk/info", (settings.ari_user, settings.ari_password))

    def web_answers(self) -> bool:
        """Whether the web's health check passes."""
        return answers(f"{self.environ['K5_PUBLIC_URL']}/healthz")

    def pid(self, name: str) -> int:
        """The process itself, which leads a session of its own."""
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """SIGKILL a process and its children, as a failing machine would."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ask_to_end(self, name: str) -> None:
        """Tell a process and its children to end, as systemd does; they may take their time."""
        os.killpg(self.pid(name), signal.SIGTERM)

    def wait_for_end(self, name: str) -> None:
        """Wait until a process that was asked to end is gone."""
        self._running.pop(name).wait(PATIENCE_S)

    def logged(self, name: str) -> str:
        """What a process printed so far."""
        return (self.var / f"{name}.log").read_text("utf-8")

    def stop(self) -> None:
        """End all of them, gently at first."""
        for process in self._running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


@contextmanager
def running(processes: Processes, commands: Sequence[str] = ()) -> Iterator[Processes]:
    """Run these commands for a while."""
    try:
        processes.start(*commands)
        yield processes
    finally:
        processes.stop()


def answers(url: str, auth: tuple[str, str] | None = None) -> bool:
    """Whether somebody serves this address and is content."""
    try:
        return requests.get(url, auth=auth, timeout=2).ok
    except requests.RequestException:
        return False


def bare_environ() -> dict[str, str]:
    """This process's environment less K5's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
