"""Rows of people and accounts on both databases: what is removed is gone, and numbers never come twice."""

from dataclasses import replace
from datetime import timedelta

from k5web.domain.pbx.people import PbxUser, SipAccount
from k5web.storage.pbx import people_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock

OWNER = 8841


def test_an_extension_of_somebody_who_left_is_free_and_the_number_is_not(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        anna = people_rows.add_user(db, PbxUser(OWNER, 0, "201", "Анна", clock()))
        assert people_rows.remove_user(db, OWNER, anna.n, clock())
        assert not people_rows.remove_user(db, OWNER, anna.n, clock())
        boris = people_rows.add_user(db, PbxUser(OWNER, 0, "201", "Борис", clock()))
        assert (anna.n, boris.n) == (1, 2)
        assert people_rows.users(db, OWNER) == [boris]
        assert people_rows.users(db, OWNER + 1) == []


def test_an_account_is_put_changed_removed_and_put_again(sessions: Sessions, clock: Clock) -> None:
    phone = SipAccount(OWNER, "u8841-1", "phone", 1, "0" * 32, clock(), ("203.0.113.0/24", "2001:db8::/32"))
    with sessions.begin() as db:
        people_rows.put_account(db, phone)
        assert people_rows.find_account(db, OWNER, phone.login) == phone
        changed = replace(phone, password_digest="1" * 32, networks=())
        people_rows.put_account(db, changed)
        assert people_rows.accounts(db, OWNER) == [changed]
        assert people_rows.remove_accounts(db, OWNER, [phone.login, "u8841-9"], clock()) == 1
        assert people_rows.find_account(db, OWNER, phone.login) is None
        people_rows.put_account(db, phone)
        assert people_rows.accounts(db, OWNER) == [phone]


def test_browsers_of_devices_that_nobody_remembers_are_overdue(sessions: Sessions, clock: Clock) -> None:
    until = clock() + timedelta(hours=8)
    browser = SipAccount(OWNER, "w8841-00ff", "browser", None, "0" * 32, clock(), (), until, "gone")
    phone = SipAccount(OWNER, "u8841-1", "phone", 1, "0" * 32, clock())
    with sessions.begin() as db:
        people_rows.put_account(db, browser)
        people_rows.put_account(db, phone)
        assert people_rows.overdue_browsers(db, clock(), 10) == [(OWNER, browser.login)]
