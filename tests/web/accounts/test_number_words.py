"""Refusals about numbers say what happened and that no money moved."""

import pytest
from flask import Flask

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    FeeRose,
    K5Error,
    NotOffered,
    NumberLimit,
    NumberTaken,
    NumberUnpaid,
    OneReservation,
    ReservationOver,
    TooManyReserved,
)
from k5web.web import errors

A = Msisdn("74950000101")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (NumberTaken(number=A), "495"),
        (ReservationOver(number=A), "Забронируйте"),
        (OneReservation(number=A), "отпустите"),
        (TooManyReserved(most_times=5), "5 номеров"),
        (NumberLimit(plan="GO", most_times=1), "1 такой номер"),
        (NumberLimit(plan="GO", most_times=2), "2 таких номера"),
        (NotOffered(plan="GO", code="800"), "8-800"),
        (NumberUnpaid(plan="GO"), "не оплачен"),
        (FeeRose(agreed=rub("1.00"), due=rub("2.00")), "2,00"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, K5Error) else "",
)
def test_each_refusal_has_words_of_its_own(app: Flask, refusal: K5Error, said: str) -> None:
    with app.test_request_context():
        assert said in errors.words(refusal)
