"""A real Asterisk and a real town of phones (SIPp) on this machine's loopback, as processes that die with the tests."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from k5web.config.switches import SwitchSettings
from k5web.domain.calls.trunk import Trunk
from k5web.errors import SwitchSilent
from k5web.telephony.asterisk import AsteriskSwitch
from tests.processes import PATIENCE_S, ROOT, do_without, free_port, wait_for
from tests.telephony.orders import TRUNK

UP = ROOT / "deploy" / "asterisk" / "up"
CALLER = ROOT / "tests" / "telephony" / "caller.xml"
PHONES = ROOT / "tests" / "telephony" / "phones.xml"
INSTALL = "deploy/asterisk/fetch; apt-get install sip-tester"
DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")  # also where the tests themselves are killed

_LINE = re.compile(r"(INVITE|ANSWER|END) ([0-9]+)\.0+ ([0-9]+)\.0+ (\S+) ([0-9]+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def missing() -> str:
    """Return what a real switch needs and this machine lacks; empty where all is there."""
    root = Path(os.environ.get("ASTERISK_ROOT", Path.home() / ".cache" / "k5" / "asterisk"))
    lacks = [] if (root / "usr" / "sbin" / "asterisk").exists() else ["Asterisk"]
    lacks += [] if shutil.which("sipp") else ["SIPp"]
    return " and ".join(lacks)


def require() -> None:
    """Skip the test where there is no real switch; on the build machine that is a failure."""
    if lacks := missing():
        do_without(f"no {lacks} here: {INSTALL}")


@dataclass(frozen=True)
class PhoneEvent:
    """What a phone saw: `kind` is INVITE (it rang), ANSWER (both sides know of it) or END (a BYE, either way)."""

    kind: str
    at: datetime
    sip_call_id: str
    number: str


class Town:
    """The town of phones: the last three digits of a number choose the behaviour (see phones.xml)."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "town.log"
        self._out = folder / "town.out"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_udp_port()

    @property
    def address(self) -> str:
        """Where a trunk finds it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when its port is taken. Another town may take the port of the media between the look and the start."""
        for tries_left in (2, 1, 0):
            self._begin()
            wait_for(lambda: self._has_ended() or _is_taken_udp(self.port), "the town of phones answers")
            if not self._has_ended():
                return
            assert tries_left, self._out.read_text("utf-8", "replace")[-6000:]

    def _begin(self) -> None:
        media = free_port() // 4 * 2 + 2000  # even, below the ports that the system hands out
        command = ["sipp", "-sf", str(PHONES), "-i", "127.0.0.1", "-p", str(self.port), "-mp", str(media)]
        command += ["-nd", "-skip_rlimit", "-trace_logs", "-log_file", str(self._log)]
        with self._out.open("ab") as out:
            self._process = subprocess.Popen(
                [*DIES_WITH_US, *command], cwd=self._out.parent, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """Kill it; phones that rang fall silent."""
        _end(self._process, signal.SIGKILL)

    def events(self) -> Sequence[PhoneEvent]:
        """Return everything the phones saw so far, as it happened."""
        if not self._log.exists():
            return []
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return [_event(match) for match in map(_LINE.fullmatch, lines) if match]

    def rings(self) -> Counter[str]:
        """Return how many calls reached each number."""
        return Counter(event.number for event in self.events() if event.kind == "INVITE")

    def talks(self) -> Mapping[str, timedelta]:
        """Return how long the finished talk of each number lasted, as its phone saw it; the last one of several."""
        answers: dict[str, datetime] = {}
        found: dict[str, timedelta] = {}
        for event in self.events():
            if event.kind == "ANSWER":
                answers[event.sip_call_id] = event.at
            elif event.kind == "END" and event.sip_call_id in answers:
                found[event.number] = event.at - answers.pop(event.sip_call_id)
        return found


def ring(switch: "RealSwitch", caller: str, number: str, source: str = "127.0.0.1") -> bool:
    """Let a phone outside ring a number of the switch, from an address; return whether it heard that it is busy."""
    command = ["sipp", switch.sip_address, "-sf", str(CALLER), "-key", "caller", caller, "-s", number, "-i", source]
    done = subprocess.run(
        [*DIES_WITH_US, *command, "-p", str(_free_udp_port()), "-m", "1", "-nostdin"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode == 0


class RealSwitch:
    """One Asterisk: start, kill, start again; the ports, the folder and the records stay the same."""

    def __init__(
        self, folder: Path, trunks: Mapping[str, str], maxcalls: int = 1500, k5_url: str = "http://127.0.0.1:8000"
    ) -> None:
        """`trunks`: the name of each trunk and where its INVITEs go, as host:port; `k5_url`: whom it asks for money."""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        ari_port = free_port()
        self.cel_file = folder / "run" / "log" / "cel-custom" / "cel.json"
        self.settings = SwitchSettings(
            name="asterisk",
            kind="asterisk",
            ari_url=f"http://127.0.0.1:{ari_port}/ari",
            ari_user="k5",
            ari_password="k5-of-the-tests",
            cel_file=self.cel_file,
            caller_id="74950000000",
            calls_at_once=1000,
            trunks=(Trunk(TRUNK, 2000),),
            directory=folder / "run",
            ami=f"127.0.0.1:{free_port()}",
        )
        self._environ = {
            "ASTERISK_SIP_PORT": str(_free_udp_port()),
            "ASTERISK_USERS_PORT": str(_free_udp_port()),
            "ASTERISK_ARI_PORT": str(ari_port),
            "ASTERISK_AMI_PORT": self.settings.ami.rpartition(":")[2],
            "ASTERISK_PASSWORD": self.settings.ari_password,
            "ASTERISK_MAXCALLS": str(maxcalls),
            "ASTERISK_K5_URL": k5_url,
            "ASTERISK_TRUNKS": " ".join(f"{name}={address}" for name, address in trunks.items()),
        }

    @property
    def sip_address(self) -> str:
        """Where calls from outside reach it, as host:port."""
        return f"127.0.0.1:{self._environ['ASTERISK_SIP_PORT']}"

    @property
    def users_address(self) -> str:
        """Where phones of PBX users register, as host:port."""
        return f"127.0.0.1:{self._environ['ASTERISK_USERS_PORT']}"

    @property
    def environ(self) -> Mapping[str, str]:
        """The settings that lead `k5` commands to this switch."""
        return {
            "K5_SWITCH": "asterisk",
            "K5_ARI_URL": self.settings.ari_url,
            "K5_ARI_USER": self.settings.ari_user,
            "K5_ARI_PASSWORD": self.settings.ari_password,
            "K5_TRUNK": TRUNK,
            "K5_CEL_FILE": str(self.cel_file),
            "K5_SWITCH_DIR": str(self.settings.directory),
            "K5_AMI_ADDRESS": self.settings.ami,
        }

    @property
    def pid(self) -> int:
        """The running Asterisk itself."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Return when it answers."""
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [*DIES_WITH_US, str(UP), "-f", str(self._folder)],
                env=dict(os.environ) | self._environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        wait_for(self._answers, "Asterisk answers")

    def read_trunks_again(self, file: Path) -> None:
        """Do as `systemctl reload k5-asterisk` does, with trunks that are written by hand."""
        environ = dict(os.environ) | self._environ | {"ASTERISK_TRUNKS_FILE": str(file)}
        done = subprocess.run(
            [str(UP), "-r", str(self._folder)], env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        """End it gently: calls under way are hung up and their records written."""
        _end(self._process, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: calls under way leave open records."""
        _end(self._process, signal.SIGKILL)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "out").read_text("utf-8", "replace")[-2000:]
        try:
            AsteriskSwitch(self.settings).started_at()
        except SwitchSilent:
            return False
        return True


@dataclass(frozen=True)
class Telephony:
    """A switch and the town that both of its trunks lead to."""

    switch: RealSwitch
    town: Town


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one switch; its control socket needs a short path."""
    made = Path(tempfile.mkdtemp(prefix="k5-switch-", dir="/tmp"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def telephony(maxcalls: int = 1500) -> Iterator[Telephony]:
    """Run a switch and a town for a while; both are gone afterwards whatever happened."""
    with folder() as place:
        town = Town(place)
        switch = RealSwitch(place, {"trunk-a": town.address, "trunk-b": town.address}, maxcalls)
        try:
            town.start()
            switch.start()
            yield Telephony(switch, town)
        finally:
            switch.kill()  # gently it takes its time once an order was sent twice (seen with Asterisk 22)
            town.stop()


def _event(line: re.Match[str]) -> PhoneEvent:
    at = _EPOCH + timedelta(seconds=int(line[2]), microseconds=int(line[3]))
    return PhoneEvent(line[1], at, line[4], line[5])


def _end(process: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(number)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_taken_udp(port: int) -> bool:
    """Look only: a socket bound to see whether it can be would take the port from who is about to."""
    sockets = Path("/proc/net/udp").read_text("ascii").splitlines()[1:]
    return any(int(line.split()[1].rpartition(":")[2], 16) == port for line in sockets)
