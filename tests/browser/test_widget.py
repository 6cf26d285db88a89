"""The button «Звонок с сайта» on a page of another site: by its script, by a plain form, by a link; no cookie."""

import html
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from k5web.domain.calls.widget import Widget
from k5web.services.calls import widgets
from k5web.services.calls.widgets import TypedWidget
from tests.browser.conftest import TALKS_ON, House, Member, follow, shown, wait_until_over
from tests.browser.test_foreign import ForeignSite, foreign
from tests.processes import PATIENCE_S

__all__ = ["foreign"]  # the other site, as a fixture

pytestmark = pytest.mark.browser

PATIENCE_MS = PATIENCE_S * 1000

_numbers = count(2000)


@pytest.fixture
def widget(house: House, member: Member, foreign: ForeignSite) -> Widget:
    """A button that may stand on the other site."""
    return widgets.make(house.ports, member.subscriber, TypedWidget("Лавка", foreign.url, "5,00", "20"))


@pytest.fixture
def visitor(new_phone: Callable[..., BrowserContext], member: Member) -> Iterator[BrowserContext]:
    """A browser of nobody we know; whatever was called is over afterwards, and nothing was kept in it."""
    context = new_phone()
    yield context
    assert context.cookies() == []
    wait_until_over(member)


@pytest.fixture
def number() -> str:
    """A phone of this visitor alone, who answers and hangs up after a minute: one number has so many calls in a row."""
    return f"+7495{next(_numbers)}260"


def press(page: Page, member: Member, number: str) -> None:
    """Visit the form as it stands in the page's frame, leave a number, and be called."""
    frame = page.frame_locator("iframe")
    frame.locator("#number").fill(number)
    frame.get_by_role("button").click()
    expect(frame.locator("h1")).to_have_text("Мы вам звоним", timeout=PATIENCE_MS)
    [call] = member.calls()
    assert f"+{call.quote.b_number}" == number


def test_the_script_shows_the_form_on_another_site_and_a_visitor_is_called(
    visitor: BrowserContext, house: House, member: Member, foreign: ForeignSite, widget: Widget, number: str
) -> None:
    foreign.body = f'<!doctype html><p>Лавка</p><script src="{house.url}/widget/{widget.code}.js" async></script>'
    page = visitor.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(foreign.url)
    button = page.get_by_role("button", name="Перезвоните мне")
    button.click()
    press(page, member, number)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert all(address.startswith((foreign.url, house.url)) for address in asked), "nobody else's server"
    page.keyboard.press("Escape")
    button.press("Escape")
    expect(page.locator("iframe")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_policy_against_inline_parts_does_not_hinder_the_script(
    visitor: BrowserContext, house: House, foreign: ForeignSite, widget: Widget
) -> None:
    policy = f"default-src 'none'; script-src {house.url}; frame-src {house.url}"
    foreign.body = (
        f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<script src="{house.url}/widget/{widget.code}.js"></script>'
    )
    page = visitor.new_page()
    page.goto(foreign.url)
    page.get_by_role("button", name="Перезвоните мне").click()
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Лавка", timeout=PATIENCE_MS)
    box = page.locator("iframe").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_on_a_site_that_is_not_the_buttons_own_the_form_stays_away(
    visitor: BrowserContext, house: House, member: Member, foreign: ForeignSite, widget: Widget
) -> None:
    widgets.change(house.ports, member.subscriber.id, widget.code, TypedWidget("Лавка", "shop.example", "5,00", "20"))
    foreign.body = (
        f'<!doctype html><iframe src="{house.url}/widget/{widget.code}"></iframe>'
        f'<form action="{house.url}/widget/{widget.code}" method="post">'
        f'<input name="number" value="{TALKS_ON}"><button>Позвонить</button></form>'
    )
    page = visitor.new_page()
    page.goto(foreign.url)
    assert page.frame_locator("iframe").locator("#number").count() == 0
    page.click("button")
    page.wait_for_url(f"{house.url}/widget/*")
    assert "Эта форма работает только на сайте владельца." in shown(page)
    assert member.calls() == []


@pytest.mark.parametrize("is_script_on", [True, False], ids=["scripts on", "scripts off"])
def test_a_plain_form_of_the_sites_own_works_without_script(
    new_phone: Callable[..., BrowserContext],
    house: House,
    member: Member,
    foreign: ForeignSite,
    widget: Widget,
    number: str,
    is_script_on: bool,
) -> None:
    foreign.body = (
        f'<!doctype html><form action="{house.url}/widget/{widget.code}" method="post">'
        f'<input name="number" type="tel"><button>Перезвоните</button></form>'
    )
    context = new_phone(java_script_enabled=is_script_on)
    page = context.new_page()
    page.goto(foreign.url)
    page.fill("input", number)
    page.click("button")
    page.wait_for_url("**/thanks")
    assert "Мы вам звоним" in shown(page)
    [call] = member.calls()
    assert f"+{call.quote.b_number}" == number
    assert context.cookies() == []
    wait_until_over(member)


def test_without_script_the_link_leads_to_the_form(
    new_phone: Callable[..., BrowserContext],
    house: House,
    member: Member,
    foreign: ForeignSite,
    widget: Widget,
    number: str,
) -> None:
    address = html.escape(f"{house.url}/widget/{widget.code}")
    foreign.body = (
        f'<!doctype html><script src="{address}.js"></script><noscript><a href="{address}">Лавка</a></noscript>'
    )
    context = new_phone(java_script_enabled=False)
    page = context.new_page()
    page.goto(foreign.url)
    page.click("text=Лавка")
    page.fill("#number", "12")
    follow(page.locator("button.button"))
    assert "Это не похоже на номер телефона." in shown(page)
    page.fill("#number", number)
    page.click("button.button")
    page.wait_for_url("**/thanks")
    assert context.cookies() == []
    assert len(member.calls()) == 1
    wait_until_over(member)
