"""`deploy/compose.yaml`: its files, commands, ports and settings held against the program; its first start, done."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from sqlalchemy import make_url

from k5web.cli import main
from k5web.config.settings import Settings
from tests.databases import serving
from tests.postgres import HASTY

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
TOOLS = ("bash", "chgrp", "chmod", "dirname", "head", "id", "mkdir", "mktemp", "mv", "od", "rm", "tr")  # of `settings`


def eavesdropper(folder: Path, *names: str) -> Path:
    """Put programs of these names into a folder. Return the file that has what everybody sees of them in `ps`."""
    folder.mkdir(exist_ok=True)
    heard = folder / "heard"
    heard.touch()
    for name in names:
        (folder / name).write_text(f'#!/bin/sh\necho "$0 $*" >>{heard}\nexec {shutil.which(name)} "$@"\n')
        (folder / name).chmod(0o755)
    return heard


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What `settings` writes, and what was seen of the programs that it called: it has no others."""
    folder = tmp_path_factory.mktemp("compose")
    heard = eavesdropper(folder / "tools", *TOOLS)
    command = [str(DEPLOY / "compose/settings"), "call.k5.example", "192.0.2.77", str(folder / "etc")]
    subprocess.run(command, check=True, capture_output=True, env={"PATH": str(folder / "tools")})
    return folder / "etc", heard.read_text()


@pytest.fixture(scope="module")
def etc(written: tuple[Path, str]) -> Path:
    return written[0]


def environ_of(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", path.read_text("utf-8"), re.MULTILINE))


def test_compose_takes_the_file() -> None:
    """Docker's plug-in is asked where it is there; Debian 12's docker-compose is too old, it knows no `name`."""
    if shutil.which("docker") and not subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        command = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "config", "-q"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 or "env file" in done.stderr, done.stderr
    assert set(COMPOSE) == {"name", "x-k5", "services", "volumes"}
    assert {"web", "notices", "worker", "postgres", "asterisk", "nginx"} <= set(SERVICES)


def test_each_command_is_one_of_the_program() -> None:
    said = {
        name: service["command"]
        for name, service in OURS.items()
        if "entrypoint" not in service and "command" in service
    }
    assert set(said) == {"web", "notices", "worker"}
    for name, words in said.items():
        command = main.commands[words[0]]
        assert not isinstance(command, click.Group)
        command.make_context(name, list(words[1:]))


def test_each_file_that_it_names_is_there(etc: Path) -> None:
    made = {f"compose/etc/{path.name}" for path in etc.iterdir()}
    for name, service in SERVICES.items():
        assert set(service.get("env_file", ())) <= made, name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./compose/etc":
                assert os.access(DEPLOY / source, os.X_OK), source
            elif not source.startswith("./"):
                assert source in COMPOSE["volumes"], source
        for awaited in service.get("depends_on", ()):
            assert awaited in SERVICES
    assert SERVICES["setup"]["entrypoint"] == ["/opt/k5/deploy/compose/first"]
    assert (ROOT / SERVICES["setup"]["command"][0].removeprefix("/opt/k5/")).is_file()


def test_every_service_that_answers_is_watched_and_comes_back() -> None:
    watched = {name for name, service in SERVICES.items() if "healthcheck" in service}
    assert watched == set(SERVICES) - {"setup", "worker"}
    assert {name for name, service in SERVICES.items() if service["restart"] != "unless-stopped"} == {"setup"}


def test_nginx_looks_where_the_pages_listen_and_health_is_asked_there() -> None:
    conf = (DEPLOY / "nginx/k5.conf").read_text("utf-8")
    for name in ("web", "notices"):
        port = SERVICES[name]["command"][2]
        assert f"127.0.0.1:{port} " in conf
        assert f"127.0.0.1:{port}/readyz" in SERVICES[name]["healthcheck"]["test"][3]


def test_nothing_but_the_doors_of_the_house_is_reached_from_elsewhere() -> None:
    """In the host's network each part says itself where it listens; PostgreSQL asks everybody for the password."""
    assert all(service["network_mode"] == "host" and "ports" not in service for service in SERVICES.values())
    assert "listen_addresses=127.0.0.1" in SERVICES["postgres"]["command"]
    assert SERVICES["postgres"]["environment"] == {"POSTGRES_INITDB_ARGS": "--auth-host=scram-sha-256"}
    assert [words for words in (one.get("command", []) for one in OURS.values()) if "--host" in words] == []


def test_each_image_is_made_of_files_that_are_there_and_nobody_works_as_root() -> None:
    targets = dict(re.findall(r"^FROM (\S+) AS (\w+)$", DOCKERFILE, re.MULTILINE))
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    assert targets
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source.split('/')[0]}" in allowed, source
            assert ROOT / source not in (DEPLOY / "compose/etc").parents, (
                "a house's secrets, where nobody reads allowed"
            )
    assert {service["build"]["target"] for service in OURS.values()} <= stages
    for target, user in (("k5", "k5"), ("asterisk", "k5-asterisk")):
        stage = DOCKERFILE.partition(f" AS {target}\n")[2].partition("\nFROM ")[0]
        assert f"\nUSER {user}\n" in stage
    for path in re.findall(r'ENTRYPOINT \["/opt/k5/(deploy/\S+)"\]', DOCKERFILE):
        assert os.access(ROOT / path, os.X_OK), path


def test_what_is_installed_is_held_against_a_hash_and_no_image_is_the_newest() -> None:
    for line in re.findall(r"pip install .*", DOCKERFILE):
        assert "--require-hashes" in line or "--no-index" in line, line
    named = [*re.findall(r"^ARG BASE=(\S+)", DOCKERFILE, re.MULTILINE), SERVICES["postgres"]["image"]]
    assert [name for name in named if not re.fullmatch(r"[a-z]+:\d[\w.-]*", name)] == []


def test_the_settings_are_good_and_agree(etc: Path) -> None:
    k5, asterisk, postgres = (environ_of(etc / f"{name}.env") for name in ("k5", "asterisk", "postgres"))
    found = Settings.from_env(k5)
    assert found.public_url == "https://call.k5.example"
    assert make_url(found.database_url).password == postgres["RUN_PASSWORD"]
    assert k5["K5_ARI_PASSWORD"] == asterisk["ASTERISK_PASSWORD"]
    assert (asterisk["ASTERISK_SIP_BIND"], asterisk["ASTERISK_USERS_BIND"]) == ("192.0.2.77", "192.0.2.77")
    assert len({*postgres.values(), k5["K5_SECRET_KEY"], k5["K5_ARI_PASSWORD"]}) == 5
    assert not any("CHANGE-ME" in value for values in (k5, asterisk, postgres) for value in values.values())
    assert environ_of(etc / "nginx.env") == {"K5_PUBLIC_URL": k5["K5_PUBLIC_URL"]}  # nginx is given no secret
    assert (etc / "k5.env").stat().st_mode & 0o077 == 0
    assert not [name for name in postgres if name.startswith("K5_")]  # the program would call them unknown


def test_the_secrets_are_in_no_list_of_processes(written: tuple[Path, str]) -> None:
    etc, heard = written
    secrets = set(re.findall(r"[0-9a-f]{48,}", "".join(path.read_text() for path in etc.glob("*.env"))))
    assert len(secrets) == 5
    assert "/mktemp " in heard
    assert [secret for secret in secrets if secret in heard] == []


@pytest.mark.parametrize("name", ["k5", "asterisk", "postgres", "nginx"])
def test_settings_that_are_there_are_never_written_over(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.env").write_text("OURS=1\n")
    again = [str(DEPLOY / "compose/settings"), "call.k5.example", "192.0.2.77", str(tmp_path)]
    done = subprocess.run(again, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, f"settings: {tmp_path}/{name}.env is there already\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"{name}.env": "OURS=1\n"}
    for wrong in (["K5", "192.0.2.77"], ["call.k5.example", "999.0.2.10"]):
        assert subprocess.run([*again[:1], *wrong, str(tmp_path / "new")], capture_output=True).returncode == 1


def test_a_price_list_that_cannot_be_looked_for_ends_the_first_start(tmp_path: Path) -> None:
    (tmp_path / "k5").write_text('#!/bin/sh\ncase "$*" in "deck list") echo "no database" >&2; exit 1 ;; esac\n')
    (tmp_path / "k5").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "OWNER_PASSWORD": "o", "K5_DATABASE_URL": "p://r@h/k5"}
    done = subprocess.run([DEPLOY / "compose/first", "prices.csv"], env=environ, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "no database\n")


@pytest.mark.postgres
def test_the_first_start_makes_roles_tables_and_prices_and_the_next_changes_nothing(etc: Path, tmp_path: Path) -> None:
    """The scripts of the containers on a new server, with another name for the owner: it is the superuser's there."""
    for name in ("roles", "first"):
        text = (DEPLOY / "compose" / name).read_text("utf-8").replace("k5_owner", "k5_tables")
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "k5").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m k5web "$@"\n')
    (tmp_path / "k5").chmod(0o755)
    with serving(HASTY) as server:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
        environ |= environ_of(etc / "k5.env") | environ_of(etc / "postgres.env")
        environ |= {"PATH": f"{tmp_path}:{environ['PATH']}", "PYTHONPATH": str(ROOT), "K5_VAR": str(tmp_path)}
        here = environ["K5_DATABASE_URL"].replace("@127.0.0.1/", f"@127.0.0.1:{server.port}/")
        psql = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "POSTGRES_USER": "k5_owner"}
        environ |= {"K5_DATABASE_URL": here, "OWNER_PASSWORD": environ["OWNER_PASSWORD"] + "@%41:/&$"} | psql
        heard = eavesdropper(tmp_path, "psql")
        subprocess.run([tmp_path / "roles"], env=environ, check=True, capture_output=True, timeout=60)
        assert "/psql " in heard.read_text()
        assert not [word for word in ("OWNER_PASSWORD", "RUN_PASSWORD") if environ[word] in heard.read_text()]
        prices = ROOT / "k5web/pricelists/clovertel.csv"  # the smaller of the two: quick
        said = []
        for _ in range(2):
            done = subprocess.run(
                [tmp_path / "first", prices], env=environ, capture_output=True, text=True, timeout=300, cwd=tmp_path
            )
            assert done.returncode == 0, done.stderr
            said.append(done.stdout)
        assert "the schema was brought to the newest version" in said[0]
        assert "clovertel.csv" in said[0] or "prices" in said[0]
        assert said[1].splitlines() == [
            "the schema is at the newest version",
            "the schema is what this version expects, every guard and every grant is there",
        ]
