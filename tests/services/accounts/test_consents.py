"""Consent to the processing of personal data: its texts, given and withdrawn (B14)."""

import hashlib
from datetime import timedelta

import pytest

from k5web.domain.accounts.consent import Consent
from k5web.domain.accounts.email_address import EmailAddress
from k5web.errors import NotFound
from k5web.services.accounts import accounts, consents, emails, invitations, profiles
from k5web.services.messaging import delivery
from tests.services.accounts.test_erasure import kept_anywhere
from tests.services.accounts.test_invitations import join, link
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import House

PUBLISHED = {1: "ab25356d633b857a"}
PERSON = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}


def test_a_published_text_is_never_edited() -> None:
    """A change is a new version in a file of its own, with its digest here."""
    found = {int(path.stem): hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in consents.FOLDER.glob("*")}
    assert found == PUBLISHED


def test_the_text_in_force_is_the_newest_whose_day_has_come(k5: House) -> None:
    assert consents.current(k5.ports).version == max(consents.texts())
    k5.clock.forward(days=-9999)
    assert consents.current(k5.ports).version == 1
    with pytest.raises(NotFound):
        consents.text(999)


def test_a_consent_is_kept_with_version_time_and_way_and_once(k5: House) -> None:
    at = k5.clock()
    consents.give(k5.ports, k5.caller.id, "page")
    k5.clock.forward(days=1)
    consents.give(k5.ports, k5.caller.id, "page")
    consents.withdraw(k5.ports, k5.caller.id, "page")
    consents.withdraw(k5.ports, k5.caller.id, "page")
    assert consents.history(k5.ports, k5.caller.id) == [
        Consent(1, is_given=True, at=at, way="page"),
        Consent(1, is_given=False, at=at + timedelta(days=1), way="page"),
    ]


def test_whoever_joins_by_invitation_consents_by_that(k5: House) -> None:
    joined = join(k5, link(k5)).subscriber
    [given] = consents.history(k5.ports, joined.id)
    assert (given.version, given.is_given, given.way) == (1, True, "invitation")
    assert len(invitations.guests(k5.ports, k5.caller.id)) == 1


def test_what_is_kept_by_consent_alone_goes_with_it(k5: House) -> None:
    owner_id = k5.caller.id
    profiles.save(k5.ports, owner_id, "person", PERSON, consents_now=True)
    email, request = emails.ask(k5.ports, owner_id, "anna@mail.ru", None, consents_now=False)
    emails.confirm(k5.ports, owner_id, email, codes_sent(k5)[-1], request)
    assert email == EmailAddress("anna@mail.ru")
    consents.withdraw(k5.ports, owner_id, "page")
    left = profiles.show(k5.ports, owner_id)
    assert (left.profile, left.email, left.consent) == (None, None, None)
    assert profiles.history(k5.ports, owner_id) == []
    found = accounts.find_subscriber(k5.ports, str(owner_id))
    assert (found.name, found.phone) == ("", k5.caller.phone)
    k5.clock.forward(hours=2)
    delivery.sweep(k5.ports)  # what was counted for an hour
    assert kept_anywhere(k5, "anna@mail.ru") == [], "the letter with the code is emptied, too"
