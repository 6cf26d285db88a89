"""Time on a line: who ends it first."""

import pytest

from k5web.telephony.simulator.pbx_call import Ringing
from k5web.telephony.simulator.pbx_line import Line, LineOver
from k5web.telephony.simulator.phones import SECOND, find_phone

BEGAN = 1_800_000_000_000_007


def line(**more: int) -> Line:
    return Line(Ringing("79161234567", "74951110001", BEGAN, 2, **more), "trunk", "")  # type: ignore[arg-type]


def test_the_caller_hangs_up_when_the_time_is_over() -> None:
    one = line(hangs_up_s=5)
    one.pause(4 * SECOND)
    with pytest.raises(LineOver) as over:
        one.pause(SECOND)
    assert (over.value.source, one.now_us) == (one.caller.channel, BEGAN + 5 * SECOND)


@pytest.mark.parametrize(("more", "cause"), [({"cut_us": BEGAN + 2 * SECOND}, 16), ({}, 0)])
def test_a_cut_and_a_fuse_are_nobody_s_hang_up(more: dict[str, int], cause: int) -> None:
    one = line(**more)
    one.fuse_us = BEGAN + 3 * SECOND
    with pytest.raises(LineOver) as over:
        one.pause(10 * SECOND)
    assert (over.value.cause, over.value.source) == (cause, "")
    assert one.now_us == BEGAN + (2 if more else 3) * SECOND


def test_the_other_party_hangs_up_and_both_legs_end() -> None:
    one = line()
    leg = one.leg("trunk-a", "79160000213", "8841-17")

    def talk(met: object, phone: object) -> None:
        one.meet(leg)
        one.talk(leg, find_phone("79160000213", is_a=False), BEGAN + 100 * SECOND)

    with pytest.raises(LineOver) as over:
        one.dial([(leg, find_phone("79160000213", is_a=False))], 30, talk)
    assert over.value.source == leg.channel
    one.end(over.value)
    ends = [(record.leg_uuid, record.at_us) for record in one.records if record.kind == "HANGUP"]
    assert ends == [(leg.uuid, one.now_us), (one.caller.uuid, one.now_us)]
    assert one.now_us - BEGAN == 3 * SECOND + 20_000
