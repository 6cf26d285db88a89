"""What an account sent and what cards brought, read for one account alone."""

from datetime import timedelta

from k5web.domain.books.ledger import EventName
from k5web.domain.books.transfer import sent_name
from k5web.domain.money import Money, rub
from k5web.services.payments.topups import credit
from k5web.storage.books import ledger, transfer_rows
from tests.services.books.two import Two
from tests.services.house import House


def sent_today(two: Two) -> Money:
    ports = two.k5.ports
    with ports.sessions.read() as db:
        return transfer_rows.sent_since(db, ledger.purse(db, two.k5.caller.id), ports.today())


def test_what_was_sent_counts_until_midnight_in_moscow_taken_back_or_not(k5: House) -> None:
    two = Two(k5)
    two.send("300.00")
    two.send("1.00", "form-2")
    assert sent_today(two) == rub("301.00")
    k5.clock.forward(hours=11, minutes=59)
    assert sent_today(two) == rub("301.00")
    k5.clock.forward(minutes=1)
    assert sent_today(two) == rub("0.00")


def test_what_cards_brought_is_theirs_alone_and_of_late(k5: House) -> None:
    two = Two(k5)
    name = EventName("cards:bank", "order-1")
    credit(k5.ports, k5.caller.id, name, rub("50.00"), "cash.cards", "connector:cards", k5.clock())
    with k5.ports.sessions.read() as db:
        mine, theirs = (ledger.purse(db, who.id) for who in (k5.caller, two.ivan))
        before, now = k5.clock() - timedelta(hours=1), k5.clock()
        assert transfer_rows.brought_since(db, mine, ["cards:bank"], before) == rub("50.00")
        assert transfer_rows.brought_since(db, mine, ["cards:bank"], now) == rub("0.00")
        assert transfer_rows.brought_since(db, mine, [], before) == rub("0.00")
        assert transfer_rows.brought_since(db, theirs, ["cards:bank"], before) == rub("0.00")


def test_the_receiver_is_found_by_the_senders_name(k5: House) -> None:
    two = Two(k5)
    two.send("300.00")
    with k5.ports.sessions.read() as db:
        assert transfer_rows.receiver_of(db, k5.caller.id, sent_name("form-1")) == two.ivan.id
        assert transfer_rows.receiver_of(db, two.ivan.id, sent_name("form-1")) is None
        assert transfer_rows.receiver_of(db, k5.caller.id, sent_name("form-2")) is None
