"""Two tasks of the desk in a real browser, in at most five pages each: money from suspense, a refund by two persons."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from k5web.domain.money import rub
from k5web.services.accounts.accounts import purse
from k5web.services.bank import suspense
from k5web.services.bank.statement_import import import_statement
from tests.bank_files import OURS, Came, table
from tests.browser.conftest import House
from tests.browser.looks import assert_axe_finds_nothing, assert_fits

pytestmark = pytest.mark.browser
MOST_PAGES = 5


def counted(page: Page) -> list[str]:
    """Return the pages that are opened from now on; a form that leads to a page is part of that page, and a page that
    comes again by itself is the same one."""
    opened = [page.url]

    def note(request: Request) -> None:
        is_new = request.url != opened[-1] or request.method != "GET"
        if request.is_navigation_request() and request.redirected_from is None and is_new:
            opened.append(request.url)

    page.on("request", note)
    return opened


def explain(page: Page) -> None:
    """Say why, and by which document."""
    page.get_by_label("Почему").fill("позвонил, назвал сумму и день")
    page.get_by_label("Документ").fill("заявление 17")


def test_a_bank_transfer_is_credited_from_suspense(house: House, at_desk: Callable[..., Page], tmp_path: Path) -> None:
    member = house.member("0.00")
    payer = f"ООО Василёк {member.subscriber.id}"
    statement = tmp_path / "statement.csv"
    number, day = str(member.subscriber.id), f"{house.ports.today():%d.%m.%Y}"
    statement.write_bytes(table([Came(number, rub("500.00"), "оплата связи", day, payer=payer)]))
    import_statement(house.ports, statement, [OURS])
    page = at_desk("money")
    opened = counted(page)
    page.get_by_role("link", name="Невыясненные").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Невыясненные платежи")
    assert_axe_finds_nothing(page)
    page.get_by_role("row").filter(has_text=payer).get_by_role("link").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Зачислить абоненту")
    assert_axe_finds_nothing(page)
    page.get_by_label("Абонент").fill(member.phone)
    explain(page)
    page.get_by_role("button", name="Показать, что выйдет").click()
    expect(page.get_by_text("Ещё ничего не проведено")).to_be_visible()
    assert_axe_finds_nothing(page)
    page.get_by_role("button", name="Провести").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Зачислить из невыясненных: проведено")
    assert purse(house.ports, member.subscriber.id).balance == rub("500.00")
    assert payer not in [one.payment.payer for one in suspense.suspense(house.ports).first]
    assert len(opened) <= MOST_PAGES, opened


def test_a_payment_is_refunded_by_two_persons(house: House, at_desk: Callable[..., Page]) -> None:
    member = house.member("3000.00")
    owner_id = member.subscriber.id
    anna = at_desk("money", path=f"/desk/subscribers/{owner_id}/money")
    opened = counted(anna)
    anna.get_by_role("link", name="Вернуть платёж вручную").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Вернуть платёж вручную")
    assert_axe_finds_nothing(anna)
    anna.get_by_label("Номер операции").fill(str(purse(house.ports, owner_id).account_id * 10**9 + 1))
    anna.get_by_label("Сумма").fill("2 500")
    explain(anna)
    anna.get_by_role("button", name="Показать, что выйдет").click()
    expect(anna.get_by_text("нужен второй человек")).to_be_visible()
    anna.get_by_role("button", name="Передать второму человеку").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Вернуть платёж вручную: ждёт второго человека")
    expect(anna.get_by_role("button", name="Одобрить")).to_have_count(0)
    assert_axe_finds_nothing(anna)
    assert purse(house.ports, owner_id).balance == rub("3000.00")
    boris = at_desk("money")
    seconds = counted(boris)
    boris.get_by_role("link", name="Предложения").first.click()
    expect(boris.get_by_role("heading", level=1)).to_have_text("Предложения")
    assert_axe_finds_nothing(boris)
    boris.get_by_role("row").filter(has_text=str(owner_id)).get_by_role("link").click()
    expect(boris.get_by_text("Что вышло бы сейчас")).to_be_visible()
    boris.get_by_role("button", name="Одобрить и провести").click()
    expect(boris.get_by_role("heading", level=1)).to_have_text("Вернуть платёж вручную: проведено")
    assert purse(house.ports, owner_id).balance == rub("500.00")
    assert max(len(opened), len(seconds)) <= MOST_PAGES, (opened, seconds)


@pytest.mark.parametrize("path", ["/desk/proposals", "/desk/suspense", "/desk/doubtful", "/desk/money/correction"])
def test_pages_of_money_fit_a_small_phone(at_desk: Callable[..., Page], path: str) -> None:
    assert_fits(at_desk("money", path=path, viewport={"width": 320, "height": 640}))
