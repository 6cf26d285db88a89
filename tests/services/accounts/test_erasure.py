"""Personal data are erased for good; calls and books stay and hold (B14)."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import Money, rub
from k5web.domain.payments.top_up import SavedCard
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotErasable, NotFound, SubscriberErased, WrongLogin
from k5web.services.accounts import (
    accounts,
    advances,
    blocking,
    devices,
    emails,
    endings,
    erasure,
    own_limits,
    phones,
    profiles,
    tokens,
)
from k5web.services.books.verify import verify
from k5web.services.messaging import delivery
from k5web.services.payments.topups import credit
from k5web.services.prices import objections
from k5web.storage.accounts import owned_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.messaging import outbox_rows
from k5web.storage.payments import saved_card_rows
from k5web.storage.tables import Base
from tests.services.accounts.stock import GO, A, fill, on
from tests.services.accounts.test_advances import TO
from tests.services.accounts.test_endings import at
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import OWN, House
from tests.services.prices.test_objections import SHORTER, announce
from tests.services.visits import log_in, refusal, token

PERSON = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}
TRACES = ("Сидорова", "Анна", "Тверская", "anna@mail.ru", "Офис Анны", "Chrome")


def live(k5: House) -> str:
    """Let the subscriber do something in every corner, and end with an empty account; return the cookie."""
    cookie = token(log_in(k5))
    profiles.save(k5.ports, k5.caller.id, "person", PERSON, consents_now=True)
    _, request = emails.ask(k5.ports, k5.caller.id, "anna@mail.ru", None, consents_now=False)
    emails.confirm(k5.ports, k5.caller.id, EmailAddress("anna@mail.ru"), codes_sent(k5)[-1], request)
    tokens.make_token(k5.ports, k5.caller.id, "Офис Анны", may_call=True)
    with k5.ports.sessions.begin() as db:
        saved_card_rows.keep(db, k5.caller.id, "fake:bank", SavedCard("b", "4111**1111", "203012"), k5.clock())
    k5.top_up("2.20")
    k5.talk(k5.order(), "55")
    assert k5.balance() == rub("0.00")
    return cookie


def end(k5: House) -> None:
    """Let the contract have ended."""
    with k5.ports.sessions.begin() as db:
        subscribers.set_ended(db, k5.caller.id, k5.clock())


def everything(k5: House) -> str:
    with k5.ports.sessions.read() as db:
        return json.dumps({name: list(rows) for name, rows in owned_rows.given(db, k5.caller.id)}, ensure_ascii=False)


def test_nothing_leads_to_a_name_any_more_and_the_books_hold(k5: House) -> None:
    cookie = live(k5)
    assert all(trace in everything(k5) for trace in TRACES)
    assert erasure.obstacles(k5.ports, k5.caller.id, "subscriber") == ["contract"]
    assert erasure.obstacles(k5.ports, k5.caller.id, "staff:anna") == []
    end(k5)
    assert erasure.erase(k5.ports, k5.caller.id, "subscriber")
    left = everything(k5)
    assert not [trace for trace in TRACES if trace in left]
    assert json.loads(left)["call"][0]["b_number"] == "74951234567", "calls stay with their numbers"
    assert len(json.loads(left)["posting"]) == 2
    assert [each["is_given"] for each in json.loads(left)["consent"]] == [True], "who consented can still be proved"
    assert devices.recognise(k5.ports, cookie) is None
    assert isinstance(refusal(lambda: log_in(k5)), WrongLogin)
    with pytest.raises(NotFound):
        accounts.find_subscriber(k5.ports, OWN)
    with k5.ports.sessions.read() as db:
        assert [card.mask for card in saved_card_rows.untold(db)] == ["4111**1111"], "the provider is to forget it"
        assert outbox_rows.due(db, k5.clock(), 100) == []
    assert verify(k5.ports) == []


def kept_anywhere(k5: House, *texts: str) -> list[str]:
    """Return the tables in which any of these texts stands."""
    with k5.ports.sessions.read() as db:
        found = {table.name: str(db.execute(select(table)).all()) for table in Base.metadata.sorted_tables}
    return [name for name, rows in found.items() if any(text in rows for text in texts)]


def test_no_phone_or_email_that_they_ever_had_is_left(k5: House) -> None:
    """Also in the names of messages, and in those with codes, which belong to nobody."""
    old, second, removed = "old@mail.ru", Msisdn("79990001122"), Msisdn("79990001133")
    for address in (old, "new@mail.ru"):
        k5.clock.forward(seconds=1)
        email, request = emails.ask(k5.ports, k5.caller.id, address, None, consents_now=True)
        emails.confirm(k5.ports, k5.caller.id, email, codes_sent(k5)[-1], request)
    for number in (second, removed):
        k5.clock.forward(seconds=1)
        _, request = phones.ask(k5.ports, k5.caller, str(number), None)
        phones.add(k5.ports, k5.caller, number, request, codes_sent(k5)[-1])
    own_limits.change(k5.ports, k5.caller.id, {"day": 100_00})
    own_limits.change(k5.ports, k5.caller.id, {"day": 200_00})
    phones.choose(k5.ports, k5.caller.id, second)
    phones.remove(k5.ports, k5.caller.id, removed)
    k5.clock.forward(hours=2)
    delivery.deliver_due(k5.ports)
    delivery.sweep(k5.ports)
    assert erasure.erase(k5.ports, k5.caller.id, "staff:anna")
    assert kept_anywhere(k5, old, "new@mail.ru", OWN[1:], second.digits, removed.digits) == []


def test_a_second_time_changes_nothing(k5: House) -> None:
    live(k5)
    erasure.erase(k5.ports, k5.caller.id, "staff:anna")
    before = everything(k5)
    k5.clock.forward(days=1)
    assert not erasure.erase(k5.ports, k5.caller.id, "staff:anna")
    assert everything(k5) == before


def test_the_number_may_be_somebodys_again_and_no_payment_reaches_who_is_gone(k5: House) -> None:
    erasure.erase(k5.ports, k5.caller.id, "staff:anna")
    again = accounts.add_subscriber(k5.ports, Msisdn.parse(OWN), "correct horse", "Ольга")
    assert accounts.find_subscriber(k5.ports, OWN).id == again.id
    assert accounts.find_subscriber(k5.ports, str(k5.caller.id)).blocked_at == k5.clock()


def owe(k5: House) -> None:
    name = EventName("test:bank", "debt")
    credit(k5.ports, k5.caller.id, name, Money(100, "RUB"), "cash.test", "connector:test", k5.clock())


def call(k5: House) -> None:
    k5.top_up("50.00")
    k5.order()


def rent(k5: House) -> None:
    fill(k5.ports, A)
    on(k5.ports, GO, k5.caller)


@pytest.mark.parametrize(("begin", "why"), [(owe, ["money"]), (call, ["money", "calls"]), (rent, ["services"])])
def test_what_is_still_open_keeps_all_as_it_is(k5: House, begin: Callable[[House], None], why: list[str]) -> None:
    begin(k5)
    before = everything(k5)
    with pytest.raises(NotErasable) as refused:
        erasure.erase(k5.ports, k5.caller.id, "staff:anna")
    assert refused.value.facts["obstacles"] == why
    with pytest.raises(NotErasable, match="contract"):
        erasure.erase(k5.ports, k5.caller.id, "subscriber")
    assert everything(k5) == before


def test_an_open_application_for_a_refund_is_settled_before(k5: House) -> None:
    k5.top_up("100.00")
    endings.apply(k5.ports, k5.caller.id)
    assert erasure.obstacles(k5.ports, k5.caller.id, "staff:anna") == ["ending", "money"]
    at(k5, date(2027, 1, 1))
    endings.carry_out(k5.ports)
    advances.apply(k5.ports, k5.caller.id, TO)
    with k5.ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, k5.caller.id)
        spent = Event(
            k5.caller.id, EventName("order", "x"), (Move(purse.account_id, -100_00, "sale.order"),), "me", k5.clock()
        )
        ledger.record(db, spent, k5.ports.today(), k5.clock())
    for actor in ("subscriber", "staff:anna"):
        assert erasure.obstacles(k5.ports, k5.caller.id, actor) == ["refund", "money"]
    advances.decline(k5.ports, k5.caller.id, "nothing is left", "staff:anna")
    assert erasure.erase(k5.ports, k5.caller.id, "subscriber")
    assert advances.waiting(k5.ports) == []


def test_staff_wait_for_the_day_of_an_objection(k5: House) -> None:
    announce(k5, SHORTER, 12)
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber")
    assert erasure.obstacles(k5.ports, k5.caller.id, "staff:anna") == ["ending"]
    k5.clock.forward(days=12)
    assert objections.carry_out(k5.ports) == 1
    assert erasure.erase(k5.ports, k5.caller.id, "staff:anna")


def test_whoever_was_erased_is_never_brought_back(k5: House) -> None:
    end(k5)
    assert erasure.erase(k5.ports, k5.caller.id, "staff:anna")
    name = EventName("bank", "late")
    with pytest.raises(SubscriberErased, match="were erased, for good"):
        blocking.unblock(k5.ports, k5.caller.id, "staff:anna", "asked for it")
    with pytest.raises(SubscriberErased):
        accounts.change_password(k5.ports, k5.caller, "long-and-new-horse-battery")
    with pytest.raises(SubscriberErased):
        credit(k5.ports, k5.caller.id, name, rub("5.00"), "cash.bank", "staff:anna", k5.clock())
    with k5.ports.sessions.begin() as db, pytest.raises(SubscriberErased):
        subscribers.set_ended(db, k5.caller.id, None)
    assert isinstance(refusal(lambda: log_in(k5)), WrongLogin)
    assert k5.balance() == rub("0.00")


def test_a_payment_that_was_booked_before_the_erasure_gets_its_answer_again(k5: House) -> None:
    name = EventName("bank", "early")

    def book() -> bool:
        return credit(k5.ports, k5.caller.id, name, rub("2.20"), "cash.bank", "staff:anna", k5.clock()).is_new

    assert book()
    k5.talk(k5.order(), "55")
    end(k5)
    assert erasure.erase(k5.ports, k5.caller.id, "staff:anna")
    assert not book()
