"""`deploy/upgrade`: a new version step by step, on a real PostgreSQL with both roles; it stops at the first trouble

Trial: R22.
"""

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
from tests.postgres import HASTY, find_binaries
from tests.processes import ROOT, foreign_environ

OLDER = "0070"
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >>"$k5_calls"
for last; do :; done
case $1 in
    list-units)
        cd "$k5_home/units" || exit 1
        for unit in $last; do [ ! -e "$unit" ] || echo "$unit loaded active running K5"; done ;;
    restart) [ ! -e "$k5_home/.venv/refuses-$last" ] ;;
    is-active) [ ! -e "$k5_home/.venv/ends-$last" ] ;;
    show)
        [ -e "$k5_home/.venv/crashes-$last" ] || { echo 0; exit; }
        grep -c "^systemctl show .*$last" "$k5_calls" ;;
esac
"""
CURL = """#!/bin/sh
for last; do :; done
echo "asked $last" >>"$k5_calls"
[ -e "$k5_home/.venv/broken" ] && exit 7
printf '%s' "${k5_said:-ready}"
"""
SAYS_YES = """#!/bin/sh
[ "$1" != --version ] || echo k5 9.9.9
"""
UNITS = ["k5-worker.service", "k5-worker@2.service", "k5-web.service", "k5-web@8002.service", "k5-notices.service"]


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
        return self.heard("systemctl restart ")

    @property
    def asked(self) -> list[str]:
        """The ports that were asked for "ready", in order."""
        return [address.removeprefix("http://127.0.0.1:").removesuffix("/readyz") for address in self.heard("asked ")]

    def heard(self, beginning: str) -> list[str]:
        lines = self.calls.read_text().splitlines()
        return [line.removeprefix(beginning) for line in lines if line.startswith(beginning)]

    def mark(self, version: str, what: str) -> None:
        """Have a version go wrong in a way that the commands above know."""
        (self.folder / "environments" / version / what).touch()

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
    for unit in UNITS:
        (folder / "units").mkdir(exist_ok=True)
        (folder / "units" / unit).touch()
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
    kept = {name: value for name, value in foreign_environ().items() if not name.startswith("K5_")}
    paths = {"home": folder, "file": folder / "k5.env", "owner_file": owners, "backups": folder / "backups"}
    given = {f"k5_{name}": str(path) for name, path in paths.items()} | {
        "k5_user": "root",
        "k5_patience": "1",
        "k5_watch": "0",
    }
    given |= {"k5_environment": str(folder / "make"), "k5_calls": str(folder / "calls")}
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return Server(folder, owner_url, kept | given | {"PATH": path, "PYTHONPATH": str(ROOT)})


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def small(tmp_path: Path) -> Server:
    """A server whose program does well whatever it is asked, so that the script's own steps are quick to try."""
    server = as_server(tmp_path, "", f"sqlite:///{tmp_path}/k5.db")
    for version in ("old", "new"):
        program(tmp_path / "environments" / version / "bin" / "k5", SAYS_YES)
    (tmp_path / "backups" / "k5.db").write_bytes(b"SQLite format 3\0 and more")
    return server


@pytest.mark.postgres
def test_a_new_version_comes_step_by_step_and_stops_at_the_first_trouble(server: Server) -> None:
    """The tables are changed by their owner, which the program's own login is not."""
    assert_nothing_happened(server, server.upgrade(k5_backups="/nowhere"), "there is none: make one")
    dump = server.folder / "backups" / "k5.dump"
    url = server.owner_url.replace("+psycopg", "")
    binaries = find_binaries()
    assert binaries
    server.environ["PATH"] += f":{binaries}"
    subprocess.run([str(binaries / "pg_dump"), "--format=custom", f"--file={dump}", url], check=True)
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-20])
    assert_nothing_happened(server, server.upgrade(), "there is none: make one")
    dump.write_bytes(whole)

    (server.folder / "owner.env").chmod(0o640)
    assert_nothing_happened(server, server.upgrade(), "can be read by others than root")
    (server.folder / "owner.env").chmod(0o600)

    runner = (server.folder / "k5.env").read_text().split("K5_DATABASE_URL=")[1].strip()
    (server.folder / "owner.env").write_text(f"K5_OWNER_DATABASE_URL={runner}\n")
    said = server.upgrade()
    assert_nothing_happened(server, said, "the tables are at the version that was reached")
    [sentence] = [line for line in said.stderr.splitlines() if line.startswith("k5: ")]
    assert "k5 db upgrade runs as the owner of the tables" in sentence
    assert "Traceback" not in said.stderr
    (server.folder / "owner.env").write_text(f"K5_OWNER_DATABASE_URL={server.owner_url}\n")

    server.mark("new", "broken")
    said = server.upgrade()
    assert said.returncode == 1
    assert "Going back to" in said.stdout
    assert (server.program, server.restarts) == ("old", 2 * UNITS)
    assert server.version() == schema.newest(), "the old program serves over the new tables"
    (server.folder / "environments" / "new" / "broken").unlink()

    said = server.upgrade()
    assert said.returncode == 0, said.stdout + said.stderr
    assert (server.program, server.restarts) == ("new", UNITS)
    assert server.asked == ["8000", "8002", "8001"]
    assert "\n==> Done: k5" in said.stdout


def assert_nothing_happened(server: Server, said: subprocess.CompletedProcess[str], why: str) -> None:
    assert said.returncode == 1
    assert why in said.stderr
    assert server.restarts == []
    assert (server.program, server.version()) == ("old", OLDER)


def test_a_backup_is_one_of_this_kind_of_database_and_not_any_file(small: Server) -> None:
    backups = small.folder / "backups"
    (backups / "k5.db").write_text("half a line of something else")
    (backups / "k5.dump").write_text("PGDMP")
    assert "there is none: make one" in small.upgrade().stderr
    assert small.upgrade("--without-backup").returncode == 0

    (backups / "k5.db").write_bytes(b"SQLite format 3\0 and more")
    settings = small.folder / "k5.env"
    told = settings.read_text()
    settings.write_text(told.replace("K5_DATABASE_URL=", "#K5_DATABASE_URL="))  # SQLite where none is named
    assert small.upgrade().returncode == 0

    settings.write_text(told.replace("URL=sqlite:///", "URL = postgresql://"))
    (small.folder / "owner.env").write_text("K5_OWNER_DATABASE_URL=postgresql://owner@127.0.0.1/k5\n")
    (backups / "roles.sql").write_text("CREATE ROLE k5_app;\n")
    assert "there is none: make one" in small.upgrade().stderr
    (backups / "base").mkdir()
    (backups / "base" / "PG_VERSION").write_text("15\n")
    assert "there is none: make one" in small.upgrade().stderr
    (backups / "base" / "backup_manifest").write_text("{}\n")
    assert small.upgrade().returncode == 0
    os.utime(backups / "base" / "backup_manifest", (0, 0))
    assert "there is none: make one" in small.upgrade().stderr


def test_a_home_behind_a_link_keeps_both_programs_and_no_third(small: Server, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.symlink_to(small.folder, target_is_directory=True)
    program(small.folder / "environments" / "third" / "bin" / "k5", SAYS_YES)
    for _ in range(2):  # the same again leaves the way back
        assert small.upgrade(k5_home=str(home)).returncode == 0
        assert (small.program, small.restarts) == ("new", UNITS)
        assert sorted(path.name for path in (small.folder / "environments").iterdir()) == ["new", "old"]


@pytest.mark.parametrize(
    ("units", "asked"),
    [([], []), (["k5-importer.service"], []), (["k5-web@8003.service"], ["8003"]), (UNITS[2:3], ["8000"])],
)
def test_only_what_runs_here_is_restarted_and_asked(units: list[str], asked: list[str], small: Server) -> None:
    for path in (small.folder / "units").iterdir():
        path.unlink()
    for unit in units:
        (small.folder / "units" / unit).touch()
    said = small.upgrade()
    assert said.returncode == 0, said.stderr
    assert (small.program, small.restarts, small.asked) == ("new", units, asked)
    restarted = f" && systemctl restart {' '.join(units)}" if units else ""
    old = small.folder / "environments" / "old"
    assert said.stdout.splitlines()[-1] == f"==> Back: ln -sfn {old} {small.folder}/.venv{restarted}"


def test_a_house_that_waits_to_be_opened_gets_its_new_version(small: Server) -> None:
    said = small.upgrade(k5_said="restored database")
    assert (said.returncode, small.program) == (0, "new")
    assert "/readyz says: restored database" in said.stdout
    assert small.upgrade(k5_said="no database").returncode == 1


@pytest.mark.parametrize("what", ["crashes-k5-worker.service", "ends-k5-worker@2.service"])
def test_a_worker_that_falls_after_its_start_is_seen(what: str, small: Server) -> None:
    small.mark("new", what)
    said = small.upgrade()
    assert (said.returncode, small.program, small.restarts) == (1, "old", 2 * UNITS)
    assert f"{what.partition('-')[2]} does not stay" in said.stderr
    assert "the old program runs again; journalctl -u k5-worker.service -u " in said.stderr


def test_the_way_back_is_gone_to_its_end_and_says_what_did_not_come(small: Server) -> None:
    small.mark("new", "broken")
    small.mark("old", f"refuses-{UNITS[0]}")
    small.mark("old", f"refuses-{UNITS[2]}")
    said = small.upgrade()
    assert (said.returncode, small.program, small.restarts) == (1, "old", 2 * UNITS)
    assert f"not started: {UNITS[0]} {UNITS[2]}; journalctl" in said.stderr

    small.mark("new", f"refuses-{UNITS[1]}")
    small.mark("old", "broken")
    for unit in (UNITS[0], UNITS[2]):
        (small.folder / "environments" / "old" / f"refuses-{unit}").unlink()
    said = small.upgrade()
    assert (said.returncode, small.program, small.restarts) == (1, "old", [*UNITS[:2], *UNITS])
    assert "does not answer either" in said.stderr


def test_without_an_old_program_no_way_back_is_promised(small: Server) -> None:
    (small.folder / ".venv").unlink()
    assert "Back" not in small.upgrade().stdout
    assert small.program == "new"
    (small.folder / ".venv").unlink()
    small.mark("new", "broken")
    said = small.upgrade()
    assert (said.returncode, small.program, small.restarts) == (1, "new", UNITS)
    assert "a part does not run as it should" in said.stderr


def test_cut_short_behind_the_link_the_next_run_still_knows_the_way_back(small: Server) -> None:
    """As a kill leaves it: the link leads to the new program already, and nothing was restarted."""
    (small.folder / ".venv").unlink()
    (small.folder / ".venv").symlink_to(small.folder / "environments" / "new")
    (small.folder / ".venv.before").symlink_to(small.folder / "environments" / "old")
    small.mark("new", "broken")
    said = small.upgrade()
    assert (said.returncode, small.program) == (1, "old")
    assert "the old program runs again" in said.stderr


def test_the_way_back_is_noted_before_the_link_is_led_on(small: Server) -> None:
    program(small.folder / "bin" / "mv", '#!/bin/sh\necho "killed here" >&2\nexit 1\n')
    assert small.upgrade().returncode == 1
    assert (small.folder / ".venv.before").resolve().name == "old"
    (small.folder / "bin" / "mv").unlink()
    assert (small.upgrade().returncode, small.program) == (0, "new")
    assert not (small.folder / ".venv.before").is_symlink()


@pytest.mark.parametrize("words", [["--help"], ["--without-backups"], ["--without-backup", "again"], ["", ""]])
def test_what_is_not_known_does_nothing(words: list[str], small: Server) -> None:
    said = small.upgrade(*words)
    assert (said.returncode, said.stdout, small.program) == (2, "", "old")
    assert said.stderr.startswith("Usage: upgrade [--without-backup]")


def test_settings_are_read_as_systemd_reads_them(small: Server) -> None:
    """A space before the sign: the database is PostgreSQL, so its owner is asked for."""
    file = small.folder / "k5.env"
    file.write_text(f"K5_SECRET_KEY={'s' * 40}\nK5_DATABASE_URL = postgresql+psycopg://k5_run:x@h/k5\n")
    (small.folder / "owner.env").unlink()
    said = small.upgrade(K5_DATABASE_URL="sqlite:////not/what/the/services/use.db")
    assert (said.returncode, small.program) == (1, "old")
    assert "owner.env is not there" in said.stderr

    file.write_text(file.read_text() + "no setting\n")
    said = small.upgrade()
    assert (said.returncode, said.stdout, small.program) == (1, "", "old")
    assert "line 3 of " in said.stderr
