"""Remembered devices: known again (A1), renewed, ended, forgotten; on both databases."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event

from k5web.domain.accounts.device import AT_ONCE_WITHIN
from k5web.domain.prices.number import Msisdn
from k5web.errors import DeviceReused, NotFound, Unavailable, WrongLogin
from k5web.services.accounts import accounts, devices
from k5web.services.accounts.devices import Visit
from k5web.storage import session
from k5web.storage.books import ledger
from k5web.storage.session import LOCK_TIMEOUT_S, SQLITE_BUSY_S, Sessions, open_sessions
from tests.conftest import Clock
from tests.services.house import House
from tests.services.visits import PHONE, RIGHT, WRONG, is_known, log_in, refusal, statements, token


def test_a_remembered_phone_is_known_again_and_again_and_reading_stays_light(k5: House) -> None:
    cookie = token(log_in(k5))
    first = devices.recognise(k5.ports, cookie)
    assert first is not None
    assert first.subscriber == k5.caller
    written: list[str] = []
    with statements(k5.ports.sessions, written, only=("UPDATE", "INSERT", "DELETE")):
        for _ in range(5):
            k5.clock.forward(seconds=100)
            assert is_known(k5, cookie)
        assert written == []
        k5.clock.forward(seconds=200)
        assert is_known(k5, cookie)
        assert len(written) == 1


@pytest.mark.parametrize(
    "cookie", ["", ".", "a.b", "x" * 5000, "{selector}", "{selector}.", "é.ü", "{validator}.{selector}"]
)
def test_no_other_cookie_opens_the_door(k5: House, cookie: str) -> None:
    good = token(log_in(k5))
    selector, _, validator = good.partition(".")
    assert not is_known(k5, cookie.format(selector=selector, validator=validator))
    assert is_known(k5, good)


@pytest.mark.parametrize("selector", ["\0abc", "\0" * 16, "é" * 16, "a" * 17, "a" * 15 + "\n", "\ud800" * 16])
def test_what_is_no_selector_never_reaches_the_base(k5: House, selector: str) -> None:
    """PostgreSQL takes no NUL in a text: such a cookie, a path and a login with it are answered like any other."""
    cookie = f"{selector}.{'v' * 43}"
    asked: list[str] = []
    with statements(k5.ports.sessions, asked):
        assert not is_known(k5, cookie)
        with pytest.raises(NotFound):
            devices.end_device(k5.ports, k5.caller.id, selector)
    assert asked == []
    assert log_in(k5, browser=replace(PHONE, token=cookie)).subscriber == k5.caller


def test_the_base_does_not_hold_the_cookie(k5: House) -> None:
    validator = token(log_in(k5)).partition(".")[2]
    with k5.ports.sessions.read() as db:
        rows = db.connection().exec_driver_sql("SELECT * FROM device").all()
    assert rows
    assert validator not in str(rows)


def test_a_day_later_a_new_token_comes_and_the_old_one_is_good_until_it_is_seen(k5: House) -> None:
    old = token(log_in(k5))
    assert is_known(k5, old)
    k5.clock.forward(days=1)
    new = token(devices.recognise(k5.ports, old))
    assert new != old
    assert is_known(k5, old), "parallel requests still carry it"
    assert is_known(k5, new)
    k5.clock.forward(seconds=119)
    assert is_known(k5, old)
    k5.clock.forward(seconds=1)
    with pytest.raises(DeviceReused):
        devices.recognise(k5.ports, old)
    assert not is_known(k5, new), "two browsers hold this device: it ends"


def test_a_lost_answer_never_logs_an_honest_reader_out(k5: House) -> None:
    old = token(log_in(k5))
    assert is_known(k5, old)
    k5.clock.forward(days=1)
    token(devices.recognise(k5.ports, old))  # lost on the way
    for _ in range(3):
        k5.clock.forward(days=3)
        again = token(devices.recognise(k5.ports, old))  # lost again
    assert is_known(k5, again)


def test_reuse_ends_this_device_only_and_the_list_tells(k5: House) -> None:
    other = token(log_in(k5))
    copied = token(log_in(k5))
    assert is_known(k5, copied)
    k5.clock.forward(days=1)
    assert is_known(k5, token(devices.recognise(k5.ports, copied)))
    k5.clock.forward(seconds=121)
    with pytest.raises(DeviceReused):
        devices.recognise(k5.ports, copied)
    found = devices.list_devices(k5.ports, k5.caller.id)
    assert [device.selector for device in found.live] == [other.partition(".")[0]]
    assert [device.selector for device, _at in found.copied] == [copied.partition(".")[0]]
    assert is_known(k5, other)
    k5.clock.forward(days=31)
    assert devices.list_devices(k5.ports, k5.caller.id).copied == []


def test_ten_requests_at_once_rotate_once(k5: House) -> None:
    old = token(log_in(k5))
    assert is_known(k5, old)
    k5.clock.forward(days=1)
    visits: list[Visit | None] = []
    threads = [threading.Thread(target=lambda: visits.append(devices.recognise(k5.ports, old))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(visits)
    tokens = [visit.token for visit in visits if visit and visit.token]
    assert len(tokens) == 1
    assert is_known(k5, tokens[0])


def test_half_a_year_without_use_forgets_and_use_slides_it_on_for_a_year_at_most(k5: House) -> None:
    idle, used = token(log_in(k5)), token(log_in(k5))
    for _ in range(3):
        k5.clock.forward(days=100)
        visit = devices.recognise(k5.ports, used)
        assert visit is not None
        used = visit.token or used
    assert not is_known(k5, idle)
    k5.clock.forward(days=64)
    assert is_known(k5, used)
    k5.clock.forward(days=1)
    assert not is_known(k5, used)


def test_a_foreign_phone_forgets_after_half_an_hour(k5: House) -> None:
    cookie = token(log_in(k5, browser=replace(PHONE, is_own=False)))
    for _ in range(4):
        k5.clock.forward(minutes=20)
        assert is_known(k5, cookie)
    k5.clock.forward(minutes=30)
    assert not is_known(k5, cookie)


def test_a_new_password_ends_all_other_devices(k5: House) -> None:
    here, there = log_in(k5), log_in(k5)
    accounts.change_password(k5.ports, k5.caller, "а теперь другой", here.device)
    assert is_known(k5, token(here))
    assert not is_known(k5, token(there))
    assert isinstance(refusal(lambda: log_in(k5)), WrongLogin)
    assert log_in(k5, password="а теперь другой")
    accounts.change_password(k5.ports, k5.caller, RIGHT)
    assert not is_known(k5, token(here)), "set by the operator: everybody logs in anew"


def test_a_login_ends_the_login_before_it_in_the_same_browser(k5: House) -> None:
    first = log_in(k5)
    second = log_in(k5, browser=replace(PHONE, token=token(first)))
    assert not is_known(k5, token(first))
    assert is_known(k5, token(second))


def test_one_device_or_all_are_ended_by_their_owner_alone(k5: House) -> None:
    other = accounts.add_subscriber(k5.ports, Msisdn("79160000001"), RIGHT, "Ольга")
    one, two = log_in(k5), log_in(k5)
    with pytest.raises(NotFound):
        devices.end_device(k5.ports, other.id, one.device.selector)
    assert is_known(k5, token(one))
    devices.end_device(k5.ports, k5.caller.id, one.device.selector)
    assert not is_known(k5, token(one))
    assert devices.end_all_devices(k5.ports, k5.caller.id) == 1
    assert not is_known(k5, token(two))


def test_a_typed_password_counts_for_a_quarter_of_an_hour(k5: House) -> None:
    device = log_in(k5).device
    k5.clock.forward(minutes=14, seconds=59)
    assert devices.is_confirmed(k5.ports, device)
    k5.clock.forward(seconds=1)
    assert not devices.is_confirmed(k5.ports, device)


def test_at_once_is_off_until_switched_on_and_a_visit_tells_of_the_use_before_it(k5: House) -> None:
    """«Звонить сразу» sleeps on a phone not used for a month: this very use must not count."""
    cookie = token(log_in(k5))
    first = devices.recognise(k5.ports, cookie)
    assert first is not None
    assert not first.device.at_once
    devices.switch_at_once(k5.ports, first.device, True)
    k5.clock.forward(days=31)
    visit = devices.recognise(k5.ports, cookie)
    assert visit is not None
    assert visit.device.at_once
    assert k5.clock() - visit.device.last_used_at >= AT_ONCE_WITHIN
    k5.clock.forward(days=1)
    again = devices.recognise(k5.ports, token(visit))
    assert again is not None
    assert k5.clock() - again.device.last_used_at < AT_ONCE_WITHIN


def test_a_standby_that_lags_neither_logs_out_nor_revives(
    sqlite_url: str, sqlite_template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The read door may be behind: who is unknown there is looked up at the primary, changes always are."""
    behind = tmp_path / "behind.db"
    primary = open_sessions(sqlite_url, sqlite_url)
    k5 = House(primary, request.getfixturevalue("clock"))
    revoked = token(log_in(k5))
    assert is_known(k5, revoked)
    primary.dispose()
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), behind)
    devices.end_device(k5.ports, k5.caller.id, revoked.partition(".")[0])
    fresh = token(log_in(k5))
    lagging = replace(k5.ports, sessions=open_sessions(sqlite_url, f"sqlite:///{behind}"))
    assert devices.recognise(lagging, fresh) is not None
    assert devices.recognise(lagging, revoked, may_change=True) is None
    lagging.sessions.dispose()
    primary.dispose()


def test_a_base_that_cannot_write_still_lets_read(k5: House, tmp_path: Path) -> None:
    cookie = token(log_in(k5))
    assert is_known(k5, cookie)
    k5.clock.forward(days=2)
    broken = Sessions(create_engine(f"sqlite:///{tmp_path}/nowhere/k5.db"), k5.ports.sessions._read)
    visit = devices.recognise(replace(k5.ports, sessions=broken), cookie)
    assert visit is not None
    assert visit.token is None


def test_a_base_busy_with_another_writer_keeps_no_reader_waiting(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is noted about a phone can wait; a change waits as long as on PostgreSQL: here a tenth of that."""
    assert SQLITE_BUSY_S == LOCK_TIMEOUT_S
    monkeypatch.setattr(session, "SQLITE_BUSY_S", LOCK_TIMEOUT_S / 10)
    sessions = open_sessions(sqlite_url, sqlite_url)
    k5 = House(sessions, clock)
    cookie = token(log_in(k5))
    assert is_known(k5, cookie)
    clock.forward(hours=1)
    with sessions.begin() as db:
        ledger.lock_purse(db, k5.caller.id)
        patience: list[str] = []
        event.listen(sessions.write, "before_cursor_execute", lambda *told: patience.append(told[2]))
        assert is_known(k5, cookie)
        assert patience == ["PRAGMA busy_timeout=50", "BEGIN IMMEDIATE"]
        with pytest.raises(Unavailable):
            devices.recognise(k5.ports, cookie, may_change=True)
        assert patience[2:] == ["PRAGMA busy_timeout=300", "BEGIN IMMEDIATE"]
    assert is_known(k5, cookie)
    sessions.dispose()


def test_old_rows_are_forgotten(k5: House) -> None:
    log_in(k5)
    refusal(lambda: log_in(k5, password=WRONG))
    k5.clock.forward(days=1)
    assert devices.forget_old(k5.ports) == 3  # yesterday's counts: of number, address and network
    k5.clock.forward(days=366)
    assert devices.forget_old(k5.ports) == 1
