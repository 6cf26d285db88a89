"""`k5 trunk`: load, limit, health and price list of every switch and line."""

from click.testing import CliRunner

from k5web.cli import main
from tests.services.house import House


def test_trunks_are_listed_with_load_health_and_price_list(house: House, line: CliRunner) -> None:
    house.order()
    house.work()
    listed = line.invoke(main, ["trunk", "list"]).output.splitlines()
    assert listed[0].split() == ["switch", "msk", "1", "of", "100", "calls", "well"]
    assert "1 of 30 legs  priority 1  deck carrier-c, version 2  on msk  well" in listed[1]
    assert "1 of 10 legs  priority 2  no deck: cost unknown  on msk  for 79  well" in listed[2]


def test_a_switch_that_rests_is_shown_so(house: House, line: CliRunner) -> None:
    house.switch.refuses = "status 503"
    house.order()
    house.work()
    assert (
        "failures in a row, the last: the switch refused the call: status 503"
        in line.invoke(main, ["trunk", "list"]).output
    )
