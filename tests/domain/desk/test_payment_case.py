"""What is known of a payment decides what became of it. Promises: B2, B4, C3."""

from dataclasses import replace

import pytest

from k5web.domain.desk.payment_case import PaymentCase, PaymentFacts, case_of
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUpState

NOTHING = PaymentFacts()
CREDITED = PaymentFacts(last_verdict="ok", is_posted=True, left=rub("500.00"))
SUSPENSE = PaymentFacts(is_posted=True, is_nobodys=True, left=rub("500.00"))
CASES = {
    PaymentCase.NEVER_CAME: NOTHING,
    PaymentCase.ONLY_ASKED: PaymentFacts(is_asked=True),
    PaymentCase.REFUSED: PaymentFacts(last_verdict="refused", why="account_unknown"),
    PaymentCase.PUT_OFF: PaymentFacts(last_verdict="refused", why="later"),
    PaymentCase.CONFLICT: replace(CREDITED, last_verdict="conflict"),
    PaymentCase.BARRED: PaymentFacts(last_verdict="refused", why="cancelled_before", is_barred=True),
    PaymentCase.BEGUN: PaymentFacts(top_up=TopUpState.WAITING),
    PaymentCase.UNCLEAR: PaymentFacts(top_up=TopUpState.UNCLEAR),
    PaymentCase.NOT_PAID: PaymentFacts(top_up=TopUpState.DECLINED),
    PaymentCase.DOUBTFUL: PaymentFacts(doubt="open"),
    PaymentCase.JOINED: PaymentFacts(doubt="joined"),
    PaymentCase.SUSPENSE: SUSPENSE,
    PaymentCase.CLOSED: replace(SUSPENSE, is_closed=True, back=frozenset({"close"})),
    PaymentCase.GIVEN: replace(SUSPENSE, is_given=True, back=frozenset({"reversal"})),
    PaymentCase.ONLY_THEIRS: PaymentFacts(in_register=True, last_verdict="refused", why="account_unknown"),
    PaymentCase.ONLY_OURS: replace(CREDITED, difference="missing_there"),
    PaymentCase.SUMS_DIFFER: replace(CREDITED, difference="sum_mismatch", in_register=True),
    PaymentCase.REVERSED: replace(CREDITED, back=frozenset({"reversal"}), left=rub("0.00")),
    PaymentCase.REFUNDED: replace(CREDITED, back=frozenset({"refund"}), left=rub("0.00")),
    PaymentCase.PART_REFUNDED: replace(CREDITED, back=frozenset({"refund"}), left=rub("1.00")),
    PaymentCase.CHARGED_BACK: replace(CREDITED, back=frozenset({"refund", "chargeback"})),
    PaymentCase.CREDITED: CREDITED,
}


@pytest.mark.parametrize("case", PaymentCase)
def test_each_case_is_reached(case: PaymentCase) -> None:
    assert case_of(CASES[case]) is case


@pytest.mark.parametrize("state", TopUpState)
def test_a_top_up_without_money_is_open_unclear_or_over(state: TopUpState) -> None:
    expected = PaymentCase.BEGUN if state.is_open else PaymentCase.NOT_PAID
    if state is TopUpState.UNCLEAR:
        expected = PaymentCase.UNCLEAR
    assert case_of(PaymentFacts(top_up=state)) is expected


def test_a_repeat_of_a_credited_payment_is_no_trouble() -> None:
    assert case_of(replace(CREDITED, last_verdict="repeat", in_register=True)) is PaymentCase.CREDITED


def test_a_refused_payment_that_was_credited_since_is_credited() -> None:
    assert case_of(replace(CREDITED, last_verdict="refused", why="account_unknown")) is PaymentCase.CREDITED
