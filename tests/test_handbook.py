"""The operator's handbook, typed as it stands on a new server, from its roles and grants to the first settled call."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from sqlalchemy import make_url

from bench.house import CALL_PAGE, form_fields, log_in
from k5web.web.forms import READ_FOR
from tests.databases import serving
from tests.postgres import HASTY, PostgresServer
from tests.processes import PATIENCE_S, Processes, running, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.server]

ROOT = Path(__file__).parent.parent
HANDBOOK = (ROOT / "docs" / "operators.md").read_text("utf-8")
SPEED = 300  # times real time: they talk as long as the money lasts, which takes nine seconds
COMMANDS = re.findall(r"^((?:K5_\w+=\S+ )?)(k5 (?!trunk ).*)$", HANDBOOK, re.MULTILINE)


@pytest.fixture
def new_server() -> Iterator[PostgresServer]:
    """A server that has heard nothing of K5; the handbook's owner is not its superuser."""
    with serving(HASTY) as server:
        yield server


def test_from_the_roles_to_the_first_settled_call(new_server: PostgresServer, tmp_path: Path) -> None:
    found = re.search(r"^su postgres -c psql <<'SQL'\n(.*?)^SQL$", HANDBOOK, re.DOTALL | re.MULTILINE)
    assert found
    _as_superuser(new_server, "postgres", *_here(found[1]).split(";\n"))
    server = make_url(new_server.url)
    run_url = f"postgresql+psycopg://k5_run:RUNNERS-PASSWORD@127.0.0.1:{server.port}/k5"
    house = Processes(run_url, tmp_path, SPEED)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("K5_")} | house.environ
    said = []
    for setting, command in COMMANDS:
        if command == "k5 ledger verify":
            _make_the_first_call(house)
        there = _here(setting).replace("@127.0.0.1/", f"@127.0.0.1:{server.port}/")
        own = dict(re.findall(r"^(K5_\w+)=(\S+)", there))
        said.append(_typed(command, environ | own))
        if "db upgrade" in command:
            grant = re.search(r"psql k5 -c '([^']+)'", HANDBOOK)
            assert grant
            _as_superuser(new_server, "k5", grant[1])
    assert len(said) > 6
    assert "100.00" in said
    proved, _, shut, looked, opened = said[-5:]
    assert proved == "every invariant holds"
    assert shut.startswith("shut: ")
    assert "k5 db opened --yes, which moves every number on by " in looked
    assert opened.startswith("opened; the next numbers: ")


def _make_the_first_call(house: Processes) -> None:
    """Start what the units start, with a simulated switch in the place of the carrier's, and press once."""
    phone, password = re.findall(r'^k5 subscriber add "([^"]+)".* --password "([^"]+)"', HANDBOOK, re.MULTILINE)[0]
    assert f"`https://t.k5.example{CALL_PAGE}`" in HANDBOOK
    with running(house):
        house.start_simulator()
        house.start(_unit("k5-web").replace("--port 8000", f"--port {house.web_port}"), _unit("k5-worker"))
        address = house.environ["K5_PUBLIC_URL"]
        wait_for(house.web_answers, "the pages answer")
        assert requests.get(f"{address}/readyz", timeout=PATIENCE_S).text.strip() == "ready"
        browser = log_in(address, phone, password)
        form = form_fields(browser.get(address + CALL_PAGE, timeout=PATIENCE_S).text)
        time.sleep(READ_FOR.total_seconds())
        rung = browser.post(f"{address}/call", form, timeout=PATIENCE_S, allow_redirects=False)
        assert rung.status_code == 303, rung.text
        page = address + rung.headers["Location"]
        wait_for(lambda: _is_over(browser, page), "the call is settled", look_every_s=0.2)
        assert re.search(r"call settled .*cost_minor=[1-9]", house.logged("worker"))


def _is_over(browser: requests.Session, page: str) -> bool:
    answer = browser.get(f"{page}/status", timeout=PATIENCE_S)
    return bool(answer.json().get("over"))


def _unit(name: str) -> str:
    """What a unit of the handbook starts, without the path of the program."""
    unit = (ROOT / "deploy" / "systemd" / f"{name}.service").read_text("utf-8")
    found = re.search(r"^ExecStart=/opt/k5/.venv/bin/k5 (.+)$", unit, re.MULTILINE)
    assert found
    return found[1]


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
