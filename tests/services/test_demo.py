"""The demo subscriber: there after the first start, the same after the tenth."""

from k5web.services.accounts.accounts import Browser, log_in, purse
from k5web.services.demo import PHONE, SOM_PHONE, open_demo, open_som_demo
from tests.services.house import House


def test_the_demo_subscriber_gets_the_money_once_and_keeps_the_printed_password(k5: House) -> None:
    first = open_demo(k5.ports, "pamphlet printed once")
    again = open_demo(k5.ports, "pamphlet printed once")
    assert again.id == first.id
    assert str(purse(k5.ports, first.id).balance) == "500.00"
    open_demo(k5.ports, "pamphlet printed twice")
    assert (
        log_in(k5.ports, str(PHONE), "pamphlet printed twice", Browser("Chrome, Android", None)).subscriber.id
        == first.id
    )


def test_the_one_in_som_has_som(k5: House) -> None:
    caller = open_som_demo(k5.ports, "pamphlet printed once")
    assert open_som_demo(k5.ports, "pamphlet printed once").id == caller.id
    assert str(purse(k5.ports, caller.id).balance) == "500.00"
    assert (caller.phone, caller.currency, caller.home) == (SOM_PHONE, "KGS", "KG")
