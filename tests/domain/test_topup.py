"""A started top-up's number: the reference first, a new number for each later attempt."""

from dataclasses import replace

import pytest

from k5web.domain.money import rub
from k5web.domain.topup import TopUp, TopUpState, read_number
from tests.conftest import Clock

NOW = Clock().now
TOP_UP = TopUp("K5-8841-12", 8841, "cards:demo", rub("500.00"), TopUpState.NEW, NOW, NOW, "https://t.k5.ru", "ru")


@pytest.mark.parametrize("attempt", [1, 2, 12, 999])
def test_the_number_of_an_attempt_leads_back_to_it(attempt: int) -> None:
    number = replace(TOP_UP, attempt=attempt).number
    assert read_number(number) == (TOP_UP.reference, attempt)
    assert len(number) <= 36


@pytest.mark.parametrize("number", ["K5-000042", "8841-12-2", "K5-8841-12-", "K5-8841-12-x", "K5-8841-12-٢", ""])
def test_a_number_of_another_form_is_a_reference_as_it_stands(number: str) -> None:
    assert read_number(number) == (number, 1)
