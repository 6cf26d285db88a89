"""What SMS may cost: S17."""

import threading
from dataclasses import replace

import pytest

from k5web.domain.messaging.sms_limits import SmsTerms
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import SmsCountryClosed, SmsSpent, TooOften
from k5web.services.messaging import codes
from k5web.storage.messaging import sms_counts
from tests.services.house import House
from tests.services.messaging.test_codes import HOME, PHONE, number, sent


def test_three_an_hour_go_to_a_number_and_ten_are_for_an_address(k5: House) -> None:
    for n in range(3):
        codes.send(k5.ports, PHONE, "reset", f"203.0.113.{n}")
    with pytest.raises(TooOften):
        codes.send(k5.ports, PHONE, "register", "203.0.113.99")
    for n in range(10):
        codes.send(k5.ports, number(n), "reset", "2001:db8:1:2::1")
    with pytest.raises(TooOften):
        codes.send(k5.ports, number(10), "reset", "2001:db8:1:2:ffff::2")
    assert len(sent(k5.ports)) == 13
    k5.clock.forward(hours=1)
    codes.send(k5.ports, PHONE, "reset", "2001:db8:1:2::1")


def test_no_code_goes_to_a_country_that_is_not_open(k5: House) -> None:
    with pytest.raises(SmsCountryClosed):
        codes.send(k5.ports, Msisdn("447911123456"), "register", HOME)
    assert sent(k5.ports) == []


@pytest.mark.parametrize("requests", [300, pytest.param(10_000, marks=[pytest.mark.full, pytest.mark.timeout(3600)])])
def test_ten_thousand_requests_cost_at_most_the_days_money(k5: House, requests: int) -> None:
    """S17: each from another address for another number, so that the day's money alone holds them."""
    frugal = replace(k5.ports, sms=SmsTerms(part=rub("2.50"), day=rub("25.00")))
    refused = 0
    for n in range(requests):
        try:
            codes.send(frugal, number(n), "register", f"198.18.{n // 250}.{n % 250}")
        except SmsSpent:
            refused += 1
    with frugal.sessions.read() as db:
        assert sms_counts.spent(db, frugal.today()) == 2500
    assert len(sent(frugal)) == 10
    assert refused == requests - 10


def test_askers_at_once_get_no_more_than_one_after_another(k5: House) -> None:
    frugal = replace(k5.ports, sms=SmsTerms(part=rub("2.50"), day=rub("12.50")))
    went: list[bool] = []

    def ask(n: int) -> None:
        try:
            codes.send(frugal, PHONE if n < 5 else number(n), "reset", f"198.18.0.{n}")
            went.append(n < 5)
        except (TooOften, SmsSpent):
            pass

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(went) == 5
    assert went.count(True) <= 3
    assert len(sent(frugal)) == 5
