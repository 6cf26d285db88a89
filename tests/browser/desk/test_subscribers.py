"""Staff and one subscriber in a real browser: stopped and let go, a charge explained, an act printed; five pages each.

Every page of a subscriber fits the smallest phone and a wide screen, and axe finds nothing on it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from k5web.domain.accounts.profile import PersonalFacts
from k5web.domain.books.act import address_of
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.books.service import ServiceKind
from k5web.services.accounts import accounts, staff_access
from k5web.services.pbx import people
from k5web.storage.accounts import personal_rows
from k5web.storage.books import act_rows, ledger
from tests.browser.conftest import House, Member, shown
from tests.browser.looks import assert_axe_finds_nothing, assert_fits
from tests.paper.readers import need_readers, pages_of, text_of
from tests.paper.test_act import line
from tests.paper.test_act import make as an_act
from tests.services.accounts.stock import GO, on

pytestmark = pytest.mark.browser

Desk = Callable[..., Page]
MOST_PAGES = 5
FORM = line(ServiceKind.NUMBER, 1, 10_00)
PARTS = (
    "",
    "/movements",
    "/payments",
    "/topups",
    "/calls",
    "/acts",
    "/readings",
    "/messages",
    "/limits",
    "/steps/block",
)


@pytest.fixture
def known(house: House, member: Member) -> Member:
    """A subscriber who told who they are, with a charge of today and an act of the month before this one.

    The act is written as it is: the house that all tests share may have closed that month's days.
    """
    month = month_of(house)
    now, owner_id = house.ports.clock(), member.subscriber.id
    act = replace(an_act((FORM,)), owner_id=owner_id, month=month, year=month.year, number=owner_id)
    with house.ports.sessions.begin() as db:
        account_id = ledger.lock_purse(db, owner_id).account_id
        name = EventName("order", "number 74950000101 form")
        event = Event(owner_id, name, (Move(account_id, -10_00, "sale.order"),), "test", now)
        ledger.record(db, event, house.ports.today(), now)
        facts = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}
        personal_rows.add(db, owner_id, PersonalFacts("person", facts, now, "subscriber"))
        act_rows.add(db, act, account_id, now)
    return member


@pytest.fixture
def member(house: House) -> Member:
    """A subscriber whose account never moved."""
    return house.member("0.00")


def month_of(house: House) -> date:
    return (house.ports.today().replace(day=1) - timedelta(days=1)).replace(day=1)


def counted(page: Page) -> list[str]:
    """Write down the pages that are opened from now on."""
    opened: list[str] = []

    def note(frame: Frame) -> None:
        if frame == page.main_frame:
            opened.append(frame.url)

    page.on("framenavigated", note)
    return opened


def open_subscriber(page: Page, house: House, member: Member) -> list[str]:
    """Open the page of a subscriber; return the pages that are opened, this one first."""
    opened = counted(page)
    page.goto(f"{house.url}/desk/subscribers/{member.subscriber.id}")
    expect(page.locator("h1")).to_have_text(f"Абонент {member.subscriber.id}")
    return opened


def test_a_subscriber_is_stopped_and_let_go(at_desk: Desk, house: House, member: Member) -> None:
    page = at_desk("desk")
    opened = open_subscriber(page, house, member)
    for title, done in (("Остановить абонента", "Абонент остановлен."), ("Снять остановку", "Остановка снята.")):
        page.click(f"a:has-text('{title}')")
        expect(page.locator("h2")).to_have_text("Что произойдёт")
        page.fill("#reason", "просит сам")
        page.click(f"button.button:has-text('{title}')")
        expect(page.locator("[role=status]")).to_contain_text(done)
        blocked_at = accounts.find_subscriber(house.ports, str(member.subscriber.id)).blocked_at
        assert (blocked_at is not None) == (title == "Остановить абонента")
    assert len(opened) <= MOST_PAGES, opened


def test_a_charge_is_explained(at_desk: Desk, house: House, known: Member) -> None:
    page = at_desk("money")
    opened = open_subscriber(page, house, known)
    page.click("a:has-text('все движения')")
    expect(page.locator("h1")).to_contain_text("Движения по счёту")
    page.fill("#from", str(month_of(house)))
    page.click("button:has-text('Показать')")
    page.click("text=Подключение номера")
    expect(page.locator("caption")).to_contain_text("Всё, что сдвинуло это событие")
    said = shown(page)
    assert [
        word for word in ("−10,00 ₽", "sale.order", "order number 74950000101 form", "test") if word not in said
    ] == []
    assert len(opened) <= MOST_PAGES, opened


@pytest.mark.paper
def test_an_act_is_printed(at_desk: Desk, house: House, known: Member, tmp_path: Path) -> None:
    need_readers()
    page = at_desk("desk")
    opened = open_subscriber(page, house, known)
    page.locator("#papers table a").first.click()
    expect(page.locator("h1")).to_contain_text("Акт №")
    assert "Сидорова" not in page.content()
    page.fill("#reason", "просит копию")
    page.click("text=Открыть для печати")
    expect(page.locator("svg").first).to_be_visible()
    file = tmp_path / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    assert pages_of(file) == 1
    words = " ".join(text_of(file).split())
    assert [word for word in ("Сидорова", "Всего: 10,00") if word not in words] == []
    assert "Чтение записано" not in words
    assert [look.purpose for look in staff_access.listed(house.ports, known.subscriber.id)] == ["просит копию"]
    assert len(opened) <= MOST_PAGES, opened


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
def test_the_pages_of_a_subscriber_fit_and_axe_finds_nothing(
    at_desk: Desk, house: House, known: Member, width: int, scheme: str
) -> None:
    owner_id = on(house.ports, GO, known.subscriber)
    for title in ("Анна", "Борис"):
        user = people.add_person(house.ports, owner_id, title)
    people.make_account(house.ports, owner_id, user.n)
    page = at_desk("owner", viewport={"width": width, "height": 640}, color_scheme=scheme)
    root = f"{house.url}/desk/subscribers/{owner_id}"
    act = f"/acts/{address_of(month_of(house), 1)}"
    for address in (*(root + part for part in (*PARTS, "/people", "/movements/1", act)), f"{house.url}/desk/acts"):
        page.goto(address)
        assert_fits(page)
        assert_axe_finds_nothing(page)
