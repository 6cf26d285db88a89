"""A call to a rented number that is put through: one question, one hold, cut off by the switch alone."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.pbx.switch_tables import AheadKey
from tests.processes import wait_for
from tests.telephony.pbx.k5_side import Answers
from tests.telephony.pbx.lab import CALLER, Lab, Organisation
from tests.telephony.pbx.limits import is_cut_at

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

FORWARD_TO = "79160000200"  # it answers at once and talks on


def forwarding(lab: Lab) -> Organisation:
    """An organisation whose number leads to a phone outside, then to its first person."""
    made = lab.organisation()
    made.rule(
        start=f"forward|{FORWARD_TO}|30|vm|vm|people", people=f"ring|u{made.owner_id}-1|20|vm|vm|vm", vm="hang|17"
    )
    return made


def test_a_forward_has_one_hold_and_ends_at_its_limit_though_nobody_hangs_up(lab: Lab) -> None:
    shop, caller = forwarding(lab), lab.outside()
    lab.side.talk_ms = 3000
    assert caller.call(shop.number) == 200
    caller.wait("over")
    told = lab.told()
    [paid] = told.paid
    assert is_cut_at(paid, 3)
    [question] = lab.side.asked
    assert question | {"channel": ""} == {
        "switch": "asterisk",
        "channel": "",
        "n": "1",
        "kind": "forward",
        "owner": str(shop.owner_id),
        "did": shop.number,
        "from": CALLER,
        "to": FORWARD_TO,
        "user": "trunk-a",
    }
    linked, _, unique = question["channel"].partition("/")
    assert linked == unique == told.legs[0].unique_id
    [hold] = told.said["K5_HOLD"]
    assert hold == f"{shop.owner_id}|1|forward|{FORWARD_TO}|{told.holds()[0]}|"
    assert told.said["K5_IN"] == [f"{shop.owner_id}|{shop.owner_id}r2|{shop.number}|{CALLER}"]
    assert [leg.account for leg in told.legs] == [str(shop.owner_id), told.holds()[0]]


@pytest.mark.parametrize("answers", [one for one in Answers if one is not Answers.YES])
def test_however_k5_fails_the_people_are_rung_and_nothing_is_paid(lab: Lab, answers: Answers) -> None:
    """It is asked once, and whatever is not exactly an answer is silence."""
    shop, caller = forwarding(lab), lab.outside()
    person = shop.phone(1)
    lab.side.answers = answers
    assert caller.call(shop.number) == 200
    caller.bye()
    told = lab.told()
    assert (person.invites, told.paid, len(lab.side.asked)) == (1, [], 1)
    why = "funds" if answers is Answers.NO else "silent"
    assert told.said["K5_HOLD"] == [f"{shop.owner_id}|1|forward|{FORWARD_TO}||{why}"]


def test_a_hold_ahead_is_spent_once_by_six_calls_at_once(lab: Lab) -> None:
    shop = forwarding(lab)
    lab.side.answers = Answers.SILENCE
    key = AheadKey(shop.owner_id, "forward", FORWARD_TO)
    lab.tables.hold_ahead(key, f"yes|{shop.owner_id}-902|2000|20|trunk-a||", datetime.now(UTC) + timedelta(minutes=30))
    callers = [lab.outside(f"7916123450{n}") for n in range(6)]
    threads = [threading.Thread(target=caller.call, args=(shop.number,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for caller in callers:
        caller.wait("over")
    told = lab.told()
    assert (told.holds(), len(told.paid)) == ([f"{shop.owner_id}-902"], 1)
    assert not lab.tables.withdraw(key)


def test_a_hold_ahead_that_is_over_or_was_taken_back_is_not_spent(lab: Lab) -> None:
    shop, caller = forwarding(lab), lab.outside()
    shop.phone(1)
    lab.side.answers = Answers.ERROR
    key = AheadKey(shop.owner_id, "forward", FORWARD_TO)
    lab.tables.hold_ahead(key, f"yes|{shop.owner_id}-902|2000|20|trunk-a||", datetime.now(UTC) - timedelta(seconds=1))
    assert caller.call(shop.number) == 200
    caller.bye()
    lab.tables.hold_ahead(key, f"yes|{shop.owner_id}-903|2000|20|trunk-a||", datetime.now(UTC) + timedelta(hours=1))
    assert lab.tables.withdraw(key)
    again = lab.outside()
    shop.phone(1).wait("over")
    assert again.call(shop.number) == 200
    again.bye()
    assert (lab.told().holds(), lab.told().paid) == ([], [])


def test_a_caller_who_hangs_up_while_k5_is_asked_leaves_no_hold_and_no_leg(lab: Lab) -> None:
    shop, caller = forwarding(lab), lab.outside()
    lab.side.answers = Answers.LATE
    thread = threading.Thread(target=caller.call, args=(shop.number,))
    thread.start()
    wait_for(lambda: lab.side.asked, "K5 is asked")
    caller.cancel()
    thread.join()
    told = lab.told()
    assert (told.paid, told.holds(), len(told.said["K5_DONE"])) == ([], [], 1)


def test_a_second_trunk_is_tried_where_the_first_says_nothing_of_the_number(lab: Lab) -> None:
    shop, caller = forwarding(lab), lab.outside()
    lab.side.trunks, lab.carrier.on_invite = "trunk-c,trunk-a", 503
    assert caller.call(shop.number) == 200
    caller.bye()
    told = lab.told()
    assert [leg.account for leg in told.legs if leg.is_paid] == told.holds() * 2
    assert (len(told.paid), len(lab.side.asked)) == (1, 1)


@pytest.mark.parametrize(
    ("last", "word"),
    [("486", "busy"), ("404", "else"), ("403", "else")],
)
def test_a_refused_forward_goes_on_by_its_word(lab: Lab, last: str, word: str) -> None:
    shop, caller = lab.organisation(), lab.outside()
    shop.rule(start=f"forward|79160000{last}|30|none|busy|else", none="hang|19", busy="hang|17", **{"else": "hang|21"})
    assert caller.call(shop.number) == {"busy": 486, "else": 403}[word]
    assert lab.told().paid == []
