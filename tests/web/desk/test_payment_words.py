"""Each case of a payment, each trace, refusal and state is said in words; each case says what to do. Promise: C3."""

from collections.abc import Iterator

import pytest
from flask import Flask

from k5web.domain.desk.payment_case import PaymentCase
from k5web.domain.payments.notice import Refusal
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.top_up import TopUpState
from k5web.services.desk.payment_story import Stage
from k5web.web.desk import payment_words


@pytest.fixture
def texts(app: Flask) -> Iterator[None]:
    with app.test_request_context("/desk"):
        yield


@pytest.mark.usefixtures("texts")
def test_each_case_has_its_words_and_what_to_do() -> None:
    said = [payment_words.case_words(case) for case in PaymentCase]
    assert len({title for title, _ in said}) == len(PaymentCase)
    assert all(to_do for _, to_do in said)


@pytest.mark.usefixtures("texts")
def test_each_trace_refusal_and_state_has_its_words() -> None:
    assert all(payment_words.why_words(why) != why for why in Refusal)
    assert all(payment_words.stage_words(stage) for stage in Stage)
    assert all(payment_words.line_words(verdict) for verdict in RegisterVerdict)
    assert all(payment_words.top_up_word(state) for state in TopUpState)
    assert payment_words.why_words("") == ""
