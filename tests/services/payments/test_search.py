"""A payment is found by what the payer or the provider can name. Promises: C3."""

import pytest

from k5web.domain.money import rub
from k5web.errors import (
    NotFound,
)
from k5web.services.payments import search
from tests.services.payments.shop import PAID, Shop


def test_a_notice_that_proves_nothing_still_tells_the_payers_code(shop: Shop) -> None:
    """C3: the code of the SMS finds the payment, also where it was only named by a notice."""
    top_up = shop.begin()
    shop.provider_says(top_up.number, PAID)
    assert shop.says(do="look", number=top_up.number, receipt="PSP269894310") == "noted"
    [found] = search.find_payments(shop.ports, "PSP269894310")
    assert found.top_up is not None
    assert (found.owner_id, found.top_up.reference, found.left) == (shop.caller.id, top_up.reference, rub("100.00"))


def test_b2_a_payment_is_found_by_the_number_its_provider_has(shop: Shop) -> None:
    top_up = shop.paid()
    for name in (top_up.number, top_up.number.lower(), top_up.reference):
        [found] = search.find_payments(shop.ports, name)
        assert found.top_up is not None
        assert found.top_up.reference == top_up.reference
    with pytest.raises(NotFound):
        search.find_payments(shop.ports, f"{top_up.reference}-ABCDEFGHJK")
