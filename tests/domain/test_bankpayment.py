"""What a purpose names, and by what a payment is known again. Promises: B13, ledger.md 5."""

from dataclasses import replace
from datetime import date

import pytest

from k5web.domain.bankpayment import Purpose, identity, payment_key, read_purpose, words_of
from k5web.domain.bankstatement import BankDocument
from k5web.domain.money import rub

OURS = "40702810938000017997"
PAID = BankDocument(
    1, "17", date(2026, 11, 30), rub("500.00"), "40702810500000000001", "044525593", "", "", OURS, "л/с 8841", None
)


@pytest.mark.parametrize(
    ("text", "ids", "invoice"),
    [
        ("Пополнение лицевого счета 8841. Услуги связи. Без НДС", (8841,), None),
        ("По договору № K5-8841 от 01.12.2026", (8841,), None),
        ("по счету № 12 от 20.11.2026, договор K5-8841", (8841,), 12),
        ("ОПЛАТА ПО СЧЁТУ 12 БЕЗ НДС", (), 12),
        ("Счёт на оплату №12.", (), 12),
        ("К5-8841-3", (8841,), None),
        ("л/сч 8841; ЛС:8842", (8841, 8842), None),
        ("счет-фактура 12", (), None),
        ("по договору 12/2026", (), None),
        ("по договору от 20.11.2026 за услуги", (), None),
        ("на счет 40702810938000017997", (), None),
        ("счет 12, счет 13", (), None),
        ("лицевой счет 99999999999", (), None),
        ("код BK5-8841", (), None),
        ("", (), None),
    ],
)
def test_a_purpose_names_accounts_and_an_invoice(text: str, ids: tuple[int, ...], invoice: int | None) -> None:
    assert read_purpose(text) == Purpose(ids, invoice)


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
