"""The story of a subscriber: from a contact's link to one call, with scripts and without, whatever the network does."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Route, expect

from k5web.services.accounts import devices
from tests.browser.conftest import (
    ONE_MINUTE,
    PASSWORD,
    SILENT,
    TALKS_ON,
    House,
    Member,
    follow,
    order,
    read,
    shown,
    wait_until_over,
)
from tests.processes import wait_for

pytestmark = pytest.mark.browser


def fields(page: Page) -> dict[str, str | float | bool]:
    """What the button of this page would send."""
    names = ("csrf_token", "number", "form_key")
    return {name: page.locator(f"#call [name={name}]").input_value() for name in names}


def test_first_visit_login_price_one_call(page: Page, house: House, member: Member) -> None:
    """A1, A3: link, password, price, button, both phones, bill; exactly one call; the same without scripts."""
    member.log_in(page, f"/{ONE_MINUTE}")
    assert page.url == f"{house.url}/{ONE_MINUTE}"
    assert "2,20 ₽ за минуту" in shown(page)
    order(page)
    [call] = member.calls()
    assert page.url == f"{house.url}/c/{call.id}"
    wait_until_over(member)
    page.wait_for_selector("text=Разговор окончен", timeout=120_000)
    assert "Списано 2,20 ₽." in shown(page)
    follow(page.locator("text=Почему столько?"))
    assert re.search("(1 мин от ответа|от ответа собеседника, округлено до 1 мин)", shown(page))
    assert len(member.calls()) == 1


def test_the_second_visit_asks_nothing(page: Page, house: House, member: Member) -> None:
    """A1: the phone is remembered."""
    member.log_in(page, f"/{TALKS_ON}")
    page = page.context.new_page()
    page.goto(f"{house.url}/{TALKS_ON}")
    assert "2,20 ₽ за минуту" in shown(page)
    assert page.is_visible("text=Позвонить")


def test_ten_taps_in_a_second_make_one_call(page: Page, member: Member) -> None:
    member.log_in(page, f"/{SILENT}")
    read(page)
    box = page.locator("#call button").bounding_box()
    assert box
    for _ in range(10):
        page.mouse.click(box["x"] + 20, box["y"] + 20)
    expect(page).to_have_url(
        re.compile("/c/"), timeout=120_000
    )  # without script a later tap breaks off an earlier answer
    assert len(member.calls()) == 1


def test_ten_posts_at_once_make_one_call(crowded_house: House, new_phone: Callable[..., BrowserContext]) -> None:
    """docs/pages.md, on both databases: every answer leads to the same call."""
    member = crowded_house.member()
    page = new_phone().new_page()
    member.log_in(page, f"/{SILENT}")
    form = fields(page)
    read(page)
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    together = threading.Barrier(10)

    def post() -> tuple[int, str]:
        together.wait()
        answer = requests.post(f"{crowded_house.url}/call", form, cookies=cookies, allow_redirects=False, timeout=60)
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(10) as pool:
        answers = {task.result() for task in [pool.submit(post) for _ in range(10)]}
    [call] = member.calls()
    assert answers == {(303, f"/c/{call.id}")}


def test_a_lost_answer_and_a_retry_make_one_call(page: Page, house: House, member: Member) -> None:
    """The order arrived, its answer did not: the same form again, and then the same page again."""
    member.log_in(page, f"/{SILENT}")
    form = fields(page)

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/call", lose, times=1)
    read(page)
    with page.expect_event("requestfailed"):
        page.click("#call button", no_wait_after=True)
    again = page.request.post(f"{house.url}/call", form=form, max_redirects=0)  # the browser's own «send again?»
    [call] = member.calls()
    assert (again.status, again.headers["location"]) == (303, f"/c/{call.id}")
    tab = page.context.new_page()  # its own: the first may still be on its way to the browser's error page
    tab.goto(f"{house.url}/{SILENT}")
    assert tab.get_attribute("text=Вернуться к звонку", "href") == f"/c/{call.id}"
    assert len(member.calls()) == 1


def test_the_back_key_after_a_call_gives_a_live_button_and_no_second_call(page: Page, member: Member) -> None:
    member.log_in(page, f"/{ONE_MINUTE}")
    order(page)
    wait_until_over(member)
    page.go_back()
    page.wait_for_selector("#call button:not([aria-disabled])")
    assert len(member.calls()) == 1
    order(page)
    wait_for(lambda: len(member.calls()) == 2, "the second press made a second call")


def test_a_page_brought_back_as_it_was_left_is_read_anew(
    new_phone: Callable[..., BrowserContext], house: House, member: Member
) -> None:
    """Some browsers keep the page with its pressed button; ours here does not, so it is told that it did."""
    page = new_phone().new_page()
    member.log_in(page, f"/{TALKS_ON}")
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert page.is_visible("#call button:not([aria-disabled])")


@pytest.mark.parametrize("is_logged_in", [True, False])
def test_previews_prefetchers_and_crawlers_call_nobody_and_read_nothing_private(
    new_phone: Callable[..., BrowserContext], house: House, is_logged_in: bool
) -> None:
    member = house.member()
    context = new_phone()
    if is_logged_in:
        member.log_in(context.new_page())
    link = f"{house.url}/{TALKS_ON}"
    for name, headers in {
        "prefetch": {"Sec-Purpose": "prefetch"},
        "prerender": {"Sec-Purpose": "prefetch;prerender"},
        "old prefetch": {"Purpose": "prefetch"},
        "older prefetch": {"X-Moz": "prefetch"},
    }.items():
        answer = context.request.get(link, headers=headers)
        assert (answer.status, answer.body()) == (503, b""), name
        assert answer.headers["cache-control"] == "no-store"
    context.request.head(link)
    preview = context.request.get(link, headers={"User-Agent": "TelegramBot (like TwitterBot)"})
    assert preview.headers["x-robots-tag"] == "noindex"
    if not is_logged_in:
        assert '<meta property="og:title" content="K5">' in preview.text()
        for private in ("100,00", "2,20", "Анна", member.phone[2:]):
            assert private not in preview.text()
    assert member.calls() == []


def test_a_device_revoked_elsewhere_logs_in_and_comes_back_to_the_same_number(
    page: Page, house: House, member: Member
) -> None:
    member.log_in(page, f"/{TALKS_ON}")
    devices.end_all_devices(house.ports, member.subscriber.id)
    read(page)
    follow(page.locator("#call button"))
    assert "Вход" in shown(page)
    assert member.calls() == []
    page.fill("#login", member.phone)
    page.fill("#password", PASSWORD)
    follow(page.locator("button.button"))
    assert "+7 495 123-42-00" in shown(page)
    assert page.is_visible("#call button")


def test_a_new_address_between_two_pages_changes_nothing(page: Page, house: House, member: Member) -> None:
    """On mobile it changes hourly."""
    page.set_extra_http_headers({"X-Forwarded-For": "198.51.100.7"})
    member.log_in(page, f"/{TALKS_ON}")
    page.set_extra_http_headers({"X-Forwarded-For": "203.0.113.9"})
    page.goto(f"{house.url}/{TALKS_ON}")
    assert "2,20 ₽ за минуту" in shown(page)


def test_a_lost_answer_when_the_token_is_renewed_logs_nobody_out(page: Page, house: House, member: Member) -> None:
    member.log_in(page, f"/{TALKS_ON}")
    page.goto(house.url, wait_until="networkidle")
    page.goto("about:blank")  # else the page may ask for something by itself, and have its token renewed first
    house.age_tokens(member.subscriber.id)
    old = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}

    def is_renewed() -> bool:  # and never seen by the phone; a page that met another writer leaves it to the next one
        return (
            requests.get(f"{house.url}/{TALKS_ON}", cookies=old, timeout=60).cookies.get("k5d", old["k5d"])
            != old["k5d"]
        )

    wait_for(is_renewed, "a new token")
    for _ in range(2):
        page.goto(f"{house.url}/{TALKS_ON}")
        assert "2,20 ₽ за минуту" in shown(page)


def test_a_price_that_rises_between_page_and_press_is_asked_about(page: Page, house: House, member: Member) -> None:
    krasnodar = "+78612123200"  # this test's own direction: the price list is everybody's
    house.reprice("7861", "0.91")
    member.log_in(page, f"/{krasnodar}")
    assert "2,66 ₽ за минуту" in shown(page)
    house.reprice("7861", "1.11")
    read(page)
    follow(page.locator("#call button"))
    assert "была 2,66 ₽, стала 2,86 ₽" in shown(page)
    assert member.calls() == []
    order(page)
    assert len(member.calls()) == 1
