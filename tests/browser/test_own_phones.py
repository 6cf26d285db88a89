"""The second phone chosen for one call, on a small phone with scripts and without: that one rings (A1, A3)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from k5web.domain.calls.call import CallState
from k5web.domain.prices.number import Msisdn
from tests.browser.conftest import TALKS_ON, House, order, read, wait_until_over
from tests.browser.looks import assert_fits
from tests.browser.test_joining import code_for
from tests.processes import wait_for

pytestmark = pytest.mark.browser
AT_WORK = Msisdn("74957770200")  # Moscow's landline is cheaper to ring than a mobile phone


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def small(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Page:
    """A page of a fresh phone of 320 pixels."""
    return new_phone(java_script_enabled=request.param, viewport={"width": 320, "height": 568}).new_page()


def test_a_second_phone_is_added_and_rung_for_one_call(
    house: House, small: Page, request: pytest.FixtureRequest
) -> None:
    member, page = house.member(), small
    second = Msisdn(str(int(AT_WORK.digits) + 1000 * ("off" in request.node.name)))
    member.log_in(page, "/me/phones")
    page.get_by_label("Номер телефона").fill(f"{second}")
    page.get_by_role("button", name="Прислать код").click()
    expect(page.get_by_role("heading")).to_have_text("Код из SMS")
    assert_fits(page)
    page.get_by_label("Код из SMS").fill(code_for(house, str(second)))
    page.get_by_label("Название").fill("Работа")
    page.get_by_role("button", name="Добавить телефон").click()
    expect(page.get_by_role("status")).to_have_text("Телефон добавлен.")
    assert_fits(page)
    page.goto(f"{house.url}/{TALKS_ON}")
    expect(page.locator("#call button")).to_contain_text("2,20")
    assert_fits(page)
    page.get_by_role("link", name="Работа").click()
    expect(page.locator("#call button")).to_contain_text("0,90")
    assert_fits(page)
    order(page)
    expect(page.get_by_text("Звоним на")).to_be_visible()
    wait_for(lambda: member.calls()[0].state is CallState.TALKING, "both phones are answered")
    read(page)
    page.get_by_role("button", name="Завершить").click()
    wait_until_over(member)
    [call] = member.calls()
    assert (call.quote.a_number, str(call.cost)) == (second.digits, "0.90"), "that phone rang, at its own price"
    page.goto(f"{house.url}/{TALKS_ON}")
    expect(page.locator("#call button")).to_contain_text("2,20")
