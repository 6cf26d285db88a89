"""What is sold and no carrier takes."""

from k5web.domain.calls.gaps import Gap, gaps
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate, RateTable


def table(*prefixes: str, name: str = "k5", closed: tuple[str, ...] = ()) -> RateTable:
    price = Price.parse("1.00")
    return RateTable(name, 1, [Rate(prefix, f"to {prefix}", price, is_blocked=prefix in closed) for prefix in prefixes])


def found(sold: RateTable, *trunks: Trunk, **decks: RateTable) -> list[tuple[str, bool]]:
    return [(gap.rate.prefix, gap.is_partial) for gap in gaps(sold, trunks, decks)]


def test_a_sold_prefix_that_no_list_has_is_a_gap() -> None:
    sold = table("39", "7495", "79")
    assert found(sold, Trunk("a", 10, deck="c"), c=table("7", name="c")) == [("39", False)]


def test_a_list_that_has_only_parts_of_it_is_a_gap_in_part() -> None:
    assert found(table("7"), Trunk("a", 10, deck="c"), c=table("7495", name="c")) == [("7", True)]


def test_several_carriers_close_a_gap_together_and_prefixes_of_a_trunk_narrow_it() -> None:
    sold, c, d = table("39", "79"), table("79", name="c"), table("39", name="d")
    assert found(sold, Trunk("a", 10, deck="c"), Trunk("b", 10, deck="d"), c=c, d=d) == []
    assert found(sold, Trunk("a", 10, deck="c"), Trunk("b", 10, deck="d", prefixes=("79",)), c=c, d=d) == [
        ("39", False)
    ]


def test_a_trunk_whose_list_is_unknown_takes_all_and_what_a_list_closes_is_not_taken() -> None:
    assert found(table("39"), Trunk("a", 10)) == []
    assert found(table("39"), Trunk("a", 10, deck="c"), c=table("39", name="c", closed=("39",))) == [("39", False)]


def test_a_trunk_that_is_switched_off_takes_nothing() -> None:
    assert found(table("39"), Trunk("a", 10, is_enabled=False)) == [("39", False)]


def test_what_only_a_list_or_only_the_prefixes_of_a_trunk_have_is_no_part() -> None:
    sold, narrow = table("7"), Trunk("a", 10, deck="c", prefixes=("7495",))
    assert found(sold, narrow, c=table("7812", name="c")) == [("7", False)]
    assert found(sold, narrow, c=table("74951", name="c")) == [("7", True)]


def test_what_is_not_sold_is_no_gap() -> None:
    assert gaps(table("39", closed=("39",)), [], {}) == []
    [alone] = table("39").rates()
    assert gaps(table("39"), [], {}) == [Gap(alone, is_partial=False)]
