"""A subscriber: the country their numbers are read in, the plan, and whether anything new may begin."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.accounts.subscriber import Party, Subscriber, admitted, initials
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.errors import SubscriberBlocked

ANNA = Subscriber(1, Msisdn("79161234567"), "Анна", "RUB", "k5", None, Price.parse("5"))


@pytest.mark.parametrize(
    ("phone", "currency", "home"),
    [
        ("79161234567", "RUB", "RU"),
        ("77172123456", "RUB", "KZ"),  # the phone's country, though the code is shared
        ("996555123456", "RUB", "KG"),
        ("79161234567", "KGS", "RU"),
        (None, "RUB", "RU"),
        (None, "KGS", "KG"),
    ],
)
def test_bare_numbers_are_read_as_in_the_phones_country_or_the_currencys(
    phone: str | None, currency: str, home: str
) -> None:
    subscriber = replace(ANNA, phone=Msisdn(phone) if phone else None, currency=currency)
    assert subscriber.home == home


def test_for_a_blocked_subscriber_nothing_new_begins() -> None:
    assert admitted(ANNA) is ANNA
    with pytest.raises(SubscriberBlocked):
        admitted(replace(ANNA, blocked_at=datetime(2026, 11, 30, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Анна", "А."),
        ("anna  karenina", "A. K."),
        ("", ""),
        ("</comment>\u202e\x00 Б", "Б."),
        ("а б в г", "А. Б. В."),
    ],
)
def test_a_name_shows_initials_at_most(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_others_are_told_initials_and_two_digits() -> None:
    assert ANNA.party == Party("А.", "67")
    assert replace(ANNA, phone=None, id=100045).party == Party("А.", "45")
