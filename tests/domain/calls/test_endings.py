"""The table of endings against its sources, and the promises that hold over all of it."""

import pytest

from k5web.domain.calls.call import Outcome
from k5web.domain.calls.endings import LAST_WORDS, Ending, Heard, verdict_of

# RFC 3398, 7.2.6.1: the cause that a SIP answer becomes
TO_CAUSE = {
    401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127, 414: 127, 415: 79,
    416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17, 500: 41,
    501: 79, 502: 38, 503: 41, 504: 102, 505: 127, 513: 127, 600: 17, 603: 21, 604: 1,
}  # fmt: skip
# RFC 3398, 7.2.4.1: the SIP answer that a cause becomes
TO_SIP = {
    1: 404, 2: 404, 3: 404, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 23: 410, 26: 404, 27: 502, 28: 484,
    29: 501, 31: 480, 34: 503, 38: 503, 41: 503, 42: 503, 47: 503, 55: 403, 57: 403, 58: 503, 65: 488, 70: 488,
    79: 501, 87: 403, 88: 503, 102: 504, 111: 500, 127: 500,
}  # fmt: skip
# Where the table knows better than the standard, and why
CODES_APART = {
    408: "102 is also what the switch writes where nothing came back at all",
    480: "18 likewise",
    603: "21 is also a carrier's 403; 603 says that it was the person",
}
CAUSES_APART = {
    2: "no route is the carrier's, though it becomes the 404 of a wrong number",
    3: "likewise",
    18: "the switch's own time-out of a carrier that said nothing",
    19: "the switch's own time-out of leg A",
    23: "a redirection, which nobody follows",
}
ALL_CODES = range(300, 700)


@pytest.mark.parametrize("code", sorted(TO_CAUSE))
def test_a_code_and_the_cause_it_becomes_mean_the_same(code: int) -> None:
    by_code, by_cause = verdict_of(code, 0, Heard.NOTHING), verdict_of(None, TO_CAUSE[code], Heard.NOTHING)
    assert (by_code == by_cause) is (code not in CODES_APART)


@pytest.mark.parametrize("cause", sorted(TO_SIP))
def test_a_cause_and_the_code_it_becomes_mean_the_same(cause: int) -> None:
    by_cause, by_code = verdict_of(None, cause, Heard.NOTHING), verdict_of(TO_SIP[cause], 0, Heard.NOTHING)
    assert (by_code == by_cause) is (cause not in CAUSES_APART)


@pytest.mark.parametrize("heard", [Heard.RINGING, Heard.PROGRESS])
def test_what_may_have_rung_is_never_rung_by_another_trunk(heard: Heard) -> None:
    assert not any(verdict_of(code, cause, heard).another_trunk for code in (None, *ALL_CODES) for cause in range(128))


def test_the_code_goes_before_the_cause() -> None:
    assert all(len({verdict_of(code, cause, Heard.NOTHING) for cause in range(128)}) == 1 for code in ALL_CODES)


def test_the_switch_is_told_the_very_codes_after_which_no_other_trunk_is_tried() -> None:
    told = {int(code) for code in LAST_WORDS.strip("-").split("-")}
    assert {code for code in ALL_CODES if not verdict_of(code, 0, Heard.NOTHING).another_trunk} == told | {
        *range(600, 700)
    }


def test_only_a_route_that_failed_is_a_trunks_fault_or_goes_by_another() -> None:
    for heard in (*Heard, None):
        for code in (None, *ALL_CODES):
            for cause in range(128):
                verdict = verdict_of(code, cause, heard)
                is_ours = verdict.ending is Ending.ROUTE_FAILED
                assert is_ours or not (verdict.another_trunk or verdict.is_trunks_fault)
                assert verdict.is_trunks_fault or not verdict.another_trunk


@pytest.mark.parametrize(
    ("heard", "refused_by_the_person"), [(Heard.NOTHING, False), (Heard.PROGRESS, False), (Heard.RINGING, True)]
)
def test_a_403_is_the_persons_only_where_a_phone_rang(heard: Heard, refused_by_the_person: bool) -> None:
    assert (verdict_of(403, 21, heard).ending is Ending.REFUSED) is refused_by_the_person


def test_each_ending_has_an_outcome_of_either_leg() -> None:
    assert {Outcome(f"{leg}_{ending}") for leg in "ab" for ending in Ending}
