"""`k5 bench pbx` on a real switch."""

import pytest

from bench import pbx
from tests.telephony.pbx.lab import Lab

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]


def test_each_kind_of_call_is_compared_with_a_plain_callback(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are the machine's; that each call was answered and is over, the run checks."""
    monkeypatch.setattr(pbx, "WARM", 1)
    found = pbx.measures(lab, calls=4)
    assert [measure.name for measure in found] == ["a forward", "a recorded forward", "a menu that nobody presses"]
    assert all(measure.ours > 0 and measure.theirs > 0 for measure in found)
    told = lab.told()
    assert len(told.said["K5_HOLD"]) == 2 * 5
    assert len(told.said["K5_REC"]) == 5
