"""Remembered browsers as rows, on both databases."""

from datetime import UTC, date, datetime, timedelta

from k5web.domain.accounts.subscriber import Device
from k5web.storage.accounts import device_rows, login_counts
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


TODAY = date(2026, 12, 1)


def device(selector: str, owner_id: int = 1, used: datetime = NOW) -> Device:
    return Device(selector, owner_id, "Chrome, Android", "192.0.2.0/24", True, False, NOW, used, NOW)


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
        assert device_rows.lock(db, "old") is None
        assert device_rows.lock(db, "fresh") is not None
