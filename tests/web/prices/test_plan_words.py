"""Words for fees and allowances as the pages say them."""

import pytest
from flask import Flask

from k5web.domain.money import rub
from k5web.domain.prices.plan import Fee
from k5web.domain.prices.usage import Every
from k5web.services.prices.allowance_accounts import AllowanceLeft
from k5web.web.prices import plan_words


@pytest.mark.parametrize(
    ("allowance", "words"),
    [
        (AllowanceLeft("", "SEC", 42 * 60 + 59, 3000, Every.DAY), "42 из 50 мин. на сегодня"),
        (AllowanceLeft("", "SMS", 3, 30, Every.MONTH), "3 из 30 SMS на этот месяц"),
        (AllowanceLeft("", "KB", 2047, 153_600, Every.DAY), "1 из 150 МБ на сегодня"),
        (AllowanceLeft("", "MONEY", 199_99, 200_00, Every.MONTH), "199,99 ₽ из 200,00 ₽ на этот месяц"),
    ],
)
def test_what_is_left_is_said_in_whole_units(app: Flask, allowance: AllowanceLeft, words: str) -> None:
    with app.test_request_context():
        assert plan_words.left_of(allowance).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(("every", "words"), [(Every.DAY, "5,00 ₽ в день"), (Every.MONTH, "5,00 ₽ в месяц")])
def test_a_fee_names_its_time(app: Flask, every: Every, words: str) -> None:
    with app.test_request_context():
        assert plan_words.fee(Fee(rub("5.00"), every)).replace("\N{NO-BREAK SPACE}", " ") == words
