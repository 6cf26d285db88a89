"""K5 on the home screen: without a network it says so in its own words, and never shows a price that it kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from tests.browser.conftest import TALKS_ON, House, Member

pytestmark = pytest.mark.browser

READY = "navigator.serviceWorker.ready.then(function (found) { return found.active.scriptURL; })"
KEPT = (
    "Promise.all([caches.keys(), indexedDB.databases()]).then(function (all) { return all[0].length + all[1].length; })"
)


@pytest.fixture
def started(new_phone: Callable[..., BrowserContext], house: House, member: Member) -> Page:
    """The start page of somebody logged in, its worker ready and asked."""
    page = new_phone().new_page()
    member.log_in(page)
    page.goto(f"{house.url}/")
    assert page.evaluate(READY) == f"{house.url}/worker.js"
    return page


def test_a_price_is_never_from_a_cache(started: Page, house: House, member: Member) -> None:
    """docs/pages.md, on the home screen: nothing is kept, the page of a number does not pass through it."""
    first = started.goto(f"{house.url}/{TALKS_ON}")
    assert first is not None
    assert not first.from_service_worker
    assert "2,20" in started.inner_text("main").replace("\N{NO-BREAK SPACE}", " ")
    house.reprice("7495", "0.85")
    try:
        started.goto(f"{house.url}/{TALKS_ON}")
        assert "2,60" in started.inner_text("main").replace("\N{NO-BREAK SPACE}", " ")
        started.goto(f"{house.url}/me/favourites")
        started.goto(f"{house.url}/")
        assert started.evaluate(KEPT) == 0
    finally:
        house.reprice("7495", "0.45")


def test_without_a_network_the_start_says_so_and_all_else_is_the_browsers(started: Page, house: House) -> None:
    started.goto(f"{house.url}/")
    answered = started.goto(f"{house.url}/me/favourites")
    assert answered is not None
    assert answered.from_service_worker
    started.context.set_offline(True)
    for path in ("/", "/me/favourites"):
        page = started.goto(house.url + path)
        assert page is not None
        assert page.status == 503
        said = started.inner_text("body")
        assert "Нет связи с K5" in said
        assert "Помощь" in said
        assert "₽" not in said
        assert started.evaluate("document.fonts.size === 0 && getComputedStyle(document.body).maxWidth") != "none"
    for path in (f"/{TALKS_ON}", "/me", "/?number=1"):
        with pytest.raises(PlaywrightError):
            started.goto(house.url + path)
    started.context.set_offline(False)
    started.goto(f"{house.url}/")
    assert "Кому позвонить?" in started.inner_text("h1")
