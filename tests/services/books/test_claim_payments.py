"""What a claim gives back to a bank account: kept aside until it is paid, and paid once (B11)."""

from datetime import date

import pytest

from k5web.domain.books.ledger import HoldState
from k5web.domain.money import Money, rub
from k5web.errors import InsufficientFunds, K5Error, NothingToPay
from k5web.services.books import claims, promised_payments
from k5web.storage.books import ledger
from tests.services.books.test_claims import BANK, IVAN, OLGA, charged, crowd, dispute, sound, take, told, uphold
from tests.services.books.test_promised_payments import old
from tests.services.house import House

__all__ = ["charged", "old"]  # the houses that these tests are given


def test_money_back_is_kept_until_it_is_paid_and_paid_once(charged: House) -> None:
    dispute(charged, 2, **BANK)
    answered = uphold(charged)
    assert (answered.pay_by, answered.wants_money) == (date(2026, 12, 8), True)
    assert (charged.balance(), charged.held()) == (rub("10.00"), rub("2.20"))
    sound(charged)
    charged.clock.forward(days=300)
    charged.sweep_holds_only()
    assert charged.held() == rub("2.20"), "no sweep takes it"
    paid = claims.pay(charged.ports, charged.caller.id, 1, "п/п 17", OLGA)
    assert claims.pay(charged.ports, charged.caller.id, 1, "п/п 17", OLGA) == paid
    assert (paid.paid_at, paid.paid_by, paid.document) == (charged.clock(), OLGA, "п/п 17")
    assert (charged.balance(), charged.held()) == (rub("7.80"), rub("0.00"))
    with pytest.raises(NothingToPay, match="п/п 17"):
        claims.pay(charged.ports, charged.caller.id, 1, "п/п 18", OLGA)
    assert claims.waiting(charged.ports) == []
    assert told(charged)[-1] == "claim_paid"
    with charged.ports.sessions.read() as db:
        hold = ledger.find_hold(db, charged.caller.id, charged.purse().account_id, "claim 100001-1")
    assert hold is not None
    assert hold.state is HoldState.SETTLED
    sound(charged)


def test_many_who_pay_at_once_pay_once(charged: House) -> None:
    dispute(charged, 2)
    uphold(charged, to_bank=True)
    refused: list[K5Error] = []

    def pay(n: int) -> None:
        try:
            claims.pay(charged.ports, charged.caller.id, 1, f"п/п {n}", IVAN)
        except K5Error as error:
            refused.append(error)

    crowd(pay)
    assert [type(error) for error in refused] == [NothingToPay] * 3
    assert charged.balance() == rub("7.80")


def test_what_is_owed_by_the_account_is_not_paid_to_a_bank(k5: House) -> None:
    seq = take(k5, 500, "a")
    dispute(k5, seq, minor=100, **BANK)
    with pytest.raises(InsufficientFunds):
        uphold(k5)
    assert (k5.balance(), claims.find(k5.ports, k5.caller.id, 1).outcome) == (Money(-500), None)
    assert uphold(k5, to_bank=False).pay_by is None
    assert k5.balance() == Money(-400)
    sound(k5)


def test_what_is_only_promised_is_not_paid_to_a_bank(old: House) -> None:
    promised_payments.take(old.ports, old.caller.id, rub("300.00"), "promise")
    take(old, 10000, "a")
    seq = take(old, 1000, "b")
    assert old.balance() == Money(-10000)
    dispute(old, seq, minor=1000)
    with pytest.raises(InsufficientFunds):
        uphold(old, to_bank=True)
    sound(old)


@pytest.mark.parametrize("answer", [None, "rejected", "credited"])
def test_only_what_was_promised_to_a_bank_is_paid(charged: House, answer: str | None) -> None:
    dispute(charged, 2)
    if answer == "rejected":
        claims.reject(charged.ports, charged.caller.id, 1, "верно", IVAN)
    elif answer:
        uphold(charged)
    with pytest.raises(NothingToPay):
        claims.pay(charged.ports, charged.caller.id, 1, "17", IVAN)
