"""What may be passed on, and the two names of a transfer."""

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.books.transfer import RECEIVED, SENT, Passable, received_name, sender_of, sent_name
from k5web.domain.money import Money, rub
from k5web.errors import InsufficientFunds, K5Error, TransferLimit, WrongRequest


def passable(own: str, young: str, day: str, sent: str) -> Passable:
    return Passable(rub(own), rub(young), rub(day), rub(sent))


@pytest.mark.parametrize(
    ("own", "young", "day", "sent", "most"),
    [
        ("500.00", "0.00", "3000.00", "0.00", "500.00"),
        ("500.00", "120.00", "3000.00", "0.00", "380.00"),
        ("5000.00", "0.00", "3000.00", "2999.99", "0.01"),
        ("5000.00", "0.00", "3000.00", "3000.01", "0.00"),
        ("100.00", "120.00", "3000.00", "0.00", "0.00"),
    ],
)
def test_the_tightest_bound_is_what_may_be_sent(own: str, young: str, day: str, sent: str, most: str) -> None:
    assert passable(own, young, day, sent).most == rub(most)


@pytest.mark.parametrize(
    ("found", "amount", "refusal", "bound"),
    [
        (("500.00", "0.00", "3000.00", "0.00"), "500.01", InsufficientFunds, None),
        (("500.00", "0.01", "3000.00", "0.00"), "500.00", TransferLimit, "card"),
        (("5000.00", "0.00", "3000.00", "0.01"), "3000.00", TransferLimit, "day"),
    ],
)
def test_a_sum_above_a_bound_names_it(
    found: tuple[str, str, str, str], amount: str, refusal: type[K5Error], bound: str | None
) -> None:
    with pytest.raises(refusal) as said:
        passable(*found).check(rub(amount))
    assert said.value.facts.get("bound") == bound


def test_a_debt_is_shown_as_nothing_that_may_be_sent() -> None:
    with pytest.raises(InsufficientFunds) as refusal:
        Passable(Money(-500), rub("0.00"), rub("1.00"), rub("0.00")).check(rub("1.00"))
    assert refusal.value.facts["available"] == rub("0.00")


def test_before_a_sum_was_sent_it_was_there() -> None:
    after = passable("200.00", "0.00", "3000.00", "300.00")
    assert after.before(rub("300.00")) == passable("500.00", "0.00", "3000.00", "0.00")


def test_the_receivers_name_tells_the_senders() -> None:
    sent = sent_name("abc-_9")
    received = received_name(100001, sent)
    assert (sent.origin, received) == (SENT, EventName(RECEIVED, "100001 abc-_9"))
    assert sender_of(received) == (100001, sent)


@pytest.mark.parametrize("form", ["", " ", "a b", "a/b", "й", "x" * 65, "a\n"])
def test_a_form_without_a_sound_id_has_no_name(form: str) -> None:
    with pytest.raises(WrongRequest):
        sent_name(form)
