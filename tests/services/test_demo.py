"""The demo subscriber: there after the first start, the same after the tenth."""

from k5web.services.accounts import Browser, log_in, purse
from k5web.services.demo import PHONE, open_demo
from tests.services.house import House


def test_the_demo_subscriber_gets_the_money_once_and_keeps_the_printed_password(k5: House) -> None:
    first = open_demo(k5.ports, "printed-one")
    again = open_demo(k5.ports, "printed-one")
    assert again.id == first.id
    assert str(purse(k5.ports, first.id).balance) == "500.00"
    open_demo(k5.ports, "printed-two")
    assert log_in(k5.ports, str(PHONE), "printed-two", Browser("Chrome, Android", None)).subscriber.id == first.id
