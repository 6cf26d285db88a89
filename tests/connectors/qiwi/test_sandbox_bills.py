"""The simulated bills: one for each number, paid once, given back once for each key, ended by their time."""

from datetime import timedelta

import pytest

from connectors.qiwi.sandbox_bills import Bill, Site, bill_json, payment_json
from k5web.domain.money import Money, rub
from k5web.domain.payments.sandbox import SandboxOptions
from tests.conftest import Clock
from tests.connectors.qiwi.wire_requests import BILL, PULL


class Stand:
    """A site with one bill of 500 roubles, whose notices are lost."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.site = Site(BILL, SandboxOptions("http://127.0.0.1:1", "http://127.0.0.1:1", "/nowhere", clock))
        self.bill = self.issue()

    def issue(self, number: str = "K5-1-1", amount: str = "500.00") -> Bill:
        found = self.site.issue(number, rub(amount), "", self.clock() + timedelta(hours=1))
        assert found is not None
        return found

    def pay(self) -> bool:
        return self.site.decide(self.bill, "PAID", copies=0)


@pytest.fixture
def stand(clock: Clock) -> Stand:
    return Stand(clock)


def test_a_number_is_one_bill_and_another_sum_is_refused(stand: Stand) -> None:
    assert stand.issue() is stand.bill
    assert stand.site.issue("K5-1-1", rub("500.01"), "", stand.clock()) is None
    assert stand.issue("K5-1-2", "1.00") is not stand.bill
    assert stand.site.find("K5-1-3") is None


def test_a_bill_is_decided_once(stand: Stand) -> None:
    assert stand.pay()
    assert (stand.bill.state, stand.bill.changed_at) == ("PAID", stand.clock())
    assert stand.bill.payment_id
    assert not stand.pay()
    assert not stand.site.decide(stand.bill, "REJECTED", copies=0)


def test_a_bill_ends_by_its_time(stand: Stand) -> None:
    stand.clock.forward(minutes=59)
    assert stand.site.find("K5-1-1") is stand.bill
    assert stand.bill.state == "WAITING"
    stand.clock.forward(minutes=1)
    assert not stand.pay()
    assert stand.bill.state == "EXPIRED"


def test_money_goes_back_once_for_each_key_and_never_more_than_was_paid(stand: Stand) -> None:
    assert not stand.site.refund(stand.bill, "r-0", rub("1.00"))  # nobody paid yet
    stand.pay()
    assert stand.site.refund(stand.bill, "r-1", rub("200.00"))
    assert stand.site.refund(stand.bill, "r-1", rub("200.00"))
    assert not stand.site.refund(stand.bill, "r-1", rub("100.00"))
    assert not stand.site.refund(stand.bill, "r-2", rub("300.01"))
    assert stand.site.refund(stand.bill, "r-2", rub("300.00"))
    assert stand.bill.given_back == rub("500.00")


def test_a_bill_shows_itself_by_the_clock_of_moscow(stand: Stand) -> None:
    shown = bill_json(stand.bill)
    assert (shown["billId"], shown["amount"]) == ("K5-1-1", {"value": "500.00", "currency": "RUB"})
    assert str(shown["creationDateTime"]).endswith("+03:00")
    assert shown["status"] == {"value": "WAITING", "changedDateTime": shown["creationDateTime"]}


def test_a_payment_shows_what_was_taken_and_what_went_back(stand: Stand) -> None:
    stand.pay()
    stand.site.refund(stand.bill, "r-1", rub("200.00"))
    shown = payment_json(stand.bill)
    assert shown["paymentId"] == stand.bill.payment_id
    assert (shown["capturedAmount"], shown["refundedAmount"]) == (
        {"value": "500.00", "currency": "RUB"},
        {"value": "200.00", "currency": "RUB"},
    )


def test_each_protocol_has_its_own_key(stand: Stand) -> None:
    assert stand.site.authorization == "Bearer api-key"
    options = SandboxOptions("", "", "", stand.clock)
    assert Site(PULL, options).authorization == "Basic YXBpLWlkOmFwaS1wYXNz"


def test_nothing_given_back_is_nothing_in_the_bills_currency(stand: Stand) -> None:
    assert stand.bill.given_back == Money(0, "RUB")
