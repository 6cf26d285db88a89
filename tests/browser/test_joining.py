"""A stranger becomes a member, and a forgotten password comes back, on a small phone without scripts (A8, S17)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import find_subscriber
from k5web.services.payments.topups import credit
from k5web.storage.tables import OutboxRow
from tests.browser.conftest import PASSWORD, TALKS_ON, House, Member, order
from tests.browser.looks import assert_fits
from tests.processes import wait_for

pytestmark = pytest.mark.browser
HERS = "+79160077200"
NEW = "four quiet blue horses"


@pytest.fixture
def small(new_phone: Callable[..., BrowserContext]) -> Callable[[], Page]:
    """Open a page of a fresh phone of 320 pixels without scripts."""
    return lambda: new_phone(java_script_enabled=False, viewport={"width": 320, "height": 568}).new_page()


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


def test_from_a_members_link_to_the_first_call_in_six_pages(
    house: House, member: Member, small: Callable[[], Page]
) -> None:
    sponsor, page = small(), small()
    member.log_in(sponsor, "/me/invite")
    sponsor.get_by_role("button", name="Сделать ссылку").click()
    link = sponsor.locator("a.key")
    expect(link).to_be_visible()
    expect(sponsor.get_by_role("button", name="Поделиться")).to_be_hidden()
    assert_fits(sponsor)
    path = re.sub(r"^https?://[^/]+", "", str(link.get_attribute("href")))
    page.goto(house.url + path)  # 1
    assert_fits(page)
    page.get_by_label("Ваш номер телефона").fill(HERS)
    page.get_by_role("button", name="Прислать код").click()
    expect(page.get_by_role("heading")).to_have_text("Код, имя и пароль")  # 2
    assert_fits(page)
    page.get_by_label("Код из SMS").fill(code_for(house, HERS))
    page.get_by_label("Ваше имя").fill("Ольга")
    page.get_by_label("Придумайте пароль").fill(NEW)
    page.get_by_role("button", name="Стать участником").click()
    expect(page).to_have_url(re.compile("/$"))  # 3: the field for a number
    hers = find_subscriber(house.ports, HERS)
    name = EventName("test:bank", f"in-{hers.id}")
    credit(house.ports, hers.id, name, rub("50.00"), "cash.test", "test", house.ports.clock())
    page.goto(f"{house.url}/{Msisdn.parse(TALKS_ON)}")  # 4: the price and the button
    order(page)  # 5: the call
    expect(page).to_have_url(re.compile("/c/"))


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
