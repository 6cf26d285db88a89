"""The operator's handbook, typed as it stands on a new server: its roles and grants, every command of the program."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.databases import serving
from tests.postgres import HASTY, PostgresServer

pytestmark = [pytest.mark.postgres, pytest.mark.server]

ROOT = Path(__file__).parent.parent
HANDBOOK = (ROOT / "docs" / "operators.md").read_text("utf-8")
COMMANDS = re.findall(r"^((?:K5_\w+=\S+ )?)(k5 (?!trunk ).*)$", HANDBOOK, re.MULTILINE)


@pytest.fixture
def new_server() -> Iterator[PostgresServer]:
    """A server that has heard nothing of K5; the handbook's owner is not its superuser."""
    with serving(HASTY) as server:
        yield server


def test_the_commands_make_a_base_a_price_list_and_a_subscriber_with_money(
    new_server: PostgresServer, tmp_path: Path
) -> None:
    found = re.search(r"^su postgres -c psql <<'SQL'\n(.*?)^SQL$", HANDBOOK, re.DOTALL | re.MULTILINE)
    assert found
    _as_superuser(new_server, "postgres", *_here(found[1]).split(";\n"))
    server = make_url(new_server.url)
    run_url = f"postgresql+psycopg://k5_run:RUNNERS-PASSWORD@127.0.0.1:{server.port}/k5"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
    environ |= {"K5_DATABASE_URL": run_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    said = []
    for setting, command in COMMANDS:
        there = _here(setting).replace("@127.0.0.1/", f"@127.0.0.1:{server.port}/")
        own = dict(re.findall(r"^(K5_\w+)=(\S+)", there))
        said.append(_typed(command, environ | own))
        if "db upgrade" in command:
            grant = re.search(r"psql k5 -c '([^']+)'", HANDBOOK)
            assert grant
            _as_superuser(new_server, "k5", grant[1])
    assert len(said) > 6
    assert "100.00" in said
    assert said[-3] == "every invariant holds"
    assert set(said[-2:]) == {"nothing is shut: the database is where it was opened"}


def _typed(command: str, environ: dict[str, str]) -> str:
    """What the command says, typed as it stands."""
    line = command.removeprefix("k5 ")
    done = subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -m k5web {line}'],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def _here(text: str) -> str:
    """The name of the tables' owner is the superuser's on the tests' servers: another one stands in."""
    return text.replace("k5_owner", "k5_tables")


def _as_superuser(server: PostgresServer, database: str, *statements: str) -> None:
    url = make_url(server.url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
