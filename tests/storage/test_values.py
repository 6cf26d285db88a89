"""Values into rows and back: same names by themselves, the rest as it is given."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from k5web.domain.money import Money, rub
from k5web.storage.values import columns_of, value_of


@dataclass(frozen=True, slots=True)
class Bill:
    """What is due."""

    kind: str
    amount: Money
    why: str = ""


def test_a_value_takes_the_columns_of_its_names_and_what_is_made_of_others() -> None:
    row = SimpleNamespace(kind="rent", why="", amount_minor=500, more=1)
    assert value_of(Bill, row, amount=Money(row.amount_minor)) == Bill("rent", rub("5.00"))


def test_a_column_that_is_not_there_is_no_default() -> None:
    with pytest.raises(AttributeError, match="why"):
        value_of(Bill, SimpleNamespace(kind="rent"), amount=rub("5.00"))


def test_columns_are_all_fields_but_those_left_out() -> None:
    bill = Bill("rent", rub("5.00"), "May")
    assert columns_of(bill, "amount", amount_minor=500) == {"kind": "rent", "why": "May", "amount_minor": 500}
    assert columns_of(bill, why="June") == {"kind": "rent", "amount": rub("5.00"), "why": "June"}
