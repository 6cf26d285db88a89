"""Invitations: made by members, accepted by strangers with a proved phone (A8, S11, S18)."""

import threading

import pytest

from k5web.domain.accounts.invitation import MOST_JOIN, MOST_LIVE
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import InvitationOver, K5Error, TooMany, TooOften, WeakPassword, WrongName, WrongOneTimeCode
from k5web.services.accounts import accounts, blocking, devices, invitations
from k5web.services.accounts.accounts import Browser
from k5web.services.accounts.devices import Visit
from k5web.services.accounts.invitations import JoinForm
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import OWN, House
from tests.services.visits import RIGHT, log_in, refusal, token

HERS = "+79160000001"
HOME = "203.0.113.7"
BROWSER = Browser("Chrome, Android", HOME)
GOOD = "four quiet blue horses"


def link(k5: House, key: str = "form-1") -> str:
    return invitations.make(k5.ports, k5.caller.id, key).code


def form(k5: House, code: str, phone: str = HERS, address: str = HOME, **changed: str) -> JoinForm:
    k5.clock.forward(seconds=1)
    number, request = invitations.ask(k5.ports, code, phone, address)
    sent = codes_sent(k5)
    typed = {"code": sent[-1] if sent else "000000", "name": "Ольга", "password": GOOD} | changed
    return JoinForm(number, request, **typed)


def join(k5: House, code: str, phone: str = HERS, address: str = HOME, **changed: str) -> Visit:
    return invitations.join(k5.ports, code, form(k5, code, phone, address, **changed), BROWSER)


def test_whoever_joins_is_a_subscriber_with_a_verified_phone_and_a_sponsor(k5: House) -> None:
    code = link(k5)
    visit = join(k5, code)
    assert devices.recognise(k5.ports, token(visit))
    added = log_in(k5, HERS, GOOD).subscriber
    assert (added.name, added.currency, added.phone_verified_at) == ("Ольга", "RUB", k5.clock())
    assert accounts.purse(k5.ports, added.id).balance == rub("0.00")
    [guest] = invitations.guests(k5.ports, k5.caller.id)
    assert (guest.party.initials, guest.party.tail, guest.way) == ("О.", "01", "invitation")
    assert invitations.show(k5.ports, code).invitation.joined == 1


def test_a_kyrgyz_phone_gets_an_account_in_som(k5: House) -> None:
    assert join(k5, link(k5), "+996555123456").subscriber.currency == "KGS"


def test_one_form_makes_one_link_and_there_are_never_many(k5: House) -> None:
    assert link(k5) == link(k5)
    for n in range(2, MOST_LIVE + 1):
        link(k5, f"form-{n}")
    assert isinstance(refusal(lambda: link(k5, "one more")), TooMany)
    invitations.revoke(k5.ports, k5.caller.id, link(k5))
    assert link(k5, "one more")


@pytest.mark.parametrize("way", ["revoked", "expired", "unknown", "blocked", "suspended"])
def test_a_link_that_is_over_says_the_same_whatever_the_reason(k5: House, way: str) -> None:
    code = link(k5)
    sent = form(k5, code)
    if way == "revoked":
        invitations.revoke(k5.ports, k5.caller.id, code)
    elif way == "expired":
        k5.clock.forward(days=30)
    elif way == "blocked":
        blocking.block(k5.ports, k5.caller.id, "staff:ivan", "why")
    elif way == "suspended":
        blocking.suspend(k5.ports, k5.caller.id, "staff:ivan", "why")
    else:
        code = "x" * 16
    for act in (
        lambda: invitations.show(k5.ports, code),
        lambda: invitations.ask(k5.ports, code, HERS, HOME),
        lambda: invitations.join(k5.ports, code, sent, BROWSER),
    ):
        assert isinstance(refusal(act), InvitationOver)
    assert invitations.guests(k5.ports, k5.caller.id) == []


def test_a_link_is_good_to_the_last_second_of_its_term(k5: House) -> None:
    code = link(k5)
    k5.clock.forward(days=30, seconds=-3)
    assert join(k5, code)


def test_nobody_revokes_the_link_of_another(k5: House) -> None:
    code = link(k5)
    other = accounts.add_subscriber(k5.ports, Msisdn("79160000009"), RIGHT, "Борис")
    invitations.revoke(k5.ports, other.id, code)
    assert invitations.show(k5.ports, code)


def test_nobody_invites_himself_and_no_member_joins_again(k5: House) -> None:
    """The number is a member's: no code leaves, and none fits, so neither loops nor self-invitation begin."""
    code = link(k5)
    assert isinstance(refusal(lambda: join(k5, code, OWN)), WrongOneTimeCode)
    join(k5, code)
    hers = invitations.make(k5.ports, accounts.find_subscriber(k5.ports, HERS).id, "form").code
    assert isinstance(refusal(lambda: join(k5, hers, OWN)), WrongOneTimeCode)
    assert invitations.guests(k5.ports, accounts.find_subscriber(k5.ports, HERS).id) == []


def test_a_weak_password_or_no_name_leaves_the_code_good(k5: House) -> None:
    code = link(k5)
    first = form(k5, code, password="12345678")
    assert isinstance(refusal(lambda: invitations.join(k5.ports, code, first, BROWSER)), WeakPassword)
    nameless = JoinForm(first.phone, first.request, first.code, "  ", GOOD)
    assert isinstance(refusal(lambda: invitations.join(k5.ports, code, nameless, BROWSER)), WrongName)
    assert invitations.join(k5.ports, code, JoinForm(first.phone, first.request, first.code, "Ольга", GOOD), BROWSER)


def test_so_many_join_by_a_link_and_so_many_in_a_row(k5: House) -> None:
    code = link(k5)
    for n in range(10):
        join(k5, code, f"+7916000{n:04d}", f"203.0.{n}.7")
    assert isinstance(refusal(lambda: join(k5, code, "+79160001111", "203.0.113.1")), TooOften), "ten in a row"
    for n in range(10, MOST_JOIN):
        k5.clock.forward(hours=2)
        join(k5, code, f"+7916000{n:04d}", f"203.0.{n}.7")
    k5.clock.forward(hours=2)
    assert isinstance(refusal(lambda: join(k5, code, "+79160002222")), InvitationOver), "its twenty have come"


def test_two_who_send_the_same_code_at_once_are_one_subscriber(k5: House) -> None:
    code = link(k5)
    sent = form(k5, code)
    barrier, outcomes = threading.Barrier(2), list[str]()

    def run() -> None:
        barrier.wait()
        try:
            invitations.join(k5.ports, code, sent, BROWSER)
            outcomes.append("joined")
        except K5Error as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["joined", "wrong_one_time_code"]
    assert len(invitations.guests(k5.ports, k5.caller.id)) == 1
    k5.assert_sound()
