"""Registration and commands by SMS on both databases: A6, A7, A9, S17, S18."""

import threading
from dataclasses import replace
from itertools import count

import pytest

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.messaging.sms_limits import SmsTerms
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import SmsSpent
from k5web.services.accounts import accounts, sms_inbox
from k5web.services.accounts.accounts import Browser
from k5web.services.accounts.sms_inbox import AlreadyMember, Calling, Message, Nothing, Password, Reply
from k5web.services.ports import Ports
from k5web.services.prices import ussd
from k5web.storage.accounts import referral_rows, subscribers
from tests.services.house import ACCESS, OWN, House

SHORT, LONG = "4443", "+79037976171"
STRANGER = "79160000001"


def write(ports: Ports, text: str, name: str, sender: str = STRANGER, to: str = SHORT) -> Reply:
    return sms_inbox.handle(ports, Message("fake", name, sender, to, text))


def member(ports: Ports, phone: str = STRANGER) -> Subscriber | None:
    with ports.sessions.read() as db:
        found = subscribers.find(db, [Msisdn(phone)], None)
    return found[0][0] if found else None


def sponsor(ports: Ports, phone: str = STRANGER) -> int | None:
    found = member(ports, phone)
    with ports.sessions.read() as db:
        referral = referral_rows.sponsor_of(db, found.id) if found else None
    return referral.sponsor_id if referral else None


def enters(ports: Ports, phone: str, password: str) -> bool:
    return accounts.log_in(ports, phone, password, Browser("Chrome, Android", "203.0.113.9")) is not None


def test_whoever_writes_to_the_short_number_gets_a_password_that_fits(k5: House) -> None:
    """A6."""
    reply = write(k5.ports, "reg", "1")
    assert isinstance(reply, Password)
    assert reply.is_new
    assert enters(k5.ports, STRANGER, reply.text)
    found = member(k5.ports)
    assert found is not None
    assert found.phone_verified_at is not None
    assert not found.must_change_password
    assert sponsor(k5.ports) is None


def test_the_same_message_again_gets_the_same_answer_and_makes_nobody_new(k5: House) -> None:
    first = write(k5.ports, "reg", "1")
    k5.clock.forward(minutes=5)
    assert write(k5.ports, "reg", "1") == first
    assert write(k5.ports, "other text", "1") == Nothing("old")
    assert write(k5.ports, "reg", "2") == AlreadyMember()
    k5.clock.forward(hours=24)
    assert write(k5.ports, "reg", "1") == Nothing("old")


def test_a_repeat_after_the_key_was_changed_gets_the_same_answer(k5: House) -> None:
    first = write(k5.ports, "reg", "1")
    newer = replace(k5.ports, lookup_keys=(b"n" * 32, *k5.ports.lookup_keys))
    assert write(newer, "reg", "1") == first


def test_the_same_message_on_two_ways_at_once_makes_one_member(k5: House) -> None:
    replies: list[Reply] = []
    threads = [threading.Thread(target=lambda: replies.append(write(k5.ports, "reg", "1"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replies) == 4
    assert len(set(map(repr, replies))) == 1
    assert isinstance(replies[0], Password)
    assert {reply.text for reply in replies if isinstance(reply, Password)} == {replies[0].text}


@pytest.mark.parametrize(("to", "text"), [(SHORT, "reg"), (LONG, "туман над коровой и мостом"), (SHORT, "пароль")])
def test_a_message_whose_other_copy_was_a_moment_ahead_gets_the_same_answer(
    k5: House, monkeypatch: pytest.MonkeyPatch, to: str, text: str
) -> None:
    first = write(k5.ports, text, "1", to=to)
    look, looks = sms_inbox._known, count()
    monkeypatch.setattr(sms_inbox, "_known", lambda *given: look(*given) if next(looks) else None)
    assert write(k5.ports, text, "1", to=to) == (first if to == SHORT else Nothing("repeat"))


def test_the_password_of_the_text_to_the_long_number_is_set_at_once_without_an_answer(k5: House) -> None:
    """A7."""
    assert write(k5.ports, "туман над коровой и мостом", "1", to=LONG) == Nothing("registered")
    assert enters(k5.ports, STRANGER, "туман над коровой и мостом")
    found = member(k5.ports)
    assert found is not None
    assert not found.must_change_password
    assert write(k5.ports, "туман над коровой и мостом", "1", to=LONG) == Nothing("repeat")


@pytest.mark.parametrize("weak", ["1234", "qwerty", "пароль", "89160000001"])
def test_a_weak_password_of_a_text_is_good_for_one_log_in(k5: House, weak: str) -> None:
    write(k5.ports, weak, "1", to=LONG)
    assert enters(k5.ports, STRANGER, weak)
    found = member(k5.ports)
    assert found is not None
    assert found.must_change_password
    accounts.change_password(k5.ports, found, "vier korova tuman most")
    found = member(k5.ports)
    assert found is not None
    assert not found.must_change_password


@pytest.mark.parametrize("text", ["", "abc", "😀", "я" * 129])
def test_without_a_password_nobody_is_registered_by_the_long_number(k5: House, text: str) -> None:
    assert write(k5.ports, text, "1", to=LONG) == Nothing("no_password")
    assert member(k5.ports) is None


def test_a_members_password_is_not_changed_by_a_text_to_the_long_number(k5: House) -> None:
    """S18: a forged sender must not open an account."""
    assert write(k5.ports, "korova tuman most", "1", sender=OWN, to=LONG) == Nothing("member")
    assert enters(k5.ports, OWN, "correct horse")


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("89161234567", SHORT),
        ("reg +7 (916) 123-45-67", SHORT),
        ("9161234567 korova-tuman-most", LONG),
        ("korova-tuman-most 8 916 123 45 67", LONG),
    ],
)
def test_the_sponsor_is_the_member_whose_number_stands_in_the_text(k5: House, text: str, to: str) -> None:
    """A9."""
    write(k5.ports, text, "1", to=to)
    assert sponsor(k5.ports) == k5.caller.id
    if to == LONG:
        assert enters(k5.ports, STRANGER, "korova-tuman-most")


@pytest.mark.parametrize("text", ["reg 89160000001", "reg 89169999999", "reg"])
def test_nobody_is_their_own_sponsor_nor_is_a_stranger_one(k5: House, text: str) -> None:
    write(k5.ports, text, "1")
    assert member(k5.ports) is not None
    assert sponsor(k5.ports) is None


@pytest.mark.parametrize(
    ("sender", "to", "why"),
    [
        ("Bank", SHORT, "sender"),
        ("", SHORT, "sender"),
        ("900", SHORT, "sender"),
        (STRANGER, "4444", "receiver"),
        (STRANGER, "", "receiver"),
        ("447911123456", SHORT, "country"),
        (LONG, SHORT, "own"),
        (LONG, LONG, "own"),
        (ACCESS[0], SHORT, "own"),
    ],
)
def test_forged_and_odd_messages_do_nothing(k5: House, sender: str, to: str, why: str) -> None:
    assert write(k5.ports, "reg", "1", sender=sender, to=to) == Nothing(why)


@pytest.mark.parametrize("text", ["", "😀" * 40, "я" * 201, "\n", "'; DROP TABLE subscriber;--"])
def test_any_text_to_the_short_number_registers(k5: House, text: str) -> None:
    assert isinstance(write(k5.ports, text, "1"), Password)


def test_a_member_hears_the_balance_as_by_ussd(k5: House) -> None:
    k5.top_up("50.00")
    assert write(k5.ports, "balans", "1", sender=OWN) == ussd.Balance(rub("50.00"))
    assert write(k5.ports, "*100#", "2", sender=OWN) == ussd.Balance(rub("50.00"))


def test_a_new_password_goes_to_the_members_phone_and_ends_the_other_devices(k5: House) -> None:
    accounts.log_in(k5.ports, OWN, "correct horse", Browser("Chrome, Android", None))
    reply = write(k5.ports, "Пароль", "1", sender=OWN)
    assert isinstance(reply, Password)
    assert not reply.is_new
    assert write(k5.ports, "Пароль", "1", sender=OWN) == reply
    assert enters(k5.ports, OWN, reply.text)


def test_a_call_by_sms_is_ordered_once_at_the_price_of_any_page(k5: House) -> None:
    k5.top_up("50.00")
    first = write(k5.ports, "ЗВОНОК 8 495 123-45-67", "1", sender=OWN)
    assert isinstance(first, Calling)
    assert first.call.quote.per_minute.micro == 2_200_000
    assert first.call.hold > rub("0.00")
    again = write(k5.ports, "ЗВОНОК 8 495 123-45-67", "1", sender=OWN)
    assert isinstance(again, Calling)
    assert again.call.id == first.call.id


def test_replies_to_one_number_and_all_replies_of_a_day_have_an_end(k5: House) -> None:
    """S17: nobody's phone is flooded, and the day's money is for replies too."""
    replies = [write(k5.ports, "balans", str(n), sender=OWN) for n in range(12)]
    assert replies.count(Nothing("too_often")) == 2
    poor = replace(k5.ports, sms=SmsTerms(part=rub("2.50"), day=rub("52.00")))
    with pytest.raises(SmsSpent):
        write(poor, "reg", "20")
    assert member(k5.ports) is None
