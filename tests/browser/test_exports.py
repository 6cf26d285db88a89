"""A statement in a real browser on the smallest screen: filtered, made into files, opened with equal sums. B3."""

import csv
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import Movements, Period
from k5web.domain.money import rub
from k5web.services.books import statements
from k5web.services.payments.topups import credit
from tests.browser.conftest import House, Member
from tests.browser.looks import assert_fits

pytestmark = pytest.mark.browser


def download(page: Page, house: House, days: Period, form: str, folder: Path) -> Path:
    """Filter the statement, ask for it as a file, wait until it is made, and save it."""
    page.goto(f"{house.url}/me/statement")
    page.click("summary:has-text('Другие дни')")
    page.fill("#from", str(days.first))
    page.fill("#to", str(days.last))
    page.select_option("#kind", "payments")
    assert_fits(page)
    page.click("button:has-text('Показать эти дни')")
    expect(page.locator("dl.facts:not(.on-paper)")).to_contain_text("Итого")
    assert_fits(page)
    page.click("a:has-text('Сделать файл')")
    expect(page.locator("#kind")).to_have_value("payments")
    page.select_option("#format", form)
    assert_fits(page)
    page.click("button:has-text('Сделать файл')")
    ready = page.locator("a:has-text('Скачать файл')")
    expect(ready).to_be_visible(timeout=60_000)
    assert_fits(page)
    with page.expect_download() as saved:
        ready.click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path


def test_a_statement_is_filtered_made_into_files_and_opened_with_equal_sums(
    page: Page, house: House, member: Member, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    for n, amount in enumerate(("0.01", "1234567.89")):
        name = EventName("test:bank", f"more-{member.subscriber.id}-{n}")
        credit(house.ports, member.subscriber.id, name, rub(amount), "cash.test", "test", house.ports.clock())
    member.log_in(page, "/login")
    days = Period.month(house.ports.today())
    book = openpyxl.load_workbook(download(page, house, days, "xlsx", tmp_path)).worksheets[0]
    heading, *rows = book.values
    in_book = sum(Decimal(str(row[heading.index("Сумма")])) for row in rows)
    with download(page, house, days, "csv", tmp_path).open(encoding="utf-8-sig", newline="") as file:
        in_csv = sum(Decimal(row["Сумма"].replace(",", ".")) for row in csv.DictReader(file, delimiter=";"))
    found = statements.statement(house.ports, member.subscriber.id, days, movements=Movements.PAYMENTS)
    assert in_book == in_csv == Decimal(str(found.total_in)) == Decimal("1234667.90")
