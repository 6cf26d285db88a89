"""A real Kannel on this machine's loopback, and an operator that speaks its fake protocol: one line a message."""

import os
import shutil
import signal
import socket
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tests.processes import PATIENCE_S, ROOT, do_without, foreign_environ, wait_for

UP = ROOT / "deploy" / "kannel" / "up"
PORTS = ("box", "admin", "send", "smsc")
DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")  # also where the tests themselves are killed
FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")  # of kannel-extras
SECRET, PASSWORD = "kannel-of-the-tests-5e8f1c", "tests-3f9a1b7c5d"


def require() -> None:
    """Skip the test where there is no Kannel; on the build machine that is a failure."""
    if shutil.which("bearerbox", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        do_without("no Kannel here: apt-get install kannel kannel-extras")
    if not FAKESMSC.exists():
        do_without("no operator of Kannel's own here: apt-get install kannel-extras")


@dataclass(frozen=True)
class Arrived:
    """A message as it reached a phone."""

    sender: str
    phone: str
    coding: str
    text: str


class Operator:
    """All phones of an operator."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self.arrived: defaultdict[str, list[Arrived]] = defaultdict(list)  # by phone

    def connect(self) -> None:
        """Come to the gateway."""
        self.leave()
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        Thread(target=self._listen, args=(self._socket,), daemon=True).start()

    def leave(self) -> None:
        """Be away."""
        if self._socket is None:
            return
        with suppress(OSError):  # the gateway went first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._socket = None

    def write(self, phone: str, to: str, text: str) -> None:
        """Let a phone send a message."""
        assert self._socket is not None
        self._socket.sendall(f"{phone} {to} text {text}\n".encode())

    def write_in_parts(self, phone: str, to: str, parts: list[str]) -> None:
        """Let a phone send a long Latin message: each part with the head that tells its place."""
        assert self._socket is not None
        for n, part in enumerate(parts, 1):
            head = quote_from_bytes(bytes([5, 0, 3, 7, len(parts), n]), safe="")
            self._socket.sendall(f"{phone} {to} udh-text {head} {part}\n".encode())

    def texts(self, phone: str) -> list[str]:
        """Return what came to a phone."""
        return [one.text for one in self.arrived[phone]]

    def _listen(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            try:
                for line in lines:
                    one = _read(line)
                    self.arrived[one.phone].append(one)
            except OSError:  # we left
                return


def _read(line: bytes) -> Arrived:
    """Return a message as the fake protocol writes it: sender, phone, coding, text; a part of a long one has a head."""
    sender, phone, coding, *rest = line.rstrip(b"\n").decode("latin-1").split(" ", 3)
    body = rest[0] if rest else ""
    if coding == "udh":
        _head, coding, body = body.split(" ", 2)
    raw = unquote_to_bytes(body.replace("+", " "))
    text = raw.decode("latin-1" if coding == "text" else "utf-16-be", "replace")
    return Arrived(sender, phone.removeprefix("+"), coding, text)


def _free_ports(count: int) -> list[int]:
    """Return different ports: one that is looked for after the other may be the same."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


@dataclass
class Kannel:
    """The gateway as `deploy/kannel/up` starts it."""

    folder: Path
    k5: str
    ports: dict[str, int] = field(default_factory=lambda: dict(zip(PORTS, _free_ports(len(PORTS)), strict=True)))
    _process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """K5's settings of it."""
        return {
            "K5_SMS": "kannel",
            "K5_SMS_SECRET": SECRET,
            "K5_KANNEL_URL": f"http://127.0.0.1:{self.ports['send']}",
            "K5_KANNEL_USER": "k5",
            "K5_KANNEL_PASSWORD": PASSWORD,
            "K5_KANNEL_REPORTS": self.k5,
        }

    def start(self) -> None:
        """Start it and wait until it takes messages from both sides."""
        more = {
            "KANNEL_BOX_PORT": self.ports["box"],
            "KANNEL_ADMIN_PORT": self.ports["admin"],
            "KANNEL_SENDSMS_PORT": self.ports["send"],
            "KANNEL_SMSC_PORT": self.ports["smsc"],
        }
        environ = foreign_environ() | self.environ | {name: str(port) for name, port in more.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "out").open("ab") as out:
            command = [*DIES_WITH_US, str(UP), str(self.folder)]
            said = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out}
            self._process = subprocess.Popen(command, env=environ, start_new_session=True, **said)  # type: ignore[call-overload]
        for name in ("send", "smsc"):
            wait_for(lambda name=name: self._listens(name), f"Kannel listens ({name})")  # type: ignore[misc]

    def stop(self) -> None:
        """End it gently."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(PATIENCE_S)
            self._process = None

    def logs(self) -> str:
        """Return everything that it wrote."""
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))

    def _listens(self, name: str) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.ports[name]), timeout=1):
                return True
        except OSError:
            return False


@contextmanager
def running(folder: Path, k5: str) -> Iterator[tuple[Kannel, Operator]]:
    """Run a gateway with its operator."""
    require()
    kannel = Kannel(folder, k5)
    operator = Operator(kannel.ports["smsc"])
    try:
        kannel.start()
        operator.connect()
        yield kannel, operator
    finally:
        operator.leave()
        kannel.stop()
