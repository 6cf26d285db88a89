"""The desk in a real browser: staff of this test alone, each at a browser of their own."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page

from k5web.services.desk import staff
from tests.browser.conftest import House

WIDE = {"viewport": {"width": 1280, "height": 800}, "has_touch": False}
_numbers = count(1)


@pytest.fixture
def at_desk(house: House, new_phone: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return the page of somebody new with these roles, logged in: `at_desk("money")`; `differs` is of the browser."""

    def come(*roles: str, path: str = "/desk", **differs: object) -> Page:
        made = staff.add(house.ports, f"anna{next(_numbers)}", "Анна", roles, "staff:root")
        page = new_phone(**(WIDE | differs)).new_page()
        page.goto(f"{house.url}{path}")
        page.fill("#login", made.staff.login)
        page.fill("#password", made.password)
        page.fill("#code", staff.current_code(house.ports, made.staff.login))
        with page.expect_navigation():
            page.click("button.button")
        return page

    return come
