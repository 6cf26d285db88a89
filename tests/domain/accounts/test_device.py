"""A remembered browser's token: how long it lives, when it is renewed, what an old one means (A1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.accounts.device import DeviceRecord, TokenVerdict
from k5web.domain.accounts.subscriber import Device

NEW, OLD, OLDER = b"new", b"old", b"older"
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def record(*, is_own: bool = True, is_seen: bool = True, used: datetime = T0, rotated: datetime = T0) -> DeviceRecord:
    device = Device("selector", 1, "Chrome, Android", "", is_own, False, T0, used, T0)
    return DeviceRecord(device, NEW, OLD, rotated, is_seen, None)


@pytest.mark.parametrize(
    ("after", "presented", "is_seen", "verdict"),
    [
        (timedelta(seconds=1), NEW, True, TokenVerdict.GOOD),
        (timedelta(seconds=1), NEW, False, TokenVerdict.SEEN),
        (timedelta(minutes=9, seconds=59), NEW, True, TokenVerdict.GOOD),
        (timedelta(minutes=10), NEW, True, TokenVerdict.TOUCH),
        (timedelta(hours=23, minutes=59), NEW, True, TokenVerdict.TOUCH),
        (timedelta(days=1), NEW, True, TokenVerdict.ROTATE),
        (timedelta(days=179, hours=23), NEW, True, TokenVerdict.ROTATE),
        (timedelta(days=180), NEW, True, TokenVerdict.DEAD),
        # The answer with the new token may be on its way or lost
        (timedelta(seconds=1), OLD, False, TokenVerdict.GOOD),
        (timedelta(seconds=1), OLD, True, TokenVerdict.GOOD),
        (timedelta(seconds=119), OLD, True, TokenVerdict.GOOD),
        (timedelta(seconds=120), OLD, True, TokenVerdict.REUSED),
        (timedelta(seconds=120), OLD, False, TokenVerdict.RESEND),
        (timedelta(days=100), OLD, False, TokenVerdict.RESEND),
        (timedelta(seconds=1), OLDER, False, TokenVerdict.REUSED),
        (timedelta(seconds=1), OLDER, True, TokenVerdict.REUSED),
    ],
)
def test_a_token_is_judged_by_its_age_and_by_what_was_seen(
    after: timedelta, presented: bytes, is_seen: bool, verdict: TokenVerdict
) -> None:
    assert record(is_seen=is_seen).judge(presented, T0 + after) is verdict


def test_a_year_is_the_absolute_end_however_often_it_is_used() -> None:
    used = T0 + timedelta(days=364)
    assert record(used=used).judge(NEW, T0 + timedelta(days=365)) is TokenVerdict.DEAD
    assert record(used=used).judge(NEW, T0 + timedelta(days=364, hours=23)) is not TokenVerdict.DEAD


def test_a_foreign_phone_is_forgotten_after_half_an_hour_without_use() -> None:
    foreign = record(is_own=False)
    assert foreign.judge(NEW, T0 + timedelta(minutes=29, seconds=59)) is TokenVerdict.TOUCH
    assert foreign.judge(NEW, T0 + timedelta(minutes=30)) is TokenVerdict.DEAD


def test_an_ended_device_is_dead_whatever_it_presents() -> None:
    ended = replace(record(), ended_at=T0)
    assert {ended.judge(token, T0) for token in (NEW, OLD, OLDER)} == {TokenVerdict.DEAD}


def test_the_first_token_has_no_earlier_one() -> None:
    first = replace(record(is_seen=False), previous_hash=None)
    assert first.judge(OLD, T0) is TokenVerdict.REUSED
