"""What a line to a carrier takes, how fast, and how it wants numbers written."""

from datetime import timedelta

import pytest

from k5web.domain.calls.trunk import Trunk

MOSCOW, MOBILE = "74951234567", "79161234567"


def test_a_number_is_written_as_the_carrier_wants_it_by_its_longest_prefix() -> None:
    trunk = Trunk("x", 10, rewrites={"7": "8", "7495": "", "": "810"})
    assert [trunk.dials(number) for number in (MOBILE, MOSCOW, "49301234567")] == [
        "89161234567",
        "1234567",
        "81049301234567",
    ]
    assert Trunk("x", 10).dials(MOSCOW) == MOSCOW


def test_both_sides_together_keep_below_what_the_carrier_takes_in_a_second() -> None:
    for most in range(2, 60):
        for switches in range(1, most // 2 + 1):
            trunk = Trunk("x", 10, calls_per_second=most)
            of_a, of_b = (timedelta(seconds=1) / pace for pace in (trunk.pace, trunk.pace_of_b(switches)))
            assert of_a + switches * of_b <= most + 0.001
    assert (Trunk("x", 10).pace, Trunk("x", 10).pace_of_b(3)) == (timedelta(0), timedelta(0))


@pytest.mark.parametrize(
    ("trunk", "may"),
    [
        (Trunk("all", 10), True),
        (Trunk("moscow", 10, prefixes=("7495", "7499")), True),
        (Trunk("abroad", 10, prefixes=("49",)), False),
        (Trunk("off", 10, is_enabled=False), False),
    ],
)
def test_a_trunk_may_be_sent_to_where_it_is_on_and_the_number_is_one_of_its_own(trunk: Trunk, may: bool) -> None:
    assert trunk.may_reach(MOSCOW) is may
