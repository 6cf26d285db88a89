"""Names and records of a call to a rented number."""

import json

from k5web.telephony.simulator.pbx_call import Leg, Question, Ringing, record

RINGING = Ringing("79161234567", "74951110001", 1_800_000_000_000_007, 2)


def test_legs_are_named_after_the_moment_of_the_call() -> None:
    assert (RINGING.linked_id, RINGING.leg_uuid(12)) == ("k5-1800000000.00000700", "k5-1800000000.00000712")


def test_a_record_is_a_line_as_the_switch_writes_it() -> None:
    leg = Leg("k5-1.01", "PJSIP/trunk-00000021", "79161234567", "8841", "74951110001")
    told = json.loads(record(RINGING, 1_800_000_001_000_009, "K5_IN", leg, "8841|8841r1|74951110001|").text)
    assert told == {
        "eventtime": "1800000001.000009",
        "eventtype": "K5_IN",
        "linkedid": "k5-1800000000.00000700",
        "uniqueid": "k5-1.01",
        "accountcode": "8841",
        "channame": "PJSIP/trunk-00000021",
        "num": "79161234567",
        "exten": "74951110001",
        "context": "incoming",
        "userdeftype": "K5_IN",
        "eventextra": '{"extra":"8841|8841r1|74951110001|"}',
    }


def test_an_answer_given_ahead_lies_under_what_is_asked_for() -> None:
    assert Question(1, {"owner": "8841", "kind": "in", "to": "78001110001"}).ahead_key == "8841/in-78001110001"
