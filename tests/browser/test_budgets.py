"""What a real browser receives and asks for (docs/pages.md): bytes with headers, counted by its own network log."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from k5web.domain.calls.call import CallState
from tests.browser.conftest import ONE_MINUTE, TALKS_ON, House, Member, order, read, wait_until_over
from tests.processes import wait_for

pytestmark = pytest.mark.browser

KB = 1024


class Wire:
    """Counts what came over the wire to one page since the last look."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._under_way: set[str] = set()
        self._bytes: dict[str, int] = {}  # by request; what the browser had in its cache weighs nothing
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.loadingFailed", self._failed)
        session.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self._under_way.add(event["requestId"])
            if "redirectResponse" in event:
                self._bytes[event["requestId"] + " redirect"] = event["redirectResponse"]["encodedDataLength"]

    def _answered(self, event: dict[str, Any]) -> None:
        """Count the headers already: an answer without a body never finishes, for the browser it fails."""
        self._bytes[event["requestId"]] = event["response"]["encodedDataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = event["encodedDataLength"]
        self._under_way.discard(event["requestId"])

    def _failed(self, event: dict[str, Any]) -> None:
        self._under_way.discard(event["requestId"])

    def take(self) -> tuple[int, int]:
        """Return requests and bytes since the last look."""
        self._page.wait_for_load_state()
        self._page.wait_for_timeout(20)
        while self._under_way:
            self._page.wait_for_timeout(20)
        crossed = [weight for weight in self._bytes.values() if weight]
        self._bytes.clear()
        return len(crossed), sum(crossed)


def stop_clock(page: Page) -> None:
    """Let the page's time go on when the test says so, and not with a slow machine's."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 0.5)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_call_page_and_the_login_page_are_one_request_of_ten_kilobytes(
    new_phone: Callable[..., BrowserContext], house: House, member: Member, scripts: bool
) -> None:
    page = new_phone(java_script_enabled=scripts).new_page()
    wire = Wire(page)
    page.goto(f"{house.url}/{TALKS_ON}")
    requests, weight = wire.take()
    assert (requests, 0 < weight <= 10 * KB) == (1, True), weight
    member.log_in(page, f"/{TALKS_ON}")
    wire.take()
    page.goto(f"{house.url}/{TALKS_ON}")
    assert page.is_visible("#call button")
    requests, weight = wire.take()
    assert (requests, 0 < weight <= 10 * KB) == (1, True), weight


def test_the_whole_story_weighs_forty_kilobytes(
    new_phone: Callable[..., BrowserContext], house: House, member: Member
) -> None:
    """Open the contact, call, two minutes of status, the result; a status answer has 0.6 KB in it."""
    page = new_phone().new_page()
    member.log_in(page)
    wire = Wire(page)
    page.clock.install()
    page.goto(f"{house.url}/{TALKS_ON}")
    _, story = wire.take()
    order(page)
    stop_clock(page)
    story += wire.take()[1]
    wait_for(lambda: member.calls()[0].state is CallState.TALKING, "both phones are answered")
    looks = 0
    for _ in range(60):
        page.clock.run_for(2000)
        looked, weight = wire.take()
        assert weight <= 600 * looked
        looks += looked
        story += weight
    assert 10 <= looks <= 15, "one finds the talk, then 2, 3, 5 seconds, then every 10"
    read(page)
    page.click("text=Завершить")
    wait_until_over(member)
    page.clock.run_for(10_000)
    page.wait_for_selector("text=Разговор окончен")
    story += wire.take()[1]
    assert story <= 40 * KB, story


def test_a_hidden_page_asks_nothing_and_a_seen_one_at_once(
    new_phone: Callable[..., BrowserContext], house: House, member: Member
) -> None:
    page = new_phone().new_page()
    page.clock.install()
    member.log_in(page, f"/{TALKS_ON}")
    order(page)
    stop_clock(page)
    wire = Wire(page)
    show = "Object.defineProperty(document, 'visibilityState', {value: '%s', configurable: true});"
    show += "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(show % "hidden")
    page.clock.run_for(60_000)
    assert wire.take()[0] == 0
    with page.expect_request("**/status?*"):
        page.evaluate(show % "visible")
    assert wire.take()[0] == 1


def test_a_lost_network_is_said_after_three_failures_and_asked_again(
    new_phone: Callable[..., BrowserContext], member: Member
) -> None:
    context = new_phone()
    page = context.new_page()
    page.clock.install()
    member.log_in(page, f"/{TALKS_ON}")
    order(page)
    stop_clock(page)
    words = "Нет связи. Звонок от этого не прервётся."

    lost = page.locator("#lost")

    def look_after(seconds: int, end: str = "requestfailed") -> None:
        with page.expect_event(end, lambda request: "/status?" in request.url):
            page.clock.run_for(seconds * 1000)
        page.wait_for_timeout(200)  # what the script makes of the answer

    context.set_offline(True)
    for seconds in (2, 3):
        look_after(seconds)
        assert words not in page.inner_text("body")
    for seconds in (5, 10):
        look_after(seconds)
        expect(lost).to_have_text(words)
    context.set_offline(False)
    look_after(10, "requestfinished")
    expect(lost).to_have_text("")


def test_other_pages_keep_their_budgets_and_fetch_their_style_once(
    new_phone: Callable[..., BrowserContext], house: House, member: Member
) -> None:
    first = new_phone().new_page()
    member.log_in(first, f"/{ONE_MINUTE}")
    order(first)
    wait_until_over(member)
    call = member.calls()[0].id
    for path in ("/me/statement", "/me/calls", f"/me/calls/{call}", "/tariffs", "/me", "/me/devices", f"/c/{call}"):
        page = new_phone(storage_state=first.context.storage_state()).new_page()
        wire = Wire(page)
        page.goto(house.url + path)
        requests, weight = wire.take()
        assert weight <= 20 * KB, path
        page.goto(house.url)
        wire.take()
        page.goto(house.url + path)
        again, weight = wire.take()
        assert (again, weight <= 14 * KB) == (1, True), f"{path}: {requests} requests, then {again} of {weight}"


WALK: tuple[str, ...] = (
    "/me",
    "/me/statement",
    "/me/calls",
    "/me/calls/{call}",
    "/pay",
    "/pay/pd4?sum=500",
    "/tariffs",
    "/me/devices",
)
WALK += ("/me/profile", "/me/limits", "/me/phones", "/me/invoices")
STYLES = 5  # what these pages share, each fetched once in the whole walk


def test_a_walk_of_eleven_pages_fetches_each_style_once_and_no_cookie_is_sent_again(
    new_phone: Callable[..., BrowserContext], house: House, member: Member
) -> None:
    """As a person walks: one tab, one page after another, each in a second of its own, with what the phone keeps."""
    page = new_phone().new_page()
    member.log_in(page, f"/{ONE_MINUTE}")
    order(page)
    wait_until_over(member)
    call = member.calls()[0].id
    page.goto("about:blank")
    wire, weights, fetched = Wire(page), [], 0
    for path in WALK:
        page.wait_for_timeout(1000)  # a cookie is signed with its second
        page.goto(house.url + path.format(call=call))
        requests, weight = wire.take()
        fetched += requests
        weights.append((path, requests, weight))
    assert fetched <= len(WALK) + STYLES, weights
    # 5.5 KB a page: the menu's style is in each, so that the call page, which has the menu too, is one request
    assert sum(weight for _path, _requests, weight in weights) <= 66 * KB, weights
    page.goto(house.url + "/me/statement")
    assert wire.take()[0] == 1
