"""Topping up by itself from a saved card: once a crossing, within the day's cap, given up by a clear no.
Promises: A10, S21.
"""

import logging

import pytest
from werkzeug.wrappers import Response

from k5web.domain.money import Money, rub
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import ContractEnded, CurrencyMismatch, NotFound, SumOutsideLimits
from k5web.services.payments import auto_topups, saved_cards, topups
from k5web.services.payments.auto_topups import Terms
from k5web.storage.accounts import subscribers
from tests.connectors.card_house import CardHouse, spoil

pytestmark = pytest.mark.server


TERMS = Terms(1, threshold=rub("100.00"), amount=rub("300.00"), daily_cap=rub("600.00"))


def charges(house: CardHouse) -> int:
    """Return how many orders the gateway has beyond the first."""
    return len(house.gateway.bank.orders) - 1


def test_below_the_threshold_the_card_is_charged_once(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    auto_topups.run_due(kept.ports)
    assert charges(kept) == 0  # 500 roubles are there
    kept.spend("400.01")
    for _ in range(3):
        auto_topups.run_due(kept.ports)
    assert (charges(kept), kept.balance()) == (1, rub("399.99"))
    top_up = topups.page(kept.ports, kept.owner.id)[0]
    assert (top_up.is_automatic, top_up.state) == (True, TopUpState.PAID)


def test_each_crossing_is_served_but_never_beyond_the_day_s_cap(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    for paid in (1, 2, 2):
        kept.spend(str(kept.balance()))
        auto_topups.run_due(kept.ports)
        auto_topups.run_due(kept.ports)
        assert charges(kept) == paid
        kept.clock.forward(seconds=1)
    kept.clock.forward(days=1)
    auto_topups.run_due(kept.ports)
    assert charges(kept) == 3


def test_a_charge_that_lifts_nothing_is_not_repeated_in_the_same_crossing(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, Terms(1, rub("1000.00"), rub("300.00"), rub("3000.00")))
    for _ in range(4):
        auto_topups.run_due(kept.ports)
    assert (charges(kept), kept.balance()) == (1, rub("800.00"))


def test_a_decline_switches_it_off(kept: CardHouse, caplog: pytest.LogCaptureFixture) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    spoil(kept)
    kept.spend("450.00")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            auto_topups.run_due(kept.ports)
    wish = auto_topups.find(kept.ports, kept.owner.id)
    assert wish is not None
    assert (wish.off_why, charges(kept), kept.balance()) == ("declined", 1, rub("50.00"))
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)  # the subscriber switches it on again
    auto_topups.run_due(kept.ports)
    assert charges(kept) == 2


def test_a_card_the_bank_does_not_know_any_more_is_forgotten_here_too(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    (card,) = saved_cards.cards(kept.ports, kept.owner.id)
    kept.gateway.bank.unbind(card.id)
    kept.spend("450.00")
    auto_topups.run_due(kept.ports)
    wish = auto_topups.find(kept.ports, kept.owner.id)
    assert wish is not None
    assert (wish.off_why, saved_cards.cards(kept.ports, kept.owner.id)) == ("card_gone", [])


def test_removing_the_card_ends_it(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    saved_cards.forget(kept.ports, kept.owner.id, 1)
    kept.spend("450.00")
    auto_topups.run_due(kept.ports)
    assert charges(kept) == 0


def test_a_gateway_that_is_away_is_tried_again_in_an_hour_and_given_up_after_three(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    kept.gateway.trouble = {"register": lambda: Response(status=429)}
    kept.spend("450.00")
    for refusals in (1, 2):
        for _ in range(2):
            auto_topups.run_due(kept.ports)
        wish = auto_topups.find(kept.ports, kept.owner.id)
        assert wish is not None
        assert (wish.refusals, wish.off_why) == (refusals, None)
        kept.clock.forward(hours=1)
    auto_topups.run_due(kept.ports)
    wish = auto_topups.find(kept.ports, kept.owner.id)
    assert wish is not None
    assert wish.off_why == "refused"


def test_a_charge_whose_answer_was_lost_is_found_and_not_made_again(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    kept.gateway.does_first, kept.gateway.trouble = True, {"paymentOrderBinding": lambda: Response(status=504)}
    kept.spend("450.00")
    auto_topups.run_due(kept.ports)
    auto_topups.run_due(kept.ports)
    assert (charges(kept), kept.balance()) == (1, rub("350.00"))


def test_a_worker_that_died_before_the_charge_is_followed_by_another(
    kept: CardHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    kept.spend("450.00")
    with monkeypatch.context() as patched:
        patched.setattr(topups, "begin", die)
        with pytest.raises(KeyboardInterrupt):
            auto_topups.run_due(kept.ports)
    auto_topups.run_due(kept.ports)
    assert charges(kept) == 0  # it may be about to happen
    kept.clock.forward(minutes=1)
    auto_topups.run_due(kept.ports)
    auto_topups.run_due(kept.ports)
    assert (charges(kept), kept.balance()) == (1, rub("350.00"))


def die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_switched_off_it_charges_nothing(kept: CardHouse) -> None:
    auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    auto_topups.switch_off(kept.ports, kept.owner.id)
    kept.spend("450.00")
    auto_topups.run_due(kept.ports)
    assert charges(kept) == 0


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (Terms(2, rub("100.00"), rub("300.00"), rub("600.00")), NotFound),
        (Terms(1, rub("100.00"), rub("9.99"), rub("600.00")), SumOutsideLimits),
        (Terms(1, rub("100.00"), rub("15000.01"), rub("99999.00")), SumOutsideLimits),
        (Terms(1, rub("100.00"), rub("300.00"), rub("299.99")), SumOutsideLimits),
        (Terms(1, -rub("1.00"), rub("300.00"), rub("600.00")), SumOutsideLimits),
        (Terms(1, rub("15000.01"), rub("300.00"), rub("600.00")), SumOutsideLimits),
        (Terms(1, Money(10000, "KGS"), Money(30000, "KGS"), Money(60000, "KGS")), CurrencyMismatch),
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: Terms, refusal: type[Exception], kept: CardHouse) -> None:
    with pytest.raises(refusal):
        auto_topups.set_up(kept.ports, kept.owner.id, terms)
    assert auto_topups.find(kept.ports, kept.owner.id) is None


def test_after_the_contract_no_card_is_charged_by_itself(kept: CardHouse) -> None:
    """A refund of the advance crosses any threshold."""
    with kept.ports.sessions.begin() as db:
        subscribers.set_ended(db, kept.owner.id, kept.clock())
    with pytest.raises(ContractEnded):
        auto_topups.set_up(kept.ports, kept.owner.id, TERMS)
    assert auto_topups.find(kept.ports, kept.owner.id) is None
