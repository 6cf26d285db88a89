"""Each kind of proposal is carried out by one thing."""

from k5web.domain.desk.action import Action
from k5web.services.desk import carrying
from k5web.services.desk.deeds import DEEDS


def test_each_kind_is_carried_out_by_something() -> None:
    assert all(callable(one) for one in carrying.CARRY_OUT.values())


def test_prices_are_approved_by_a_role_for_prices_and_all_else_by_one_for_money() -> None:
    """S26: also by `k5 desk approve`."""
    needed = {kind: carrying.deciding(kind) for kind in carrying.CARRY_OUT}
    assert {kind for kind, action in needed.items() if action is Action.APPROVE_MONEY} == DEEDS.keys()
    assert needed["deck.publish"] is needed["plan.withdraw"] is Action.APPROVE_PRICES
