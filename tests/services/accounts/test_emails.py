"""An e-mail address is kept when a code has come back from it (S17)."""

import pytest

from k5web.domain.accounts.email_address import EmailAddress
from k5web.errors import NoConsent, TooOften, WrongEmail, WrongOneTimeCode
from k5web.services.accounts import consents, emails, profiles
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import House

ANNA, OTHER = "anna@mail.ru", "other@mail.ru"


def ask(k5: House, typed: str = ANNA) -> str:
    return emails.ask(k5.ports, k5.caller.id, typed, None, consents_now=True)[1]


def kept(k5: House) -> str | None:
    found = profiles.show(k5.ports, k5.caller.id).email
    return found.address.text if found and found.confirmed_at else None


def enter(k5: House, typed: str, request: str, code: str) -> None:
    emails.confirm(k5.ports, k5.caller.id, EmailAddress(typed), code, request)


def test_the_code_confirms_the_address_it_went_to_and_the_old_one_stays_till_then(k5: House) -> None:
    enter(k5, ANNA, ask(k5), codes_sent(k5)[-1])
    assert kept(k5) == ANNA
    k5.clock.forward(minutes=1)
    request = ask(k5, OTHER)
    assert kept(k5) == ANNA
    with pytest.raises(WrongOneTimeCode):
        enter(k5, ANNA, request, codes_sent(k5)[-1])
    enter(k5, OTHER, request, codes_sent(k5)[-1])
    assert kept(k5) == OTHER
    assert [each.facts["address"] for each in profiles.history(k5.ports, k5.caller.id)] == [ANNA, OTHER]


def test_an_address_is_taken_away_and_the_history_says_when(k5: House) -> None:
    emails.remove(k5.ports, k5.caller.id)
    enter(k5, ANNA, ask(k5), codes_sent(k5)[-1])
    emails.remove(k5.ports, k5.caller.id)
    assert kept(k5) is None
    assert [each.facts["address"] for each in profiles.history(k5.ports, k5.caller.id)] == [ANNA, ""]


def test_a_withdrawn_consent_stops_a_code_that_is_on_its_way(k5: House) -> None:
    request = ask(k5)
    consents.withdraw(k5.ports, k5.caller.id, "page")
    with pytest.raises(NoConsent):
        enter(k5, ANNA, request, codes_sent(k5)[-1])
    assert kept(k5) is None


def test_letters_are_asked_for_only_so_often_and_to_true_addresses(k5: House) -> None:
    with pytest.raises(WrongEmail):
        ask(k5, "anna@")
    with pytest.raises(NoConsent):
        emails.ask(k5.ports, k5.caller.id, ANNA, None, consents_now=False)
    for _ in range(3):
        ask(k5)
    with pytest.raises(TooOften):
        ask(k5)
