"""The outbox is emptied: each message once, whatever is down. Trials: R24, S17."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.message import Fate, Sms
from k5web.domain.messaging.sms_limits import SmsTerms
from k5web.domain.money import rub
from k5web.errors import NotFound, SmsSpent
from k5web.services.messaging import codes, delivery, sending
from k5web.services.ports import Ports
from k5web.storage.accounts import email_rows
from k5web.storage.messaging import choice_rows, outbox_rows, sms_counts
from k5web.storage.messaging.outbox_rows import Queued
from tests.fakes.messages import FakeMailer, FakeMessenger
from tests.services.house import OWN, House
from tests.services.messaging.test_codes import HOME, PHONE, number

FACTS = {"balance_minor": 500, "currency": "RUB"}


def wired(k5: House, **more: Any) -> tuple[Ports, FakeMessenger, FakeMailer]:
    messenger, mailer = FakeMessenger(), FakeMailer()
    return replace(k5.ports, messenger=messenger, mailer=mailer, **more), messenger, mailer


def notice(k5: House, ports: Ports, kind: str = "low_balance", name: str = "a") -> None:
    with ports.sessions.begin() as db:
        sending.queue_notice(db, k5.caller.id, kind, FACTS, f"{kind} {name}", ports.clock())


def state_of(ports: Ports, message: Queued) -> str:
    with ports.sessions.begin() as db:
        found = outbox_rows.by_ref(db, message.ref)
    assert found is not None
    return found[1]


def waiting(ports: Ports) -> list[Queued]:
    with ports.sessions.read() as db:
        return outbox_rows.due(db, ports.clock() + timedelta(days=30), 100)


def later(k5: House, ports: Ports, minutes: int) -> None:
    """Let the worker look every quarter of a minute for so long."""
    for _ in range(4 * minutes):
        delivery.deliver_due(ports)
        k5.clock.forward(seconds=15)


def test_each_message_is_sent_once_after_ten_minutes_of_a_dead_centre_and_mail(k5: House) -> None:
    """R24. Payments and calls go on meanwhile, and what they have to tell comes too."""
    ports, messenger, mailer = wired(k5)
    messenger.fate = mailer.fate = "not_sent"
    notice(k5, ports)
    confirm_mail(k5, ports, "own@mail.ru")
    with ports.sessions.begin() as db:
        for n in range(20):
            sending.queue_to(db, number(n), "low_balance", FACTS, f"low_balance {n}", ports.clock())
            sending.queue_to(db, EmailAddress(f"{n}@mail.ru"), "payment", FACTS, f"payment {n}", ports.clock())
    later(k5, ports, 5)
    k5.top_up("21.00")
    k5.talk(k5.order(), "30")
    assert k5.balance() == rub("18.80")
    later(k5, ports, 5)
    codes.send(ports, number(21), "reset", HOME)
    assert not messenger.took
    assert not mailer.took
    assert messenger.asked < 200  # a dead centre is not beaten with every message in every round
    messenger.fate = mailer.fate = "accepted"
    later(k5, ports, 10)
    assert sorted(sms.text.split()[0] for sms in messenger.took) == ["code", *["low_balance"] * 22, "resume"]
    assert len({sms.ref for sms in messenger.took}) == 24
    letters = sorted(letter.to.text for letter in mailer.took)
    assert letters == sorted(["own@mail.ru", *(f"{n}@mail.ru" for n in range(20))])
    assert waiting(ports) == []
    assert k5.balance() == rub("18.80")
    k5.assert_sound()


def confirm_mail(k5: House, ports: Ports, text: str) -> None:
    with ports.sessions.begin() as db:
        email_rows.give(db, k5.caller.id, EmailAddress(text), ports.clock())
        email_rows.confirm(db, k5.caller.id, EmailAddress(text), ports.clock())


def test_a_code_goes_before_notices_and_its_digits_are_forgotten(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    notice(k5, ports)
    k5.clock.forward(seconds=1)
    codes.send(ports, number(1), "register", HOME)
    code = waiting(ports)[0]
    delivery.deliver_due(ports)
    assert [str(sms.to) for sms in messenger.took] == [str(number(1)), OWN]
    assert code.facts["code"] in messenger.took[0].text
    with ports.sessions.begin() as db:
        found = outbox_rows.by_ref(db, code.ref)
    assert found is not None
    assert found[0].facts == {}


def test_a_code_that_came_too_late_is_not_sent(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    messenger.fate = "not_sent"
    codes.send(ports, PHONE, "reset", HOME)
    code = waiting(ports)[0]
    later(k5, ports, 10)
    messenger.fate = "accepted"
    later(k5, ports, 10)
    assert messenger.took == []
    assert state_of(ports, code) == "dropped"


def test_an_sms_of_unknown_fate_is_not_repeated_until_a_report_says_that_it_failed(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    messenger.fate = "unknown"
    notice(k5, ports)
    message = waiting(ports)[0]
    delivery.deliver_due(ports)
    messenger.fate = "accepted"
    later(k5, ports, 10)
    assert len(messenger.took) == 1
    delivery.note_report(ports, message.ref, 16)
    later(k5, ports, 1)
    assert len(messenger.took) == 2
    delivery.note_report(ports, message.ref, 8)
    delivery.note_report(ports, message.ref, 1)
    assert state_of(ports, message) == "delivered"
    delivery.note_report(ports, message.ref, 2)
    assert state_of(ports, message) == "delivered"
    with pytest.raises(NotFound):
        delivery.note_report(ports, "no such", 1)


def test_a_letter_of_unknown_fate_is_repeated_under_its_name(k5: House) -> None:
    ports, _, mailer = wired(k5)
    with ports.sessions.begin() as db:
        sending.queue_to(db, EmailAddress("a@mail.ru"), "payment", FACTS, "payment 1", ports.clock())
    mailer.fate = "unknown"
    delivery.deliver_due(ports)
    mailer.fate = "accepted"
    later(k5, ports, 5)
    assert len(mailer.took) == 2
    assert len({letter.ref for letter in mailer.took}) == 1


def test_a_refused_message_is_not_sent_again(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    messenger.fate = "refused"
    notice(k5, ports)
    message = waiting(ports)[0]
    later(k5, ports, 3)
    assert messenger.asked == 1
    assert state_of(ports, message) == "refused"


def test_nobody_is_woken_by_a_notice_but_a_code_comes_at_night(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    k5.clock.forward(hours=10)  # 22:00 in Moscow
    notice(k5, ports)
    delivery.deliver_due(ports)
    assert messenger.took == []
    codes.send(ports, PHONE, "reset", HOME)
    delivery.deliver_due(ports)
    assert len(messenger.took) == 1
    k5.clock.forward(hours=9, minutes=59)
    delivery.deliver_due(ports)
    assert len(messenger.took) == 1
    k5.clock.forward(minutes=1)
    delivery.deliver_due(ports)
    assert len(messenger.took) == 2


def test_notices_wait_for_the_next_days_money(k5: House) -> None:
    """S17: the day's money is for all SMS."""
    ports, messenger, _ = wired(k5, sms=SmsTerms(part=rub("2.50"), day=rub("5.00")))
    for name in "abc":
        notice(k5, ports, name=name)
    later(k5, ports, 1)
    assert len(messenger.took) == 2
    with ports.sessions.read() as db:
        assert sms_counts.spent(db, ports.today()) == 500
    k5.clock.forward(hours=24)
    delivery.deliver_due(ports)
    assert len(messenger.took) == 3


def test_notices_leave_the_reserve_to_codes(k5: House) -> None:
    """S17: whoever is told much keeps nobody from a code."""
    terms = SmsTerms(part=rub("2.50"), day=rub("10.00"), reserve=rub("5.00"))
    ports, messenger, _ = wired(k5, sms=terms)
    for name in "abc":
        notice(k5, ports, name=name)
    later(k5, ports, 1)
    assert len(messenger.took) == 2
    for n in range(2):
        codes.send(ports, number(n), "reset", HOME)
    with pytest.raises(SmsSpent):
        codes.send(ports, number(3), "reset", HOME)
    later(k5, ports, 1)
    assert len(messenger.took) == 4
    k5.clock.forward(hours=24)
    later(k5, ports, 1)
    assert len(messenger.took) == 5


def test_what_is_queued_for_nobody_is_never_sent(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    for n in range(2):
        codes.send(ports, number(n), "reset", HOME, is_known=False)
    later(k5, ports, 1)
    assert (messenger.asked, waiting(ports)) == (0, [])


def test_what_was_tried_in_vain_is_paid_for_once(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    messenger.fate = "not_sent"
    notice(k5, ports)
    later(k5, ports, 5)
    with ports.sessions.read() as db:
        assert sms_counts.spent(db, ports.today()) == 250


def test_a_subscriber_is_told_as_he_wishes(k5: House) -> None:
    ports, messenger, mailer = wired(k5)
    with ports.sessions.begin() as db:
        choice_rows.choose(db, k5.caller.id, "low_balance", "off")
        choice_rows.choose(db, k5.caller.id, "resume", "email")
        email_rows.give(db, k5.caller.id, EmailAddress("a@mail.ru"), ports.clock())
    for kind in ("low_balance", "resume", "plan_change"):
        notice(k5, ports, kind)
    delivery.deliver_due(ports)
    assert [sms.text.split()[0] for sms in messenger.took] == ["plan_change"]  # it must be told, and no mail is proved
    assert mailer.took == []
    with ports.sessions.begin() as db:
        email_rows.confirm(db, k5.caller.id, EmailAddress("a@mail.ru"), ports.clock())
    for kind in ("resume", "plan_change"):
        notice(k5, ports, kind, "b")
    delivery.deliver_due(ports)
    assert len(messenger.took) == 1
    assert {letter.subject for letter in mailer.took} == {"resume", "plan_change"}


def test_a_message_that_cannot_be_said_holds_up_no_other(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    notice(k5, ports, "no such kind")
    k5.clock.forward(seconds=1)
    notice(k5, ports)
    delivery.deliver_due(ports)
    assert len(messenger.took) == 1
    assert waiting(ports) == []


def test_what_a_killed_worker_took_out_is_not_sent_twice(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    notice(k5, ports)
    message = waiting(ports)[0]
    with ports.sessions.begin() as db:
        assert outbox_rows.claim(db, message, ports.clock())
    k5.clock.forward(minutes=6)
    delivery.sweep(ports)
    later(k5, ports, 2)
    assert messenger.took == []
    assert state_of(ports, message) == "unknown"


def test_a_report_that_is_quicker_than_the_gateways_answer_counts(k5: House) -> None:
    ports, messenger, _ = wired(k5)
    notice(k5, ports)
    message = waiting(ports)[0]
    send = messenger.send

    def send_and_report(sms: Sms) -> Fate:
        fate = send(sms)
        delivery.note_report(ports, sms.ref, 8)
        delivery.note_report(ports, sms.ref, 1)
        return fate

    messenger.send = send_and_report  # type: ignore[method-assign]
    delivery.deliver_due(ports)
    assert state_of(ports, message) == "delivered"


def test_a_new_contract_is_told_by_letter_and_sms_each_once(k5: House) -> None:
    """B2: whatever was chosen; without a confirmed address by SMS alone."""
    ports, messenger, mailer = wired(k5)
    notice(k5, ports, "offer_change", "a")
    delivery.deliver_due(ports)
    assert (len(messenger.took), len(mailer.took)) == (1, 0)
    confirm_mail(k5, ports, "a@mail.ru")
    with ports.sessions.begin() as db:
        choice_rows.choose(db, k5.caller.id, "offer_change", "sms")
    notice(k5, ports, "offer_change", "b")
    delivery.deliver_due(replace(ports, mailer=None))
    later(k5, ports, 10)
    assert (len(messenger.took), len(mailer.took)) == (2, 1)
