"""The desk's log-in in a real browser: fits a small phone, axe finds nothing, leads to where one came for."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import House
from tests.browser.looks import assert_axe_finds_nothing_at, assert_fits

pytestmark = pytest.mark.browser


def test_the_log_in_leads_to_the_page_one_came_for(at_desk: Callable[..., Page]) -> None:
    page = at_desk("auditor", path="/desk/audit?actor=staff%3Anobody")
    expect(page.get_by_role("heading", level=1)).to_have_text("Журнал: кто что сделал")
    assert page.url.endswith("/desk/audit?actor=staff%3Anobody")


@pytest.mark.parametrize("path", ["/desk", "/desk/audit", "/desk/staff"])
def test_the_desk_fits_a_small_phone(at_desk: Callable[..., Page], path: str) -> None:
    assert_fits(at_desk("owner", path=path, viewport={"width": 320, "height": 640}))


def test_axe_finds_nothing_at_the_log_in(new_phone: Callable[..., BrowserContext], house: House) -> None:
    assert_axe_finds_nothing_at(new_phone().new_page(), f"{house.url}/desk/login")


@pytest.mark.parametrize("path", ["/desk", "/desk/audit", "/desk/staff"])
def test_axe_finds_nothing_at_the_desk(at_desk: Callable[..., Page], path: str) -> None:
    page = at_desk("owner")
    assert_axe_finds_nothing_at(page, f"{page.url.partition('/desk')[0]}{path}")
