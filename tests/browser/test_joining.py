"""A stranger becomes a member, a forgotten password comes back, notices are chosen: on a small phone (A8, S17)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.services.accounts.accounts import find_subscriber
from k5web.services.messaging import wishes
from k5web.services.payments.topups import credit
from k5web.storage.tables import OutboxRow
from tests.browser.conftest import PASSWORD, TALKS_ON, House, Member, read
from tests.browser.looks import assert_fits
from tests.processes import PATIENCE_S, wait_for

pytestmark = pytest.mark.browser
NEW = "four quiet blue horses"


LONGEST_S = 60.0  # from the link to the call
MOST_PAGES = 6
# What a person needs with one thumb, in seconds. A page is looked over before its first field; a tap has a movement and
# a decision; people type 36 words a minute on phones, so three signs a second. The SMS is waited for once.
PAGE_S, TAP_S, SIGN_S, SMS_S = 2.0, 1.2, 1 / 3, 8.0


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def small(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Callable[[], Page]:
    """Open a page of a fresh phone of 320 pixels, with and without scripts."""
    return lambda: new_phone(java_script_enabled=request.param, viewport={"width": 320, "height": 568}).new_page()


class Thumb:
    """What a person does on a page, counted: pages that came, taps and signs."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pages: list[str] = []
        self.taps = self.signs = 0
        page.on("framenavigated", lambda frame: self.pages.append(frame.url) if frame == page.main_frame else None)

    def fill(self, label: str, text: str) -> None:
        """Tap a field and type."""
        self.taps += 1
        self.signs += len(text)
        self.page.get_by_label(label, exact=True).fill(text)

    def press(self, button: str, then: str) -> None:
        """Read the page, tap its button and wait for the page whose address ends so."""
        self.taps += 1
        read(self.page)
        self.page.get_by_role("button", name=button).click()
        expect(self.page).to_have_url(re.compile(then), timeout=PATIENCE_S * 1000)

    @property
    def needed_s(self) -> float:
        return len(self.pages) * PAGE_S + self.taps * TAP_S + self.signs * SIGN_S + SMS_S


def code_for(house: House, phone: str) -> str:
    """Return the code of the last message to a phone: it waits in the outbox, or lies on the simulated phone."""
    wait_for(lambda: _codes(house, phone) != [], "a code for the phone")
    return _codes(house, phone)[-1]


def _codes(house: House, phone: str) -> list[str]:
    sent = house.processes.settings.var / "sms" / "sent.jsonl"
    lines: list[dict[str, Any]] = [json.loads(line) for line in sent.read_text().splitlines()] if sent.exists() else []
    texts = [line["text"] for line in lines if line["phone"] == phone.removeprefix("+")]
    with house.ports.sessions.read() as db:
        waiting = select(OutboxRow).where(OutboxRow.kind == "code", OutboxRow.address == phone)
        texts += [row.facts.get("code", "") for row in db.scalars(waiting.order_by(OutboxRow.created_at))]
    return [found[0] for text in texts for found in [re.findall(r"[0-9]{6}", text)] if found]


def test_from_a_members_link_to_the_first_call_in_six_pages_and_a_minute_of_taps(
    house: House, member: Member, small: Callable[[], Page]
) -> None:
    """A8. The time is counted by what has to be done; money comes from elsewhere meanwhile."""
    sponsor, page = small(), small()
    hers = house.stranger()
    member.log_in(sponsor, "/me/invite")
    sponsor.get_by_role("button", name="Сделать ссылку").click()
    link = sponsor.locator("a.key")
    expect(link).to_be_visible()
    assert_fits(sponsor)
    path = re.sub(r"^https?://[^/]+", "", str(link.get_attribute("href")))
    thumb = Thumb(page)
    page.goto(house.url + path)
    assert_fits(page)
    thumb.fill("Ваш номер телефона", hers)
    page.get_by_role("button", name="Прислать код").click()
    thumb.taps += 1
    expect(page.get_by_role("heading")).to_have_text("Код, имя и пароль")
    assert_fits(page)
    thumb.fill("Код из SMS", code_for(house, hers))
    thumb.fill("Ваше имя", "Ольга")
    thumb.fill("Придумайте пароль", NEW)
    thumb.press("Стать участником", "/$")
    assert_fits(page)
    give(house, hers)
    thumb.fill("Номер телефона", TALKS_ON)
    thumb.press("Узнать цену", r"[0-9]{11}$")
    assert_fits(page)
    thumb.press("Позвонить", "/c/")
    assert len(thumb.pages) <= MOST_PAGES, thumb.pages
    assert thumb.needed_s <= LONGEST_S, (thumb.pages, thumb.taps, thumb.signs)


def give(house: House, phone: str) -> None:
    """Put money on somebody's account."""
    subscriber = find_subscriber(house.ports, phone)
    name = EventName("test:bank", f"in-{subscriber.id}")
    credit(house.ports, subscriber.id, name, rub("50.00"), "cash.test", "test", house.ports.clock())


def test_what_is_told_and_how_is_chosen(house: House, member: Member, small: Callable[[], Page]) -> None:
    page = small()
    member.log_in(page, "/me/notices")
    assert_fits(page)
    low = page.get_by_label("На счёте мало денег")
    expect(low).to_have_value("sms")
    low.select_option("off")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_load_state()
    page.goto(f"{house.url}/me/notices")
    expect(page.get_by_label("На счёте мало денег")).to_have_value("off")
    must = page.get_by_label("Условия тарифа меняются").locator("option")
    assert "не сообщать" not in must.all_inner_texts()
    low_balance = {wish.kind: wish.way for wish in wishes.of(house.ports, member.subscriber.id).each}["low_balance"]
    assert low_balance == "off"


def test_a_forgotten_password_comes_back(house: House, member: Member, small: Callable[[], Page]) -> None:
    page, elsewhere = small(), small()
    member.log_in(elsewhere, "/me")
    page.goto(f"{house.url}/login")
    page.get_by_role("link", name="Забыли пароль? Новый по SMS").click()
    page.get_by_label("Ваш номер телефона").fill(member.phone)
    assert_fits(page)
    page.get_by_role("button", name="Прислать код").click()
    expect(page.get_by_role("heading")).to_have_text("Код из SMS")
    assert_fits(page)
    page.get_by_label("Код из SMS").fill(code_for(house, member.phone))
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_role("heading")).to_have_text("Придумайте пароль")
    assert_fits(page)
    page.get_by_label("Новый пароль").fill(NEW)
    page.get_by_role("button", name="Сохранить пароль").click()
    expect(page).to_have_url(re.compile("/$"))
    elsewhere.goto(f"{house.url}/me")
    expect(elsewhere).to_have_url(re.compile("/login"))
    elsewhere.fill("#login", member.phone)
    elsewhere.fill("#password", PASSWORD)
    elsewhere.get_by_role("button", name="Войти").click()
    expect(elsewhere.get_by_role("alert")).to_contain_text("Номер или пароль не подходят")
