"""Plans: the price list of an account is that of its currency, and none is guessed."""

import pytest

from k5web.domain.prices.plan import FIRST_PLAN, K5, PLANS, PUBLIC_DECK, Plan
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


def test_strangers_see_the_prices_of_a_new_subscriber() -> None:
    assert PUBLIC_DECK == PLANS[FIRST_PLAN].deck == "k5"


def test_a_connection_lasts_an_hour_at_most_and_one_call_runs_at_a_time() -> None:
    assert (K5.max_talk_minutes, K5.calls_at_once) == (60, 1)
