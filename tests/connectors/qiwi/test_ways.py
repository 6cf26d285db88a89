"""What payers at a terminal are told to do, held against the operator's leaflet (A11)."""

import pytest

from connectors.qiwi import ways as terminal
from k5web.domain.payments.payment_way import Fact, Payer
from k5web.domain.prices.number import Msisdn
from tests.connectors.told import told

PAYER = Payer(100001, Msisdn("79161234567"))


def test_a11_the_merchants_id_and_the_phone_without_the_8_are_filled_in() -> None:
    way = terminal.to_account("Терминал", "10001", PAYER)
    assert way.facts == (Fact(terminal.MERCHANT, "10001"), Fact(terminal.PAYER, "9161234567"))
    assert "без первой 8: только 10 цифр" in told(way)
    assert "терминал берёт комиссию, кабинет – нет" in told(way)


@pytest.mark.parametrize(
    ("payer", "typed"), [(Payer(100001, None), "100001"), (Payer(100001, Msisdn("996555123456")), "100001")]
)
def test_a11_without_a_russian_phone_the_account_is_typed(payer: Payer, typed: str) -> None:
    assert terminal.to_account("Терминал", "", payer).facts == (Fact(terminal.PAYER, typed),)


def test_a11_a_stranger_is_told_the_rule_and_nobodys_number() -> None:
    assert terminal.to_account("Терминал", "10001", None).facts == (Fact(terminal.MERCHANT, "10001"),)
    assert "только 10 цифр" in told(terminal.to_account("Терминал", "", None))


def test_what_is_read_from_a_code_is_what_would_be_typed() -> None:
    assert terminal.to_account("Терминал", "10001", PAYER).account == "9161234567"
    assert terminal.to_account("Терминал", "10001", Payer(100001, None)).account == "100001"
    assert terminal.to_account("Терминал", "10001", None).account == ""


def test_without_a_merchants_id_the_operator_is_asked() -> None:
    assert "его назовёт оператор" in told(terminal.to_account("Терминал", "", PAYER))
