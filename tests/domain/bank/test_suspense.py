"""How money in suspense is sought, and which payments a rule knows again. Promise: B13."""

from datetime import UTC, date, datetime

import pytest

from k5web.domain.bank.suspense import Rule, Sought, Traits
from k5web.domain.money import rub

TODAY = date(2026, 12, 10)
PAYMENT = Traits(
    payer='ООО "Ромашка-Плюс"',
    payer_inn="7708789018",
    purpose="Возврат №17 за связь, Семёнов",
    amount=rub("500.00"),
    day=date(2026, 11, 30),
    received_on=date(2026, 12, 1),
)


@pytest.mark.parametrize(
    ("sought", "fits"),
    [
        (Sought(), True),
        (Sought(payer="плюс ромашка"), True),
        (Sought(payer="ромаш"), False),  # a word is a whole word
        (Sought(payer=" 7708789018 "), True),
        (Sought(payer="7708789019"), False),
        (Sought(words="связь семенов"), True),
        (Sought(words="связь интернет"), False),
        (Sought(amount=rub("500.00")), True),
        (Sought(amount=rub("500.01")), False),
        (Sought(day=date(2026, 11, 30)), True),
        (Sought(day=date(2026, 12, 1)), True),
        (Sought(day=date(2026, 12, 2)), False),
        (Sought(older_than_days=9), True),
        (Sought(older_than_days=10), False),
        (Sought(payer="ромашка", words="связь", amount=rub("1.00")), False),
    ],
)
def test_a_payment_is_found_by_everything_that_is_asked(sought: Sought, fits: bool) -> None:
    assert sought.fits(PAYMENT, TODAY) is fits


@pytest.mark.parametrize(
    ("payer", "words", "fits"),
    [
        ("7708789018", "", True),
        ("7708789018", "возврат", True),
        ("7708789018", "проценты", False),
        ("500100732259", "возврат", False),
        ("", "возврат связь", True),
    ],
)
def test_a_rule_closes_what_has_its_payer_and_all_its_words(payer: str, words: str, fits: bool) -> None:
    rule = Rule(1, payer, words, "cash.own", "ours", "staff:cli", datetime(2026, 12, 1, tzinfo=UTC))
    assert rule.fits(PAYMENT) is fits
