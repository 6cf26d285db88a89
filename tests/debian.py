"""An empty Debian with systemd, in namespaces of its own, and the world around it: gone with the test that uses it."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.processes import do_without, foreign_environ, wait_for

TOOLS = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "curl": "curl",
    "sipp": "sip-tester",
    "openssl": "openssl",
}
CACHE = Path.home() / ".cache" / "k5"
HERE, AROUND = "203.0.113.5", "203.0.113.1"  # the server's address, and the world's end of the wire to it
CARRIER = "192.0.2.10"  # as the handbook's examples have it
_LEFT = "typed, and it ended with"
_PLAIN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}


def require() -> None:
    """Skip the test where no Debian can be made; on the build machine that is a failure."""
    if os.geteuid() != 0:
        do_without("an empty Debian is made and entered by root alone")
    if lacks := [package for tool, package in TOOLS.items() if shutil.which(tool) is None]:
        do_without(f"no empty Debian here: apt-get install {' '.join(lacks)}")
    if not _mirror():
        do_without("no address of a Debian in this machine's apt sources")


class Terminal:
    """Root's shell in the Debian: lines typed one after another into the same bash."""

    def __init__(self, enter: Sequence[str], environ: dict[str, str]) -> None:
        self._shell = subprocess.Popen(
            [*enter, "bash", "--norc"],
            env=_PLAIN | environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, line: str) -> tuple[int, str]:
        """Return how the line ended and what was printed."""
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(f"{{\n{line}\n}} </dev/null; printf '\\n{_LEFT} %d\\n' $?\n")
        self._shell.stdin.flush()
        said: list[str] = []
        for heard in self._shell.stdout:
            if heard.startswith(_LEFT):
                return int(heard.removeprefix(_LEFT)), "".join(said).strip()
            said.append(heard)
        raise AssertionError(f"{line}\nthe shell is gone:\n{''.join(said)}")

    def close(self) -> None:
        self._shell.kill()
        self._shell.communicate()


class Debian:
    """A booted one. `root` is its file system, as this machine sees it."""

    def __init__(self, root: Path, server: str, world: str) -> None:
        self.root = root
        self._server = server
        self._world = world
        self._boot: subprocess.Popen[bytes] | None = None
        self._terminals: list[Terminal] = []

    def start(self, log: Path) -> None:
        """Boot it; return when systemd has come up."""
        command = ["systemd-nspawn", "--quiet", "--keep-unit", "--register=no", "--boot", "--console=read-only"]
        command += [f"--directory={self.root}", f"--network-namespace-path=/run/netns/{self._server}"]
        command += [
            "--capability=CAP_NET_ADMIN",
            "--resolv-conf=copy-host",
            "--timezone=off",
            "--kill-signal=SIGRTMIN+3",
        ]
        with log.open("wb") as out:
            self._boot = subprocess.Popen(
                command, env=_PLAIN, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        wait_for(lambda: self._is_up(log), "the empty Debian is up", look_every_s=0.5)

    def terminal(self, of_the_machine: bool = False) -> Terminal:
        """A shell in it; `of_the_machine`: with this machine's network, for what is brought from outside."""
        enter = ["nsenter", f"--target={self._leader()}", "--mount", "--uts", "--ipc", "--pid"]
        environ = {}
        if of_the_machine:
            environ = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        else:
            enter.append("--net")
        made = Terminal(enter, environ | {"DEBIAN_FRONTEND": "noninteractive"})
        self._terminals.append(made)
        return made

    def outside(self, *command: str) -> Sequence[str]:
        """The command as it runs in the world around the server: with the network there and this machine's files."""
        return ["nsenter", f"--net=/run/netns/{self._world}", "--", *command]

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file that is there already or not; its owner stays."""
        file = self.root / path.lstrip("/")
        there = file.exists()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        if not there:
            file.chmod(mode)

    def stop(self) -> None:
        """Switch it off: its first process dies, and everything in it with that."""
        for terminal in self._terminals:
            terminal.close()
        if self._boot is not None and self._boot.poll() is None:
            os.kill(self._leader(), signal.SIGKILL)
            self._boot.wait(60)

    def _leader(self) -> int:
        """Its first process, as this machine knows it."""
        assert self._boot
        children = Path(f"/proc/{self._boot.pid}/task/{self._boot.pid}/children").read_text("ascii").split()
        return int(children[-1])

    def _is_up(self, log: Path) -> bool:
        assert self._boot
        assert self._boot.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        try:
            enter = ["nsenter", f"--target={self._leader()}", "--mount", "--pid", "--"]
        except IndexError:
            return False
        asked = subprocess.run([*enter, "systemctl", "is-system-running"], env=_PLAIN, capture_output=True, text=True)
        return asked.stdout.strip() in {"running", "degraded"}


@contextmanager
def empty_debian(folder: Path) -> Iterator[Debian]:
    """Make one that nobody has typed in, with a wire to a world where the carrier and the visitors are."""
    server, world = f"k5-server-{os.getpid()}", f"k5-world-{os.getpid()}"
    root = folder / "debian"
    _run("cp", "-a", str(_made_once()), str(root))
    debian = Debian(root, server, world)
    try:
        _lay_the_wire(server, world)
        (root / "etc" / "hostname").write_text("server\n")
        (root / "etc" / "dpkg" / "dpkg.cfg.d" / "quick").write_text("force-unsafe-io\n")  # no crash is lived through
        (root / "etc" / "apt" / "apt.conf.d" / "90machine").write_text(_ways_of_apt())
        debian.start(folder / "boot.log")
        yield debian
    finally:
        debian.stop()
        for name in (server, world):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
        shutil.rmtree(root)


def _lay_the_wire(server: str, world: str) -> None:
    for name in (server, world):
        _run("ip", "netns", "add", name)
        _run("ip", "-n", name, "link", "set", "lo", "up")
    _run("ip", "-n", server, "link", "add", "wan", "type", "veth", "peer", "name", "wan", "netns", world)
    for name, address in ((server, HERE), (world, AROUND)):
        _run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "wan")
        _run("ip", "-n", name, "link", "set", "wan", "up")
    _run("ip", "-n", world, "address", "add", f"{CARRIER}/32", "dev", "wan")
    _run("ip", "-n", server, "route", "add", "default", "via", AROUND)


def _made_once() -> Path:
    """The Debian as debootstrap leaves it, of this machine's release and from its mirror; made only once."""
    release = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    assert release
    place = CACHE / f"debian-{release[1]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "debian.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            part = place.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            command = ["debootstrap", release[1], str(part), _mirror()]
            done = subprocess.run(command, env=foreign_environ(), capture_output=True, text=True)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr
            part.rename(place)
    return place


def _mirror() -> str:
    """The first address in the machine's apt sources; empty where there is none."""
    sources = [*sorted(Path("/etc/apt/sources.list.d").glob("*.sources")), Path("/etc/apt/sources.list")]
    text = "\n".join(path.read_text() for path in sources if path.exists())
    found = re.search(r"^(?:URIs:\s+|deb\s+(?:\[[^]]*\]\s+)?)(https?://\S+/debian)/?(?:\s|$)", text, re.MULTILINE)
    return found[1] if found else ""


def _ways_of_apt() -> str:
    """How this machine's apt reaches its mirror: proxies, and whether an old list of packages is taken."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return "\n".join(re.findall(r"^Acquire::(?:Check-Valid-Until|.*[Pp]roxy).*$", dump, re.MULTILINE)) + "\n"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
