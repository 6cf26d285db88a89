"""A promised payment on a small phone without scripts: two pages that fit, read before the press."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from k5web.services.accounts.accounts import purse
from tests.browser.conftest import House, follow, read, shown
from tests.browser.looks import assert_fits

pytestmark = pytest.mark.browser


def test_it_is_taken_at_320_pixels_without_scripts(house: House, new_phone: Callable[..., BrowserContext]) -> None:
    member = house.member("0.00")
    page = new_phone(java_script_enabled=False, viewport={"width": 320, "height": 568}).new_page()
    member.log_in(page, "/me")
    page.get_by_role("link", name="Обещанный платёж").click()
    page.get_by_label("Сумма").fill("300")
    assert_fits(page)
    page.get_by_role("button", name="Дальше").click()
    read(page)
    assert "Если не вернуть, звонки и покупки остановятся до пополнения." in shown(page)
    assert_fits(page)
    page.get_by_role("button", name="Взять").click()
    expect(page.get_by_text("Действует по")).to_be_visible()
    assert str(purse(house.ports, member.subscriber.id).available) == "300.00"
    follow(page.get_by_role("link", name="Мой счёт"))
    assert "Обещанный платёж 300,00 ₽ действует по" in shown(page)
