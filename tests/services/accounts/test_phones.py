"""Several phones of one subscriber: added by a code, chosen, taken away (S11, S17, S20)."""

import threading
from dataclasses import replace

import pytest

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    AlreadyThere,
    DirectionClosed,
    EmergencyNumber,
    K5Error,
    NotYourPhone,
    OwnTrunkNumber,
    PhoneIsRung,
    PhoneNotVerified,
    SmsSpent,
    TollFreePhone,
    TooMany,
    TooOften,
    WrongLogin,
    WrongOneTimeCode,
)
from k5web.services.accounts import accounts, phones, recovery, sms_inbox
from k5web.services.accounts.sms_inbox import Message
from k5web.services.calls import missed_calls, ordering
from k5web.storage.accounts import number_rows, subscribers
from k5web.storage.messaging import outbox_rows
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import ACCESS, OWN, THEIRS, House, subscriber
from tests.services.visits import log_in, refusal

SECOND, THIRD = Msisdn("79160000002"), Msisdn("79160000003")
HOME = "203.0.113.7"


def me(k5: House) -> Subscriber:
    return accounts.find_subscriber(k5.ports, str(k5.caller.id))


def add(k5: House, number: Msisdn = SECOND, name: str = "", owner: Subscriber | None = None) -> None:
    owner = owner or me(k5)
    k5.clock.forward(seconds=1)
    before = len(codes_sent(k5))
    asked, request = phones.ask(k5.ports, owner, str(number), HOME)
    assert len(codes_sent(k5)) == before + 1
    phones.add(k5.ports, owner, asked, request, codes_sent(k5)[-1], name)


def told(k5: House) -> list[tuple[str, str]]:
    with k5.ports.sessions.read() as db:
        due = outbox_rows.due(db, k5.clock(), 100)
    return sorted((str(each.facts["what"]), str(each.address)) for each in due if each.kind == "phones")


def numbers(k5: House) -> list[str]:
    return [phone.number.digits for phone in phones.of(k5.ports, k5.caller.id)]


def test_a_phone_is_added_by_the_code_that_came_to_it_and_the_others_are_told(k5: House) -> None:
    k5.clock.forward(seconds=1)
    number, request = phones.ask(k5.ports, me(k5), "8 916 000-00-02", HOME)
    assert isinstance(refusal(lambda: phones.add(k5.ports, me(k5), number, request, "1", "Работа")), WrongOneTimeCode)
    assert numbers(k5) == [OWN[1:]]
    phones.add(k5.ports, me(k5), number, request, codes_sent(k5)[-1], "Работа")
    found = phones.of(k5.ports, k5.caller.id)
    assert [(phone.number, phone.name, phone.verified_at is not None) for phone in found] == [
        (Msisdn.parse(OWN), "", True),
        (SECOND, "Работа", True),
    ]
    assert told(k5) == [("added", OWN)], "the phone that was there hears of the new one"
    assert me(k5).phone == Msisdn.parse(OWN), "what rings is chosen, not added"


def test_a_phone_is_one_subscribers_and_nobody_learns_whose(k5: House) -> None:
    """S11: the same answer, no SMS, no code that fits."""
    other = subscriber(k5, 7)
    assert other.phone is not None
    number, request = phones.ask(k5.ports, me(k5), str(other.phone), HOME)
    assert (number, len(request), codes_sent(k5)) == (other.phone, 16, [])
    for code in ("000000", ""):
        wrong = refusal(lambda code=code: phones.add(k5.ports, me(k5), number, request, code))  # type: ignore[misc]
        assert isinstance(wrong, WrongOneTimeCode)
    add(k5, SECOND)
    with pytest.raises(AlreadyThere), k5.ports.sessions.begin() as db:
        subscribers.add(db, replace(other, id=77, phone=SECOND), None, k5.clock())
    assert isinstance(refusal(lambda: phones.ask(k5.ports, me(k5), OWN, HOME)), AlreadyThere), "that is one's own"


def test_of_two_who_add_the_same_phone_one_gets_it(k5: House) -> None:
    other = subscriber(k5, 7)
    mine = phones.ask(k5.ports, me(k5), str(SECOND), HOME)
    my_code = codes_sent(k5)[-1]
    phones.add(k5.ports, me(k5), *mine, my_code)
    _, request = phones.ask(k5.ports, other, str(SECOND), HOME)
    assert isinstance(refusal(lambda: phones.add(k5.ports, other, SECOND, request, my_code)), WrongOneTimeCode)
    assert [phone.number for phone in phones.of(k5.ports, other.id)] == [other.phone]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (f"+{ACCESS[0]}", OwnTrunkNumber),
        ("+78095551234", DirectionClosed),  # paid by whoever rings it
        ("+7904", K5Error),
        ("112", EmergencyNumber),
        ("+870773123456", K5Error),
    ],
)
def test_nobody_has_a_service_number_as_a_phone(k5: House, typed: str, why: type[K5Error]) -> None:
    """S19, S20: a sold, paid, short, emergency or own number is no phone of a person, and no SMS goes there."""
    k5.reprice("7809", "5.00")
    assert isinstance(refusal(lambda: phones.ask(k5.ports, me(k5), typed, HOME)), why)
    assert codes_sent(k5) == []


@pytest.mark.parametrize("typed", ["+78005553535", "8 800 555-35-35"])
def test_nobody_has_a_toll_free_number_as_a_phone(k5: House, typed: str) -> None:
    k5.reprice("7800", "0.00")
    assert isinstance(refusal(lambda: phones.ask(k5.ports, me(k5), typed, HOME)), TollFreePhone)
    assert codes_sent(k5) == []


def test_a_number_that_we_rent_out_is_no_phone(k5: House) -> None:
    rented = Msisdn("74952120101")
    with k5.ports.sessions.begin() as db:
        number_rows.add(db, {rented: False}, k5.clock(), "staff")
    assert isinstance(refusal(lambda: phones.ask(k5.ports, me(k5), str(rented), HOME)), OwnTrunkNumber)


def test_there_are_never_many_phones_whoever_is_quick(k5: House) -> None:
    k5.ports = replace(k5.ports, most_phones=2)
    owner = me(k5)
    asked = []
    for number in (SECOND, THIRD):
        _, request = phones.ask(k5.ports, owner, str(number), HOME)
        k5.clock.forward(seconds=1)
        asked.append((number, request, codes_sent(k5)[-1]))
    outcomes: list[K5Error | None] = []

    def enter(number: Msisdn, request: str, code: str) -> None:
        try:
            phones.add(k5.ports, owner, number, request, code)
            outcomes.append(None)
        except K5Error as error:
            outcomes.append(error)

    crowd = [threading.Thread(target=enter, args=each) for each in asked]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", "TooMany"]
    assert isinstance(refusal(lambda: phones.ask(k5.ports, owner, "+79160000009", HOME)), TooMany)


def test_codes_for_phones_are_capped_by_number_and_by_subscriber(k5: House) -> None:
    """S17: whoever wishes to annoy a number, or to spend our money, gets no further than the limits."""
    for n in range(3):
        phones.ask(k5.ports, me(k5), str(SECOND), f"203.0.113.{n}")
    assert isinstance(refusal(lambda: phones.ask(k5.ports, me(k5), str(SECOND), "198.51.100.1")), TooOften)
    sent = 0
    for n in range(20):
        try:
            phones.ask(k5.ports, me(k5), f"+7916000{1000 + n}", f"198.51.{n}.1")
            sent += 1
        except TooOften:
            pass
    assert sent == 1, "five wishes of one subscriber, whatever the numbers and addresses"
    k5.ports = replace(k5.ports, sms=replace(k5.ports.sms, day=k5.ports.sms.part))
    other = subscriber(k5, 7)
    assert isinstance(refusal(lambda: phones.ask(k5.ports, other, "+79160002000", HOME)), SmsSpent)


def test_the_chosen_phone_rings_and_hears_the_messages(k5: House) -> None:
    k5.top_up("50.00")
    add(k5)
    phones.choose(k5.ports, k5.caller.id, SECOND)
    assert ("chosen", OWN) in told(k5)
    assert ("chosen", str(SECOND)) not in told(k5)
    assert me(k5).phone == SECOND
    assert k5.order(caller=me(k5)).quote.a_number == SECOND.digits


def test_an_unproved_phone_is_not_chosen_and_is_proved_by_a_code(k5: House) -> None:
    typed = accounts.add_subscriber(k5.ports, THIRD, "correct horse", "Вера", is_verified=False)
    assert isinstance(refusal(lambda: phones.choose(k5.ports, typed.id, THIRD)), PhoneNotVerified)
    add(k5, THIRD, owner=typed)
    owner = accounts.find_subscriber(k5.ports, str(typed.id))
    assert owner.phone_verified_at is not None
    assert [phone.verified_at is not None for phone in phones.of(k5.ports, typed.id)] == [True]


def test_the_phone_that_is_rung_stays_so_there_is_always_one(k5: House) -> None:
    assert isinstance(refusal(lambda: phones.remove(k5.ports, k5.caller.id, Msisdn.parse(OWN))), PhoneIsRung)
    add(k5)
    assert isinstance(refusal(lambda: phones.remove(k5.ports, k5.caller.id, Msisdn.parse(OWN))), PhoneIsRung)
    phones.choose(k5.ports, k5.caller.id, SECOND)
    phones.remove(k5.ports, k5.caller.id, Msisdn.parse(OWN))
    assert numbers(k5) == [SECOND.digits]
    assert log_in(k5, str(SECOND)).subscriber.id == k5.caller.id


def test_what_is_anothers_is_neither_chosen_nor_removed_nor_rung(k5: House) -> None:
    """S16: whose phone it is decides, and an unknown one is told alike."""
    other = subscriber(k5, 7)
    assert other.phone is not None
    for number in (other.phone, Msisdn("79169999999")):
        assert isinstance(refusal(lambda n=number: phones.choose(k5.ports, k5.caller.id, n)), NotYourPhone)  # type: ignore[misc]
        assert isinstance(refusal(lambda n=number: phones.remove(k5.ports, k5.caller.id, n)), NotYourPhone)  # type: ignore[misc]
        phones.name_it(k5.ports, k5.caller.id, number, "моё")
        caller = replace(me(k5), phone=number)
        assert isinstance(refusal(lambda c=caller: k5.order(caller=c)), NotYourPhone)  # type: ignore[misc]
    assert [phone.name for phone in phones.of(k5.ports, other.id)] == [""]


def test_each_phone_logs_in_and_gets_a_new_password_until_it_is_removed(k5: House) -> None:
    add(k5)
    assert log_in(k5, str(SECOND)).subscriber.id == k5.caller.id
    k5.clock.forward(seconds=3600)
    before = len(codes_sent(k5))
    recovery.ask(k5.ports, str(SECOND), HOME)
    assert len(codes_sent(k5)) == before + 1
    phones.remove(k5.ports, k5.caller.id, SECOND)
    assert ("removed", str(SECOND)) in told(k5), "whoever holds it hears of it too"
    assert isinstance(refusal(lambda: log_in(k5, str(SECOND))), WrongLogin)
    after = len(codes_sent(k5))
    recovery.ask(k5.ports, str(SECOND), HOME)
    assert len(codes_sent(k5)) == after
    assert log_in(k5, OWN).subscriber.id == k5.caller.id


def test_a_code_for_a_password_dies_with_the_phone(k5: House) -> None:
    add(k5)
    number, request = recovery.ask(k5.ports, str(SECOND), HOME)
    phones.remove(k5.ports, k5.caller.id, SECOND)
    stale = refusal(
        lambda: recovery.enter(k5.ports, number, request, codes_sent(k5)[-1], accounts.Browser("Chrome", HOME))
    )
    assert isinstance(stale, WrongOneTimeCode)


def miss(k5: House, number: Msisdn) -> None:
    k5.switch.miss(number.digits, ACCESS[0])
    k5.work()


def test_a_missed_call_rings_the_phone_it_came_from_and_a_removed_one_never(k5: House) -> None:
    k5.top_up("50.00")
    add(k5)
    missed_calls.assign(k5.ports, me(k5), ACCESS[0], Msisdn.parse(THEIRS), "")
    miss(k5, SECOND)
    [called] = missed_calls.latest(k5.ports, k5.caller.id, 5)
    assert called.call_id is not None
    call = k5.ordered_by(called.call_id)
    assert call.quote.a_number == SECOND.digits
    k5.talk(call, "5")
    phones.remove(k5.ports, k5.caller.id, SECOND)
    miss(k5, SECOND)
    assert len(missed_calls.latest(k5.ports, k5.caller.id, 5)) == 1, "a stranger's missed call is nobody's"


def test_an_sms_command_rings_the_phone_that_wrote(k5: House) -> None:
    k5.top_up("50.00")
    add(k5)
    reply = sms_inbox.handle(k5.ports, Message("kannel", "1", str(SECOND), "4443", f"ЗВОНОК {THEIRS}"))
    assert isinstance(reply, sms_inbox.Calling)
    assert (reply.call.owner_id, reply.call.quote.a_number) == (k5.caller.id, SECOND.digits)


def test_the_price_of_each_phone_stands_beside_it(k5: House) -> None:
    moscow = Msisdn("74952222222")
    assert ordering.beside(k5.ports, me(k5), Msisdn.parse(THEIRS)).legs == []
    add(k5, moscow)
    legs = ordering.beside(k5.ports, me(k5), Msisdn.parse(THEIRS)).legs
    assert [(leg.phone.number, str(leg.quote.per_minute) if leg.quote else "") for leg in legs] == [
        (Msisdn.parse(OWN), "2.20"),
        (moscow, "0.90"),
    ]


def test_a_phone_removed_between_page_and_press_is_not_rung(k5: House) -> None:
    k5.top_up("50.00")
    add(k5)
    shown = phones.rung_at(k5.ports, me(k5), SECOND.digits)
    phones.remove(k5.ports, k5.caller.id, SECOND)
    assert isinstance(refusal(lambda: k5.order(caller=shown)), NotYourPhone)
    assert str(k5.held()) == "0.00"
