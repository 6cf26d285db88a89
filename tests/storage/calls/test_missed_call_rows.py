"""Access numbers as rows: the contacts behind them and what became of missed calls, on both databases."""

from datetime import UTC, datetime, timedelta

from k5web.domain.calls.missed_calls import CalledBack, Contact, MissedCall
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote, Rate
from k5web.storage.calls import missed_call_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
OLD = Contact("74951110001", Msisdn("74951234567"), "Мама", Price.parse("2.20"))
RATES = Rate("", "", Price.parse("1.75"), 60, 60, 3), Rate("", "", Price.parse("0.45"), 60, 60, 3)


def missed(record: str, after_s: int = 0) -> MissedCall:
    return MissedCall(record, "79161234567", "74951110001", NOW + timedelta(seconds=after_s))


def test_an_access_number_rings_one_contact_of_its_owner_with_the_terms_agreed_to(sessions: Sessions) -> None:
    number = Msisdn("78432123456")
    new = Contact(OLD.access, number, "", Quote("", number.digits, *RATES))
    with sessions.begin() as db:
        missed_call_rows.assign(db, 1, OLD)
        missed_call_rows.assign(db, 2, OLD)
    with sessions.begin() as db:
        assert missed_call_rows.contacts(db, 1) == [OLD]
        missed_call_rows.assign(db, 1, new)
    with sessions.begin() as db:
        assert missed_call_rows.contacts(db, 1) == [new]
        assert [missed_call_rows.release(db, 1, OLD.access) for _ in range(2)] == [True, False]
        assert (missed_call_rows.contacts(db, 1), missed_call_rows.contacts(db, 2)) == ([], [OLD])


def test_a_missed_call_is_kept_once_and_waits_until_its_outcome_is_written(sessions: Sessions) -> None:
    with sessions.begin() as db:
        missed_call_rows.add(db, "fake", [missed("late", 5), missed("early")])
        missed_call_rows.add(db, "fake", [missed("early")])
    with sessions.begin() as db:
        assert [(name, one.record) for name, one in missed_call_rows.new(db)] == [("fake", "early"), ("fake", "late")]
        missed_call_rows.close(db, "fake", "early", "called", 1, "1-1")
        missed_call_rows.close(db, "fake", "early", "too_often", 1, None)
        missed_call_rows.add(db, "fake", [missed("early")])
        assert [one.record for _name, one in missed_call_rows.new(db)] == ["late"]
        assert missed_call_rows.latest(db, 1, 10) == [CalledBack("74951110001", NOW, "called", "1-1")]


def test_missed_calls_of_long_ago_are_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as db:
        missed_call_rows.add(db, "fake", [missed("old"), missed("new", 60)])
        missed_call_rows.forget(db, NOW + timedelta(seconds=60))
        assert [one.record for _name, one in missed_call_rows.new(db)] == ["new"]
