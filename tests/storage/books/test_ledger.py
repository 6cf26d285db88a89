"""The ledger's rules, one by one, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from k5web.domain.books.ledger import Event, EventName, HoldState, Move, Purse
from k5web.domain.money import Money, rub
from k5web.errors import AccountClosed, Conflict, CurrencyMismatch, InsufficientFunds, NotFound
from k5web.storage.books import ledger
from k5web.storage.books.ledger_sql import ACCOUNT
from k5web.storage.session import Sessions

OWNER = 100001
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
LATER = NOW + timedelta(hours=1)


def event(key: str, amount: str, account_id: int = 1, origin: str = "qiwi:test", counter: str = "cash.qiwi") -> Event:
    minor = -rub(amount[1:]).minor if amount.startswith("-") else rub(amount).minor
    return Event(OWNER, EventName(origin, key), (Move(account_id, minor, counter),), "test", NOW)


@pytest.fixture
def account(sessions: Sessions) -> int:
    """The main account of the owner, empty."""
    with sessions.begin() as db:
        return ledger.open_account(db, OWNER, "main", "RUB")


def purse(sessions: Sessions) -> Purse:
    with sessions.read() as db:
        return ledger.purse(db, OWNER)


def test_a_new_account_is_empty_and_ids_are_never_given_twice(sessions: Sessions, account: int) -> None:
    assert purse(sessions) == Purse(OWNER, account, rub("0.00"), rub("0.00"), rub("0.00"))
    with sessions.begin() as db:
        assert ledger.open_account(db, OWNER, "minutes", "SEC") == account + 1


def test_an_unknown_owner_has_no_purse(sessions: Sessions) -> None:
    with sessions.read() as db, pytest.raises(NotFound):
        ledger.purse(db, 1)


def test_a_payment_is_posted_once_and_its_repeat_gets_the_first_answer(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        first = ledger.record(db, event("1", "100.00", account), TODAY, NOW)
    with sessions.begin() as db:
        again = ledger.record(db, event("1", "100.00", account), TODAY + timedelta(days=1), LATER)
    assert first.is_new
    assert not again.is_new
    assert again.postings == first.postings
    assert first.postings[0].balance == rub("100.00")
    assert first.postings[0].number == account * 10**9 + 1
    assert purse(sessions).balance == rub("100.00")


def test_a_known_name_with_another_meaning_is_a_conflict(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        ledger.record(db, event("1", "100.00", account), TODAY, NOW)
        other = ledger.open_account(db, OWNER, "bonus", "RUB")
    for origin in ("qiwi:test", "order"):
        with sessions.begin() as db:
            ledger.record(db, event("2", "1.00", account, origin), TODAY, NOW)
        for different in (event("2", "1.01", account, origin), event("2", "1.00", other, origin)):
            with pytest.raises(Conflict), sessions.begin() as db:
                ledger.record(db, different, TODAY, NOW)
    assert purse(sessions).balance == rub("102.00")


def test_a_refused_event_leaves_its_name_free(sessions: Sessions, account: int) -> None:
    fee = event("fee", "-50.00", account, "fee", "sale.fee")
    with pytest.raises(InsufficientFunds) as refusal, sessions.begin() as db:
        ledger.charge(db, fee, TODAY, NOW)
    assert refusal.value.facts == {"available": rub("0.00"), "needed": rub("50.00")}
    with sessions.begin() as db:
        assert not ledger.is_known(db, OWNER, fee.name)
        ledger.record(db, event("1", "50.00", account), TODAY, NOW)
    with sessions.begin() as db:
        assert ledger.charge(db, fee, TODAY, NOW).is_new
    assert purse(sessions).balance == rub("0.00")


def test_a_fact_is_booked_below_the_floor(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        ledger.record(db, event("case", "-30.00", account, "chargeback", "loss"), TODAY, NOW)
    assert purse(sessions).balance == Money(-3000)


def test_a_closed_account_takes_nothing(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        db.execute(ACCOUNT.update().where(ACCOUNT.c.owner_id == OWNER).values(closed_at=NOW))
    with pytest.raises(AccountClosed), sessions.begin() as db:
        ledger.record(db, event("1", "1.00", account), TODAY, NOW)
    with pytest.raises(AccountClosed), sessions.begin() as db:
        ledger.hold(db, OWNER, account, "c", rub("1.00"), NOW, LATER)
    with pytest.raises(NotFound), sessions.begin() as db:
        ledger.record(db, event("1", "1.00", account + 1), TODAY, NOW)


def test_the_day_never_goes_back(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        ledger.record(db, event("1", "1.00", account), TODAY, NOW)
        early = ledger.record(db, event("2", "1.00", account), TODAY - timedelta(days=3), NOW)
        late = ledger.record(db, event("3", "1.00", account), TODAY + timedelta(days=3), NOW)
    assert [posted.postings[0].day.day for posted in (early, late)] == [1, 4]
    assert [posted.postings[0].seq for posted in (early, late)] == [2, 3]


def test_an_event_may_move_several_accounts_or_none_of_them(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        seconds = ledger.open_account(db, OWNER, "minutes", "SEC")
    moves = (Move(seconds, -60, "gift"), Move(account, 500, "gift"), Move(account, 100, "opening"))
    with pytest.raises(InsufficientFunds), sessions.begin() as db:
        ledger.charge(db, Event(OWNER, EventName("order", "1"), moves, "test", NOW), TODAY, NOW)
    assert purse(sessions).balance == rub("0.00")
    with sessions.begin() as db:
        posted = ledger.record(db, Event(OWNER, EventName("order", "1"), moves, "test", NOW), TODAY, NOW)
    assert [(p.account_id, p.seq, p.balance.minor) for p in posted.postings] == [
        (account, 1, 500),
        (account, 2, 600),
        (seconds, 1, -60),
    ]
    with sessions.read() as db:
        found = ledger.find_event(db, OWNER, EventName("order", "1"))
    assert found is not None
    assert found.postings == posted.postings


def test_an_event_without_moves_is_a_mistake(sessions: Sessions) -> None:
    with pytest.raises(ValueError, match="moves nothing"), sessions.begin() as db:
        ledger.record(db, Event(OWNER, EventName("order", "1"), (), "test", NOW), TODAY, NOW)


def test_a_hold_lowers_what_may_be_spent_and_comes_once(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        ledger.record(db, event("1", "100.00", account), TODAY, NOW)
        first = ledger.hold(db, OWNER, account, "c1", rub("60.00"), NOW, LATER)
        assert ledger.hold(db, OWNER, account, "c1", rub("99.00"), LATER, LATER) == first
    assert (purse(sessions).held, purse(sessions).available) == (rub("60.00"), rub("40.00"))
    with pytest.raises(InsufficientFunds), sessions.begin() as db:
        ledger.hold(db, OWNER, account, "c2", rub("40.01"), NOW, LATER)
    with pytest.raises(CurrencyMismatch), sessions.begin() as db:
        ledger.hold(db, OWNER, account, "c2", Money(1, "KGS"), NOW, LATER)
    with pytest.raises(InsufficientFunds), sessions.begin() as db:
        ledger.charge(db, event("1", "-40.01", account, "fee", "sale.fee"), TODAY, NOW)


def test_a_hold_ends_once(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        ledger.record(db, event("1", "100.00", account), TODAY, NOW)
        ledger.hold(db, OWNER, account, "c1", rub("60.00"), NOW, LATER)
    with sessions.begin() as db:
        assert ledger.release(db, OWNER, account, "c1", NOW)
        assert not ledger.release(db, OWNER, account, "c1", NOW)
        assert not ledger.release(db, OWNER, account, "never", NOW)
        assert not ledger.expire(db, OWNER, account, "c1", LATER)
    assert purse(sessions).held == rub("0.00")


def test_a_call_is_settled_for_its_true_cost_once(sessions: Sessions, account: int) -> None:
    cost = event("c1", "-2.20", account, "call", "sale.call")
    with sessions.begin() as db:
        ledger.record(db, event("1", "100.00", account), TODAY, NOW)
        ledger.hold(db, OWNER, account, "c1", rub("60.00"), NOW, LATER)
        first = ledger.settle(db, cost, "c1", TODAY, NOW)
        again = ledger.settle(db, cost, "c1", TODAY, NOW)
        held = ledger.find_hold(db, OWNER, account, "c1")
    assert (first.is_new, again.is_new) == (True, False)
    assert held is not None
    assert held.state is HoldState.SETTLED
    assert (purse(sessions).balance, purse(sessions).held) == (rub("97.80"), rub("0.00"))


def test_a_late_record_is_booked_though_the_hold_expired(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        ledger.record(db, event("1", "1.00", account), TODAY, NOW)
        ledger.hold(db, OWNER, account, "c1", rub("1.00"), NOW, LATER)
        assert ledger.overdue_holds(db, NOW) == []
        assert not ledger.expire(db, OWNER, account, "c1", LATER - timedelta(seconds=1))
        assert ledger.overdue_holds(db, LATER) == [(OWNER, account, "c1")]
        assert ledger.expire(db, OWNER, account, "c1", LATER)
        assert ledger.settle(db, event("c1", "-2.20", account, "call", "sale.call"), "c1", TODAY, LATER).is_new
        held = ledger.find_hold(db, OWNER, account, "c1")
    assert held is not None
    assert held.state is HoldState.EXPIRED
    assert purse(sessions).balance == Money(-120)


def test_what_one_gives_another_must_be_there_and_neither_side_moves_alone(sessions: Sessions, account: int) -> None:
    with sessions.begin() as db:
        other = ledger.open_account(db, OWNER + 1, "main", "RUB")
        ledger.record(db, event("p1", "10.00"), TODAY, NOW)
    taken = event("form", "-10.01", account, "transfer", "transfer")
    given = Event(OWNER + 1, EventName("transfer.in", "form"), (Move(other, 1001, "transfer"),), "test", NOW)
    with pytest.raises(InsufficientFunds), sessions.begin() as db:
        ledger.charge_both(db, taken, given, TODAY, NOW)
    assert purse(sessions).balance == rub("10.00")
    with sessions.begin() as db:  # a fact is booked below the floor too
        sides = ledger.record_both(db, taken, given, TODAY, NOW)
    assert [side.postings[0].balance for side in sides] == [Money(-1), Money(1001)]
    with sessions.begin() as db:
        assert [side.is_new for side in ledger.charge_both(db, taken, given, TODAY, NOW)] == [False, False]
    with pytest.raises(Conflict), sessions.begin() as db:
        ledger.record_both(db, taken, event("other", "10.01", account, "transfer.in", "transfer"), TODAY, NOW)
