"""An act in a real browser: it fits the smallest phone, axe finds nothing, and it is printed to one page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from k5web.domain.books.act import address_of
from k5web.domain.books.service import ServiceKind
from k5web.services.books import acts
from k5web.storage.books import act_rows, ledger
from tests.browser.conftest import House, Member
from tests.browser.looks import assert_axe_finds_nothing_at, assert_fits
from tests.paper.readers import need_readers, pages_of, text_of
from tests.paper.test_act import line
from tests.paper.test_act import make as an_act

pytestmark = pytest.mark.browser

FORMS = (line(ServiceKind.NUMBER, 1, 10_00), line(ServiceKind.PROMISE, 1, 10_00))


@pytest.fixture
def month(house: House, member: Member) -> date:
    """The month before this one, with an act of the member's: written as it is, for the house's days may be closed."""
    month = (house.ports.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    owner_id, now = member.subscriber.id, house.ports.clock()
    act = replace(an_act(FORMS), owner_id=owner_id, month=month, year=month.year, number=owner_id)
    with house.ports.sessions.begin() as db:
        act_rows.add(db, act, ledger.purse(db, owner_id).account_id, now)
    return month


@pytest.fixture
def member(house: House) -> Member:
    """A subscriber whose account never moved."""
    return house.member("0.00")


@pytest.mark.paper
def test_the_print_preview_is_one_page_with_the_act_alone(
    page: Page, house: House, member: Member, month: date, tmp_path: Path
) -> None:
    need_readers()
    member.log_in(page)
    page.goto(f"{house.url}/me/documents/act/{address_of(month, 1)}")
    file = tmp_path / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    assert pages_of(file) == 1
    words = " ".join(text_of(file).split())
    assert "Подключение телефонного номера 1 усл. 10,00 10,00" in words
    assert "Всего: 20,00" in words
    assert "Нужен оригинал" not in words


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (240, "light")])
def test_documents_and_act_fit_a_small_screen_and_axe_finds_nothing(
    new_phone: Callable[..., BrowserContext], house: House, member: Member, month: date, width: int, scheme: str
) -> None:
    page = new_phone(viewport={"width": width, "height": 568}, color_scheme=scheme).new_page()
    member.log_in(page)
    for path in ("/me/documents", f"/me/documents/act/{address_of(month, 1)}"):
        assert_axe_finds_nothing_at(page, house.url + path)
        assert_fits(page)


def test_a_tap_asks_for_the_signed_original(page: Page, house: House, member: Member, month: date) -> None:
    member.log_in(page)
    page.goto(f"{house.url}/me/documents")
    page.click("text=Акт за")
    page.click("text=Нужен оригинал")
    expect(page.locator("main")).to_contain_text("Вы попросили оригинал")
    assert [each.owner_id for each in acts.originals(house.ports)][-1] == member.subscriber.id
