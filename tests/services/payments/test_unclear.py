"""Top-ups whose end nobody knows are credited by proof, or closed. Promises: S22, docs/payments.md."""

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import WrongDeed
from k5web.services.payments import unclear
from tests.services.payments.shop import Shop


def credit(shop: Shop, top_up: TopUp, provider_id: str = "") -> EventName:
    with shop.ports.sessions.begin() as db:
        return unclear.credit_by_proof(shop.ports, db, top_up, provider_id)[0].name


def close(shop: Shop, top_up: TopUp) -> None:
    with shop.ports.sessions.begin() as db:
        unclear.close(shop.ports, db, top_up)


def test_it_is_credited_under_the_providers_number_and_what_the_provider_says_later_adds_nothing(shop: Shop) -> None:
    top_up = shop.begin()
    assert credit(shop, top_up, f"id-{top_up.number}") == EventName("fake:bank", f"id-{top_up.number}")
    assert (shop.state(top_up), shop.balance()) == (TopUpState.PAID, rub("100.00"))
    shop.provider_says(top_up.number, TopUpState.PAID)
    shop.look(top_up)
    assert shop.balance() == rub("100.00")
    shop.assert_sound()


def test_it_is_credited_once(shop: Shop) -> None:
    top_up = shop.paid()
    with pytest.raises(WrongDeed):
        credit(shop, top_up, "id-9")
    other = shop.begin("form-2")
    with pytest.raises(WrongDeed):  # the number of another order
        credit(shop, other, f"id-{top_up.number}")
    assert shop.balance() == rub("100.00")


def test_by_its_own_number_alone(shop: Shop) -> None:
    top_up = shop.begin()
    with pytest.raises(WrongDeed):
        credit(shop, top_up, "another")
    assert credit(shop, top_up).key == f"id-{top_up.number}"
    shop.assert_sound()


def test_a_closed_one_is_asked_about_no_more_and_money_that_comes_late_is_credited(shop: Shop) -> None:
    top_up = shop.begin()
    close(shop, top_up)
    assert shop.state(top_up) is TopUpState.DECLINED
    with pytest.raises(WrongDeed):
        close(shop, top_up)
    shop.provider_says(top_up.number, TopUpState.PAID)
    shop.look(top_up)
    assert shop.balance() == rub("100.00")
    shop.assert_sound()


def test_what_is_paid_is_not_closed(shop: Shop) -> None:
    with pytest.raises(WrongDeed):
        close(shop, shop.paid())
