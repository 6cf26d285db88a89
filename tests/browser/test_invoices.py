"""The invoice in a real browser: made out by hand, printed to one page, on the smallest screen (B13)."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from k5web.services.bank import invoices
from tests.browser.conftest import House, Member, follow, shown
from tests.browser.looks import assert_fits
from tests.paper.readers import by_zbar, by_zxing, need_readers, pages_of, picture_of, text_of

pytestmark = [pytest.mark.browser, pytest.mark.paper]

DPI = 200


def test_an_invoice_is_made_out_and_printed_to_one_page(
    page: Page, house: House, member: Member, tmp_path: Path
) -> None:
    need_readers()
    page.set_viewport_size({"width": 320, "height": 568})
    member.log_in(page, "/login")
    page.goto(f"{house.url}/me/invoices")
    assert_fits(page)
    for name, typed in {"name": "ООО «Өмүр» " + "и партнёры " * 12, "inn": "7708789018", "sum": "9 999 999,99"}.items():
        page.fill(f"#{name}", typed)
    follow(page.locator("main button.button"))
    assert "Ждём оплаты" in shown(page)
    assert_fits(page)
    file = tmp_path / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    assert pages_of(file) == 1
    words = text_of(file)
    assert "Счёт на оплату №" in words
    assert "Отменить счёт" not in words
    [made] = invoices.papers(house.ports, member.subscriber.id).invoices
    assert house.ports.payee
    assert by_zbar(picture_of(file, DPI)) == by_zxing(picture_of(file, DPI)) == made.payload(house.ports.payee)
