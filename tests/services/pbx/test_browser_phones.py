"""Accounts of browsers: made for a look at the page, ended by their time and with their device, on both databases."""

from datetime import timedelta

import pytest

from k5web.domain.accounts.subscriber import Device
from k5web.domain.pbx.people import BROWSER_LIVES, MOST_BROWSERS, OPENING, SipAccount
from k5web.errors import SubscriberBlocked, TooOften
from k5web.services.accounts import blocking, devices
from k5web.services.pbx import browser_phones
from k5web.storage.pbx import people_rows
from tests.services.house import House
from tests.services.pbx.organisations import version


def remembered(k5: House) -> Device:
    with k5.ports.sessions.begin() as db:
        return devices.remember(db, k5.caller, k5.clock(), browser="Chrome", place="", is_own=True).device


def opened(k5: House, device: Device, days: int = 180) -> SipAccount:
    k5.clock.forward(seconds=61)
    return browser_phones.open_account(k5.ports, k5.caller, device, k5.clock() + timedelta(days=days))


def logins(k5: House) -> list[str]:
    with k5.ports.sessions.read() as db:
        return [account.login for account in people_rows.accounts(db, k5.caller.id)]


def test_each_look_gets_an_account_of_its_own(k5: House) -> None:
    """No plan and no phone number is needed: the subscriber of these tests is on the first plan."""
    device = remembered(k5)
    one, other = opened(k5, device), opened(k5, device)
    assert one.login != other.login
    assert one.password_digest != other.password_digest
    assert one.login.startswith(f"w{k5.caller.id}-")
    assert (one.kind, one.user_n, one.device) == ("browser", None, device.selector)
    assert logins(k5) == [one.login, other.login]
    assert version(k5) == 2


def test_it_lives_for_eight_hours_and_no_longer_than_the_log_in(k5: House) -> None:
    device = remembered(k5)
    assert opened(k5, device).until == k5.clock() + BROWSER_LIVES
    account = browser_phones.open_account(k5.ports, k5.caller, device, k5.clock() + timedelta(minutes=30))
    assert account.until == k5.clock() + timedelta(minutes=30)


def test_one_tab_too_many_ends_the_oldest(k5: House) -> None:
    device, other = remembered(k5), remembered(k5)
    elsewhere = opened(k5, other).login
    made = [opened(k5, device).login for _ in range(MOST_BROWSERS + 2)]
    assert logins(k5) == [elsewhere, *made[-MOST_BROWSERS:]]


def test_the_sweep_ends_what_is_over_and_nothing_else(k5: House) -> None:
    early = opened(k5, remembered(k5))
    k5.clock.forward(seconds=BROWSER_LIVES.seconds // 2)
    late = opened(k5, remembered(k5))
    assert browser_phones.sweep(k5.ports) == 0
    assert early.until is not None
    k5.clock.now = early.until
    before = version(k5)
    assert browser_phones.sweep(k5.ports) == 1
    assert logins(k5) == [late.login]
    assert version(k5) == before + 1
    assert browser_phones.sweep(k5.ports) == 0


def test_however_a_device_ends_its_accounts_end_with_it(k5: House) -> None:
    """A password changed elsewhere logs all devices out; no page of the phone hears of it."""
    gone, kept = remembered(k5), remembered(k5)
    for device in (gone, kept):
        opened(k5, device)
    devices.end_all_devices(k5.ports, k5.caller.id, keep=kept.selector)
    assert browser_phones.sweep(k5.ports) == 1
    assert len(logins(k5)) == 1
    assert browser_phones.end_accounts(k5.ports, k5.caller.id, kept.selector) == 1
    assert logins(k5) == []
    assert browser_phones.end_accounts(k5.ports, k5.caller.id, kept.selector) == 0


def test_the_sweep_goes_on_beyond_its_batch(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_phones, "SWEPT_AT_ONCE", 2)
    for _ in range(5):
        opened(k5, remembered(k5))
    devices.end_all_devices(k5.ports, k5.caller.id)
    assert browser_phones.sweep(k5.ports) == 5


def test_a_page_that_is_read_again_and_again_is_told_to_wait(k5: House) -> None:
    device = remembered(k5)
    tomorrow = k5.clock() + timedelta(days=1)
    for _ in range(OPENING.at_once):
        browser_phones.open_account(k5.ports, k5.caller, device, tomorrow)
    with pytest.raises(TooOften):
        browser_phones.open_account(k5.ports, k5.caller, device, tomorrow)
    assert len(logins(k5)) == MOST_BROWSERS


def test_a_blocked_subscriber_gets_none(k5: House) -> None:
    device = remembered(k5)
    blocking.block(k5.ports, k5.caller.id, "staff:test", "тест")
    with pytest.raises(SubscriberBlocked):
        opened(k5, device)


def test_accounts_that_ended_are_forgotten_after_a_day(k5: House) -> None:
    device = remembered(k5)
    opened(k5, device)
    kept = opened(k5, remembered(k5))
    browser_phones.end_accounts(k5.ports, k5.caller.id, device.selector)
    k5.clock.forward(days=1)
    assert browser_phones.forget_old(k5.ports) == 0
    k5.clock.forward(seconds=1)
    assert browser_phones.forget_old(k5.ports) == 1
    assert logins(k5) == [kept.login]
