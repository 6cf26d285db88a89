"""The number of an order: whose it is, which house made it, which attempt it was.."""

from dataclasses import replace

import pytest

from k5web.domain.money import rub
from k5web.domain.payments.top_up import DECLINED_STATES, OrderNumber, TopUp, TopUpState, split_reference
from k5web.errors import NotFound
from tests.conftest import Clock

NOW = Clock().now
TOP_UP = TopUp("K5-8841-12", 8841, "cards:demo", rub("500.00"), TopUpState.NEW, NOW, NOW, "https://t.k5.ru", "ru")
MARK = "QKXR7T2P4W"


@pytest.mark.parametrize("attempt", [1, 2, 12, 999])
@pytest.mark.parametrize("mark", ["", MARK])
def test_the_number_of_an_attempt_leads_back_to_it(mark: str, attempt: int) -> None:
    number = replace(TOP_UP, mark=mark, attempt=attempt).number
    assert OrderNumber.read(number) == OrderNumber(TOP_UP.reference, mark, attempt)


def test_a_number_is_what_every_gateway_takes() -> None:
    """Gateways take 36 signs, the national QR 32; accounts have ten digits at most."""
    number = replace(TOP_UP, reference="K5-8589934591-99999", mark=MARK, attempt=2).number
    assert number == "K5-8589934591-99999-QKXR7T2P4W-2"
    assert len(number) <= 32
    assert set(number) <= set("0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize(
    "number",
    [
        *("K5-000042", "8841-12-2", "K5-8841-12-", "K5-8841-12-x", "K5-8841-12-٢", "", "K5-8841-12-1", "K5-8841-12-02"),
        *("K5-08841-12", "K5-8841-0", "K5-8841-12-0"),
        *(f"K5-8841-12-{MARK}-1", f"K5-8841-12-{MARK.lower()}", f"K5-8841-12-{MARK}X", f"K5-8841-12-2-{MARK}"),
    ],
)
def test_a_number_of_another_form_is_none_of_ours(number: str) -> None:
    with pytest.raises(NotFound):
        OrderNumber.read(number)


OPEN = {TopUpState.NEW, TopUpState.WAITING, TopUpState.HELD, TopUpState.UNCLEAR}
PAID = [TopUpState.PAID, TopUpState.PART_REFUNDED, TopUpState.REFUNDED]


@pytest.mark.parametrize("later", TopUpState)
@pytest.mark.parametrize("state", TopUpState)
def test_a_top_up_only_moves_forward(state: TopUpState, later: TopUpState) -> None:
    if state in OPEN:
        expected = later is not TopUpState.NEW
    elif state in PAID:
        expected = later in PAID[PAID.index(state) + 1 :]
    elif state in DECLINED_STATES:  # the payer's own act may be written after a look told its effect
        expected = later in [*PAID, TopUpState.CANCELLED]
    else:
        expected = later in PAID
    assert state.may_become(later) is expected


@pytest.mark.parametrize("state", TopUpState)
def test_a_notice_of_a_payment_is_proof_of_an_open_order_whose_number_nobody_else_makes(state: TopUpState) -> None:
    marked, old = (replace(TOP_UP, state=state, mark=mark) for mark in (MARK, ""))
    is_over = state in {TopUpState.DECLINED, TopUpState.EXPIRED, TopUpState.CANCELLED}
    assert marked.needs_proof is is_over
    assert old.needs_proof is (state not in PAID)


def test_a_reference_names_owner_and_number() -> None:
    assert (TOP_UP.key, OrderNumber.read(f"K5-8841-12-{MARK}-2").key) == ((8841, 12), (8841, 12))
    for reference in ("K5-8841", "K5-8841-12-2", "K5-0-1", "k5-8841-12", "K5-8841-1234567890123"):
        with pytest.raises(NotFound):
            split_reference(reference)
