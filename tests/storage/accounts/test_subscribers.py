"""Subscribers, devices and counts as rows, on both databases."""

from datetime import UTC, date, datetime

import pytest

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, NotFound
from k5web.storage.accounts import subscribers
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
PHONE = Msisdn("79161234567")


def person(number: int, phone: Msisdn | None = PHONE) -> Subscriber:
    return Subscriber(number, phone, "Анна", "RUB", "k5", None, Price(5_000_000))


def test_a_subscriber_comes_back_as_written(sessions: Sessions) -> None:
    with sessions.begin() as db:
        subscribers.add(db, person(7), "hash", NOW)
    with sessions.read() as db:
        assert subscribers.get(db, 7) == person(7)
        assert subscribers.password_hash(db, 7) == "hash"
        with pytest.raises(NotFound):
            subscribers.get(db, 8)


def test_a_phone_belongs_to_one_subscriber(sessions: Sessions) -> None:
    with sessions.begin() as db:
        subscribers.add(db, person(7), None, NOW)
    with pytest.raises(AlreadyThere), sessions.begin() as db:
        subscribers.add(db, person(8), None, NOW)


def test_a_phone_goes_before_an_id_and_the_likelier_reading_first(sessions: Sessions) -> None:
    with sessions.begin() as db:
        subscribers.add(db, person(4951234567, None), "by id", NOW)
        subscribers.add(db, person(2, Msisdn("494951234567")), "by plus", NOW)
        subscribers.add(db, person(3, Msisdn("74951234567")), "at home", NOW)
    home, plus = Msisdn("74951234567"), Msisdn("494951234567")
    with sessions.read() as db:
        for phones, expected in (([home, plus], 3), ([plus], 2), ([], 4951234567), ([PHONE], 4951234567)):
            found = subscribers.find(db, phones, 4951234567)
            assert found[0][0].id == expected
        assert subscribers.find(db, [], None) == []


def test_a_rehash_never_undoes_a_change_of_password(sessions: Sessions) -> None:
    with sessions.begin() as db:
        subscribers.add(db, person(7), "changed meanwhile", NOW)
        subscribers.rehash(db, 7, "the one that was checked", "its newer form")
    with sessions.read() as db:
        assert subscribers.password_hash(db, 7) == "changed meanwhile"
