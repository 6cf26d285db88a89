"""Money to another subscriber on a small phone without scripts: two pages, one press each, nothing too wide."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from k5web.services.accounts.accounts import purse
from tests.browser.conftest import PASSWORD, House, follow
from tests.browser.looks import assert_fits

pytestmark = pytest.mark.browser


def test_money_is_sent_at_320_pixels_without_scripts(house: House, new_phone: Callable[..., BrowserContext]) -> None:
    sender, receiver = house.member("500.00"), house.member("0.00")
    page = new_phone(java_script_enabled=False, viewport={"width": 320, "height": 568}).new_page()
    sender.log_in(page, "/me")
    follow(page.get_by_role("link", name="Перевести другому участнику"))
    assert_fits(page)
    page.get_by_label("Кому").fill(f"K5-{receiver.subscriber.id}")
    page.get_by_label("Сумма").fill("300")
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_role("heading")).to_have_text("Проверьте перевод")
    assert_fits(page)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Перевести").click()
    expect(page.get_by_role("heading")).to_contain_text("Перевод участнику")
    assert_fits(page)
    balances = [str(purse(house.ports, one.subscriber.id).balance) for one in (sender, receiver)]
    assert balances == ["200.00", "300.00"]
