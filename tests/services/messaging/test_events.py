"""What subscribers are told of: each event writes its notice in its own transaction, once."""

from contextlib import suppress
from dataclasses import replace

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.payments.top_up import SavedCard
from k5web.errors import NotFound
from k5web.services.accounts import accounts
from k5web.services.accounts.accounts import Browser
from k5web.services.messaging import delivery
from k5web.services.payments import saved_cards
from k5web.services.payments.topups import credit
from k5web.services.prices import billing
from k5web.storage.accounts import email_rows
from k5web.storage.messaging import outbox_rows
from k5web.storage.payments import saved_card_rows
from tests.fakes.messages import FakeMailer, FakeMessenger
from tests.services.house import OWN, House
from tests.services.prices.test_subscriptions import connect


def told(k5: House) -> list[tuple[str, dict[str, object]]]:
    with k5.ports.sessions.read() as db:
        return [(each.kind, dict(each.facts)) for each in outbox_rows.due(db, k5.clock(), 100)]


def test_a_payment_is_told_once_with_what_is_on_the_account(k5: House) -> None:
    k5.top_up("50.00")
    assert ("payment", {"minor": 5000, "balance_minor": 5000, "currency": "RUB"}) in told(k5)
    assert [kind for kind, _ in told(k5)].count("payment") == 1


def test_a_browser_that_logs_in_again_is_no_new_device(k5: House) -> None:
    visit = accounts.log_in(k5.ports, OWN, "correct horse", Browser("Chrome, Android", "203.0.113.9"))
    again = Browser("Chrome, Android", "203.0.113.9", token=visit.token)
    accounts.log_in(k5.ports, OWN, "correct horse", again)
    assert told(k5) == [("device", {"browser": "Chrome, Android"})]


def test_a_card_that_is_removed_is_told(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        saved_card_rows.keep(db, k5.caller.id, "fake:bank", SavedCard("b", "4111**1111", "203012"), k5.clock())
    saved_cards.forget(k5.ports, k5.caller.id, 1)
    assert told(k5) == [("card_removed", {"mask": "4111**1111"})]


def test_a_fee_that_is_not_to_be_had_is_told_once(k5: House) -> None:
    k5.top_up("470.00")
    connect(k5, "plan", "go")
    for _ in range(3):
        k5.clock.forward(days=31)
        billing.run(k5.ports)
    assert [kind for kind, _ in told(k5)].count("fee_not_taken") == 1


def test_each_event_reaches_its_owner_once_however_often_it_comes(k5: House) -> None:
    """Payment, low balance, new device, removed card: repeats of the cause and rounds of the worker add nothing."""
    messenger, mailer = FakeMessenger(), FakeMailer()
    ports, mail = replace(k5.ports, messenger=messenger, mailer=mailer), EmailAddress("a@mail.ru")
    with ports.sessions.begin() as db:
        email_rows.give(db, k5.caller.id, mail, ports.clock())
        email_rows.confirm(db, k5.caller.id, mail, ports.clock())
        saved_card_rows.keep(db, k5.caller.id, "fake:bank", SavedCard("b", "4111**1111", "203012"), ports.clock())
    visit = accounts.log_in(ports, OWN, "correct horse", Browser("Chrome, Android", "203.0.113.9"))
    name, paid_at = EventName("test:bank", "one"), k5.clock()
    for _ in range(2):
        credit(ports, k5.caller.id, name, rub("21.00"), "cash.test", "connector:test", paid_at)
        k5.talk(k5.order(), "30")
        accounts.log_in(ports, OWN, "correct horse", Browser("Chrome, Android", "203.0.113.9", token=visit.token))
        with suppress(NotFound):
            saved_cards.forget(ports, k5.caller.id, 1)
        for _ in range(3):
            delivery.deliver_due(ports)
            k5.clock.forward(seconds=20)
    assert [text.split()[0] for _, text in messenger.texts] == ["resume", "low_balance"]
    assert sorted(letter.subject for letter in mailer.took) == ["card_removed", "device", "payment"]
