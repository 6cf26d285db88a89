"""Money to another subscriber: both sides or none, once, and only what is one's own. Invariant I15."""

from dataclasses import replace

import pytest

from k5web.config.table import PartnerTable
from k5web.domain.books.ledger import EventName
from k5web.domain.books.transfer import RECEIVED, SENT
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    Conflict,
    InsufficientFunds,
    SubscriberBlocked,
    TooOften,
    TransferLimit,
    TransferTooSmall,
    WrongReceiver,
    WrongRequest,
)
from k5web.services.accounts import accounts, blocking
from k5web.services.books import corrections, statements, transfers
from k5web.services.payments.topups import credit
from k5web.services.ports import Connectors
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from tests.fakes.connector import PARTNER, FakeConnector
from tests.services.books.two import PHONE, Two
from tests.services.house import House


class Cards(FakeConnector):
    """A connector whose gateway keeps cards."""

    offers_keeping = True

    def forget_card(self, card_id: str) -> None:
        raise NotImplementedError


@pytest.fixture
def two(k5: House) -> Two:
    """Two subscribers of one house."""
    return Two(k5)


def refused(two: Two, to: str, amount: str = "10.00") -> object:
    with pytest.raises(WrongReceiver) as refusal:
        transfers.offer(two.k5.ports, two.k5.caller, to, rub(amount))
    return refusal.value.facts["why"]


def test_the_offer_shows_initials_the_sum_and_what_stays(two: Two) -> None:
    offer = transfers.offer(two.k5.ports, two.k5.caller, "8 916 000-00-67", rub("300.00"))
    assert (offer.receiver.initials, offer.receiver.tail) == ("И. П.", "67")
    assert (offer.amount, offer.stays) == (rub("300.00"), rub("700.00"))
    assert two.balances() == ["1000.00", "0.00"]


@pytest.mark.parametrize("spelling", [PHONE, "8 (916) 000-00-67", "9160000067", "K5-{id}", " k5-{id} ", "{id}"])
def test_any_spelling_of_the_phone_or_the_id_is_the_receiver(two: Two, spelling: str) -> None:
    two.send("300.00", to=spelling.format(id=two.ivan.id))
    assert two.balances() == ["700.00", "300.00"]


def test_both_statements_name_the_other_side(two: Two) -> None:
    two.send("300.00")
    mine = statements.statement(two.k5.ports, two.k5.caller.id).lines[0]
    theirs = statements.statement(two.k5.ports, two.ivan.id).lines[0]
    assert (str(mine.posting.amount), mine.other) == ("-300.00", two.ivan.party)
    assert (str(theirs.posting.amount), theirs.other) == ("300.00", two.k5.caller.party)
    assert theirs.posting.name == EventName(RECEIVED, f"{two.k5.caller.id} form-1")


def test_the_same_form_gives_the_first_answer(two: Two) -> None:
    wish = two.wish("300.00")
    first = transfers.send(two.k5.ports, two.k5.caller, wish)
    assert transfers.send(two.k5.ports, two.k5.caller, wish) == first
    blocking.block(two.k5.ports, two.ivan.id, "staff:1", "тест")
    assert transfers.send(two.k5.ports, two.k5.caller, wish) == first
    assert two.balances() == ["700.00", "300.00"]


def test_one_form_sends_nothing_else(two: Two) -> None:
    olga = accounts.add_subscriber(two.k5.ports, Msisdn("79160000068"), "correct horse", "Ольга")
    two.send("300.00")
    with pytest.raises(Conflict):
        two.send("301.00")
    with pytest.raises(Conflict):
        two.send("300.00", to=f"K5-{olga.id}")
    assert accounts.purse(two.k5.ports, olga.id).balance == rub("0.00")
    assert two.balances() == ["700.00", "300.00"]


@pytest.mark.parametrize("form", ["", "a b", "x" * 65, "1/2", "форма"])
def test_a_form_without_a_sound_id_sends_nothing(two: Two, form: str) -> None:
    with pytest.raises(WrongRequest):
        two.send("300.00", form)
    assert two.balances() == ["1000.00", "0.00"]


def test_a_form_shown_for_somebody_else_sends_nothing(two: Two) -> None:
    wish = two.wish("300.00")
    with pytest.raises(WrongReceiver):
        transfers.send(two.k5.ports, two.k5.caller, replace(wish, receiver=f"K5-{two.ivan.id}"))
    with pytest.raises(WrongReceiver):
        transfers.send(two.k5.ports, two.k5.caller, replace(wish, mark="0" * 64))
    assert two.balances() == ["1000.00", "0.00"]


def test_who_cannot_receive_is_refused_in_a_word(two: Two) -> None:
    assert refused(two, "+79269999999") == "unknown"
    assert refused(two, "кому-нибудь") == "unknown"
    assert refused(two, "+79161234567") == "self"
    bishkek = accounts.add_subscriber(two.k5.ports, Msisdn("996555123456"), "correct horse", "Айгуль", "KGS")
    assert refused(two, f"K5-{bishkek.id}") == "currency"
    blocking.block(two.k5.ports, two.ivan.id, "staff:1", "тест")
    assert refused(two, PHONE) == "inactive"


def test_a_block_between_both_steps_stops_the_transfer(two: Two) -> None:
    wish = two.wish("300.00")
    blocking.block(two.k5.ports, two.ivan.id, "staff:1", "тест")
    with pytest.raises(WrongReceiver):
        transfers.send(two.k5.ports, two.k5.caller, wish)
    blocking.unblock(two.k5.ports, two.ivan.id, "staff:1", "тест")
    blocking.block(two.k5.ports, two.k5.caller.id, "staff:1", "тест")
    with pytest.raises(SubscriberBlocked):
        transfers.send(two.k5.ports, two.k5.caller, wish)
    assert two.balances() == ["1000.00", "0.00"]


def test_whoever_tries_numbers_waits_and_whoever_waits_goes_on(two: Two) -> None:
    for n in range(10):
        refused(two, f"+7926000000{n}")
    with pytest.raises(TooOften):
        transfers.offer(two.k5.ports, two.k5.caller, PHONE, rub("10.00"))
    two.k5.clock.forward(minutes=15)
    two.send("10.00")
    assert two.balances() == ["990.00", "10.00"]


def test_a_mark_does_not_tell_that_a_phone_and_an_id_are_one_subscribers(two: Two) -> None:
    assert two.wish("1.00").mark != two.wish("1.00", to=f"K5-{two.ivan.id}").mark


def test_only_what_is_not_held_is_sent(two: Two) -> None:
    wish = two.wish("1000.00")
    call = two.k5.order()
    with pytest.raises(InsufficientFunds):
        transfers.send(two.k5.ports, two.k5.caller, wish)
    with pytest.raises(InsufficientFunds):
        two.wish("1000.01")
    assert call.hold.minor > 0
    assert two.balances() == ["1000.00", "0.00"]


def test_credit_is_nobodys_to_pass_on(two: Two) -> None:
    on_credit = replace(two.k5.caller, id=7)
    with two.k5.ports.sessions.begin() as db:
        ledger.open_account(db, on_credit.id, "main", "RUB", floor_minor=-500_00)
    assert accounts.purse(two.k5.ports, on_credit.id).available == rub("500.00")
    with pytest.raises(InsufficientFunds):
        transfers.offer(two.k5.ports, on_credit, PHONE, rub("1.00"))


@pytest.mark.parametrize("amount", ["0.00", "0.99"])
def test_less_than_a_rouble_is_not_sent(two: Two, amount: str) -> None:
    with pytest.raises(TransferTooSmall):
        two.wish(amount)
    with pytest.raises(TransferTooSmall):
        transfers.send(two.k5.ports, two.k5.caller, replace(two.wish("1.00"), amount=rub(amount)))
    assert two.send("1.00").amount == Money(-100)


def test_a_day_has_its_limit_and_the_next_one_a_new_one(two: Two) -> None:
    two.k5.ports = replace(two.k5.ports, transfer_day=rub("500.00"))
    two.send("300.00")
    late = two.wish("200.00", "form-2")
    two.send("100.00", "form-3")
    with pytest.raises(TransferLimit) as refusal:
        transfers.send(two.k5.ports, two.k5.caller, late)
    assert (refusal.value.facts["bound"], refusal.value.facts["most"]) == ("day", rub("100.00"))
    two.send("100.00", "form-4")
    two.k5.clock.forward(days=1)
    two.send("500.00", "form-5")
    assert two.balances() == ["0.00", "1000.00"]


def test_what_a_card_brought_stays_a_day(two: Two) -> None:
    cards = Cards(PartnerTable(PARTNER, ()).partner({"plain"}))
    two.k5.ports = replace(two.k5.ports, connectors=Connectors([cards]))
    name = EventName(cards.origin, "card-1")
    credit(two.k5.ports, two.k5.caller.id, name, rub("500.00"), "cash.fake", "connector:fake", two.k5.clock())
    with pytest.raises(TransferLimit) as refusal:
        two.wish("1000.01")
    assert (refusal.value.facts["bound"], refusal.value.facts["most"]) == ("card", rub("1000.00"))
    two.k5.clock.forward(hours=24)
    two.send("1500.00")
    assert two.balances() == ["0.00", "1500.00"]


@pytest.mark.parametrize("side", [SENT, RECEIVED])
def test_staff_take_both_sides_back_at_most_once(two: Two, side: str) -> None:
    sent = two.send("300.00").name
    owner_id, name = two.k5.caller.id, sent
    if side == RECEIVED:
        owner_id, name = two.ivan.id, EventName(RECEIVED, f"{two.k5.caller.id} {sent.key}")
    first = corrections.reverse(two.k5.ports, owner_id, name, "staff:1")
    again = corrections.reverse(two.k5.ports, owner_id, name, "staff:2")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.postings == again.postings
    assert first.postings[0].owner_id == owner_id
    assert two.balances() == ["1000.00", "0.00"]
    line = statements.statement(two.k5.ports, two.ivan.id).lines[0]
    assert (line.reverses is not None, line.other) == (True, two.k5.caller.party)


def test_what_was_received_is_no_payment_to_be_refunded(two: Two) -> None:
    sent = two.send("300.00").name
    received = EventName(RECEIVED, f"{two.k5.caller.id} {sent.key}")
    with pytest.raises(Exception, match="there is no payment"):
        corrections.refund(two.k5.ports, two.ivan.id, received, rub("1.00"), "a1", "staff:1")
    assert two.balances() == ["700.00", "300.00"]


def test_a_transfer_torn_between_its_sides_never_was(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    wish, whole, seen = two.wish("300.00"), ledger._append, []

    def torn(*args: object, **kwargs: object) -> object:
        seen.append(args)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "_append", torn)
    with pytest.raises(KeyboardInterrupt):
        transfers.send(two.k5.ports, two.k5.caller, wish)
    monkeypatch.undo()
    assert two.balances() == ["1000.00", "0.00"]
    transfers.send(two.k5.ports, two.k5.caller, wish)
    assert two.balances() == ["700.00", "300.00"]


def test_whose_contract_has_ended_receives_nothing_more(two: Two) -> None:
    """What came in afterwards would go out as a refund in cash."""
    wish = two.wish("300.00")
    with two.k5.ports.sessions.begin() as db:
        subscribers.set_ended(db, two.ivan.id, two.k5.clock())
    assert refused(two, PHONE) == "inactive"
    with pytest.raises(WrongReceiver) as refusal:
        transfers.send(two.k5.ports, two.k5.caller, wish)
    assert refusal.value.facts["why"] == "inactive"
    assert two.balances() == ["1000.00", "0.00"]
