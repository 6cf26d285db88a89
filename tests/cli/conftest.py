"""The command line as it stands in the house, on a day that the test knows; houses that its commands work in."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import app
from k5web.cli import main
from k5web.config.settings import Settings
from k5web.domain.calls.trunk import Trunk
from k5web.services.ports import Ports
from k5web.storage.session import open_sessions
from tests.cli.payments import PAID_AT, TABLES
from tests.cli.statements import OWN
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, publish

K5 = Callable[..., Result]

SWITCHES = """
[[trunk]]
code = "cheap"
calls_at_once = 30
deck = "carrier-c"

[[trunk]]
code = "spare"
calls_at_once = 10
priority = 2
prefixes = ["79"]

[[switch]]
name = "msk"
ari_url = "http://127.0.0.1:8089/ari"
ari_user = "k5"
ari_password = "a password"
calls_at_once = 100
trunks = ["cheap", "spare"]
"""


@pytest.fixture(autouse=True)
def _known_day(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every command run inside the test the test's clock: files with dates in them grow no older."""
    monkeypatch.setattr(app, "_now", clock)


@pytest.fixture
def environ(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of a house with a database."""
    return {
        "K5_DATABASE_URL": sqlite_url,
        "K5_SECRET_KEY": "k" * 48,
        "K5_VAR": str(tmp_path / "var"),
        "K5_STAFF": "a.ivanova",
    }


@pytest.fixture
def k5(environ: dict[str, str]) -> K5:
    """Run a command of `k5` in that house."""
    return lambda *words: CliRunner().invoke(main, words, env=environ)


@pytest.fixture
def subscriber(k5: K5) -> int:
    """The house has one subscriber, 100001."""
    assert k5("subscriber", "add", OWN, "--password", "correct horse").exit_code == 0
    return 100001


@pytest.fixture
def ports(environ: dict[str, str], tmp_path: Path, clock: Clock) -> Iterator[Ports]:
    """The house has a partner of each provider; what its commands work with, the day after the payments."""
    text = [
        f"[[{connector}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for connector, table in TABLES.items()
    ]
    (tmp_path / "partners.toml").write_text("\n".join(text))
    environ["K5_CONNECTORS"] = str(tmp_path / "partners.toml")
    clock.now = PAID_AT + timedelta(days=1)
    found = app.open_ports(Settings.from_env(environ))
    yield found
    found.sessions.dispose()


@pytest.fixture
def house(sqlite_url: str) -> House:
    """A house with a carrier whose prices are known and a spare trunk."""
    clock = Clock(datetime(2020, 1, 6, 9, 0, tzinfo=UTC))  # long ago: its price lists are in force for the commands
    sessions = open_sessions(sqlite_url, sqlite_url)
    trunks = (Trunk("cheap", 30, deck="carrier-c"), Trunk("spare", 10, priority=2, prefixes=("79",)))
    house = House(sessions, clock, FakeSwitch(clock, name="msk", trunks=trunks, calls_at_once=100))
    publish(house.ports, {"79": ("Мобильные", "0.90"), "7495": ("Москва", "0.20")}, name="carrier-c")
    house.top_up("100.00")
    return house


@pytest.fixture
def line(environ: dict[str, str], tmp_path: Path) -> CliRunner:
    """A command line in the same house."""
    (tmp_path / "switches.toml").write_text(SWITCHES)
    return CliRunner(env=environ | {"K5_SWITCHES": str(tmp_path / "switches.toml")})
