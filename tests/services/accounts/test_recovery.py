"""A forgotten password comes back by SMS: S11, S12, S17."""

from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    K5Error,
    LoginLocked,
    PhoneNotVerified,
    SubscriberBlocked,
    WeakPassword,
    WrongOneTimeCode,
    WrongToken,
)
from k5web.services.accounts import accounts, blocking, devices, recovery, tokens
from k5web.services.accounts.accounts import Browser
from k5web.services.accounts.devices import Visit
from k5web.storage.messaging import outbox_rows
from tests.services.house import OWN, House
from tests.services.visits import RIGHT, WRONG, log_in, refusal, token

PHONE = Msisdn.parse(OWN)
HOME = "203.0.113.7"
BROWSER = Browser("Chrome, Android", HOME)


def codes_sent(k5: House) -> list[str]:
    with k5.ports.sessions.read() as db:
        return [each.facts["code"] for each in outbox_rows.due(db, k5.clock(), 100) if each.kind == "code"]


def come_back(k5: House) -> Visit:
    phone, request = recovery.ask(k5.ports, OWN, HOME)
    return recovery.enter(k5.ports, phone, request, codes_sent(k5)[-1], BROWSER)


def test_the_code_opens_one_browser_and_closes_all_else(k5: House) -> None:
    elsewhere = token(log_in(k5))
    key = tokens.make_token(k5.ports, k5.caller.id, "shop", may_call=True)
    visit = come_back(k5)
    assert visit.subscriber.must_change_password
    with k5.ports.sessions.read() as db:
        told = [each.id for each in outbox_rows.due(db, k5.clock(), 100) if each.kind == "device"]
    assert f"device {visit.device.selector}" in told
    assert devices.recognise(k5.ports, token(visit))
    assert devices.recognise(k5.ports, elsewhere) is None
    assert isinstance(refusal(lambda: tokens.recognise(k5.ports, key, to_change=False)), WrongToken)
    assert isinstance(refusal(lambda: log_in(k5)), K5Error), "the forgotten password is good no more"


def test_a_new_password_is_chosen_and_is_good_from_then_on(k5: House) -> None:
    visit = come_back(k5)
    assert isinstance(
        refusal(lambda: recovery.choose(k5.ports, visit.subscriber, "12345678", visit.device)), WeakPassword
    )
    recovery.choose(k5.ports, visit.subscriber, "four quiet blue horses", visit.device)
    assert not log_in(k5, password="four quiet blue horses").subscriber.must_change_password
    assert devices.recognise(k5.ports, token(visit)), "the browser that chose it stays"


def test_an_unknown_number_gets_the_same_answer_and_no_message(k5: House) -> None:
    known, named = recovery.ask(k5.ports, OWN, HOME)
    before = len(codes_sent(k5))
    unknown, also = recovery.ask(k5.ports, "+79169999999", HOME)
    assert len(codes_sent(k5)) == before
    assert (len(named), known.digits) == (len(also), PHONE.digits)
    for code in ("000000", codes_sent(k5)[-1]):
        tried = refusal(lambda code=code: recovery.enter(k5.ports, unknown, also, code, BROWSER))  # type: ignore[misc]
        assert isinstance(tried, WrongOneTimeCode)


def test_a_phone_that_nobody_proved_gets_no_code(k5: House) -> None:
    phone = Msisdn("79160000009")
    accounts.add_subscriber(k5.ports, phone, RIGHT, "Борис", is_verified=False)
    recovery.ask(k5.ports, str(phone), HOME)
    assert codes_sent(k5) == []


def test_a_code_of_one_number_does_not_open_another(k5: House) -> None:
    other = Msisdn("79160000009")
    accounts.add_subscriber(k5.ports, other, RIGHT, "Борис")
    _, named = recovery.ask(k5.ports, OWN, HOME)
    k5.clock.forward(seconds=1)
    theirs, also = recovery.ask(k5.ports, str(other), HOME)
    mine = codes_sent(k5)[0]
    for request in (named, also):
        tried = refusal(lambda request=request: recovery.enter(k5.ports, theirs, request, mine, BROWSER))  # type: ignore[misc]
        assert isinstance(tried, WrongOneTimeCode)


def test_a_blocked_one_is_told_after_the_right_code_and_nothing_changes(k5: House) -> None:
    blocking.block(k5.ports, k5.caller.id, "staff:ivan", "why")
    assert isinstance(refusal(lambda: come_back(k5)), SubscriberBlocked)
    blocking.unblock(k5.ports, k5.caller.id, "staff:ivan", "why")
    assert log_in(k5).subscriber.id == k5.caller.id


def test_a_password_that_rests_after_too_many_guesses_comes_back_by_sms(k5: House) -> None:
    for _ in range(30):
        refusal(lambda: log_in(k5, password=WRONG))
        k5.clock.forward(minutes=16)
    assert isinstance(refusal(lambda: log_in(k5)), LoginLocked)
    visit = come_back(k5)
    recovery.choose(k5.ports, visit.subscriber, "four quiet blue horses", visit.device)
    assert log_in(k5, password="four quiet blue horses")


def sent_passwords(k5: House) -> list[tuple[str, str | None]]:
    with k5.ports.sessions.read() as db:
        waiting = outbox_rows.due(db, k5.clock(), 100)
    return [(each.facts["password"], each.address) for each in waiting if each.kind == "password"]


def test_staff_send_a_password_that_is_good_for_one_log_in(k5: House) -> None:
    elsewhere = token(log_in(k5))
    recovery.renew(k5.ports, k5.caller.id)
    ((password, address),) = sent_passwords(k5)
    assert address == OWN
    assert devices.recognise(k5.ports, elsewhere) is None, "everybody is logged out"
    assert isinstance(refusal(lambda: log_in(k5)), K5Error), "the old password is good no more"
    assert log_in(k5, password=password).subscriber.must_change_password


def test_a_phone_that_nobody_proved_gets_no_password(k5: House) -> None:
    number = Msisdn("79160000019")
    added = accounts.add_subscriber(k5.ports, number, RIGHT, "Борис", is_verified=False)
    assert isinstance(refusal(lambda: recovery.renew(k5.ports, added.id)), PhoneNotVerified)
    assert sent_passwords(k5) == []
    assert log_in(k5, str(number)).subscriber.id == added.id, "the old password stays"
