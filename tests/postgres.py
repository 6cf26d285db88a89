"""A PostgreSQL of the tests' own: made in a temporary folder, started as another user than root, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from tests.processes import PATIENCE_S, foreign_environ, wait_for

# What ordinary tests do not need; the tests of durability start a server without these
HASTY = {"fsync": "off", "full_page_writes": "off"}
INSTALL = "apt-get install postgresql"


def find_binaries() -> Path | None:
    """Return the folder of the newest server's programs, or None where there is none."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return homes[-1].parent if homes else None


class PostgresServer:
    """One running server; `url` leads to its database `postgres` as its owner."""

    def __init__(
        self,
        binaries: Path,
        follows: "PostgresServer | None" = None,
        like: Path | None = None,
        log_part_mb: int = 16,
        **settings: str,
    ) -> None:
        """Make its data: anew, as a streaming standby's, or `like` those of a server that has ended."""
        self._binaries = binaries
        self._settings = {"max_connections": "200", "shared_buffers": "64MB", "listen_addresses": "127.0.0.1"}
        self._settings |= settings
        # Root may not run a server, and may not hide it in a folder of its own
        self._user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self._folder = Path(tempfile.mkdtemp(prefix="k5-postgres-", dir="/tmp"))
        shutil.chown(self._folder, self._user)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        if like is not None:
            subprocess.run(["cp", "-a", str(like), str(self._folder / "data")], check=True)
        elif follows is None:
            self._run(
                *("initdb", "-D", "data", "-U", "k5_owner", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
                f"--wal-segsize={log_part_mb}",
            )
        else:  # a streaming standby, as the handbook makes one
            place = f"host=127.0.0.1 port={follows.port} user=k5_owner"
            self._run(
                "pg_basebackup", "-d", place, "-D", "data", "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"
            )

    @property
    def url(self) -> str:
        """Over loopback, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://k5_owner@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start and wait until it answers."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._binaries / "postgres"), "-D", "data", "-p", str(self.port), "-k", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command + options,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=foreign_environ(),
                **self._identity(),
            )
        wait_for(self._answers, "PostgreSQL answers")

    @property
    def folder(self) -> Path:
        """Where everything of it lies; it belongs to `user`."""
        return self._folder

    @property
    def pid(self) -> int:
        """The process that starts all others."""
        assert self._process is not None
        return self._process.pid

    @property
    def user(self) -> str:
        """The user of this machine that it runs as."""
        return self._user

    @property
    def has_ended(self) -> bool:
        """Whether it is no more, by itself or killed."""
        assert self._process is not None
        return self._process.poll() is not None

    def move(self, disks: Mapping[str, Path]) -> None:
        """End it, bring folders of it to other disks in this order, leave a link for each, start it again."""
        self.end()
        for part, disk in disks.items():
            old = self._folder / part
            subprocess.run(["cp", "-a", str(old), str(disk)], check=True)
            shutil.rmtree(old)
            old.symlink_to(disk / old.name)
        self.start()

    def restart(self) -> None:
        """End it gently and start it again."""
        self.end()
        self.start()

    def copy_to(self, base: Path, *options: str) -> None:
        """Take a base backup."""
        place = f"host=127.0.0.1 port={self.port} user=k5_owner"
        self._run("pg_basebackup", "-d", place, "-D", str(base), "--no-sync", *options)

    def bring_back(self, base: Path, settings: str) -> None:
        """End it, put a base backup in the place of its data, and start it in recovery with these lines of settings."""
        self.end()
        data = self._folder / "data"
        data.rename(self._folder / "data.before")
        base.rename(data)
        with (data / "postgresql.auto.conf").open("a") as kept:
            kept.write(settings)
        (data / "recovery.signal").touch()
        shutil.chown(data / "recovery.signal", self._user)
        self.start()

    def ask(self, statement: str) -> Any:
        """Return the first value that a statement of the owner answers, outside transactions."""
        place = f"host=127.0.0.1 port={self.port} user=k5_owner dbname=postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            found = connection.execute(statement)
            row = found.fetchone() if found.description else None
            return row[0] if row else None

    def kill(self) -> None:
        """SIGKILL every process of it at once: a power cut, except for the disk."""
        assert self._process is not None
        pids = self._pids()
        for pid in (self._process.pid, *pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        # The next server refuses memory that somebody still holds
        wait_for(lambda: not any(_is_running(pid) for pid in pids), "all its processes are gone")

    def stop(self) -> None:
        """End it and take its folder away."""
        self.end()
        with contextlib.suppress(OSError):
            shutil.rmtree(self._folder)

    def end(self) -> None:
        """End it gently, in time or not; its data stay."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()

    def _answers(self) -> bool:
        assert self._process is not None
        try:
            psycopg.connect(f"host=127.0.0.1 port={self.port} user=k5_owner dbname=postgres").close()
        except psycopg.OperationalError:
            if self._process.poll() is not None:
                raise RuntimeError((self._folder / "log").read_text("utf-8", "replace")[-2000:]) from None
            return False
        return True

    def _pids(self) -> list[int]:
        with psycopg.connect(f"host=127.0.0.1 port={self.port} user=k5_owner dbname=postgres") as connection:
            return [pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity")]

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            check=True, capture_output=True, cwd=self._folder, env=foreign_environ(), **self._identity(),
        )  # fmt: skip

    def _identity(self) -> dict[str, Any]:
        if os.getuid() != 0:
            return {}
        account = pwd.getpwnam(self._user)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _is_running(pid: int) -> bool:
    """Whether a process lives; a dead one that nobody collected is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
