"""Each kind of proposal is carried out by one thing."""

from k5web.services.desk import carrying


def test_each_kind_is_carried_out_by_something() -> None:
    assert all(callable(one) for one in carrying.CARRY_OUT.values())
