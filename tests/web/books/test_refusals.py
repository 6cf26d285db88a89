"""Each reason why money cannot be sent has words of its own, which say that nothing was taken."""

import pytest
from flask import Flask

from k5web.domain.money import rub
from k5web.errors import InsufficientFunds, K5Error, TransferLimit, TransferTooSmall, WrongReceiver
from k5web.web import errors


def said(app: Flask, error: K5Error) -> str:
    with app.test_request_context():
        return errors.words(error)


def test_each_reason_why_somebody_cannot_receive_is_said_in_its_own_words(app: Flask) -> None:
    why = ("unknown", "several", "self", "inactive", "currency")
    words = {said(app, WrongReceiver(why=name)) for name in why}
    assert len(words) == len(why)
    assert all(text.endswith("Деньги не списаны.") for text in words)


@pytest.mark.parametrize("bound", ["day", "card"])
def test_a_bound_of_transfers_names_what_may_be_sent_now(app: Flask, bound: str) -> None:
    text = said(app, TransferLimit(bound=bound, most=rub("12.50"), maximum=rub("3000.00")))
    assert "12,50" in text
    assert ("3 000,00" in text.replace("\N{NO-BREAK SPACE}", " ")) == (bound == "day")


def test_sums_are_named_where_there_is_too_little(app: Flask) -> None:
    assert "0,50" in said(app, InsufficientFunds(available=rub("1.00"), needed=rub("1.50")))
    assert "1,00" in said(app, TransferTooSmall(least=rub("1.00")))
