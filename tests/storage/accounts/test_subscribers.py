"""Subscribers, devices and counts as rows, on both databases."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from k5web.domain.accounts.subscriber import Device, Subscriber
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, NotFound
from k5web.storage.accounts import device_rows, login_counts, subscribers
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
PHONE = Msisdn("79161234567")


def person(number: int, phone: Msisdn | None = PHONE) -> Subscriber:
    return Subscriber(number, phone, "Анна", "RUB", "k5", None, Price(5_000_000))


def device(selector: str, owner_id: int = 1, used: datetime = NOW) -> Device:
    return Device(selector, owner_id, "Chrome, Android", "192.0.2.0/24", True, False, NOW, used, NOW)


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


def test_devices_end_once_and_only_for_their_owner(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for selector, owner_id in (("a", 1), ("b", 1), ("c", 2)):
            device_rows.add(db, device(selector, owner_id), b"hash")
    with sessions.begin() as db:
        assert not device_rows.end(db, 2, "a", "revoked", NOW)
        assert device_rows.end(db, 1, "a", "reuse", NOW)
        assert not device_rows.end(db, 1, "a", "revoked", NOW)
        assert [found.device.selector for found in device_rows.live(db, 1)] == ["b"]
        assert [found.selector for found, _at in device_rows.ended(db, 1, "reuse", NOW)] == ["a"]
        assert device_rows.end_all(db, 1, "password", NOW, keep="b") == 0
        assert device_rows.end_all(db, 1, "password", NOW) == 1
        assert [found.device.selector for found in device_rows.live(db, 2)] == ["c"]


def test_what_nobody_used_for_long_is_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as db:
        device_rows.add(db, device("fresh"), b"")
        device_rows.add(db, device("old", used=NOW - timedelta(days=400)), b"")
        login_counts.lock(db, "name", "x", TODAY - timedelta(days=1))
        login_counts.lock(db, "name", "y", TODAY)
        assert device_rows.forget(db, NOW - timedelta(days=365), TODAY) == 2
        assert device_rows.find(db, "old") is None
        assert device_rows.find(db, "fresh") is not None


def test_a_new_day_begins_a_new_count_but_the_row_of_wrong_ones_goes_on(sessions: Sessions) -> None:
    with sessions.begin() as db:
        login_counts.write(db, login_counts.lock(db, "name", "x", TODAY).with_wrong(NOW))
    with sessions.begin() as db:
        tally = login_counts.lock(db, "name", "x", TODAY + timedelta(days=1))
        assert (tally.in_a_row, tally.in_a_day) == (1, 0)


def test_counts_made_at_the_same_time_are_all_kept(sessions: Sessions) -> None:
    def count() -> None:
        with sessions.begin() as db:
            login_counts.write(db, login_counts.lock(db, "name", "x", TODAY).with_wrong(NOW))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions.begin() as db:
        assert login_counts.lock(db, "name", "x", TODAY).in_a_day == 8
