"""8-800 numbers and calls of PBX users: no leg outlives what was paid for it, wherever it is transferred."""

import threading

import pytest

from tests.processes import wait_for
from tests.telephony.pbx.k5_side import Answers
from tests.telephony.pbx.lab import PASSWORD, PHONES_HOST, Lab, Organisation
from tests.telephony.pbx.limits import is_cut_at

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

TALKS_ON, TALKS_ON_TOO, NEVER_ANSWERS = "79160000200", "79160000201", "79160000180"


def free_phone(lab: Lab) -> Organisation:
    """An organisation that pays for who calls its 8-800 number, which rings its first person."""
    made = lab.organisation()
    made.rule(made.free_phone, "in|", start=f"ring|u{made.owner_id}-1|20|||")
    return made


def incoming_leg(lab: Lab, shop: Organisation) -> float:
    """How long the caller's own leg lasted: the one of which K5 was asked for it."""
    unique_id = lab.side.asked[0]["channel"].partition("/")[2]
    [leg] = [leg for leg in lab.told().legs if leg.unique_id == unique_id]
    assert leg.account == str(shop.owner_id)
    return leg.seconds


def test_an_8800_number_without_money_is_refused_before_any_answer(lab: Lab) -> None:
    shop, caller = free_phone(lab), lab.outside()
    person = shop.phone(1)
    lab.side.answers = Answers.NO
    assert caller.call(shop.free_phone) == 403
    told = lab.told()
    assert [leg.seconds for leg in told.legs] == [0.0]
    assert (person.invites, lab.side.asked[0]["kind"], lab.side.asked[0]["to"]) == (0, "in", shop.free_phone)


def test_an_8800_caller_is_cut_off_from_the_persons_answer_on(lab: Lab) -> None:
    shop, caller = free_phone(lab), lab.outside()
    shop.phone(1)
    lab.side.talk_ms = 3000
    assert caller.call(shop.free_phone) == 200
    caller.wait("over")
    assert is_cut_at(incoming_leg(lab, shop), 3)


def test_an_8800_caller_is_cut_off_from_the_menus_answer_on(lab: Lab) -> None:
    shop, caller = lab.organisation(), lab.outside()
    person = shop.phone(1)
    to_people = {"start_1": "people", "people": f"ring|u{shop.owner_id}-1|20|||"}
    shop.rule(shop.free_phone, "in|", start="menu|greeting|4|2|people", **to_people)
    lab.side.talk_ms = 5000
    assert caller.call(shop.free_phone) == 200
    caller.press("1")
    person.wait("up")
    caller.wait("over")
    assert is_cut_at(incoming_leg(lab, shop), 5)


def test_a_blind_transfer_inside_gives_an_8800_caller_no_second_more(lab: Lab) -> None:
    shop, caller = free_phone(lab), lab.outside()
    first, second = shop.phone(1), shop.phone(2)
    lab.side.talk_ms = 5000
    assert caller.call(shop.free_phone) == 200
    first.wait("up")
    assert first.refer("202") == 202
    second.wait("up")
    caller.wait("over")
    assert is_cut_at(incoming_leg(lab, shop), 5)


def test_a_forward_that_rang_in_vain_leaves_an_8800_callers_limit_as_it_was(lab: Lab) -> None:
    shop, caller = lab.organisation(), lab.outside()
    person = shop.phone(1)
    forward = f"forward|{NEVER_ANSWERS}|3|people|people|people"
    shop.rule(
        shop.free_phone, "in|", start="menu|recorded|1|1|fwd", fwd=forward, people=f"ring|u{shop.owner_id}-1|20|||"
    )
    lab.side.talk_ms = 12_000
    assert caller.call(shop.free_phone) == 200
    person.wait("up")
    caller.wait("over")
    # the fuse is put back in whole seconds: one less at most, for it never gets longer
    assert is_cut_at(incoming_leg(lab, shop), 12) or is_cut_at(incoming_leg(lab, shop) + 1, 12)


def test_a_transfer_outside_is_a_second_hold_and_the_shorter_limit_ends_it(lab: Lab) -> None:
    shop, caller = free_phone(lab), lab.outside()
    first = shop.phone(1)
    lab.side.talk_ms = 6000
    assert caller.call(shop.free_phone) == 200
    first.wait("up")
    lab.side.talk_ms = 3000
    assert first.refer(TALKS_ON) == 202
    caller.wait("over")
    told = lab.told()
    assert len(told.holds()) == 2
    [paid] = told.paid
    assert is_cut_at(paid, 3)


def outgoing(lab: Lab, talk_ms: int) -> Organisation:
    """An organisation whose first person talks to somebody outside."""
    shop = lab.organisation()
    lab.side.talk_ms = talk_ms
    assert shop.phone(1).call(TALKS_ON) == 200
    return shop


def test_an_outgoing_call_is_asked_for_by_its_account_and_cut_off(lab: Lab) -> None:
    shop = outgoing(lab, 3000)
    shop.phone(1).wait("over")
    told = lab.told()
    [question] = lab.side.asked
    login = f"u{shop.owner_id}-1"
    assert {key: question[key] for key in ("kind", "owner", "did", "from", "to", "user")} == {
        "kind": "out",
        "owner": str(shop.owner_id),
        "did": "",
        "from": login,
        "to": TALKS_ON,
        "user": login,
    }
    [paid] = told.paid
    assert is_cut_at(paid, 3)


@pytest.mark.parametrize("dialled", ["+79160000200", "89160000200", "9160000200", "81079160000200"])
def test_a_number_is_understood_as_people_write_it(lab: Lab, dialled: str) -> None:
    shop = lab.organisation()
    assert shop.phone(1).call(dialled) == 200
    shop.phone(1).bye()
    lab.told()
    assert [question["to"] for question in lab.side.asked] == [TALKS_ON]


def test_an_outgoing_call_transferred_inside_ends_at_its_limit(lab: Lab) -> None:
    shop = outgoing(lab, 4000)
    second = shop.phone(2)
    assert shop.phone(1).refer("202") == 202
    second.wait("up")
    second.wait("over")
    told = lab.told()
    [paid] = told.paid
    assert is_cut_at(paid, 4)
    assert len(told.said["K5_XFER"]) == 1


def test_an_outgoing_call_transferred_outside_has_two_holds_and_two_limits(lab: Lab) -> None:
    shop = outgoing(lab, 4000)
    assert shop.phone(1).refer(TALKS_ON_TOO) == 202
    wait_for(lambda: len(lab.side.asked) == 2, "K5 is asked for the second leg")
    told = lab.told()
    assert len(set(told.holds())) == len(told.paid) == 2
    assert all(is_cut_at(paid, 4) or paid < 4 for paid in told.paid)  # the first that ends ends the other
    assert {leg.account for leg in told.legs if leg.is_paid} == set(told.holds())


def test_two_outside_parties_joined_by_an_attended_transfer_keep_a_limit_each(lab: Lab) -> None:
    """One settled at each leg's own end: the record of the linked call ends too early for that."""
    shop = lab.organisation()
    first = shop.phone(1)
    other_line = lab.phone(lab.switch.users_address, first.user, PASSWORD, host=PHONES_HOST)
    assert other_line.register() == 200
    lab.side.talk_ms = 5000
    assert first.call(TALKS_ON) == 200
    assert other_line.call(TALKS_ON_TOO) == 200
    assert first.refer(TALKS_ON_TOO, instead_of=other_line.replaces) == 202
    told = lab.told()
    assert len(set(told.holds())) == len(told.paid) == 2, told.legs  # seen once beside 15 others: a third of 5 ms
    assert max(told.paid) < 6
    assert any(is_cut_at(paid, 5) for paid in told.paid)


def test_eight_calls_at_once_with_money_for_four_are_four_calls(lab: Lab) -> None:
    shop = lab.organisation()
    lab.side.money_for = 4
    shop.phone(1)
    login = f"u{shop.owner_id}-1"
    lines = [lab.phone(lab.switch.users_address, login, PASSWORD, host=PHONES_HOST) for _ in range(8)]
    codes: list[int] = []
    threads = [threading.Thread(target=lambda line=line: codes.append(line.call(TALKS_ON))) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for line in lines:
        if line.state == "up":
            line.bye()
    told = lab.told()
    assert sorted(codes) == [200] * 4 + [403] * 4
    assert (len(told.paid), len(told.holds())) == (4, 4)


def test_no_money_is_told_in_words_before_the_refusal(lab: Lab) -> None:
    shop = lab.organisation()
    lab.side.answers = Answers.NO
    person = shop.phone(1)
    assert person.call(TALKS_ON) == 403
    assert 183 in person.provisional
    assert person.heard > 8000  # a second of sound
