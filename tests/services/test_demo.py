"""The demo subscriber: there after the first start, the same after the tenth."""

from k5web.domain.accounts.stock_number import CODES
from k5web.services.accounts import number_stock
from k5web.services.accounts.accounts import Browser, log_in, purse
from k5web.services.demo import NUMBERS_A_CODE, PHONE, SOM_PHONE, fill_stock, open_demo, open_som_demo
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


def test_the_stock_has_a_few_numbers_of_each_code_that_nobody_has(k5: House) -> None:
    for _start in range(2):
        fill_stock(k5.ports)
    found = number_stock.listed(k5.ports)
    assert len(found) == len(CODES) * NUMBERS_A_CODE
    assert {one.code for one in found} == set(CODES)
    assert {one.msisdn.digits[4:9] for one in found} == {"00001"}
    assert [one.msisdn.digits for one in found if one.is_beautiful and one.code == "495"] == ["74950000111"]
