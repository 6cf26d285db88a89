"""How the pages of a call sit on the smallest screens and in large print, and how letters are drawn (docs/pages.md)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from k5web.services.calls import ordering
from tests.browser.conftest import TALKS_ON, House, Member, one_who_talked, order, wait_until_over
from tests.browser.looks import assert_fits

pytestmark = pytest.mark.browser

SCREENS = [(320, 568), (360, 640), (240, 320)]
LEAST_TARGET = 48  # CSS pixels


@pytest.fixture(scope="module")
def settled(chromium: Browser, house: House) -> Member:
    """Somebody with a call behind, so that no page is empty."""
    return one_who_talked(chromium, house, "1000.00")


@pytest.fixture
def live(settled: Member, new_phone: Callable[..., BrowserContext], house: House) -> Iterator[str]:
    """The address of a call under way."""
    page = new_phone(storage_state=settled.state).new_page()
    page.goto(f"{house.url}/{TALKS_ON}")
    order(page)
    path = page.url.removeprefix(house.url)
    yield path
    ordering.end_call(house.ports, settled.subscriber.id, path.removeprefix("/c/"))
    wait_until_over(settled)


def set_text_size(page: Page, percent: int) -> None:
    """What the phone's own «size of text» does."""
    sizes = {"standard": 16 * percent // 100, "fixed": 13 * percent // 100}
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})


def assert_button_in_sight(page: Page, selector: str) -> None:
    """The main button is whole on the first screen, and nothing needs a sideways scroll."""
    box = page.locator(selector).bounding_box()
    screen = page.viewport_size
    assert box
    assert screen
    assert box["height"] >= 64
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= screen["width"]
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= screen["height"]
    assert_fits(page)
    assert page.evaluate("window.scrollY") == 0
    assert page.locator(selector).evaluate("button => button.scrollWidth <= button.clientWidth")


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_button_is_seen_without_scrolling(
    new_phone: Callable[..., BrowserContext],
    house: House,
    settled: Member,
    live: str,
    width: int,
    height: int,
    percent: int,
) -> None:
    screen = {"width": width, "height": height}
    page = new_phone(viewport=screen, storage_state=settled.state).new_page()
    set_text_size(page, percent)
    for path, button in [
        (f"/{TALKS_ON}", ".bar .button"),
        ("/", ".bar .button"),
        (live, ".bar .button"),
        ("/+99912345678", ".bar .button"),
    ]:
        page.goto(house.url + path)
        assert_button_in_sight(page, button)
    if percent == 100 and height > 320:  # the result comes first, and its button is in no bar
        page.goto(f"{house.url}/c/{settled.subscriber.id}-1")
        assert_button_in_sight(page, "main a.button")
    stranger = new_phone(viewport=screen).new_page()
    set_text_size(stranger, percent)
    stranger.goto(f"{house.url}/{TALKS_ON}")
    assert_button_in_sight(stranger, ".bar .button")


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize(
    "path",
    [
        "/me",
        "/me/limits",
        "/me/phones",
        "/me/statement",
        "/me/calls",
        "/me/calls/{call}",
        "/me/statement/1",
        "/me/spending",
        "/tariffs",
    ],
)
def test_no_page_scrolls_sideways(
    new_phone: Callable[..., BrowserContext], house: House, settled: Member, path: str, percent: int
) -> None:
    for width, height in SCREENS:
        page = new_phone(viewport={"width": width, "height": height}, storage_state=settled.state).new_page()
        set_text_size(page, percent)
        page.goto(house.url + path.format(call=f"{settled.subscriber.id}-1"))
        assert_fits(page)


def test_the_last_line_can_be_read_above_the_button(
    new_phone: Callable[..., BrowserContext], house: House, settled: Member
) -> None:
    """2.4.11: the bar covers nothing that has the focus, nor the end of the page."""
    page = new_phone(viewport={"width": 240, "height": 320}, storage_state=settled.state).new_page()
    set_text_size(page, 200)
    page.goto(f"{house.url}/{TALKS_ON}")
    last = page.locator(".links a").last
    last.focus()
    box, bar = last.bounding_box(), page.locator(".bar").bounding_box()
    assert box
    assert bar
    assert box["y"] + box["height"] <= bar["y"] + 1


TARGETS = """found => found.filter(it => it.checkVisibility()).map(it => {
    const box = it.getBoundingClientRect()
    return [it.innerText, box.width, box.height, it.matches('.alert a, .note a, dd a, p:not(.pages) a')]
})"""


def assert_targets_are_large(page: Page, path: str) -> None:
    """48 pixels; what stands in a line of text may be lower."""
    for text, width, height, is_in_text in page.locator("a, button, summary, select").evaluate_all(TARGETS):
        least = 24 if is_in_text else LEAST_TARGET - 0.5
        assert height >= least, f"{path}: {text!r} is {width:.0f} x {height:.0f}"


DRAWN = """letters => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 60
    const pen = canvas.getContext('2d', {willReadFrequently: true})
    pen.font = '40px ' + getComputedStyle(document.body).fontFamily
    const drawn = letter => {
        pen.clearRect(0, 0, 60, 60)
        pen.fillText(letter, 10, 45)
        return pen.getImageData(0, 0, 60, 60).data.join()
    }
    const known = new Set([drawn('\\u{10fffd}'), drawn(' ')])
    return [...letters].filter(letter => {
        const looks = drawn(letter)
        const isKnown = known.has(looks)
        known.add(looks)
        return isKnown
    })
}"""


def test_every_letter_of_the_four_languages_is_drawn_and_none_like_another(
    new_phone: Callable[..., BrowserContext], house: House
) -> None:
    """In the letters of the pages: neither the box of a missing letter nor a blank, nor a look-alike."""
    page = new_phone().new_page()
    page.goto(house.url)
    assert page.evaluate(DRAWN, "абгеикноухАБГЕИКНОУХңүөқғұһәіҢҮӨҚҒҰҺӘ₽₸") == []
