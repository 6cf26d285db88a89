"""What callers of a rented number meet, step by step, as the real dialplan has it."""

import json

import pytest

from k5web.telephony.simulator.dialplan import play
from k5web.telephony.simulator.pbx_call import Ringing
from tests.telephony.simulator.town import (
    CALLER,
    NUMBER,
    OTHER,
    TUESDAY_NOON_US,
    YES,
    Told,
    heard,
    kinds,
    own,
    rings,
    rule,
    seconds,
)

FORWARD = rule(start=f"forward|{OTHER}|25|vm|vm|poor", poor="ring|u8841-1|25|bye|bye|bye", bye="hang|16") | rule(
    vm="voicemail|8841|120"
)


def test_a_phone_of_the_organisation_answers_and_costs_nothing() -> None:
    played = rings(rule(start="ring|u8841-1|25|bye|bye|bye", bye="hang|16"), hangs_up_s=30)
    assert kinds(played) == [
        *("CHAN_START 0", "K5_IN 0", "CHAN_START 1", "ANSWER 1", "ANSWER 0"),
        *("HANGUP 1", "K5_DONE 0", "HANGUP 0", "LINKEDID_END 0"),
    ]
    assert own(played, "K5_IN") == [f"8841|8841r1|{NUMBER}|{CALLER}"]
    assert own(played, "K5_DONE") == ["8841|start|ANSWER|16|||"]
    answer = next(json.loads(r.text) for r in played.records if r.kind == "ANSWER")
    assert (answer["accountcode"], answer["channame"]) == ("8841", "PJSIP/u8841-1-00000031")
    assert json.loads(played.records[0].text)["accountcode"] == ""
    assert seconds(played, "HANGUP", 0) == 30


def test_in_turn_one_is_busy_and_the_next_does_not_answer() -> None:
    nodes = rule(start="ring|u8841-2|20|second|second|second", second="ring|u8841-3|20|bye|bye|bye", bye="hang|16")
    played = rings(nodes)
    assert own(played, "K5_DONE") == ["8841|bye|NOANSWER|16|||"]
    assert [one for one in heard(played) if one.startswith(("rings", "no_answer"))] == [
        *("rings 486", "no_answer BUSY", "rings 180", "no_answer NOANSWER"),
    ]


def test_all_are_rung_at_once_and_the_first_to_answer_has_the_call() -> None:
    played = rings(rule(start="ring|u8841-3&u8841-1|20|bye|bye|bye"), hangs_up_s=10)
    causes = {
        r.leg_uuid[-1]: json.loads(json.loads(r.text)["eventextra"]) for r in played.records if r.kind == "HANGUP"
    }
    assert causes["1"]["hangupcause"] == 26  # answered elsewhere
    assert heard(played)[-2:] == ["answered 201", "over ANSWER"]


def test_an_account_that_nobody_has_is_unreachable() -> None:
    played = rings(rule(start="ring|w8841-0123456789abcdef|20|no|no|vm", vm="voicemail|8841|5"))
    assert "unreachable w8841-0123456789abcdef" in heard(played)
    assert own(played, "K5_VOICEMAIL") == [f"8841|8841|{played.recordings[0][0]}|TIMEOUT"]
    assert played.recordings[0][1] == 5000


def test_a_forward_is_asked_for_held_and_cut_at_its_limit() -> None:
    asked = rings(FORWARD)
    assert asked.question is not None
    leg = asked.records[0].leg_uuid
    assert asked.question.form == {
        **{"switch": "k5", "channel": f"{leg}/{leg}", "n": "1", "kind": "forward", "owner": "8841", "did": NUMBER},
        **{"from": CALLER, "to": OTHER, "user": "trunk"},
    }
    assert asked.question.ahead_key == f"8841/forward-{OTHER}"
    played = rings(FORWARD, YES, hangs_up_s=7000)
    assert own(played, "K5_HOLD") == [f"8841|1|forward|{OTHER}|8841-17|"]
    paid = [json.loads(r.text) for r in played.records if r.leg_uuid.endswith("01") and r.kind in ("ANSWER", "HANGUP")]
    assert [one["accountcode"] for one in paid] == ["8841-17", "8841-17"]
    begun = [json.loads(r.text)["accountcode"] for r in played.records if r.kind == "CHAN_START"]
    assert begun == ["", ""]  # a leg has the call's id just after
    assert seconds(played, "HANGUP", 1) - seconds(played, "ANSWER", 1) == 59
    assert seconds(played, "LINKEDID_END", 0) == seconds(played, "HANGUP", 1)


@pytest.mark.parametrize("said", ["", "no|funds", "<html>", "yes|8841-17|59000|107|trunk-a|74951110001|x"])
def test_without_a_yes_the_people_are_rung_and_nothing_is_paid(said: str) -> None:
    """B9: forwarding stops, the owner's own phones go on ringing."""
    played = rings(FORWARD, said, hangs_up_s=10)
    why = "funds" if said == "no|funds" else "silent"
    assert own(played, "K5_HOLD") == [f"8841|1|forward|{OTHER}||{why}"]
    assert own(played, "K5_DONE") == [f"8841|poor|ANSWER|16||{why}|"]
    assert not [r for r in played.records if "8841-17" in r.text]


def test_the_caller_who_is_gone_during_the_question_leaves_no_hold() -> None:
    asked = rings(FORWARD).question
    assert asked is not None
    played = rings(FORWARD, YES, cut_us=asked.at_us + 10_000)
    assert kinds(played) == ["CHAN_START 0", "K5_IN 0", "K5_DONE 0", "HANGUP 0", "LINKEDID_END 0"]


def test_another_trunk_is_tried_where_the_first_fails() -> None:
    nodes = rule(start="forward|79160000530|25|vm|vm|vm", vm="voicemail|8841|5")
    played = rings(nodes, YES, hangs_up_s=20)
    started = [json.loads(r.text)["channame"] for r in played.records if r.kind == "CHAN_START"]
    assert [name.split("-0")[0] for name in started] == ["PJSIP/trunk", "PJSIP/trunk-a", "PJSIP/trunk-b"]
    assert own(played, "K5_DONE")[0].startswith("8841|start|ANSWER")


def test_a_vain_forward_goes_on_by_how_it_ended() -> None:
    ways = "forward|{}|25|none|busy|poor"
    rest = rule(none="hang|1", busy="hang|17", poor="hang|2")
    for number, node in (("79160000486", "busy"), ("79160000180", "none"), ("79160000404", "poor")):
        played = rings(rule(start=ways.format(number)) | rest, YES)
        assert own(played, "K5_DONE")[0].split("|")[1] == node


def test_a_menu_takes_keys_extensions_and_silence() -> None:
    menu = rule(start="menu|greeting|4|2|bye", start_1="sales", sales="ring|u8841-1|25|bye|bye|bye", bye="hang|16")
    assert "answered 201" in heard(rings(menu, keys=("1",)))
    wrong_first = heard(rings(menu, keys=("7", "201")))
    assert wrong_first[1:6] == ["heard greeting", "pressed 7", "heard invalid", "heard greeting", "pressed 201"]
    silent = rings(menu)
    assert [one for one in heard(silent) if one != "heard greeting"] == [
        *("in 8841", "nothing_pressed", "nothing_pressed", "over"),
    ]
    assert own(silent, "K5_DONE") == ["8841|bye||16|||"]


@pytest.mark.parametrize(
    ("moment", "way"),
    [("08:59:59", "closed"), ("09:00:00", "open"), ("17:59:59", "open"), ("18:00:00", "closed")],
)
def test_hours_are_moscow_s(moment: str, way: str) -> None:
    hours = rule(start="hours|day|night", start_hours="mon-wed&fri/09:00-17:59", day="hang|16", night="hang|17")
    hour, minute, second = map(int, moment.split(":"))
    shift_us = ((hour - 12) * 3600 + minute * 60 + second) * 1_000_000
    played = play(Ringing(CALLER, NUMBER, TUESDAY_NOON_US + shift_us, 1), "k5", Told(hours))
    assert way in heard(played)


def test_an_8800_number_is_asked_for_before_it_rings_and_refused_without_an_answer() -> None:
    """D4: no money, no answer, nothing to pay; with money the caller's own leg has a fuse from the first answer."""
    paid = {f"in/{NUMBER}": "8841|8841r1|in|"} | rule(start="menu|greeting|4|1|bye", start_1="sales", bye="hang|16")
    paid |= rule(sales="ring|u8841-1|25|bye|bye|bye")
    refused = rings(paid, "no|funds")
    assert kinds(refused) == ["CHAN_START 0", "K5_IN 0", "K5_HOLD 0", "K5_DONE 0", "HANGUP 0", "LINKEDID_END 0"]
    assert own(refused, "K5_DONE") == ["8841|||21||funds|"]
    played = rings(paid, "yes|8841-18|59000|107|trunk-a||", keys=("1",), hangs_up_s=7000)
    assert seconds(played, "HANGUP", 0) - seconds(played, "ANSWER", 0) == 59


def test_an_id_leads_to_the_organisation_s_own_rule() -> None:
    """D6: right, wrong and no id."""
    shared = {
        f"in/{NUMBER}": "0|shared|free|",
        "id/8841": "8841|8841r1|free|",
        "rule/shared/start": "id|enter-id|4|2|bye",
    }
    shared |= {"rule/shared/bye": "hang|16"} | rule(start="ring|u8841-1|25|bye|bye|bye")
    assert own(rings(shared, keys=("8841",)), "K5_IN") == [
        f"0|shared|{NUMBER}|{CALLER}",
        f"8841|8841r1|{NUMBER}|{CALLER}",
    ]
    for keys in (("7777",), ()):
        assert own(rings(shared, keys=keys), "K5_DONE") == ["0|bye||16|||"]


def test_who_is_on_the_black_list_is_refused() -> None:
    played = rings({f"black/8841/{CALLER}": "1"} | rule(start="ring|u8841-1|25|bye|bye|bye"))
    assert own(played, "K5_DONE") == ["8841|||21|||"]
    assert "answered 201" in heard(rings({f"black/8841/{CALLER}": "1"} | rule(start="ring|u8841-1|9|b|b|b"), caller=""))


@pytest.mark.parametrize("step", ["", "dance|x", "ring"])
def test_a_broken_rule_rings_everybody_and_says_so(step: str) -> None:
    played = rings(rule(start=f"say|greeting|{'next' if step != 'ring' else 'x'}", next=step), hangs_up_s=20)
    node = "next" if step != "ring" else "x"
    assert own(played, "K5_FAULT") == [f"rule|8841r1|{node}|2"]
    assert "rings 201,486" in heard(played)


def test_a_loop_ends_after_forty_hops() -> None:
    loop = rule(start="hours|start2|start2", start2="hours|start|start")
    assert own(rings(loop), "K5_FAULT") == ["rule|8841r1|start|41"]


def test_a_number_that_nobody_rents_is_busy() -> None:
    played = rings({}, called="74950000000")
    assert own(played, "K5_MISSED") == [f"{CALLER}|74950000000"]
    assert "K5_IN 0" not in kinds(played)


def test_a_queue_rings_one_after_another_until_somebody_answers() -> None:
    played = rings(rule(start="queue|k5-8841-1|60|vm", vm="voicemail|8841|5"), hangs_up_s=40)
    assert [one for one in heard(played) if one.startswith(("waits", "rings", "answered"))] == [
        *("waits", "rings 486", "rings 201", "answered 201"),
    ]
    empty = rings(rule(start="queue|k5-8841-2|60|vm", vm="voicemail|8841|5"), hangs_up_s=90)
    assert own(empty, "K5_DONE") == ["8841|vm||16|||TIMEOUT"]


def test_recorded_calls_tell_both_first_and_keep_one_file() -> None:
    recorded = {f"in/{NUMBER}": "8841|8841r1|free|rec"} | rule(start="ring|u8841-1|25|bye|bye|bye")
    played = rings(recorded, hangs_up_s=20)
    leg = played.records[0].leg_uuid
    assert own(played, "K5_REC") == [f"8841|rec-8841-{leg}.alaw"]
    assert [one for one in heard(played) if one == "heard recorded"] == ["heard recorded"] * 2
    assert kinds(played)[2] == "ANSWER 0"  # who rings is answered to be told
    paid = rings(FORWARD, YES + "rec", hangs_up_s=20)
    assert own(paid, "K5_REC") == [f"8841|rec-8841-{leg[:-2]}01.alaw"]


def test_a_pbx_user_rings_a_colleague_for_nothing_and_others_for_money() -> None:
    inside = rings({}, caller="u8841-3", called="201", hangs_up_s=10)
    assert kinds(inside)[:4] == ["CHAN_START 0", "CHAN_START 1", "ANSWER 1", "ANSWER 0"]
    assert not own(inside, "K5_HOLD")
    asked = rings({}, caller="u8841-1", called=OTHER).question
    assert asked is not None
    assert [asked.form[name] for name in ("kind", "did", "from", "to", "user")] == [
        "out",
        "",
        "u8841-1",
        OTHER,
        "u8841-1",
    ]
    assert own(rings({}, "no|stop_list", caller="u8841-1", called=OTHER), "K5_DONE") == [
        "8841||CONGESTION|21||stop_list|"
    ]
    stranger = rings({}, caller="u8841-9", called=OTHER)
    assert (stranger.question, own(stranger, "K5_DONE")) == (None, ["8841|||21|||"])


def test_what_was_looked_up_stays_with_the_call() -> None:
    entries = rule(start="ring|u8841-3|20|bye|bye|bye", bye="hang|16")
    first = rings(entries)
    changed = rings(rule(start="hang|17"), known=first.known)
    assert [record.text for record in changed.records] == [record.text for record in first.records]
