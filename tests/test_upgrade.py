"""`deploy/upgrade`: a new version step by step, on a real PostgreSQL with both roles; it stops at the first trouble."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

from k5web.storage import schema
from tests.databases import serving
from tests.postgres import HASTY
from tests.processes import ROOT

pytestmark = pytest.mark.postgres

OLDER = "0070"
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >>"$k5_calls"
case "$*" in "is-active --quiet k5-importer" | "is-active --quiet k5-web@"*) exit 3 ;; esac
"""
CURL = """#!/bin/sh
for last; do :; done
echo "asked $last" >>"$k5_calls"
[ -e "$k5_home/.venv/broken" ] && exit 7
printf ready
"""
RESTARTS = [f"systemctl restart {unit}" for unit in ("k5-worker", "k5-worker@*.service", "k5-web", "k5-notices")]


@dataclass
class Server:
    """A folder that stands for a server whose tables are of an older version."""

    folder: Path
    owner_url: str
    environ: dict[str, str] = field(default_factory=dict)

    def upgrade(self, *words: str, **own: str) -> subprocess.CompletedProcess[str]:
        """Type it."""
        self.calls.write_text("")
        script = [str(ROOT / "deploy" / "upgrade"), *words]
        return subprocess.run(script, env=self.environ | own, capture_output=True, text=True, timeout=300)

    @property
    def calls(self) -> Path:
        return self.folder / "calls"

    @property
    def restarts(self) -> list[str]:
        """What was restarted, in order."""
        return [line for line in self.calls.read_text().splitlines() if line.startswith("systemctl restart")]

    @property
    def program(self) -> str:
        """The environment that everything starts from."""
        return (self.folder / ".venv").resolve().name

    def version(self) -> str:
        with psycopg.connect(self.owner_url.replace("+psycopg", "")) as db:
            found = db.execute("SELECT version_num FROM alembic_version").fetchone()
        assert found
        return str(found[0])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The handbook's two logins, tables of an older version, and the old program in its environment."""
    with serving(HASTY) as postgres:
        port = make_url(postgres.url).port
        address = f"127.0.0.1:{port}/k5"
        owner_url = f"postgresql+psycopg://k5_tables:own@{address}"
        with psycopg.connect(postgres.url.replace("+psycopg", ""), autocommit=True) as db:
            db.execute("CREATE ROLE k5_tables LOGIN CREATEROLE PASSWORD 'own'")
            db.execute("CREATE ROLE k5_run LOGIN PASSWORD 'run'")
            db.execute("CREATE DATABASE k5 OWNER k5_tables ENCODING 'UTF8' TEMPLATE template0")
        with schema.connected(owner_url) as connection:
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", schema.SCRIPTS)
            command.upgrade(config, OLDER)
        with psycopg.connect(postgres.url.replace("+psycopg", ""), autocommit=True) as db:
            db.execute("GRANT k5_app TO k5_run")
        yield as_server(tmp_path, owner_url, f"postgresql+psycopg://k5_run:run@{address}")


def as_server(folder: Path, owner_url: str, run_url: str) -> Server:
    for name, text in {"systemctl": SYSTEMCTL, "curl": CURL}.items():
        program(folder / "bin" / name, text)
    for version in ("old", "new"):
        program(folder / "environments" / version / "bin" / "k5", f'#!/bin/sh\nexec {sys.executable} -m k5web "$@"\n')
    program(folder / "make", f"#!/bin/sh\necho {folder}/environments/new\n")
    (folder / ".venv").symlink_to(folder / "environments" / "old")
    (folder / "k5.env").write_text(f"K5_SECRET_KEY={'s' * 40}\nK5_VAR={folder}\nK5_DATABASE_URL={run_url}\n")
    owners = folder / "owner.env"
    owners.write_text(f"K5_OWNER_DATABASE_URL={owner_url}\n")
    owners.chmod(0o600)
    (folder / "backups").mkdir()
    (folder / "backups" / "k5.dump").write_text("a dump")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
    paths = {"home": folder, "file": folder / "k5.env", "owner_file": owners, "backups": folder / "backups"}
    given = {f"k5_{name}": str(path) for name, path in paths.items()} | {"k5_user": "root", "k5_patience": "2"}
    given |= {"k5_environment": str(folder / "make"), "k5_calls": str(folder / "calls")}
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return Server(folder, owner_url, kept | given | {"PATH": path, "PYTHONPATH": str(ROOT)})


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_a_new_version_comes_step_by_step_and_stops_at_the_first_trouble(server: Server) -> None:
    """F5 of the operator's review: typed as written, the tables were to be changed by a login that may not."""
    assert_nothing_happened(server, server.upgrade(k5_backups="/nowhere"), "there is none: make one")

    (server.folder / "owner.env").chmod(0o640)
    assert_nothing_happened(server, server.upgrade(), "can be read by others than root")
    (server.folder / "owner.env").chmod(0o600)

    runner = (server.folder / "k5.env").read_text().split("K5_DATABASE_URL=")[1].strip()
    (server.folder / "owner.env").write_text(f"K5_OWNER_DATABASE_URL={runner}\n")
    said = server.upgrade()
    assert_nothing_happened(server, said, "the tables are as they were")
    [sentence] = [line for line in said.stderr.splitlines() if line.startswith("k5: ")]
    assert "k5 db upgrade runs as the owner of the tables" in sentence
    assert "Traceback" not in said.stderr
    (server.folder / "owner.env").write_text(f"K5_OWNER_DATABASE_URL={server.owner_url}\n")

    (server.folder / "environments" / "new" / "broken").touch()
    said = server.upgrade()
    assert said.returncode == 1
    assert "going back to" in said.stdout
    assert (server.program, server.restarts) == ("old", 2 * RESTARTS)
    assert server.version() == schema.newest(), "the old program serves over the new tables"
    (server.folder / "environments" / "new" / "broken").unlink()

    said = server.upgrade()
    assert said.returncode == 0, said.stdout + said.stderr
    assert (server.program, server.restarts) == ("new", RESTARTS)
    assert server.calls.read_text().splitlines()[-2:] == [f"asked http://127.0.0.1:800{n}/readyz" for n in (0, 1)]
    assert said.stdout.splitlines()[-1].startswith("==> Done: k5")

    again = server.upgrade()
    assert (again.returncode, server.program, server.restarts) == (0, "new", RESTARTS)
    assert (server.folder / "environments" / "old").is_dir(), "the way back"


def assert_nothing_happened(server: Server, said: subprocess.CompletedProcess[str], why: str) -> None:
    assert said.returncode == 1
    assert why in said.stderr
    assert server.restarts == []
    assert (server.program, server.version()) == ("old", OLDER)
