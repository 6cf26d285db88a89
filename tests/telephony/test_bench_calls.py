"""`k5 bench calls` on a real switch."""

import pytest

from bench import calls
from tests.telephony import real


@pytest.mark.asterisk
def test_callbacks_on_a_real_switch_are_measured_and_all_of_them_charged() -> None:
    """The figures are the machine's; that each call rang once, was charged and left the books sound, the run checks."""
    real.require()
    found = calls.run(rates=[4], seconds=2)
    assert [measure.name.partition(",")[0] for measure in found] == [
        "callbacks", "CPU of K5 a call", "press to INVITE", "press to INVITE", "room for a press",
    ]  # fmt: skip
    assert all(measure.ours > 0 and measure.theirs > 0 for measure in found)
