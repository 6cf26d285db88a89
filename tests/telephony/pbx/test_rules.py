"""Rules of numbers: each step, what cannot be followed, and a call that keeps the rule it began with (B10)."""

import io
import os
import random
import struct
import wave
from datetime import UTC, datetime
from functools import partial
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from k5web.domain.pbx.greeting import digest_of
from k5web.domain.pbx.hours import span, written
from k5web.domain.pbx.switch_tables import Queue
from k5web.telephony.greeting_sound import convert
from tests.processes import wait_for
from tests.telephony.pbx.lab import CALLER, Lab, Organisation
from tests.telephony.pbx.phone import Phone

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

FORWARD_TO = "79160000200"
SHARED = "74952121562"


def choosing(lab: Lab, seconds: int = 20) -> Organisation:
    """An organisation whose first person may be busy, away or out of reach: each leads elsewhere."""
    shop = lab.organisation()
    ring = f"ring|u{shop.owner_id}-1|{seconds}|none|busy|gone"
    shop.rule(start=ring, none="voicemail|8841|60", busy=f"forward|{FORWARD_TO}|20|||", gone="hang|19")
    return shop


def test_busy_no_answer_and_unreachable_lead_to_nodes_of_their_own(lab: Lab) -> None:
    busy, silent, gone = choosing(lab), choosing(lab, 2), choosing(lab)
    busy.phone(1).on_invite = 486
    silent.phone(1).on_invite = "ring"
    callers = [lab.outside() for _ in range(3)]
    assert callers[0].call(busy.number) == 200
    assert callers[2].call(gone.number) in {480, 603}  # cause 19: no answer
    assert callers[1].call(silent.number) == 200
    assert silent.phone(1).state == "over"  # it rang, and was told that it is over
    mailed = f"vm-{silent.owner_id}-"
    wait_for(lambda: lab.kept(mailed), "the voice mail listens")
    callers[0].bye()
    callers[1].bye()
    told = lab.told()
    assert [hold.split("|")[0] for hold in told.said["K5_HOLD"]] == [str(busy.owner_id)]
    [mail] = told.said["K5_VOICEMAIL"]
    assert mail.startswith(f"{silent.owner_id}|8841|vm-{silent.owner_id}-")


def test_all_phones_of_all_people_ring_and_one_takes_the_call(lab: Lab) -> None:
    shop, caller = lab.organisation(3), lab.outside()
    shop.rule(start="ring|" + "&".join(f"u{shop.owner_id}-{n}" for n in (1, 2, 3)) + "|20|||")
    slow, fast = shop.phone(1), shop.phone(2)
    slow.on_invite = "ring"
    assert caller.call(shop.number) == 200
    slow.wait("over")
    assert (slow.invites, fast.invites, fast.state) == (1, 1, "up")
    assert fast.rung_from == fast.server  # by the port that it registered at
    caller.bye()


def test_a_menu_takes_keys_and_extensions_and_then_goes_on(lab: Lab) -> None:
    shop = lab.organisation()
    first, second = shop.phone(1), shop.phone(2)
    people = f"ring|u{shop.owner_id}-1|20|||"
    shop.rule(start="menu|recorded|1|1|nothing", start_1="people", people=people, nothing="hang|17")
    for keys, answers in (("1", first), ("202", second), ("", None)):
        caller = lab.outside()
        assert caller.call(shop.number) == 200
        caller.press(keys)
        if answers is None:
            caller.wait("over")
        else:
            answers.wait("up")
            caller.bye()
            answers.wait("over")


def test_a_call_in_the_menu_keeps_the_rule_that_it_began_with(lab: Lab) -> None:
    """B10: the next call goes by the new one."""
    shop, before, after = lab.organisation(), lab.outside(), lab.outside()
    person = shop.phone(1)
    people = f"ring|u{shop.owner_id}-1|20|||"
    shop.rule(start="menu|greeting|9|1|nothing", start_1="people", people=people, nothing="hang|17")
    assert before.call(shop.number) == 200
    shop.rule(start="hang|17")
    assert after.call(shop.number) == 486
    before.press("1")
    person.wait("up")
    before.bye()
    assert len({one.split("|")[1] for one in lab.told().said["K5_IN"]}) == 2


@pytest.mark.parametrize("is_open", [True, False])
def test_hours_are_those_of_moscow(lab: Lab, is_open: bool) -> None:
    shop, caller = lab.organisation(), lab.outside()
    # wide about now, so that no minute that passes meanwhile counts; the other one is the other half of the day
    hour = datetime.now(UTC).astimezone(ZoneInfo("Europe/Moscow")).hour
    around, other = _hours(hour - 5, hour + 6), _hours(hour + 7, hour - 6)
    shop.rule(start="hours|open|shut", start_hours=around if is_open else other, open="hang|17", shut="hang|21")
    assert caller.call(shop.number) == (486 if is_open else 403)


def test_hours_begin_and_end_at_their_second_in_moscow(lab: Lab) -> None:
    """B7: nine to six of a working day as K5 tells it, at each end a second before and at it, and on a Saturday."""
    shop, moscow = lab.organisation(), ZoneInfo("Europe/Moscow")
    spans = [span(range(5), "9:00", "18:00")]
    shop.rule(start="hours|open|shut", start_hours=written(spans), open="hang|17", shut="hang|21")
    heard = {}
    try:
        for day, at in product((4, 5), ("08:59:59", "09:00:00", "17:59:59", "18:00:00")):
            lab.lead_clock(datetime.fromisoformat(f"2026-12-0{day}T{at}").replace(tzinfo=moscow))
            heard[day, at] = lab.outside().call(shop.number)
    finally:
        lab.lead_clock(None)
    is_open = {key for key, code in heard.items() if code == 486}
    assert is_open == {(4, "09:00:00"), (4, "17:59:59")}
    assert {code for key, code in heard.items() if key not in is_open} == {403}


def _hours(first: int, last: int) -> str:
    days = "mon-sun"
    a, b = first % 24, last % 24
    if a <= b:
        return f"{days}/{a:02d}:00-{b:02d}:59"
    return f"{days}/{a:02d}:00-23:59+{days}/00:00-{b:02d}:59"


@pytest.mark.parametrize("keys", ["right", "wrong", "none"])
def test_the_shared_number_and_an_id_reach_the_organisation(lab: Lab, keys: str) -> None:
    shop, caller = lab.organisation(), lab.outside()
    person = shop.phone(1)
    shop.rule(start=f"ring|u{shop.owner_id}-1|20|||")
    pointer = shop.image.entries[f"in/{shop.number}"]
    shared = {
        f"in/{SHARED}": "0|shared|free|",
        "rule/shared/start": "id|enter-id|1|1|sorry",
        "rule/shared/sorry": "hang|17",
    }
    shop.write({**shop.image.entries, f"id/{shop.owner_id}": pointer, **shared})
    assert caller.call(SHARED) == 200
    caller.press({"right": str(shop.owner_id), "wrong": "999", "none": ""}[keys])
    if keys == "right":
        person.wait("up")
        caller.bye()
    else:
        caller.wait("over")
    told = lab.told()
    owners = [one.split("|")[0] for one in told.said["K5_IN"]]
    assert owners == (["0", str(shop.owner_id)] if keys == "right" else ["0"])
    assert person.invites == int(keys == "right")


@pytest.mark.parametrize("fault", ["no such node", "no such step", "a ring of nodes"])
def test_a_rule_that_cannot_be_followed_rings_everybody_and_says_so(lab: Lab, fault: str) -> None:
    shop, caller = lab.organisation(), lab.outside()
    first, second = shop.phone(1), shop.phone(2)
    steps = {"no such node": "say|recorded|nowhere", "no such step": "dance|1", "a ring of nodes": "hours|start|start"}
    shop.rule(start=steps[fault])
    assert caller.call(shop.number) == 200
    wait_for(lambda: first.invites and second.invites, "everybody is rung")
    caller.bye()
    told = lab.told()
    [said] = told.said["K5_FAULT"]
    assert said.startswith(f"rule|{shop.owner_id}r")
    if fault == "a ring of nodes":
        assert said.endswith("|41")


@pytest.mark.parametrize("caller", [CALLER, f"+{CALLER}", "89161234567", "9161234567"])
def test_a_black_listed_caller_is_refused_however_the_carrier_writes_it(lab: Lab, caller: str) -> None:
    shop = lab.organisation()
    person = shop.phone(1)
    shop.rule(start=f"ring|u{shop.owner_id}-1|20|||")
    shop.write({**shop.image.entries, f"black/{shop.owner_id}/{CALLER}": "1"})
    assert lab.outside(caller).call(shop.number) == 403
    assert lab.outside("79169999999").call(shop.number) == 200
    lab.opened[-1].bye()
    assert person.invites == 1


@pytest.mark.parametrize("caller", ["anonymous", "12345", "u8841-1x"])
def test_a_caller_that_shows_no_number_is_none(lab: Lab, caller: str) -> None:
    shop = lab.organisation()
    shop.rule(start="hang|17")
    assert lab.outside(caller).call(shop.number) == 486
    assert [one.split("|")[3] for one in lab.told().said["K5_IN"]] == [""]


@pytest.mark.parametrize("dialled", ["+{}", "8{}", "{}"])
def test_a_number_is_found_however_the_carrier_writes_it(lab: Lab, dialled: str) -> None:
    shop = lab.organisation()
    shop.rule(start="hang|21")
    written = dialled.format(shop.number if dialled == "+{}" else shop.number[1:])
    assert lab.outside().call(written) == 403
    assert [one.split("|")[2] for one in lab.told().said["K5_IN"]] == [shop.number]


def test_an_unknown_number_is_a_missed_call_as_ever(lab: Lab) -> None:
    assert lab.outside().call("74957777777") == 486
    assert lab.told().said["K5_MISSED"] == [f"{CALLER}|74957777777"]


def test_a_queue_keeps_its_order_and_a_new_member_takes_the_next(lab: Lab) -> None:
    shop = lab.organisation()
    first, second = shop.phone(1), shop.phone(2)
    name = f"k5-{shop.owner_id}"
    shop.rule(start=f"queue|{name}|60|full", full="hang|17")
    shop.write(shop.image.entries, queues=(Queue(name, (f"u{shop.owner_id}-1",)),))
    callers = [lab.outside(f"7916123450{n}") for n in range(3)]
    for n, caller in enumerate(callers):
        assert caller.call(shop.number) == 200
        if n == 0:
            talks(first, caller)
        else:
            wait_for(partial(getattr, caller, "heard"), "the music says that it waits")
    shop.write(shop.image.entries, queues=(Queue(name, (f"u{shop.owner_id}-1", f"u{shop.owner_id}-2")),))
    talks(second, callers[1])  # the second in line was the next
    callers[1].bye()
    talks(second, callers[2])
    assert [caller.state for caller in callers] == ["up", "over", "up"]
    for caller in callers[::2]:
        caller.bye()
    told = lab.told()
    assert (told.paid, lab.side.asked) == ([], [])


def talks(person: Phone, caller: Phone) -> None:
    """Wait until a person talks, with this caller: between two talks a phone may be idle too shortly to be seen so."""
    wait_for(
        lambda: person.state == "up" and caller.name in person.called_by, f"{person.name} talks with {caller.name}"
    )


def test_a_full_queue_leads_on(lab: Lab) -> None:
    shop, caller = lab.organisation(), lab.outside()
    name = f"k5-{shop.owner_id}"
    shop.rule(start=f"queue|{name}|2|full", full="hang|17")
    shop.write(shop.image.entries, queues=(Queue(name, (f"u{shop.owner_id}-1",)),))  # whose phone is nowhere
    assert caller.call(shop.number) == 200
    caller.wait("over")
    [done] = lab.told().said["K5_DONE"]
    assert done.split("|")[6] == "TIMEOUT"


def test_a_greeting_that_was_uploaded_is_what_a_caller_hears(lab: Lab) -> None:
    """From the file of a telephone to the sound in the caller's ear, sample by sample; the next upload in its place is
    heard by the next caller, while the first one hears the old one to its end."""
    shop, callers = lab.organisation(), [lab.outside(), lab.outside()]
    sounds = [convert(noise(seed, seconds=2)) for seed in (1, 2)]
    for sound, caller in zip(sounds, callers, strict=True):
        digest = digest_of(sound)
        lab.tables.put_greeting(shop.owner_id, digest, sound)
        shop.rule(start=f"say|o/{shop.owner_id}/{digest}|over", over="hang|16")
        assert caller.call(shop.number) == 200
        wait_for(partial(getattr, caller, "heard"), "the greeting begins")
    for sound, caller in zip(sounds, callers, strict=True):
        caller.wait("over")
        assert parts_heard(sound, caller.sound) > 90
        assert not any(parts_heard(other, caller.sound) for other in sounds if other is not sound)
    assert os.listdir(lab.recorded("x").parents[2] / "lib" / "k5" / "o") == [str(shop.owner_id)]


def parts_heard(sound: bytes, heard: bytes | bytearray) -> int:
    """How many of a hundred packets of a sound are among what was heard: a busy machine may lose some."""
    parts = [sound[at : at + 160] for at in range(0, len(sound) - 160, 160)]
    return 100 * sum(part in heard for part in parts) // len(parts)


def noise(seed: int, seconds: int) -> bytes:
    """A WAV file without two places alike."""
    file, source = io.BytesIO(), random.Random(seed)
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(struct.pack(f"<{8000 * seconds}h", *source.choices(range(-8000, 8000), k=8000 * seconds)))
    return file.getvalue()
