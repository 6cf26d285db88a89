"""Plans: the price list of an account is that of its currency, and none is guessed."""

from dataclasses import replace

import pytest

from k5web.domain.prices.plan import DirectionGroup, GroupSet, Plan, RateRule
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.usage import Kind, Zone
from k5web.errors import CurrencyMismatch

PLAN = Plan(code="own", deck="own", a_leg_from="b_answer", calls_at_once=2, other_decks={"KGS": "own-kgs"})


@pytest.mark.parametrize(("currency", "deck"), [("RUB", "own"), ("KGS", "own-kgs")])
def test_an_account_is_priced_by_the_deck_of_its_currency(currency: str, deck: str) -> None:
    assert PLAN.deck_in(currency) == deck


def test_a_currency_without_a_deck_is_refused_and_not_converted() -> None:
    with pytest.raises(CurrencyMismatch):
        PLAN.deck_in("USD")
    with pytest.raises(CurrencyMismatch):
        Plan(code="bare", deck="bare", a_leg_from="b_answer", calls_at_once=1).deck_in("KGS")


def test_a_plan_sells_by_every_list_that_it_names() -> None:
    call = RateRule("rate 1", Kind.CALL, frozenset(Zone), frozenset(), deck="own")
    incoming = RateRule("rate 2", Kind.INCOMING, frozenset(Zone), frozenset(), deck="in")
    assert replace(PLAN, rates=(call, incoming)).sale_decks == {"own", "own-kgs", "in"}


def test_a_group_is_named_for_people() -> None:
    groups = GroupSet("set", {"russia": DirectionGroup("russia", "Россия")}, PrefixTable({"7": "russia"}))
    assert [groups.title_of(code) for code in ("russia", "none", "")] == ["Россия", "", ""]
