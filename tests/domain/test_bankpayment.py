"""By what a payment is known again. Promises: B13, ledger.md 5."""

from dataclasses import replace
from datetime import date

import pytest

from k5web.domain.bankpayment import identity, payment_key, words_of
from k5web.domain.bankstatement import BankDocument
from k5web.domain.money import rub

OURS = "40702810938000017997"
PAID = BankDocument(
    1, "17", date(2026, 11, 30), rub("500.00"), "40702810500000000001", "044525593", "", "", OURS, "л/с 8841", None
)


@pytest.mark.parametrize(
    "again",
    [
        replace(PAID, line=90, purpose="другими словами", payer="ООО", payer_inn="7708789018"),
        replace(PAID, number=" 0017", payer_bic="44525593", payer_account="40702 810 5 0000 0000001"),
    ],
)
def test_a_payment_is_known_again_in_another_file(again: BankDocument) -> None:
    assert identity(OURS, again) == identity(OURS, PAID)


@pytest.mark.parametrize(
    "other",
    [
        replace(PAID, number="18"),
        replace(PAID, day=date(2026, 12, 1)),
        replace(PAID, amount=rub("500.01")),
        replace(PAID, payer_account="40702810500000000002"),
        replace(PAID, payer_bic="044525594"),
    ],
)
def test_another_number_day_sum_or_payer_is_another_payment(other: BankDocument) -> None:
    assert identity(OURS, other) != identity(OURS, PAID)


def test_a_name_fits_the_ledger_and_holds_no_account() -> None:
    key = payment_key(replace(PAID, number="№ 0001234567890123/ы"), identity(OURS, PAID), 99999)
    assert len(key) + len("-to") <= 64
    assert PAID.payer_account not in key


def test_a_purpose_is_the_same_however_it_is_spaced() -> None:
    assert words_of("Лицевой  счет 8841.") == words_of("ЛИЦЕВОЙ СЧЕТ\u00a08841") != words_of("Лицевой счет 8842")
