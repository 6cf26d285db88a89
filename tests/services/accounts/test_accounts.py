"""Accounts: adding and finding, on both databases."""

import pytest

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, NotFound
from k5web.services.accounts import accounts
from tests.services.house import OWN, House
from tests.services.visits import RIGHT


def test_a_new_subscriber_has_an_empty_account_of_their_currency(k5: House) -> None:
    added = accounts.add_subscriber(k5.ports, Msisdn("996555123456"), "тополь и река", "Айгуль", "KGS")
    purse = accounts.purse(k5.ports, added.id)
    assert (purse.balance.minor, purse.balance.currency) == (0, "KGS")
    assert accounts.purse(k5.ports, k5.caller.id).available == rub("0.00")
    assert added.id != k5.caller.id


def test_a_phone_is_taken_once_and_nothing_remains_of_the_second_try(k5: House) -> None:
    before = accounts.add_subscriber(k5.ports, None, RIGHT, "first").id
    with pytest.raises(AlreadyThere):
        accounts.add_subscriber(k5.ports, Msisdn.parse(OWN), RIGHT, "Ольга")
    assert accounts.add_subscriber(k5.ports, None, RIGHT, "next").id == before + 1


@pytest.mark.parametrize(
    "login",
    ["+79161234567", "89161234567", "8 (916) 123-45-67", "9161234567", "007 916 1234567", "tel:+7-916-123-45-67"],
)
def test_a_phone_is_understood_in_any_spelling(k5: House, login: str) -> None:
    assert accounts.find_subscriber(k5.ports, login) == k5.caller


@pytest.mark.parametrize("login", ["0555123456", "0555 12-34-56", "+996 555 123456", "996555123456"])
def test_a_kyrgyz_phone_is_understood_as_it_is_dialled_at_home(k5: House, login: str) -> None:
    added = accounts.add_subscriber(k5.ports, Msisdn("996555123456"), RIGHT, "Айгуль", "KGS")
    assert accounts.find_subscriber(k5.ports, login).id == added.id


def test_the_number_of_the_account_is_understood_too(k5: House) -> None:
    assert accounts.find_subscriber(k5.ports, f" {k5.caller.id} ") == k5.caller


@pytest.mark.parametrize("login", ["", "+79160000000", "999999", "-1", "٧٩١٦", "x" * 5000, "8589934592", "' OR 1=1 --"])
def test_whoever_is_unknown_is_not_found(k5: House, login: str) -> None:
    with pytest.raises(NotFound):
        accounts.find_subscriber(k5.ports, login)
