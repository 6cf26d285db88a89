"""The receipt in a real browser: printed to one page as the PDF draws it, read by cameras, on the smallest screen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from k5web.domain.bank import receipt
from k5web.domain.money import rub
from tests.browser.conftest import House, Member, follow, shown
from tests.browser.looks import assert_axe_finds_nothing_at, assert_fits
from tests.browser.test_look import SCREENS, set_text_size
from tests.domain import gost_reader
from tests.paper.readers import Ink, by_zbar, by_zxing, need_readers, pages_of, picture_of, text_of
from tests.paper.test_pd4 import DRAWING

pytestmark = [pytest.mark.browser, pytest.mark.paper]

DPI = 200
PX_PER_MM = 96 / 25.4
TEXTS = """() => [...document.querySelectorAll('svg.sheet text')].map(it => {
    const start = it.getStartPositionOfChar(0), end = it.getEndPositionOfChar(it.getNumberOfChars() - 1)
    return [it.textContent, start.x, start.y, end.x]
})"""


@pytest.fixture(autouse=True)
def _readers() -> None:
    need_readers()


def payload_of(house: House, member: Member, sum_: str) -> bytes:
    payee = house.ports.payee
    assert payee
    paid = member.subscriber
    return receipt.make(payee, str(paid.id), rub(sum_) if sum_ else None, paid.name).payload()


def open_receipt(page: Page, member: Member, sum_: str) -> None:
    member.log_in(page, "/login")
    page.goto(f"{member.house.url}/pay/pd4?sum={sum_}")


@pytest.mark.parametrize("sum_", ["", "9999999.99"])
def test_the_print_preview_is_one_page_with_the_whole_form(
    page: Page, house: House, member: Member, tmp_path: Path, sum_: str
) -> None:
    open_receipt(page, member, sum_)
    file = tmp_path / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    assert pages_of(file) == 1
    picture = picture_of(file, DPI)
    ink = Ink(picture, DPI)
    assert ink.box() == pytest.approx((15, 12, 195, 157), abs=1)
    assert ink.is_line_down(65, 13, 156)
    assert ink.is_line_across(77, 16, 194)
    assert by_zbar(picture) == by_zxing(picture) == payload_of(house, member, sum_)
    words = text_of(file)
    assert "Извещение" in words
    assert "Показать квитанцию" not in words


def test_every_field_of_the_page_lies_within_a_millimetre_of_the_drawing(page: Page, member: Member) -> None:
    open_receipt(page, member, "9999999.99")
    page.emulate_media(media="print")
    box = page.locator("svg.sheet").bounding_box()
    assert box
    assert (box["width"] / PX_PER_MM, box["height"] / PX_PER_MM) == pytest.approx((180, 145), abs=0.5)
    texts = page.evaluate(TEXTS)
    for word, baseline, start in DRAWING:
        if word in {"Өмүрбеков", "1234567"}:  # of another payer
            continue
        places = [(x, y) for text, x, y, _ in texts if word in text.split() and abs(y - baseline) <= 1]
        assert places, f"{word} is not on {baseline}"
        assert start is None or any(abs(x - start) <= 1 for x, _ in places), f"{word}: {places}"
    for text, left, _, right in texts:
        assert right <= (176.5 if left > 50 else 50), text


@pytest.mark.parametrize("percent", [100, 200])
def test_a_small_screen_shows_it_without_scrolling_sideways(
    new_phone: Callable[..., BrowserContext], house: House, member: Member, percent: int
) -> None:
    for width, height in SCREENS:
        page = new_phone(viewport={"width": width, "height": height}).new_page()
        set_text_size(page, percent)
        open_receipt(page, member, "500.00")
        assert_fits(page)
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_receipt_with_and_without_an_error(
    new_phone: Callable[..., BrowserContext], house: House, member: Member, scheme: str
) -> None:
    page = new_phone(color_scheme=scheme).new_page()
    member.log_in(page, "/login")
    for path in ("/pay", "/pay/pd4?sum=500", "/pay/pd4?sum=x"):
        assert_axe_finds_nothing_at(page, house.url + path)


def test_a_camera_reads_the_code_from_the_screen(page: Page, house: House, member: Member, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    open_receipt(page, member, "500.00")
    picture = tmp_path / "code.png"
    page.locator("svg.qr").screenshot(path=picture)
    wanted = payload_of(house, member, "500.00")
    assert by_zbar(picture) == by_zxing(picture) == wanted
    assert gost_reader.read(wanted)["Sum"] == "50000"


def test_the_form_fills_the_sum_in_with_scripts_and_without(page: Page, member: Member) -> None:
    open_receipt(page, member, "")
    page.fill("#sum", "1 234,5")
    follow(page.locator("text=Показать квитанцию"))
    assert "1 234,50 ₽" in shown(page)
    assert page.locator("input[type=hidden][name=sum]").input_value() == "1 234,5"


def test_the_code_of_the_call_link_is_read_from_the_screen(page: Page, house: House, tmp_path: Path) -> None:
    page.goto(f"{house.url}/+74951234567.svg")
    picture = tmp_path / "card.png"
    page.screenshot(path=picture)
    assert by_zbar(picture) == by_zxing(picture) == f"{house.url}/+74951234567".encode()
