"""One subscriber on one page: the newest of everything, by few statements whatever the history's length (B14, S26)."""

import pytest

from k5web.domain.accounts.profile import PersonalFacts
from k5web.errors import NotFound, WrongReason
from k5web.services.accounts import blocking, devices, staff_access
from k5web.services.accounts.staff_access import Reader
from k5web.services.desk import subscriber_view
from k5web.services.messaging import sending
from k5web.storage.accounts import access_rows, personal_rows
from k5web.storage.books import ledger
from tests.services.books.test_claims import dispute, take
from tests.services.house import House, subscriber
from tests.services.visits import counting, log_in, statements

ANNA = "staff:anna"
MOST_STATEMENTS = 36  # one for each kind of thing on the page, and few more


def live_long(k5: House, times: int) -> None:
    """Let a subscriber pay, call, log in, dispute and be looked at so often."""
    for n in range(times):
        k5.top_up("50.00")
        k5.talk(k5.order(), "60")
        log_in(k5)
        dispute(k5, take(k5, 2_20, f"history-{n}"), f"claim-{n}")
        blocking.block(k5.ports, k5.caller.id, ANNA, f"проверка {n}")
        blocking.unblock(k5.ports, k5.caller.id, ANNA, "всё в порядке")
        staff_access.note(k5.ports, [k5.caller.id], Reader(ANNA, "test", f"reading {n}"))


def test_the_page_has_the_newest_of_everything(k5: House) -> None:
    live_long(k5, 7)
    k5.order()
    view = subscriber_view.show(k5.ports, k5.caller.id)
    assert view.standing.owner.id == k5.caller.id
    assert [block.reason for block in view.standing.blocks][:2] == ["всё в порядке", "проверка 6"]
    assert view.money.purses["main"] == k5.purse()
    assert [str(hold.amount) for hold in view.money.holds] == [str(k5.held())]
    assert [str(line.posting.amount) for line in view.money.payments] == ["50.00"] * subscriber_view.SHOWN
    assert len(view.calls) == subscriber_view.SHOWN
    assert view.calls[0].ordered_at >= view.calls[1].ordered_at
    assert [claim.n for claim in view.papers.claims] == [7, 6, 5, 4, 3]
    assert [look.purpose for look in view.looks] == [f"reading {n}" for n in (6, 5, 4, 3, 2)]
    assert len(view.devices) == 7
    assert {message.kind for message in view.messages} == {"device", "payment"}
    assert view.connected.plan.code == "k5"


def test_the_page_costs_the_same_however_long_the_history_is(k5: House) -> None:
    live_long(k5, 1)
    short: list[str] = []
    with statements(k5.ports.sessions, short, ("SELECT", "WITH")):
        subscriber_view.show(k5.ports, k5.caller.id)
    live_long(k5, 8)
    long: list[str] = []
    with statements(k5.ports.sessions, long, ("SELECT", "WITH")):
        subscriber_view.show(k5.ports, k5.caller.id)
    assert long == short
    assert 20 < len(long) <= MOST_STATEMENTS


def test_all_of_the_page_is_read_in_one_transaction(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    subscriber_view.show(k5.ports, k5.caller.id)  # plans are in memory then
    opened: list[str] = []
    counted = counting(k5.ports.sessions.read, opened)
    monkeypatch.setattr(type(k5.ports.sessions), "read", lambda _sessions: counted())
    subscriber_view.show(k5.ports, k5.caller.id)
    assert opened == ["read"]


def test_somebody_who_is_not_there_is_not_found(k5: House) -> None:
    for look in (subscriber_view.show, subscriber_view.before_step, subscriber_view.acts_of):
        with pytest.raises(NotFound):
            look(k5.ports, 999)
    with pytest.raises(NotFound):
        subscriber_view.looks(k5.ports, 999, None)
    with pytest.raises(NotFound):
        subscriber_view.messages(k5.ports, 999, None)


def tell(k5: House) -> None:
    facts = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}
    with k5.ports.sessions.begin() as db:
        ledger.lock_purse(db, k5.caller.id)
        personal_rows.add(db, k5.caller.id, PersonalFacts("person", facts, k5.clock(), "subscriber"))


def test_who_it_is_is_told_after_the_reading_is_written_down(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """S26: nothing of the identity is read before the reason is in the database."""
    tell(k5)
    order: list[str] = []
    monkeypatch.setattr(access_rows, "add", counting(access_rows.add, order))
    monkeypatch.setattr(personal_rows, "history", counting(personal_rows.history, order))
    found = subscriber_view.identity(k5.ports, k5.caller.id, ANNA, "звонит сама, сверяем адрес")
    assert order == ["add", "history"]
    assert found.profile is not None
    assert found.profile["address"] == "Москва, Тверская, 1"
    (look,) = staff_access.listed(k5.ports, k5.caller.id)
    assert (look.actor, look.command, look.purpose) == (ANNA, "desk identity", "звонит сама, сверяем адрес")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "line\nline"])
def test_without_a_reason_nobody_is_told_who_it_is(k5: House, reason: str) -> None:
    with pytest.raises(WrongReason):
        subscriber_view.identity(k5.ports, k5.caller.id, ANNA, reason)
    assert staff_access.listed(k5.ports, k5.caller.id) == []


def test_readings_go_on_by_key_and_lose_none(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_view, "PAGE", 3)
    for n in range(7):
        staff_access.note(k5.ports, [k5.caller.id], Reader(ANNA, "test", str(n)))
    seen, before = [], None
    while True:
        page = subscriber_view.looks(k5.ports, k5.caller.id, before)
        seen += [look.purpose for look in page.looks]
        if (before := page.next_before) is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_messages_of_one_moment_go_on_by_key_and_lose_none(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_view, "PAGE", 2)
    with k5.ports.sessions.begin() as db:
        for n in range(5):
            sending.queue_notice(db, k5.caller.id, "device", {"browser": "x"}, f"device {n}", k5.clock())
    seen, before = [], None
    while True:
        page = subscriber_view.messages(k5.ports, k5.caller.id, before)
        seen += [message.id for message in page.messages]
        if (before := page.next_before) is None:
            break
    assert seen == [f"device {n}" for n in (4, 3, 2, 1, 0)]


def test_other_peoples_things_are_on_no_page(k5: House) -> None:
    live_long(k5, 1)
    stranger = subscriber(k5, 5)
    view = subscriber_view.show(k5.ports, stranger.id)
    assert not any((view.calls, view.devices, view.looks, view.papers.claims, view.money.holds))
    assert [message.kind for message in view.messages] == ["resume", "payment"], "that money came"
    assert [str(line.posting.amount) for line in view.money.payments] == ["100.00"]
    assert devices.list_devices(k5.ports, k5.caller.id).live
