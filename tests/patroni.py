"""Three database machines of the tests' own under Patroni, set up from `deploy/patroni` as the handbook does."""

import contextlib
import os
import re
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import requests
import yaml

from tests.machines import Lan, Machine
from tests.machines import require as require_machines
from tests.postgres import find_binaries
from tests.processes import ROOT, do_without, wait_for

DEPLOY = ROOT / "deploy" / "patroni"
INSTALL = "apt-get install patroni etcd-server postgresql"
AGENT, POSTGRES, ETCD = "/usr/bin/patroni", "bin/postgres|^postgres:", "/usr/bin/etcd"
NAMES = ("a", "b", "c")
EXAMPLE_NET = "10.0.0"  # of deploy/patroni; its machines are .11, .12, .13
LONG_S = 600.0  # for a cluster to be whole again on a busy machine
PASSWORD = "CHANGE-ME-SUPERUSER"
ASK_TIMEOUT_S = 5
_FOLLOWERS = """
SELECT count(*), count(*) FILTER (WHERE sync_state = 'sync') FROM pg_stat_replication WHERE state = 'streaming'
"""


def require() -> None:
    """Skip where a program is missing; on the build machine that is a failure."""
    if find_binaries() is None or not all(Path(path).exists() for path in (AGENT, ETCD)):
        do_without(f"no Patroni, etcd or PostgreSQL here: {INSTALL}")
    require_machines()


class Watchdog:
    """What a machine's watchdog does: reset it when whoever armed it shows no sign of life for so long.

    Patroni 3.0.2 has a driver for such a stand-in: what it tells a device by ioctl it writes into a pipe.
    """

    def __init__(self, device: Path, reset: Any) -> None:
        os.mkfifo(device)
        shutil.chown(device, "postgres")
        self._pipe = os.open(device, os.O_RDWR | os.O_NONBLOCK)
        self._reset = reset
        self._is_over = False
        self.barks = 0  # how often it did
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take it out."""
        self._is_over = True
        self._thread.join()
        os.close(self._pipe)

    def _watch(self) -> None:
        timeout_s, seen_at, is_armed = 60.0, 0.0, False
        while not self._is_over:
            if select.select([self._pipe], [], [], 0.1)[0]:
                told = os.read(self._pipe, 65536).decode("ascii")
                for said in re.findall(r"Ctimeout=(\d+)", told):
                    timeout_s = float(said)
                is_armed = not told.endswith("V")
                seen_at = time.monotonic()
            if is_armed and time.monotonic() - seen_at > timeout_s:
                is_armed = False
                self.barks += 1
                self._reset()


class Node:
    """One database machine: etcd, Patroni, PostgreSQL, a watchdog."""

    def __init__(self, cluster: "Cluster", machine: Machine, name: str) -> None:
        self.name = name
        self.machine = machine
        self.address = machine.address
        self._net = cluster.lan.net
        self._folder = cluster.folder / name
        self._folder.mkdir()
        self._etcd_folder = self._folder / "etcd"
        self._etcd_folder.mkdir()
        for folder in (self._folder, self._etcd_folder):
            shutil.chown(folder, "postgres", "postgres")
        self.watchdog = Watchdog(self._folder / "watchdog", machine.power_off)
        self._spawned: list[subprocess.Popen[bytes]] = []
        self._write_settings()

    def start(self) -> None:
        """Switch the machine on; its units start."""
        self._clear()
        self.machine.start()
        self._spawn("etcd", [ETCD], self._etcd_environ())
        self.start_agent()

    def start_agent(self) -> None:
        """Start Patroni, as systemd does after a crash."""
        self._spawn("patroni", [AGENT, str(self._folder / "config.yml")], {})

    def kill_database(self) -> None:
        """SIGKILL agent and PostgreSQL in one instant; etcd and the machine go on."""
        self.machine.signal("KILL", AGENT, POSTGRES)
        wait_for(lambda: not self.machine.runs(AGENT, POSTGRES), "agent and PostgreSQL are dead")

    def freeze_agent(self) -> None:
        """SIGSTOP: the agent stands still, PostgreSQL goes on."""
        self.machine.signal("STOP", AGENT)

    def ask(self, path: str) -> Any:
        """What Patroni answers there. Raises: requests.RequestException, where nobody does."""
        return requests.get(f"http://{self.address}:8008{path}", timeout=ASK_TIMEOUT_S).json()

    def place(self, dbname: str = "postgres") -> str:
        """Where libpq finds this machine's PostgreSQL alone, as its superuser."""
        return f"host={self.address} dbname={dbname} user=postgres password={PASSWORD} connect_timeout=3"

    def stop(self) -> None:
        """Switch it off, its watchdog first."""
        self.watchdog.close()
        self.machine.power_off()
        self._clear()

    def _clear(self) -> None:
        """End what waited here for the programs of a machine that is off; it stood still with a frozen agent."""
        for process in self._spawned:
            process.kill()
            process.wait()
        self._spawned.clear()

    def _spawn(self, name: str, command: list[str], environ: dict[str, str]) -> None:
        log = self._folder / f"{name}.log"
        self._spawned.append(self.machine.spawn(command, log, "postgres", environ))

    def _own(self, example: str) -> str:
        """The text of an example with this machine's name and addresses: its own is .11 there."""
        text = (DEPLOY / example).read_text("utf-8")
        text = re.sub(rf"(?<=[ /]){EXAMPLE_NET}\.11(?=:5432|:8008)", self.address, text)
        text = re.sub(rf"(?<=URLS=http://){EXAMPLE_NET}\.11", self.address, text)
        for number in range(1, 1 + len(NAMES)):
            text = text.replace(f"{EXAMPLE_NET}.1{number}", f"{self._net}.{number}")
        text = text.replace(f"{EXAMPLE_NET}.0/24", f"{self._net}.0/24")
        return re.sub(r"^(name: |ETCD_NAME=)a$", rf"\g<1>{self.name}", text, flags=re.MULTILINE)

    def _write_settings(self) -> None:
        settings = yaml.safe_load(self._own("patroni.yml.example"))
        binaries = find_binaries()
        assert binaries is not None
        settings["postgresql"] |= {
            "data_dir": str(self._folder / "data"),
            "bin_dir": str(binaries),
            "pgpass": str(self._folder / "pgpass"),
        }
        settings["postgresql"]["parameters"]["unix_socket_directories"] = str(self._folder)
        if self.watchdog:
            settings["watchdog"] |= {"driver": "testing", "device": str(self._folder / "watchdog")}
        else:
            settings["watchdog"]["mode"] = "off"
        path = self._folder / "config.yml"
        path.write_text(yaml.safe_dump(settings))
        shutil.chown(path, "postgres")

    def _etcd_environ(self) -> dict[str, str]:
        lines = [line for line in self._own("etcd.example").splitlines() if line.startswith("ETCD_")]
        return dict(line.split("=", 1) for line in lines) | {"ETCD_DATA_DIR": str(self._etcd_folder / "k5")}


class Cluster:
    """Three of them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="k5-patroni-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.lan = Lan()
        self.nodes = [Node(self, Machine(self.lan, number), name) for number, name in enumerate(NAMES, 1)]

    def start(self) -> None:
        """Start all and wait until they follow a primary."""
        for node in self.nodes:
            node.start()
        wait_for(self.is_whole, "three machines work together", LONG_S, 0.2)

    def url(self, user: str, password: str, dbname: str) -> str:
        """The address of the handbook: all three, of which the one that may be written is taken."""
        places = "&".join(f"host={node.address}:5432" for node in self.nodes)
        return f"postgresql+psycopg://{user}:{password}@/{dbname}?{places}&target_session_attrs=read-write"

    def primary(self) -> Node | None:
        """The node that holds the lock, as any of them knows it."""
        members = self._members()
        return next((node for node in self.nodes if members.get(node.name) == ("leader", "running")), None)

    def is_whole(self) -> bool:
        """Whether there is a primary, a synchronous standby that PostgreSQL waits for, and a third that follows."""
        roles = sorted(role for role, state in self._members().values() if state in {"running", "streaming"})
        primary = self.primary()
        if roles != ["leader", "replica", "sync_standby"] or primary is None:
            return False
        with contextlib.suppress(psycopg.Error), psycopg.connect(primary.place()) as connection:
            row = connection.execute(_FOLLOWERS).fetchone()
            return row == (2, 1)
        return False

    def switch_over(self) -> None:
        """Ask for another primary, as `patronictl switchover` does."""
        primary = self.primary()
        assert primary is not None
        asked = requests.post(
            f"http://{primary.address}:8008/switchover",
            json={"leader": primary.name}, auth=("k5", "CHANGE-ME-REST"), timeout=120,
        )  # fmt: skip
        assert asked.status_code == 200, asked.text

    def cut_off(self, node: Node) -> None:
        """Nothing goes between this machine and the two others any more; clients reach all three."""
        for other in self._others(node):
            node.machine.lose_sight_of(other.machine)
            other.machine.lose_sight_of(node.machine)

    def mend(self, node: Node) -> None:
        """Lay the cable again."""
        for other in self._others(node):
            node.machine.see_again(other.machine)
            other.machine.see_again(node.machine)

    def stop(self) -> None:
        """Switch all off and take their folder away."""
        for node in self.nodes:
            node.stop()
        self.lan.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _others(self, node: Node) -> list[Node]:
        return [other for other in self.nodes if other is not node]

    def _members(self) -> dict[str, tuple[str, str]]:
        """Role and state by name, as most of those that answer have it: who is cut off still believes what was."""
        views: list[dict[str, tuple[str, str]]] = []
        for node in self.nodes:
            with contextlib.suppress(requests.RequestException, ValueError, KeyError):
                views.append({one["name"]: (one["role"], one["state"]) for one in node.ask("/cluster")["members"]})
        leaders = [_leader(view) for view in views]
        return max(views, key=lambda view: leaders.count(_leader(view)), default={})


def _leader(view: dict[str, tuple[str, str]]) -> str | None:
    return next((name for name, (role, _) in view.items() if role == "leader"), None)


@contextlib.contextmanager
def clustered() -> Iterator[Cluster]:
    """Run three machines for a while."""
    require()
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
