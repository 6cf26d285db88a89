"""Recording (B7): both are told before a word is kept, the file is what was talked, a kill leaves it playable."""

from dataclasses import replace

import pytest

from k5web.domain.pbx.recording import SoundKind, named
from k5web.telephony.asterisk import AsteriskSwitch
from tests.processes import wait_for
from tests.telephony.orders import order
from tests.telephony.pbx.lab import Lab, Organisation, Told
from tests.telephony.pbx.limits import is_cut_at

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

SPEAKS = "79160000200"  # by trunk-c
BYTES_A_SECOND = 8000
PROMPT_BYTES = 16_409  # deploy/asterisk/sounds/recorded.alaw


def recorded_file(lab: Lab, told: Told, owner_id: int) -> int:
    """The size of the one recorded file, named as the record says."""
    [said] = told.said["K5_REC"]
    owner, _, name = said.partition("|")
    assert owner == str(owner_id)
    is_ours = named(name)
    assert is_ours is not None
    assert (is_ours.owner_id, is_ours.kind) == (owner_id, SoundKind.TALK)
    [(found, size, _)] = [one for one in lab.tables.recordings() if one[0] == name]
    assert len(lab.tables.read_recording(found, 0, size)) == size
    return size


def test_a_recorded_forward_tells_both_inside_the_paid_time(lab: Lab) -> None:
    shop, caller = lab.organisation(), lab.outside()
    shop.rule(flags="free|rec", start=f"forward|{SPEAKS}|20|||")
    caller.speaks = True
    lab.side.talk_ms, lab.side.trunks, lab.carrier.on_invite = 6000, "trunk-c", "ring"
    assert caller.call(shop.number) == 200  # by our own voice
    lab.carrier.wait("ringing")
    assert caller.heard > 0.9 * PROMPT_BYTES  # told before the other phone rings
    lab.carrier.answer()
    caller.wait("over")
    told = lab.told()
    [paid] = told.paid
    assert is_cut_at(paid, 6)
    assert lab.carrier.heard > PROMPT_BYTES // 2
    assert BYTES_A_SECOND < recorded_file(lab, told, shop.owner_id) < 5.5 * BYTES_A_SECOND  # less the prompt


def test_a_recorded_outgoing_call_tells_the_user_before_it_rings(lab: Lab) -> None:
    shop = lab.organisation()
    person = shop.phone(1)
    person.speaks = True
    lab.side.record, lab.side.talk_ms, lab.side.trunks, lab.carrier.on_invite = "rec", 6000, "trunk-c", "ring"
    person.call_without_waiting(SPEAKS)
    lab.carrier.wait("ringing")
    assert 183 in person.provisional  # and nothing is answered yet: who answers pays
    assert person.state == "idle"
    assert person.heard > 0.9 * PROMPT_BYTES
    lab.carrier.answer()
    person.wait("up")
    person.wait("over")
    told = lab.told()
    [paid] = told.paid
    assert is_cut_at(paid, 6)
    assert recorded_file(lab, told, shop.owner_id) > BYTES_A_SECOND


def incoming(lab: Lab) -> Organisation:
    """An organisation whose calls from outside are recorded."""
    made = lab.organisation()
    made.rule(flags="free|rec", start=f"ring|u{made.owner_id}-1|20|||")
    return made


def test_a_transferred_call_is_one_file(lab: Lab) -> None:
    shop, caller = incoming(lab), lab.outside()
    first, second = shop.phone(1), shop.phone(2)
    caller.speaks = first.speaks = second.speaks = True
    assert caller.call(shop.number) == 200
    wait_for(lambda: lab.kept(f"rec-{shop.owner_id}-"), "the announcement is over, a first word is kept")
    assert first.refer("202") == 202
    second.wait("up")
    wait_for(lambda: lab.kept(f"rec-{shop.owner_id}-") > 3 * BYTES_A_SECOND, "three seconds are kept")
    caller.bye()
    assert recorded_file(lab, lab.told(), shop.owner_id) > 3 * BYTES_A_SECOND


def test_calls_between_people_of_one_organisation_are_not_recorded(lab: Lab) -> None:
    shop = incoming(lab)
    first, second = shop.phone(1), shop.phone(2)
    assert first.call("202") == 200
    second.wait("up")
    first.bye()
    told = lab.told()
    assert (told.said["K5_REC"], told.said["K5_HOLD"], lab.side.asked) == ([], [], [])


def test_a_voice_mail_is_a_file_with_a_record(lab: Lab) -> None:
    shop, caller = lab.organisation(), lab.outside()
    shop.rule(start=f"voicemail|{shop.owner_id}|60")
    caller.speaks = True
    assert caller.call(shop.number) == 200
    wait_for(lambda: lab.kept(f"vm-{shop.owner_id}-") > BYTES_A_SECOND, "it is kept")
    caller.bye()
    [said] = lab.told().said["K5_VOICEMAIL"]
    owner, box, name, status = said.split("|")
    assert (owner, box, status) == (str(shop.owner_id), str(shop.owner_id), "HANGUP")
    assert lab.tables.read_recording(name, 0, 4) == b"RIFF"
    is_ours = named(name)
    assert is_ours is not None
    assert (is_ours.owner_id, is_ours.kind) == (shop.owner_id, SoundKind.VOICEMAIL)


def place_callback(lab: Lab, n: int, **variables: str) -> None:
    """Place a callback as K5 does, with variables of its own besides."""
    call = replace(order(f"8841-{n}", "79160000200", "79160000201", talk_ms=6000, leg_a_s=20), trunks_b=("trunk-c",))
    asked = dict(AsteriskSwitch(lab.switch.settings)._order(call))
    own = asked["variables"]
    assert isinstance(own, dict)
    lab.ari("POST", f"/channels/k5-{call.id}-a", asked | {"variables": own | variables})


def test_a_recorded_callback_tells_both_and_ends_at_its_limit(lab: Lab) -> None:
    place_callback(lab, 7, K5_REC="rec")
    lab.carrier.wait("up")
    lab.carrier.wait("over")
    told = lab.told()
    assert is_cut_at(min(leg.seconds for leg in told.legs), 6)
    assert lab.carrier.heard > PROMPT_BYTES // 2
    assert recorded_file(lab, told, 8841) > BYTES_A_SECOND


def test_a_callback_that_nobody_records_is_what_it_was(lab: Lab) -> None:
    place_callback(lab, 8)
    lab.carrier.wait("up")
    lab.carrier.wait("over")
    told = lab.told()
    assert is_cut_at(min(leg.seconds for leg in told.legs), 6)
    assert told.said["K5_REC"] == []


def test_a_switch_that_is_killed_leaves_what_was_said_and_comes_back_with_its_phones(lab: Lab) -> None:
    shop, caller = incoming(lab), lab.outside()
    person = shop.phone(1)
    caller.speaks = person.speaks = True
    assert caller.call(shop.number) == 200
    wait_for(lambda: lab.kept(f"rec-{shop.owner_id}-") > 3 * BYTES_A_SECOND, "three seconds are kept")
    lab.switch.kill()
    person.state = caller.state = "over"
    lab.switch.start()
    [said] = lab.said("K5_REC")
    name = said.partition("|")[2]
    assert {size > 2 * BYTES_A_SECOND for found, size, _ in lab.tables.recordings() if found == name} == {True}
    again = lab.outside()
    assert again.call(shop.number) == 200  # the phone did not register again
    again.bye()
