"""Saved cards: kept by their ends, charged, forgotten here and at the gateway. Promises: A10, S21."""

import pytest
from werkzeug.wrappers import Response

from connectors.cards.sandbox_bank import CARDS, Behaviour
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, SavedCardGone
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import saved_cards, topups
from tests.connectors.card_house import CardHouse, spoil

pytestmark = pytest.mark.server


GOOD = "4111111111111111"


ASKS_ISSUER = next(card for card, behaviour in CARDS.items() if behaviour is Behaviour.ASKS_ISSUER)


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
