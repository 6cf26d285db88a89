"""./run as a newcomer meets it: usage, first start, second start, a cut-short start, two at once, the end."""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from bench.house import log_in
from tests.processes import PATIENCE_S, wait_for

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("run")]

ROOT = Path(__file__).parent.parent
PARTS = ("run", "deploy", "app.py", "k5web", "connectors", "templates", "static", "pyproject.toml")


@dataclass
class Running:
    process: subprocess.Popen[str]
    log: Path

    def says(self, pattern: str) -> str:
        """Wait until the output has the pattern; return its group."""
        wait_for(lambda: self._found(pattern) or self.process.poll() is not None, pattern)
        found = self._found(pattern)
        assert found, self.log.read_text()
        return found[1]

    def _found(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.log.read_text())


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own; the environment of this one is borrowed, so that nothing is downloaded."""
    place = tmp_path_factory.mktemp("clone")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, place / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, place / part)
    borrow_environment(place)
    return place


@pytest.fixture
def started(clone: Path) -> Path:
    """The clone with what a start makes, by an earlier test or now."""
    if not (clone / "var" / "connectors.toml").exists():
        with running(clone, "--port", str(free_port())) as k5:
            k5.says(r"(K5 is running)")
    return clone


def borrow_environment(place: Path) -> None:
    venv = place / ".venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{ROOT}/.venv/bin/python" "$@"\n')
    python.chmod(0o755)
    (venv / "bin" / "pip").write_text("#!/bin/sh\n")
    (venv / "bin" / "pip").chmod(0o755)
    digest = hashlib.sha256((place / "deploy" / "requirements.lock").read_bytes()).hexdigest()
    (venv / "installed-requirements.lock").write_text(f"{digest}  -")
    (venv / "root").write_text(f"{place}\n")
    (venv / "bin" / "k5").write_text('#!/bin/sh\nexec .venv/bin/python -m k5web "$@"\n')
    (venv / "bin" / "k5").chmod(0o755)


def environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("K5_")}


def free_port() -> int:
    """A port that is free together with those of the simulated switch, 89 above, and the simulated providers, 90."""
    while True:
        with ExitStack() as probes:
            first = probes.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            if port > 64000:
                continue
            try:
                for above in (89, 90):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", port + above))
            except OSError:
                continue
            return port


@contextmanager
def running(clone: Path, *arguments: str, cwd: Path | None = None, **settings: str) -> Iterator[Running]:
    log = clone / "run.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(clone / "run"), *arguments],
            cwd=cwd or clone,
            env=environ() | settings,
            stdout=out,
            stderr=out,
            text=True,
        )
    try:
        yield Running(process, log)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def refused(clone: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(clone / "run"), *arguments], env=environ() | settings, capture_output=True, text=True, timeout=PATIENCE_S
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--prot", "8000"],
        ["8000"],
        ["--port"],
        ["--port", "80"],
        ["--port", "x"],
        ["--host"],
        ["--host", "0.0.0.0"],
        ["--host", "mypc"],
    ],
)
def test_wrong_arguments_are_usage(clone: Path, arguments: list[str]) -> None:
    done = refused(clone, *arguments)
    assert done.returncode == 2
    assert "Usage: ./run [--port N]" in done.stderr


def test_a_file_of_switches_is_left_to_say_where_they_are(clone: Path, tmp_path: Path) -> None:
    """No address of a single switch is set beside it, which the program would refuse."""
    path = tmp_path / "switches.toml"
    path.write_text("[[switch]]\nnane = 'msk'\n")
    done = refused(clone, "--port", str(free_port()), K5_SWITCHES=str(path))
    assert done.returncode == 1
    assert "nane" in done.stderr
    assert "K5_ARI_URL" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--quick"],
        ["tests/domian"],
        ["--fast", "--full"],
        ["--at"],
        ["--at", ""],
        ["--at", "soon"],
        ["-k"],
        ["-k", ""],
        ["-k", " "],
        [""],
        ["/etc/hosts"],
        ["k5web/domain"],  # not a test of the project: nothing would be run
        ["tests/../README.md"],
    ],
)
def test_the_test_command_takes_its_own_words_only(arguments: list[str]) -> None:
    done = subprocess.run([str(ROOT / "test"), *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert "Usage: ./test [--fast | --full | --only IDS]" in done.stderr


def test_first_start_makes_everything_and_lets_the_demo_subscriber_in(clone: Path, tmp_path: Path) -> None:
    """From another folder, on a port of its own; A1 as far as the price, and A3."""
    shutil.rmtree(clone / "var", ignore_errors=True)
    port = free_port()
    with running(clone, "--port", str(port), cwd=tmp_path) as k5:
        address = k5.says(r"K5 is running: (http://\S+?)/?\n")
        assert address == f"http://127.0.0.1:{port}"
        login, password = k5.says(r"Phone: +(\S+)"), k5.says(r"Password: +(\S+)")
        page = log_in(address, login, password).get(k5.says(r"press once: (\S+)"), timeout=PATIENCE_S).text
        assert "2,20" in page
        assert "500,00" in page
        terminal = f"{k5.says(r'simulated providers: (http://127.0.0.1:[0-9]+)/')}/qiwi/check"
        checked = requests.post(terminal, data={"account": login, "sum": "100"}, timeout=PATIENCE_S).text
        assert "QIWI Терминал" in checked
    for kept in ("secret", "connectors.toml"):
        assert (clone / "var" / kept).stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "var").exists()


def test_a_phone_in_the_room_is_let_in_where_it_is_asked_for(clone: Path) -> None:
    """To the pages and to the simulated providers, whose notices come from this machine, and are taken."""
    port = free_port()
    room = f"http://192.168.77.77:{port}"
    with running(clone, "--port", str(port), K5_PUBLIC_URL=room) as k5:
        assert k5.says(r"K5 is running: (http://\S+?)/?\n") == room
        login = k5.says(r"Phone: +(\S+)")
        assert k5.says(r"simulated providers: (http://\S+)/") == f"http://192.168.77.77:{port + 90}"
        wait_for(lambda: '<p role="status">принято' in check(port + 90, login), "the terminal's question is answered")
        page = requests.get(f"http://127.0.0.1:{port}/", headers={"Host": f"192.168.77.77:{port}"}, timeout=PATIENCE_S)
        assert page.status_code == 200
        assert is_taken("127.0.0.2", port)  # as any other address of this machine
        assert not is_taken("127.0.0.2", port + 90), "the providers never open every network of the machine"


def test_it_listens_beside_this_machine_where_it_is_told_to(clone: Path) -> None:
    port = free_port()
    with running(clone, "--port", str(port), "--host", "127.0.0.2") as k5:
        assert k5.says(r"K5 is running: (http://\S+?)/?\n") == f"http://127.0.0.2:{port}"
        asked = requests.get(f"http://127.0.0.1:{port}/", headers={"Host": f"127.0.0.2:{port}"}, timeout=PATIENCE_S)
        assert asked.status_code == 200
        assert [is_taken(f"127.0.0.{last}", port) for last in (1, 2, 3)] == [True, True, False]


def check(port: int, login: str) -> str:
    """Ask at the simulated terminal whether it may pay; a busy K5 lets it ask later."""
    return requests.post(
        f"http://127.0.0.1:{port}/qiwi/check",
        data={"account": login, "sum": "100"},
        headers={"Host": f"192.168.77.77:{port}"},
        timeout=PATIENCE_S,
    ).text


def is_taken(address: str, port: int) -> bool:
    """Whether somebody listens there; only this machine's loopback may be connected to."""
    with socket.socket() as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


def test_what_the_readme_says_next_works_as_it_stands(started: Path) -> None:
    """Its commands, typed after ./run into a shell that knows no setting of K5."""
    commands = re.findall(r"^\$ (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        if "bench" in command:  # takes minutes: tests/cli/test_bench.py
            continue
        done = subprocess.run(
            command, shell=True, cwd=started, env=environ(), capture_output=True, text=True, timeout=PATIENCE_S
        )
        trouble = re.sub(r"^\w+: \d+ %\n", "", done.stderr, flags=re.MULTILINE)  # how far it is, is said there too
        assert (done.returncode, trouble) == (0, ""), command


def test_a_second_start_has_nothing_to_make(started: Path) -> None:
    with running(started, "--port", str(free_port())) as k5:
        assert requests.get(k5.says(r"K5 is running: (\S+)"), timeout=PATIENCE_S).status_code == 200
        assert "==>" not in k5.log.read_text()


def test_a_start_that_was_killed_is_mended_by_the_next(clone: Path) -> None:
    shutil.rmtree(clone / "var", ignore_errors=True)
    port = free_port()
    with running(clone, "--port", str(port)) as k5:
        k5.says(r"==> (Making the tables)")
        k5.process.kill()
        k5.process.wait()
    wait_free(port)
    with running(clone, "--port", str(port)) as k5:
        assert requests.get(k5.says(r"K5 is running: (\S+)"), timeout=PATIENCE_S).status_code == 200


def wait_free(port: int) -> None:
    """Wait until the children of a killed start have left the port."""

    def is_free() -> bool:
        with socket.socket() as probe:
            return bool(probe.connect_ex(("127.0.0.1", port)))

    wait_for(is_free, f"port {port} is free")


def test_a_taken_port_and_a_second_start_are_one_sentence_each(clone: Path) -> None:
    port = free_port()
    with running(clone, "--port", str(port)) as k5:
        k5.says(r"(K5 is running)")
        taken = refused(clone, "--port", str(port))
        assert taken.returncode == 1
        assert f"port {port} of 127.0.0.1 is not free" in taken.stderr
        twice = refused(clone, "--port", str(free_port()))
        assert twice.returncode == 1
        assert f"K5 is already running on var: http://127.0.0.1:{port}" in twice.stderr
        assert "Traceback" not in taken.stderr + twice.stderr


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_end_is_whole_and_calm(clone: Path, end: signal.Signals) -> None:
    port = free_port()
    with running(clone, "--port", str(port)) as k5:
        k5.says(r"(K5 is running)")
        k5.process.send_signal(end)
        assert k5.process.wait(PATIENCE_S) == 0
        assert "Traceback" not in k5.log.read_text()
        for taken in (port, port + 89, port + 90):
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", taken)), f"somebody still answers on {taken}"


@pytest.mark.full
def test_a_fresh_clone_starts_with_nothing_but_python(tmp_path: Path) -> None:
    """The real thing: git clone, ./run, an answer; needs the network for the packages."""
    place = tmp_path / "k5"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place)], check=True)
    port = free_port()
    with running(place, "--port", str(port)) as k5:
        assert requests.get(k5.says(r"K5 is running: (\S+)"), timeout=PATIENCE_S).status_code == 200
