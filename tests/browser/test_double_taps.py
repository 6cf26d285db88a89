"""A thumb that taps twice: the second tap lands on the next page and must spend nothing that one tap would not."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Page

from k5web.services.calls import ordering
from tests.browser.conftest import PASSWORD, TALKS_ON, House, Member, leave, read, wait_until_over

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}
GAPS_MS = (100, 250, 400, 600, 900)  # from the moment the next page is shown to the second tap
BUTTONS = "button, a.button"


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def thumb(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Page:
    """A page of a phone 320 pixels wide."""
    return new_phone(java_script_enabled=request.param, viewport=SMALL).new_page()


def box_of(page: Page, button: str) -> FloatRect:
    box = page.locator(button).bounding_box()
    assert box, button
    return box


def tap(page: Page, box: FloatRect) -> None:
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def overlap(one: FloatRect, other: FloatRect) -> bool:
    return (
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )


def go_on(page: Page, button: str, leads_to: str) -> FloatRect:
    """Press a button that has been read, and see that nothing on the next page lies on its pixels."""
    read(page)
    box = box_of(page, button)
    tap(page, box)
    page.wait_for_url(re.compile(leads_to))
    page.wait_for_load_state()
    for it in page.locator(BUTTONS).all():
        other = it.bounding_box() if it.is_visible() else None
        assert not (other and overlap(box, other)), f"{button}, then {it.inner_text()!r} at {other}"
    return box


def test_no_button_lies_where_the_page_before_had_another_one(thumb: Page, house: House, member: Member) -> None:
    """Log-in, the price, the call, its end, once more, and from the field for a number; the same for who has a call."""
    thumb.goto(f"{house.url}/{TALKS_ON}")
    thumb.fill("#login", member.phone)
    thumb.fill("#password", PASSWORD)
    go_on(thumb, ".button", "/[+]7495")
    go_on(thumb, "#call button", "/c/")
    live = thumb.url
    leave(thumb, f"{house.url}/{TALKS_ON}")
    go_on(thumb, "a.button", "/c/")
    read(thumb)
    box = box_of(thumb, "#end button")
    tap(thumb, box)
    wait_until_over(member)
    leave(thumb, live)
    assert not overlap(box, box_of(thumb, "a.button"))
    go_on(thumb, "a.button", "/[+]7495")
    thumb.goto(house.url)
    thumb.fill("#number", TALKS_ON)
    go_on(thumb, ".bar button", "number=")
    thumb.goto(f"{house.url}/+99912345678")
    go_on(thumb, "a.button", f"{house.url}/$")


def test_two_taps_never_call_unread_nor_end_what_one_tap_began(thumb: Page, house: House, member: Member) -> None:
    """«Узнать цену», «Позвонить», «Позвонить ещё раз», each tapped twice in the same place."""
    member.log_in(thumb, "/login")
    for gap in GAPS_MS:
        thumb.goto(house.url)
        thumb.fill("#number", TALKS_ON)
        _tap_twice(thumb, ".bar button", "number=", gap)
        assert member.calls() == [], f"called unread {gap} ms after the price was shown"
    for count, gap in enumerate(GAPS_MS, 1):
        leave(thumb, f"{house.url}/{TALKS_ON}")
        _tap_twice(thumb, "#call button", "/c/", gap)
        [call, *_earlier] = member.calls()
        assert len(member.calls()) == count
        assert call.cancel_requested_at is None, f"ended {gap} ms after it began"
        ordering.end_call(house.ports, member.subscriber.id, call.id)
        wait_until_over(member)
        leave(thumb, f"{house.url}/c/{call.id}")
        _tap_twice(thumb, "a.button", "/[+]7495", gap)
        assert len(member.calls()) == count, f"called again {gap} ms after the price was shown"


def _tap_twice(page: Page, button: str, leads_to: str, gap_ms: int) -> None:
    """Tap, and tap the same pixel again that long after the next page is shown."""
    box = go_on(page, button, leads_to)
    page.wait_for_timeout(gap_ms)
    tap(page, box)
    page.wait_for_timeout(50)
    page.wait_for_load_state()


def test_a_script_swallows_what_is_pressed_within_700_ms_of_the_page(
    new_phone: Callable[..., BrowserContext], house: House, member: Member
) -> None:
    """By the page's own clock, which the test turns: no slow machine decides."""
    page = new_phone(viewport=SMALL).new_page()
    page.add_init_script("window.shown_ms = 0; performance.now = () => window.shown_ms")
    member.log_in(page, "/login")
    page.goto(f"{house.url}/{TALKS_ON}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    read(page)  # for the server, which does not know what the page thinks of time
    for ms in (0, 300, 700):
        page.evaluate(f"window.shown_ms = {ms}")
        page.click("#call button", no_wait_after=True)
        page.wait_for_timeout(100)
        assert sent == [], f"{ms} ms after the page was shown"
    page.evaluate("window.shown_ms = 701")
    page.click("#call button")
    page.wait_for_url("**/c/*")
    assert sent == [f"{house.url}/call"]
    assert len(member.calls()) == 1
