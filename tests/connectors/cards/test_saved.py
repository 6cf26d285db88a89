"""Saved cards and topping up by itself, through the services: kept, forgotten, charged once a crossing, limited."""

import logging

import pytest
from werkzeug.wrappers import Response

from connectors.cards.sandbox_bank import CARDS, Behaviour, Refused
from k5web.domain.money import Money, rub
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.errors import CurrencyMismatch, NotFound, ProviderRefused, SavedCardGone, SumOutsideLimits
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import auto_topups, saved_cards, topups
from k5web.services.payments.auto_topups import Terms
from tests.connectors.card_house import CardHouse

pytestmark = pytest.mark.server

GOOD = "4111111111111111"
ASKS_ISSUER = next(card for card, behaviour in CARDS.items() if behaviour is Behaviour.ASKS_ISSUER)
DECLINED = next(card for card, behaviour in CARDS.items() if behaviour is Behaviour.DECLINES)
TERMS = Terms(1, threshold=rub("100.00"), amount=rub("300.00"), daily_cap=rub("600.00"))


@pytest.fixture
def kept(house: CardHouse) -> CardHouse:
    """The house after a first payment of 500 roubles whose card the payer let the bank keep."""
    top_up = house.begin()
    house.call_back(house.pay(top_up, keep="1"))
    return house


def spoil(house: CardHouse) -> None:
    """Make the kept card one whose bank says no."""
    for binding in house.gateway.bank.bindings.values():
        binding.card = DECLINED


def charges(house: CardHouse) -> int:
    """Return how many orders the gateway has beyond the first."""
    return len(house.gateway.bank.orders) - 1


# Saved cards


def test_a_card_is_kept_by_its_ends_only(kept: CardHouse) -> None:
    (card,) = saved_cards.cards(kept.ports, kept.owner.id)
    assert (card.n, card.origin, card.mask, card.expires) == (1, "cards:demo", "4111**1111", "203012")
    topups.look(kept.ports, topups.page(kept.ports, kept.owner.id)[0].reference)
    assert len(saved_cards.cards(kept.ports, kept.owner.id)) == 1


def test_a_payer_who_does_not_want_that_has_no_card_kept(house: CardHouse) -> None:
    house.call_back(house.pay(house.begin()))
    assert saved_cards.cards(house.ports, house.owner.id) == []


def test_a_gateway_is_not_told_who_pays_where_the_payer_keeps_no_card(house: CardHouse) -> None:
    assert house.order(house.begin(keeps_card=False)).client_id == ""
    known = house.order(house.begin()).client_id
    house.begin(keeps_card=False)
    assert known != ""
    assert house.order(house.begin()).client_id == known, "the same payer again"


def test_a_saved_card_pays_without_being_typed(kept: CardHouse) -> None:
    assert charge(kept).state is TopUpState.PAID
    assert kept.balance() == rub("700.00")


def test_a_saved_card_that_is_declined_ends_the_top_up_at_once(kept: CardHouse) -> None:
    """No page is there to try another card on."""
    spoil(kept)
    assert charge(kept).state is TopUpState.DECLINED
    assert kept.balance() == rub("500.00")


def test_a_saved_card_whose_owner_must_prove_it_leads_to_a_page(kept: CardHouse) -> None:
    for binding in kept.gateway.bank.bindings.values():
        binding.card = ASKS_ISSUER
    top_up = charge(kept)
    assert top_up.state is TopUpState.WAITING
    assert "acsRedirect" in top_up.pay_url


def test_a_saved_card_that_the_bank_does_not_know_any_more_is_forgotten_when_it_is_to_pay(kept: CardHouse) -> None:
    kept.gateway.bank.bindings.clear()
    with pytest.raises(SavedCardGone):
        charge(kept)
    assert saved_cards.cards(kept.ports, kept.owner.id) == []


def charge(house: CardHouse) -> TopUp:
    """Pay 200 roubles with the kept card, as the page does."""
    (card,) = saved_cards.cards(house.ports, house.owner.id)
    wish = topups.TopUpRequest(card.origin, rub("200.00"), "form-saved", "https://k5.example/pay/return/{reference}")
    return saved_cards.charge(house.ports, house.owner, card, wish)


def test_nobody_pays_with_another_s_card(kept: CardHouse) -> None:
    (card,) = saved_cards.cards(kept.ports, kept.owner.id)
    kept.owner = add_subscriber(kept.ports, Msisdn("79161234568"), "correct horse", "Борис")
    with pytest.raises(NotFound):
        kept.begin("200.00", saved_card_id=card.id)
    with pytest.raises(NotFound):
        saved_cards.forget(kept.ports, kept.owner.id, card.n)


def test_a_forgotten_card_is_forgotten_by_the_gateway_too(kept: CardHouse) -> None:
    (card,) = saved_cards.cards(kept.ports, kept.owner.id)
    saved_cards.tell(kept.ports, saved_cards.forget(kept.ports, kept.owner.id, card.n))
    assert saved_cards.cards(kept.ports, kept.owner.id) == []
    assert not kept.gateway.bank.bindings[card.id].is_active
    with pytest.raises(NotFound):
        kept.begin(saved_card_id=card.id)


def test_a_gateway_that_was_away_forgets_later(kept: CardHouse) -> None:
    (card,) = saved_cards.cards(kept.ports, kept.owner.id)
    kept.gateway.trouble = {"unBindCard": lambda: Response(status=500)}
    saved_cards.tell(kept.ports, saved_cards.forget(kept.ports, kept.owner.id, card.n))
    assert saved_cards.cards(kept.ports, kept.owner.id) == []
    saved_cards.tell_removed(kept.ports)
    assert kept.gateway.bank.bindings[card.id].is_active
    kept.gateway.trouble = {}
    saved_cards.tell_removed(kept.ports)
    assert not kept.gateway.bank.bindings[card.id].is_active


# S21; what is counted, and how an open page is ended, in test_limits.py


def test_s21_one_card_may_pay_as_often_as_it_likes(house: CardHouse) -> None:
    for _ in range(4):
        house.call_back(house.pay(house.begin("100.00")))
    assert house.balance() == rub("400.00")


def test_s21_a_gateway_s_own_trouble_is_no_decline(house: CardHouse) -> None:
    house.gateway.trouble = {"register": lambda: Response(status=429)}
    for _ in range(6):
        with pytest.raises(ProviderRefused):
            house.begin()
    house.gateway.trouble = {}
    assert house.begin().state is TopUpState.WAITING


# By itself


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


# Taken back before it is paid


def test_an_order_nobody_paid_is_taken_back_at_the_gateway(house: CardHouse) -> None:
    top_up = house.begin()
    assert topups.cancel(house.ports, house.owner.id, top_up.reference).state is TopUpState.CANCELLED
    assert not house.order(top_up).is_payable
    with pytest.raises(Refused, match="Заказ уже оплачен или время вышло"):
        house.pay(top_up)
    assert topups.cancel(house.ports, house.owner.id, top_up.reference).state is TopUpState.CANCELLED
    for _ in range(5):
        topups.cancel(house.ports, house.owner.id, house.begin().reference)
    assert house.begin().state is TopUpState.WAITING, "what is taken back is no decline of a card"


def test_an_order_that_was_paid_is_not_taken_back_and_is_credited(house: CardHouse) -> None:
    top_up = house.begin()
    house.pay(top_up)
    assert topups.cancel(house.ports, house.owner.id, top_up.reference).state is TopUpState.PAID
    assert house.balance() == rub("500.00")
    with pytest.raises(NotFound):
        topups.cancel(house.ports, house.owner.id + 1, top_up.reference)
