"""A number of one's own on a small phone without scripts: chosen, reserved, paid in a second step, returned. D1, D3."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, number_stock
from k5web.web.forms import READ_FOR
from tests.browser.conftest import House, Member, follow
from tests.browser.looks import assert_axe_finds_nothing, assert_fits
from tests.services.accounts.stock import PITER, PROSTO, A, on

pytestmark = pytest.mark.browser


@pytest.fixture
def member(house: House) -> Member:
    """Somebody on a plan with numbers, who has the money for one, and the numbers."""
    number_stock.add_all(house.ports, {Msisdn(digits): False for digits in (A, PITER)}, "staff:anna")
    found = house.member("2600.00")
    on(house.ports, PROSTO, found.subscriber)
    return found


def balance(house: House, member: Member) -> str:
    return str(accounts.purse(house.ports, member.subscriber.id).balance)


def test_a_number_is_taken_and_returned_at_320_pixels_without_scripts(
    house: House, member: Member, new_phone: Callable[..., BrowserContext]
) -> None:
    page = new_phone(java_script_enabled=False, viewport={"width": 320, "height": 568}).new_page()
    member.log_in(page, "/me")
    page.get_by_role("link", name="Мои номера: выбрать").click()
    page.get_by_label("Цифры номера").fill("01-01")
    follow(page.get_by_role("button", name="Показать номера"))
    assert_fits(page)
    follow(page.get_by_role("link", name="+7 495 000"))
    assert_fits(page)
    page.get_by_role("button", name="Забронировать").click()
    expect(page.get_by_role("status")).to_contain_text("Пока ничего не списано.")
    assert_fits(page)
    page.wait_for_timeout(READ_FOR.total_seconds() * 1000)
    page.get_by_role("button", name="Подключить за").click()
    expect(page.locator("main")).to_contain_text("Это ваш номер.")
    assert balance(house, member) == "100.00"
    page.get_by_text("Вернуть номер", exact=True).click()
    expect(page.get_by_role("button", name="Да, вернуть номер")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Да, вернуть номер").click()
    expect(page.locator("main")).to_contain_text("Своего номера у вас пока нет.")
    page.goto(f"{house.url}/me/numbers/{A}")
    expect(page.get_by_role("alert")).to_contain_text("Такого свободного номера нет.")
    assert balance(house, member) == "100.00"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_number(
    house: House, member: Member, new_phone: Callable[..., BrowserContext], scheme: str
) -> None:
    page = new_phone(color_scheme=scheme).new_page()
    member.log_in(page, "/me/numbers")
    page.goto(f"{house.url}/me/numbers/{PITER}")
    assert_axe_finds_nothing(page)
    follow(page.get_by_role("button", name="Забронировать"))
    assert_axe_finds_nothing(page)
    follow(page.get_by_role("button", name="Отпустить номер"))  # the other scheme wants it too
    assert_axe_finds_nothing(page)
