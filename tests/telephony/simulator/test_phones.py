"""The town of phones: what the last three digits of a number mean, on either leg and by either trunk."""

import pytest

from k5web.domain.calls.endings import Heard
from k5web.telephony.simulator.phones import AT_ONCE, SECOND, Phone, find_phone


def phone(code: str, *, is_a: bool = False, is_first_try: bool = True) -> Phone:
    return find_phone(f"7495000{code.rjust(4, '1')}", is_a, is_first_try)


@pytest.mark.parametrize(
    ("code", "cause", "dial_status", "sip"),
    [
        ("403", 21, "CHANUNAVAIL", "403"),
        ("404", 1, "CHANUNAVAIL", "404"),
        ("408", 18, "CHANUNAVAIL", "408"),
        ("480", 19, "NOANSWER", "480"),
        ("486", 17, "BUSY", "486"),
        ("503", 34, "CONGESTION", "503"),
        ("603", 21, "CHANUNAVAIL", "603"),
    ],
)
def test_a_code_of_sip_is_refused_with_it_before_anything_is_heard(
    code: str, cause: int, dial_status: str, sip: str
) -> None:
    assert phone(code) == Phone(None, None, cause, dial_status, sip, Heard.NOTHING, rings_us=0)


@pytest.mark.parametrize(("code", "sip"), [("703", "403"), ("708", "408"), ("780", "480")])
def test_a_phone_with_a_7_rings_for_a_second_and_then_says_the_same(code: str, sip: str) -> None:
    rung = phone(code)
    assert (rung.sip, rung.heard, rung.rings_us) == (sip, Heard.RINGING, SECOND)
    assert rung.refuses == phone(sip).refuses


@pytest.mark.parametrize(
    ("code", "sip", "heard"), [("180", "180", Heard.RINGING), ("100", "100", Heard.NOTHING), ("000", "", Heard.NOTHING)]
)
def test_some_never_answer_and_never_refuse(code: str, sip: str, heard: Heard) -> None:
    silent = phone(code)
    assert (silent.answers_us, silent.refuses, silent.sip, silent.heard) == (None, None, sip, heard)


@pytest.mark.parametrize(
    ("code", "is_a", "answers_us", "hangs_up_us"),
    [
        ("200", False, AT_ONCE, None),
        ("201", False, SECOND, None),
        ("203", True, 3 * SECOND, None),
        ("183", False, SECOND, None),
        ("211", False, AT_ONCE, SECOND),
        ("215", True, AT_ONCE, 5 * SECOND),
        ("229", False, 3 * SECOND, 2_900_000),  # one below the threshold of a free leg
        ("230", True, 2 * SECOND, 3 * SECOND),
        ("261", False, 3 * SECOND, 60_100_000),
        ("567", True, 2 * SECOND, None),  # any other is a person
        ("567", False, 3 * SECOND, None),
    ],
)
def test_a_phone_answers_and_hangs_up_when_its_number_says(
    code: str, is_a: bool, answers_us: int, hangs_up_us: int | None
) -> None:
    found = phone(code, is_a=is_a)
    assert (found.answers_us, found.hangs_up_us, found.refuses) == (answers_us, hangs_up_us, None)


@pytest.mark.parametrize(("code", "presses"), [("200", ""), ("211", ""), ("221", "1"), ("222", "2"), ("567", "1")])
def test_people_press_1_and_machines_press_nothing(code: str, presses: str) -> None:
    assert phone(code).presses == presses


def test_530_is_reached_by_the_second_trunk_only() -> None:
    assert phone("530").sip == "503"
    assert phone("530", is_first_try=False).answers_us == AT_ONCE
    assert phone("503", is_first_try=False).sip == "503"
