"""What the page of one subscriber reads: by a key, whatever lies between, and in the account's own unit."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import FIRST_DAY, LAST_DAY, Movements
from k5web.domain.money import Money, rub
from k5web.services.books import acts
from k5web.storage.books import ledger, statement_rows
from k5web.storage.desk import subscriber_rows
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import Queued
from tests.services.books.months import Months
from tests.services.house import House

OWNER = 100001
EVER = FIRST_DAY, LAST_DAY
BY_KEY: dict[str, Callable[[Session], object]] = {
    "ix_posting_cash": lambda db: statement_rows.lines(db, OWNER, 1, EVER, None, 5, Movements.PAYMENTS),
    "ix_outbox_owner_id_created_at": lambda db: subscriber_rows.messages(db, OWNER, None, 5),
    "ix_hold_open": lambda db: subscriber_rows.open_holds(db, OWNER, 5),
}


@pytest.mark.parametrize("index", BY_KEY)
def test_the_newest_are_found_by_a_key(k5: House, index: str) -> None:
    asked: list[tuple[str, object]] = []
    with k5.ports.sessions.read() as db:
        engine = db.connection().engine

        def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
            asked.append((statement, values))

        event.listen(engine, "before_cursor_execute", note)
        BY_KEY[index](db)
        event.remove(engine, "before_cursor_execute", note)
        (statement, values) = asked[-1]
        explain = "EXPLAIN QUERY PLAN "
        if engine.dialect.name == "postgresql":
            db.execute(text("SET LOCAL enable_seqscan = off"))
            db.execute(text("SET LOCAL enable_bitmapscan = off"))
            explain = "EXPLAIN "
        plan = [str(row[-1]) for row in db.connection().exec_driver_sql(explain + statement, values)]  # type: ignore[arg-type]
    assert [step for step in plan if index in step], plan


def test_holds_are_told_in_the_unit_of_their_account(k5: House) -> None:
    k5.top_up("10.00")
    account_id = k5.purse().account_id
    later = k5.clock() + timedelta(minutes=1)
    with k5.ports.sessions.begin() as db:
        seconds = ledger.open_account(db, OWNER, "allowance:gift", "SEC", -60)
        for n, (account, amount) in enumerate(((account_id, rub("0.60")), (seconds, Money(60, "SEC")))):
            ledger.hold(db, OWNER, account, f"{OWNER}-{n}", amount, k5.clock() + timedelta(seconds=n), later)
    with k5.ports.sessions.read() as db:
        holds = subscriber_rows.open_holds(db, OWNER, 5)
        assert [hold.amount for hold in holds] == [Money(60, "SEC"), rub("0.60")], "the newest first"
        assert list(ledger.purses(db, OWNER)) == ["main", "allowance:gift"]
        assert ledger.purses(db, OWNER)["main"] == k5.purse()
        assert subscriber_rows.open_holds(db, OWNER, 1) == holds[:1]
    with k5.ports.sessions.begin() as db:
        ledger.release(db, OWNER, seconds, f"{OWNER}-1", k5.clock())
        assert subscriber_rows.open_holds(db, OWNER, 5) == holds[1:]


def test_messages_tell_nothing_of_what_they_say_and_decoys_nothing_at_all(k5: House) -> None:
    queued = Queued(OWNER, "code 1", "code", {"code": "123456"}, k5.clock(), "sms", "+79161234567")
    decoy = Queued(OWNER, "code 2", "code", {"code": "654321"}, k5.clock(), "sms", "+79160000000")
    with k5.ports.sessions.begin() as db:
        outbox_rows.queue(db, queued)
        outbox_rows.queue_decoy(db, decoy)
    with k5.ports.sessions.read() as db:
        (told,) = subscriber_rows.messages(db, OWNER, None, 5)
    assert (told.id, told.kind, told.state, told.channel) == ("code 1", "code", "waiting", "sms")
    assert not [fact for fact in ("123456", "9161234567") if fact in str(told)]


def test_acts_are_listed_with_the_wish_for_an_original_in_one_statement(k5: House) -> None:
    months = Months(k5)
    months.charge(10_00)
    months.at("2027-01-15 12:00:00")
    months.charge(7_00, name=EventName("order", "form-9"))
    months.at("2027-02-01 12:00:00")
    acts.run(k5.ports)
    december, january = months.found()[1].month, months.found()[0].month
    acts.want_original(k5.ports, OWNER, december, 1)
    acts.note_sent(k5.ports, OWNER, december, 1, january, "заказное 5", "staff:anna")
    asked: list[str] = []
    with k5.ports.sessions.read() as db:
        event.listen(db.connection().engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
        heads = subscriber_rows.acts_of_owner(db, OWNER, 5)
        assert len([each for each in asked if each.startswith("SELECT")]) == 1
        assert subscriber_rows.acts_of_month(db, december, (0, 0), 5) == heads[1:]
        assert subscriber_rows.acts_of_month(db, december, (OWNER, 1), 5) == []
    assert [(act.address, act.label, act.total) for act in heads] == [
        ("2027-01", "1/2027", rub("7.00")),
        ("2026-12", "1/2026", rub("10.00")),
    ]
    assert [(act.wanted_at is None, act.sent_on) for act in heads] == [(True, None), (False, january)]
