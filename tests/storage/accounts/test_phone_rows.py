"""Phones as rows, on both databases: each number once in the whole of K5."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.accounts.subscriber import Phone, Subscriber
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, NotYourPhone
from k5web.storage.accounts import phone_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST, SECOND = Msisdn("79161234567"), Msisdn("79160000002")


def person(number: int, phone: Msisdn | None) -> Subscriber:
    return Subscriber(number, phone, "Анна", "RUB", "k5", None, Price(5_000_000), phone_verified_at=NOW)


@pytest.fixture
def owned(sessions: Sessions) -> Sessions:
    """Somebody with two phones, and somebody without any."""
    with sessions.begin() as db:
        subscribers.add(db, person(7, FIRST), "hash", NOW)
        subscribers.add(db, person(8, None), None, NOW)
        phone_rows.add(db, 7, Phone(SECOND, "Работа", NOW.replace(hour=10), NOW))
    return sessions


def test_the_phone_of_a_new_subscriber_is_the_first_of_theirs(owned: Sessions) -> None:
    with owned.read() as db:
        assert phone_rows.of_owner(db, 7) == [
            Phone(FIRST, "", NOW, NOW),
            Phone(SECOND, "Работа", NOW.replace(hour=10), NOW),
        ]
        assert phone_rows.of_owner(db, 8) == []


def test_whoever_has_a_phone_is_known_by_it_once_it_is_proved(owned: Sessions) -> None:
    """S11: in whichever language they are spoken to, or in none of their own."""
    unproved = Msisdn("79160000003")
    with owned.begin() as db:
        assert phone_rows.prover(db, SECOND) == (True, None)
        subscribers.add(db, replace(person(9, unproved), language="ky", phone_verified_at=None), None, NOW)
        assert phone_rows.prover(db, unproved) == (False, None)
        phone_rows.verify(db, unproved, NOW)
        assert phone_rows.prover(db, unproved) == (True, "ky")
        assert phone_rows.prover(db, Msisdn("79160000004")) == (False, None)


@pytest.mark.parametrize("taken", [FIRST, SECOND])
def test_nobody_else_gets_a_phone_that_somebody_has(owned: Sessions, taken: Msisdn) -> None:
    with pytest.raises(AlreadyThere), owned.begin() as db:
        phone_rows.add(db, 8, Phone(taken, "", NOW, NOW))
    with pytest.raises(AlreadyThere), owned.begin() as db:
        subscribers.add(db, person(9, taken), None, NOW)
    with owned.read() as db:
        assert phone_rows.is_taken(db, taken)
        with pytest.raises(NotYourPhone):
            phone_rows.get(db, 8, taken)


def test_each_phone_finds_its_owner_who_has_that_phone_then(owned: Sessions) -> None:
    with owned.read() as db:
        for phone in (FIRST, SECOND):
            [(found, password_hash)] = subscribers.find(db, [phone], None)
            assert (found.id, found.phone, password_hash) == (7, phone, "hash")
        [(by_id, _)] = subscribers.find(db, [], 7)
        assert by_id.phone == FIRST


def test_a_removed_phone_is_nobodys_and_may_be_anybodys(owned: Sessions) -> None:
    with owned.begin() as db:
        phone_rows.remove(db, 8, SECOND)
        assert phone_rows.is_taken(db, SECOND), "another's stays"
        phone_rows.remove(db, 7, SECOND)
        assert subscribers.find(db, [SECOND], None) == []
        subscribers.add(db, person(9, SECOND), None, NOW)
        assert subscribers.find(db, [SECOND], None)[0][0].id == 9


def test_the_chosen_phone_is_the_subscribers_own(owned: Sessions) -> None:
    with owned.begin() as db:
        phone_rows.choose(db, 7, phone_rows.get(db, 7, SECOND))
        owner = subscribers.get(db, 7)
        assert (owner.phone, owner.phone_verified_at) == (SECOND, NOW)
        assert phone_rows.rung_at(db, owner, None) == owner
        assert phone_rows.rung_at(db, owner, FIRST).phone == FIRST


def test_a_proof_is_kept_on_both_rows_and_the_first_counts(sessions: Sessions) -> None:
    with sessions.begin() as db:
        subscribers.add(db, Subscriber(7, FIRST, "Анна", "RUB", "k5", None, Price(1)), None, NOW)
        subscribers.verify_phone(db, 7, NOW.replace(hour=11))
        subscribers.verify_phone(db, 7, NOW.replace(hour=12))
        assert [phone.verified_at for phone in phone_rows.of_owner(db, 7)] == [NOW.replace(hour=11)]


def test_payers_may_type_any_of_the_phones(owned: Sessions) -> None:
    with owned.begin() as db:
        ledger.open_account(db, 7, "main", "RUB")
    with owned.read() as db:
        for phone in (FIRST, SECOND):
            assert [payer.owner_id for payer in subscribers.find_payers(db, phone, None, [])] == [7]
        assert subscribers.find_payers(db, Msisdn("79169999999"), None, []) == []
