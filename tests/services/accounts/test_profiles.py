"""Particulars kept with their time, by consent alone (B3, B14)."""

import pytest

from k5web.domain.accounts.profile import Profile
from k5web.errors import NoConsent, WrongProfile
from k5web.services.accounts import accounts, consents, profiles
from tests.services.house import House

PERSON = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}


def test_a_correction_keeps_what_was_there_before_and_changes_the_name(k5: House) -> None:
    first_at = k5.clock()
    profiles.save(k5.ports, k5.caller.id, "person", PERSON, consents_now=True)
    k5.clock.forward(hours=1)
    corrected = PERSON | {"surname": "Иванова"}
    profiles.save(k5.ports, k5.caller.id, "person", corrected, consents_now=False, actor="staff:olga")
    profiles.save(k5.ports, k5.caller.id, "person", corrected, consents_now=False)
    told = [(each.facts, each.at, each.actor) for each in profiles.history(k5.ports, k5.caller.id)]
    assert told == [(PERSON, first_at, "subscriber"), (corrected, k5.clock(), "staff:olga")]
    found = profiles.show(k5.ports, k5.caller.id)
    assert (found.profile, found.changed_at) == (Profile("person", corrected), k5.clock())
    assert accounts.find_subscriber(k5.ports, str(k5.caller.id)).name == "Анна Иванова"


def test_nothing_is_kept_without_consent_or_with_a_wrong_field(k5: House) -> None:
    with pytest.raises(NoConsent):
        profiles.save(k5.ports, k5.caller.id, "person", PERSON, consents_now=False)
    with pytest.raises(WrongProfile):
        profiles.save(k5.ports, k5.caller.id, "person", PERSON | {"surname": ""}, consents_now=True)
    assert profiles.history(k5.ports, k5.caller.id) == []
    assert consents.history(k5.ports, k5.caller.id) == []
    assert accounts.find_subscriber(k5.ports, str(k5.caller.id)).name == "Анна"
