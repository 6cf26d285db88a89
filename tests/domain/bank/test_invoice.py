"""An invoice's buyer, its contract, its purpose and its code. Promise: B13."""

from datetime import date

import pytest

from k5web.domain.bank.invoice import Buyer, Contract, Invoice, check_amount
from k5web.domain.bank.receipt import LEAST, MOST
from k5web.domain.money import Money, rub
from k5web.errors import SumOutsideLimits, WrongBuyer
from tests.domain import gost_reader
from tests.fakes.payee import ROMASHKA


@pytest.mark.parametrize(
    ("name", "inn", "kpp", "address", "wrong"),
    [
        ("", "7708789018", "", "", "name"),
        ("Ж" * 161, "7708789018", "", "", "name"),
        ("ООО \ud800", "7708789018", "", "", "name"),
        ("ООО", "7708789019", "", "", "inn"),
        ("ООО", "", "", "", "inn"),
        ("ООО", "7708789018", "12", "", "kpp"),
        ("ИП", "504908219824", "772401001", "", "kpp"),
        ("ООО", "7708789018", "", "д" * 201, "address"),
    ],
)
def test_a_buyer_that_cannot_be_is_refused_by_its_field(
    name: str, inn: str, kpp: str, address: str, wrong: str
) -> None:
    with pytest.raises(WrongBuyer) as refused:
        Buyer.typed(name, inn, kpp, address)
    assert refused.value.facts["key"] == wrong


def test_what_a_buyer_typed_is_made_clean() -> None:
    typed = Buyer.typed(" ООО  «Ромашка» ", " 7708789018 ", "", "Москва|Арбат")
    assert typed == Buyer("ООО «Ромашка»", "7708789018", "", "Москва/Арбат")


INVOICE = Invoice(
    owner_id=1234567,
    number=17,
    day=date(2026, 11, 30),
    amount=rub("500.00"),
    contract=Contract.of(1234567, date(2025, 2, 1)),
    buyer=Buyer("ООО «Лютик»", "7708789018"),
    vat="Без НДС",
)


def test_the_purpose_names_invoice_contract_and_vat() -> None:
    purpose = "Оплата по счёту № 17 от 30.11.2026, договор K5-1234567 от 01.02.2025. Услуги связи. Без НДС"
    assert INVOICE.purpose == purpose


def test_the_code_pays_the_sum_to_the_account_with_that_purpose() -> None:
    found = gost_reader.read(INVOICE.payload(ROMASHKA))
    assert (found["Sum"], found["PersAcc"], found["Purpose"]) == ("50000", "1234567", INVOICE.purpose)
    assert (found["PayeeINN"], found["Name"]) == (ROMASHKA.inn, ROMASHKA.name)


@pytest.mark.parametrize(
    "amount", [LEAST - Money(1), MOST + Money(1), Money(0), Money(-LEAST.minor), Money(50000, "KGS")]
)
def test_an_invoice_outside_the_limits_or_in_another_currency_is_refused(amount: Money) -> None:
    with pytest.raises(SumOutsideLimits):
        check_amount(amount)


@pytest.mark.parametrize("amount", [LEAST, MOST])
def test_the_limits_themselves_are_allowed(amount: Money) -> None:
    check_amount(amount)
