"""Which of what is sold no line leads to, by the lists in force."""

from k5web.domain.calls.trunk import Trunk
from k5web.services.calls import gaps
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House, publish


def test_sold_directions_are_held_against_the_carriers_lists_in_force(sessions: Sessions) -> None:
    clock = Clock()
    house = House(sessions, clock, FakeSwitch(clock, trunks=(Trunk("only", 10, deck="carrier-c"),)))
    publish(house.ports, {"7": ("Россия", "0.90")}, name="carrier-c")
    assert [gap.rate.prefix for gap in gaps.sold(house.ports, "k5")] == ["3592"]


def test_a_carrier_whose_list_is_not_in_force_takes_everything(sessions: Sessions) -> None:
    clock = Clock()
    house = House(sessions, clock, FakeSwitch(clock, trunks=(Trunk("only", 10, deck="nothing-yet"),)))
    assert gaps.sold(house.ports, "k5") == []
