"""`k5 worker --no-import` and `k5 cel-import`: placing on one machine, records read on the switch's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import app
from k5web.cli import main
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallState
from k5web.domain.money import Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.calls import ordering
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from tests.processes import Processes, free_port, running, wait_for
from tests.services.house import publish

CENTRE = """
[[trunk]]
code = "trunk"
calls_at_once = 10
[[switch]]
name = "far"
ari_url = "http://127.0.0.1:{port}/ari"
ari_user = "k5"
ari_password = "simulator"
calls_at_once = 5
trunks = ["trunk"]
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The settings of the centre, which reads no records, and of the switch's machine."""
    centre, far = tmp_path / "centre.toml", tmp_path / "far.toml"
    centre.write_text(CENTRE.format(port=free_port()))
    far.write_text(f'{centre.read_text()}cel_file = "{tmp_path}/far/cel.json"\n')
    return centre, far


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, files: tuple[Path, Path]) -> Iterator[Processes]:
    """The processes of both machines on one database."""
    far = Processes(sqlite_url, tmp_path, speed=20, K5_SWITCHES=str(files[1]))
    del far.environ["K5_ARI_URL"]
    with running(far):
        yield far


@pytest.fixture
def ports(house: Processes) -> Iterator[Ports]:
    opened = app.open_ports(house.settings)
    publish(opened)
    yield opened
    opened.sessions.dispose()


@pytest.mark.server
def test_the_switchs_machine_imports_what_the_centre_placed(house: Processes, ports: Ports) -> None:
    caller = add_subscriber(ports, Msisdn("79160000200"), "correct horse", "Анна")
    credit(ports, caller.id, EventName("test:bank", "in"), rub("10.00"), "cash.test", "test", ports.clock())
    house.start_simulator()
    house.start("worker --no-import")
    call = ordering.order_call(ports, caller, Msisdn("74950000260"), "tap", Price.parse("2.20"))

    def state() -> CallState:
        return ordering.show_call(ports, caller.id, call.id).call.state

    wait_for(lambda: '"LINKEDID_END"' in house.cel_file.read_text() if house.cel_file.exists() else False, "its end")
    assert state() is CallState.PLACING  # nobody has read a record
    house.start("cel-import --switch far")
    wait_for(lambda: state() is CallState.SETTLED, "the call is settled")
    assert str(ordering.show_call(ports, caller.id, call.id).call.cost) == "2.20"


def test_where_no_switch_writes_records_there_is_nothing_to_import(
    sqlite_url: str, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    """The centre's settings name no file for the far switch, and no switch of another name is there."""
    env = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    asterisk = {"K5_SWITCH": "asterisk"}
    for words, path in ((["cel-import"], files[0]), (["cel-import", "--switch", "near"], files[1])):
        refused = CliRunner(env=env | asterisk | {"K5_SWITCHES": str(path)}).invoke(main, words)
        assert refused.exit_code == 1
        assert "cel_file on this machine" in refused.stderr


def test_a_least_margin_of_no_plan_stops_the_worker(sqlite_url: str, tmp_path: Path) -> None:
    env = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    refused = CliRunner(env=env | {"K5_LEAST_MARGIN": "k5=5%,go1000=5%"}).invoke(main, ["worker"])
    assert refused.exit_code == 1
    assert "K5_LEAST_MARGIN: there is no plan 'go1000': did you mean 'go-1000'?" in refused.stderr
