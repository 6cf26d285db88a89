"""What changes when one price list follows another: new, gone, dearer, cheaper, other terms, overlaps."""

from dataclasses import replace

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.deck_difference import DeckDifference, difference, is_worse
from k5web.domain.prices.rating import Rate, RateTable


def table(*rows: str) -> RateTable:
    split = (row.split() for row in rows)
    return RateTable("k5", 1, [Rate(prefix, name, Price.parse(price)) for prefix, name, price in split])


def kinds(found: DeckDifference) -> dict[str, list[str]]:
    names = ("new", "gone", "dearer", "cheaper", "changed", "overlaps")
    return {name: [change.prefix for change in getattr(found, name)] for name in names if getattr(found, name)}


def test_each_prefix_is_counted_once_by_what_happens_to_it() -> None:
    before = table("7 Россия 1.75", "7495 Москва 0.45", "7343 Урал 0.52", "7861 Юг 0.91", "359 София 2.08")
    after = table("7 Россия 1.75", "7495 Москва 0.50", "7343 Урал 0.50", "7861 Краснодар 0.91", "996 Бишкек 3.00")
    found = difference(before, after)
    assert kinds(found) == {
        "new": ["996"], "gone": ["359"], "dearer": ["7495"], "cheaper": ["7343"], "changed": ["7861"],
    }  # fmt: skip
    assert found.same == 1


def test_steps_fee_and_currency_are_other_terms() -> None:
    base = Rate("7", "Россия", Price(10))
    others = [
        Rate("7", "Россия", Price(10), increment_s=1),
        Rate("7", "Россия", Price(10), connect_fee=Price(1)),
        Rate("7", "Россия", Price(20, "KGS")),  # neither dearer nor cheaper
    ]
    for other in others:
        assert kinds(difference(RateTable("k5", 1, [base]), RateTable("k5", 2, [other]))) == {"changed": ["7"]}


def test_new_and_gone_tell_what_the_numbers_pay_otherwise() -> None:
    before, after = table("7 Россия 1.75", "7343 Урал 0.52"), table("7 Россия 1.75", "7495 Москва 0.45")
    found = difference(before, after)
    assert found.new[0].before == before.get("7")
    assert found.gone[0].after == after.get("7")


def test_a_new_prefix_inside_another_destination_of_another_price_overlaps() -> None:
    before = table("7 Россия 1.75")
    after = table("7 Россия 1.75", "7495 Москва 0.45", "79 Россия 1.90", "7343 Урал 1.75", "74951 Сити 0.99")
    found = difference(before, after)
    assert [change.prefix for change in found.new] == ["7343", "7495", "74951", "79"]
    # 79 is the same destination, 7343 the same price; 74951 lies in 7495, not in 7
    assert [(c.prefix, c.before.prefix) for c in found.overlaps if c.before] == [("7495", "7"), ("74951", "7495")]


def test_equal_lists_differ_in_nothing() -> None:
    found = difference(table("7 Россия 1.75"), table("7 Россия 1.75"))
    assert kinds(found) == {}
    assert found.same == 1


RATE = Rate("7", "Россия", Price.parse("1.75"), connect_fee=Price.parse("0.50"))
WORSE = [
    replace(RATE, per_minute=Price.parse("1.750001")),
    replace(RATE, connect_fee=Price.parse("0.500001")),
    replace(RATE, minimum_s=61),
    replace(RATE, increment_s=61),
    replace(RATE, free_below_s=2),
    replace(RATE, per_minute=Price.parse("0.01", "KGS"), connect_fee=None),
    replace(RATE, is_blocked=True),
    None,
]
NOT_WORSE = [
    RATE,
    replace(RATE, per_minute=Price.parse("1.74"), prefix="74", destination="Москва"),
    replace(RATE, connect_fee=None),
    replace(RATE, increment_s=30, minimum_s=0, free_below_s=4),
]


@pytest.mark.parametrize("after", WORSE)
def test_a_rate_by_which_some_call_may_cost_more_is_worse(after: Rate | None) -> None:
    assert is_worse(RATE, after)


@pytest.mark.parametrize("after", NOT_WORSE)
def test_a_rate_by_which_no_call_costs_more_is_not(after: Rate) -> None:
    assert not is_worse(RATE, after)


@pytest.mark.parametrize("before", [None, replace(RATE, is_blocked=True)])
def test_where_no_call_was_possible_nothing_is_worse(before: Rate | None) -> None:
    assert not any(is_worse(before, after) for after in [*WORSE, *NOT_WORSE])
