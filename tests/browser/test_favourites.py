"""The own list in a browser: searched while one types, with scripts off by its button; nothing runs sideways."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from k5web.domain.prices.number import Msisdn
from k5web.services.contacts import favourites
from tests.browser.conftest import House, Member
from tests.browser.looks import assert_fits

pytestmark = pytest.mark.browser


@pytest.fixture
def listed(member: Member) -> Member:
    """Somebody with four numbers in the list."""
    named = {"74951234200": "Офис", "77172123456": "Мама", "78432123456": "Марат", "35921234567": "София"}
    for digits, name in named.items():
        favourites.keep(member.house.ports, member.subscriber.id, Msisdn(digits), name)
    return member


def test_the_list_is_searched_while_one_types(
    new_phone: Callable[..., BrowserContext], house: House, listed: Member
) -> None:
    page = new_phone().new_page()
    listed.log_in(page, "/me/favourites")
    names = page.locator("#found b")
    expect(names).to_have_count(4)
    page.locator("#q").press_sequentially("ма")
    expect(names).to_have_text(["Мама", "Марат"])
    expect(page.locator("#count")).to_have_text("Найдено: 2")
    assert page.url.endswith("/me/favourites?q=%D0%BC%D0%B0")
    page.locator("#q").fill("8 843")
    expect(names).to_have_text(["Марат"])
    page.locator("#q").fill("")
    expect(names).to_have_count(4)


@pytest.mark.parametrize("width", [320, 360])
def test_it_works_without_scripts_and_nothing_runs_sideways(
    new_phone: Callable[..., BrowserContext], house: House, listed: Member, width: int
) -> None:
    page = new_phone(java_script_enabled=False, viewport={"width": width, "height": 568}).new_page()
    listed.log_in(page, "/me/favourites")
    page.fill("#q", "офис")
    with page.expect_navigation():
        page.click("#find button")
    expect(page.locator("#found b")).to_have_text(["Офис"])
    for path in ("", "?edit=1", "/new", "/74951234200", "/sheet"):
        page.goto(f"{house.url}/me/favourites{path}")
        assert_fits(page)
