"""Another site's links and forms, and the countdown of «Звонить сразу» (docs/pages.md)."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import PASSWORD, TALKS_ON, House, Member, follow, leave, order, read, shown, wait_until_over
from tests.processes import wait_for

pytestmark = pytest.mark.browser


class ForeignSite:
    """Another site: `localhost` is not the same site as 127.0.0.1."""

    def __init__(self) -> None:
        site = self
        self.body = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(site.body.encode())

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/"


@pytest.fixture
def foreign() -> Iterator[ForeignSite]:
    """A site that means no good."""
    site = ForeignSite()
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext], house: House, member: Member) -> Page:
    """A phone with «Звонить сразу» on, that has called this number by the button."""
    page = new_phone().new_page()
    member.log_in(page, f"/{TALKS_ON}")
    order(page)
    read(page)
    page.click("text=Завершить")
    wait_until_over(member)
    leave(page, f"{house.url}/me/devices")
    page.fill("#limit", "5,00")
    page.click("text=Включить")
    page.wait_for_selector("text=Выключить")
    return page


def reopen(page: Page, address: str) -> Page:
    """Open an address as a contact list does: in a tab of its own, from nowhere."""
    fresh = page.context.new_page()
    fresh.goto(address)
    return fresh


def test_the_countdown_presses_the_button(phone: Page, house: House, member: Member) -> None:
    page = reopen(phone, f"{house.url}/{TALKS_ON}")
    assert "Звоним через" in shown(page)
    page.wait_for_url("**/c/*")
    assert [call.at_once for call in member.calls()] == [True, False]


@pytest.mark.parametrize("stop", ["touch", "key", "button", "hide"])
def test_anything_at_all_stops_the_countdown(phone: Page, house: House, stop: str) -> None:
    page = phone.context.new_page()
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.clock.install()
    page.goto(f"{house.url}/{TALKS_ON}")
    page.clock.run_for(1500)
    assert "Звоним через" in shown(page)
    actions: dict[str, Callable[[], object]] = {
        "touch": lambda: page.touchscreen.tap(100, 100),
        "key": lambda: page.keyboard.press("Shift"),
        "button": lambda: page.click("text=Не звонить"),
        "hide": lambda: page.evaluate("document.dispatchEvent(new Event('visibilitychange'))"),
    }
    actions[stop]()
    page.clock.run_for(5000)
    page.wait_for_timeout(200)  # a form that was sent would be seen by now
    assert posts == []
    assert "Звоним через" not in shown(page)
    assert page.is_visible("#call button")


def test_without_scripts_nothing_counts_down(
    phone: Page, house: House, new_phone: Callable[..., BrowserContext], member: Member
) -> None:
    plain = new_phone(java_script_enabled=False, storage_state=phone.context.storage_state()).new_page()
    plain.goto(f"{house.url}/{TALKS_ON}")
    assert "Звоним через" not in shown(plain)
    assert plain.is_visible("#call button")


def test_a_link_on_another_site_shows_the_page_and_counts_nothing_down(
    phone: Page, house: House, foreign: ForeignSite, member: Member
) -> None:
    foreign.body = f'<a href="{house.url}/{TALKS_ON}">Выигрыш</a>'
    page = reopen(phone, foreign.url)
    page.click("a")
    page.wait_for_selector("#call button")
    assert "2,20 ₽ за минуту" in shown(page)  # the cookie came along: Lax, not Strict
    assert page.locator("#at-once").count() == 0
    assert len(member.calls()) == 1


def test_a_page_that_opens_the_link_by_itself_counts_nothing_down(
    phone: Page, house: House, foreign: ForeignSite
) -> None:
    foreign.body = f'<meta http-equiv="refresh" content="0; url={house.url}/{TALKS_ON}">'
    page = phone.context.new_page()
    page.goto(foreign.url)
    page.wait_for_selector("#call button")
    assert page.locator("#at-once").count() == 0


def test_a_form_on_another_site_is_refused(phone: Page, house: House, foreign: ForeignSite, member: Member) -> None:
    phone.goto(f"{house.url}/{TALKS_ON}")
    stolen = {name: phone.input_value(f"#call [name={name}]") for name in ("csrf_token", "number", "form_key")}
    fields = "".join(f'<input name="{name}" value="{value}">' for name, value in stolen.items())
    foreign.body = f'<form method="post" action="{house.url}/call">{fields}<button>Подарок</button></form>'
    page = reopen(phone, foreign.url)
    with page.expect_response("**/call") as answer:
        page.click("button")
    assert answer.value.status == 403
    assert len(member.calls()) == 1


def test_the_page_cannot_be_framed(phone: Page, house: House, foreign: ForeignSite) -> None:
    """Nobody puts our button under his picture."""
    foreign.body = f'<iframe src="{house.url}/{TALKS_ON}"></iframe>'
    page = reopen(phone, foreign.url)
    wait_for(lambda: len(page.frames) == 2, "the frame is there")
    assert "Позвонить" not in page.frames[1].content()


def test_switching_it_on_asks_for_the_password(new_phone: Callable[..., BrowserContext], house: House) -> None:
    member = house.member()
    page = new_phone().new_page()
    member.log_in(page)
    house.age_confirmations(member.subscriber.id)
    leave(page, f"{house.url}/me/devices")
    page.fill("#limit", "5,00")
    page.fill("#password", "wrong")
    follow(page.locator("text=Включить"))
    assert "Пароль не подходит." in shown(page)
    page.fill("#password", PASSWORD)
    page.click("text=Включить")
    page.wait_for_selector("text=Выключить")
