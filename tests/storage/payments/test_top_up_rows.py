"""Rows of top-ups: states only move as the table of states allows."""

import pytest

from k5web.domain.payments.top_up import TopUpState
from k5web.storage.payments import top_up_rows
from tests.services.payments.shop import PAID, Shop


def test_a_change_of_state_that_no_table_knows_is_refused(shop: Shop) -> None:
    top_up = shop.paid()
    with shop.ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, top_up)
        with pytest.raises(ValueError, match="cannot become waiting"):
            top_up_rows.change(db, kept, shop.clock(), state=TopUpState.WAITING)
        with pytest.raises(ValueError, match="cannot be started again"):
            top_up_rows.start_again(db, kept, shop.clock(), mark=kept.mark, attempt=2)
    assert shop.state(top_up) is PAID
