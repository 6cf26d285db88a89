"""Machines of their own on this one: each has its network address and its processes, can lose power or its network.

They are namespaces of the kernel, so making them wants root. They end with whoever made them, also when that is killed.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.processes import do_without, foreign_environ, wait_for

NETS = "198.18.0.0/15"  # set aside for trials (RFC 2544): nobody's real address
PROGRAMS = ("ip", "nsenter", "setpriv", "unshare", "pgrep", "pkill")
_NOWHERE = "02:00:00:00:00:00"  # a network card that no machine has
_WITH_US = ("setpriv", "--pdeathsig", "KILL")
_STAND = "ip link set lo up; sleep infinity & while :; do wait; done"


def require() -> None:
    """Skip where namespaces cannot be made; on the build machine that is a failure."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if os.getuid() != 0 or missing:
        do_without(f"machines of their own want root and {', '.join(missing) or 'nothing more'}")
    done = subprocess.run(["unshare", "--net", "--pid", "--fork", "true"], capture_output=True, check=False)
    if done.returncode != 0:
        do_without("this machine makes no namespaces")


class Machine:
    """One machine. `start` and what it runs belong to the thread that made it: they end with that thread."""

    def __init__(self, lan: "Lan", number: int) -> None:
        self._lan = lan
        self.number = number
        self.address = f"{lan.net}.{number}"
        self._box: subprocess.Popen[bytes] | None = None
        self._first = 0

    def start(self) -> None:
        """Switch it on: an empty machine in its network."""
        self._box, self._first = _box()
        self._lan.plug(self._first, self.number)

    @property
    def is_on(self) -> bool:
        """Whether it has power."""
        return self._box is not None and self._box.poll() is None

    def spawn(
        self, command: Sequence[str], log: Path, user: str, environ: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Start a program on it; the log is kept outside."""
        as_user = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
        with log.open("ab") as file:
            return subprocess.Popen(
                [*_WITH_US, *self._inside(), *as_user, *command],
                env=foreign_environ() | dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )

    def signal(self, name: str, *patterns: str) -> None:
        """Send a signal to all its processes whose command line fits a pattern."""
        subprocess.run([*self._inside(), "pkill", f"-{name}", "-f", "|".join(patterns)], check=False)

    def runs(self, *patterns: str) -> bool:
        """Whether a process there has such a command line."""
        done = subprocess.run([*self._inside(), "pgrep", "-f", "|".join(patterns)], capture_output=True, check=False)
        return done.returncode == 0

    def power_off(self) -> None:
        """Cut its power: all its processes die in one instant, and its address is silent, without a refusal."""
        if self._box is not None:
            self._box.kill()
            self._box.wait()
            wait_for(lambda: not Path(f"/proc/{self._first}/ns/net").exists(), "the machine is off")

    def lose_sight_of(self, other: "Machine") -> None:
        """What it sends to another machine is lost from now on, without a word."""
        self._ip("neigh", "replace", other.address, "lladdr", _NOWHERE, "dev", "eth0", "nud", "permanent")

    def see_again(self, other: "Machine") -> None:
        """Mend that."""
        self._ip("neigh", "del", other.address, "dev", "eth0")

    def _ip(self, *words: str) -> None:
        subprocess.run(["nsenter", "-t", str(self._first), "--net", "ip", *words], check=False, capture_output=True)

    def _inside(self) -> list[str]:
        return ["nsenter", "-t", str(self._first), "--net", "--pid", "--mount"]


class Lan:
    """The network the machines stand in, and this machine with them, as `.254`."""

    def __init__(self) -> None:
        mark = random.SystemRandom().randrange(2**16)
        self.net = f"198.{18 + mark % 2}.{mark >> 8}"
        self._box, first = _box()
        self._within = ["nsenter", "-t", str(first), "--net"]
        self._inside("ip", "link", "add", "lan", "type", "bridge")
        self._inside("ip", "link", "set", "lan", "up")
        own = f"k5-{mark:04x}"  # it goes with the other end of its cable
        subprocess.run(
            ["ip", "link", "add", own, "type", "veth", "peer", "name", "m254", "netns", str(first)], check=True
        )
        self._inside("ip", "link", "set", "m254", "master", "lan", "up")
        subprocess.run(["ip", "addr", "add", f"{self.net}.254/24", "dev", own], check=True)
        subprocess.run(["ip", "link", "set", own, "up"], check=True)

    def plug(self, first: int, number: int) -> None:
        """Lead a cable from the network to the machine of this process."""
        end = f"m{number}"
        # The kernel takes a dead machine's cable away when it finds the time
        subprocess.run([*self._within, "ip", "link", "del", end], capture_output=True, check=False)
        self._inside("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", str(first))
        self._inside("ip", "link", "set", end, "master", "lan", "up")
        within = ["nsenter", "-t", str(first), "--net"]
        subprocess.run([*within, "ip", "addr", "add", f"{self.net}.{number}/24", "dev", "eth0"], check=True)
        subprocess.run([*within, "ip", "link", "set", "eth0", "up"], check=True)

    def close(self) -> None:
        """Take the network down."""
        self._box.kill()
        self._box.wait()

    def _inside(self, *command: str) -> None:
        subprocess.run([*self._within, *command], check=True)


def _box() -> tuple["subprocess.Popen[bytes]", int]:
    """Make namespaces that live as long as this thread at the most; return their holder and their first process."""
    apart = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"]
    box = subprocess.Popen([*_WITH_US, *apart, "bash", "-c", _STAND], stdin=subprocess.DEVNULL)
    found: list[int] = []

    def look() -> bool:
        told = subprocess.run(["pgrep", "-P", str(box.pid), "-x", "bash"], capture_output=True, text=True, check=False)
        found[:] = [int(pid) for pid in told.stdout.split()]
        return bool(found)

    wait_for(look, "the machine is on")
    return box, found[0]
