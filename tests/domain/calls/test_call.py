"""The states of a call: which one may follow which."""

import pytest

from k5web.domain.calls.call import CallState

STEPS = {
    "reserved": "placing settled not_placed",
    "placing": "reserved calling_a calling_b talking settled not_placed",
    "calling_a": "reserved calling_b talking settled",
    "calling_b": "reserved calling_a talking settled",
    "talking": "settled",
    "ended": "reserved settled",
    "settled": "",
    "not_placed": "",
}


@pytest.mark.parametrize("later", CallState)
@pytest.mark.parametrize("state", CallState)
def test_a_call_moves_on_and_never_from_its_end(state: CallState, later: CallState) -> None:
    assert state.may_become(later) is (later in STEPS[state].split())
    assert not (state.is_over and state.may_become(later))
