"""Charts and papers of the account in a real browser: they fit the smallest screen, and all is printed (B12)."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PHONE, House, Member, one_who_talked
from tests.browser.looks import assert_axe_finds_nothing, assert_fits
from tests.paper.readers import need_readers, pages_of, text_of

pytestmark = [pytest.mark.browser, pytest.mark.paper]

PAGES = ("/me/documents/reconciliation", "/me/documents/ending", "/me/documents", "/me/spending")


@pytest.fixture(scope="module")
def caller(chromium: Browser, house: House) -> Member:
    """Somebody who has paid and talked."""
    return one_who_talked(chromium, house, "500.00")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_and_papers_fit_and_axe_finds_nothing(
    chromium: Browser, house: House, caller: Member, scheme: str
) -> None:
    phone = PHONE | {"viewport": {"width": 320, "height": 568}, "color_scheme": scheme}
    page = chromium.new_context(**phone, storage_state=caller.state).new_page()
    for path in PAGES:
        page.goto(house.url + path)
        assert_fits(page)
        assert_axe_finds_nothing(page)
    page.context.close()


def printed(page: Page, file: Path) -> str:
    """Print a page on A4 and return its words."""
    page.pdf(path=file, prefer_css_page_size=True, format="A4")
    return " ".join(text_of(file).split())


def test_the_act_of_reconciliation_is_printed_to_one_page_and_charts_with_their_figures(
    chromium: Browser, house: House, caller: Member, tmp_path: Path
) -> None:
    need_readers()
    page = chromium.new_context(**PHONE, storage_state=caller.state).new_page()
    page.goto(f"{house.url}/me/documents/reconciliation")
    act = printed(page, tmp_path / "act.pdf")
    assert pages_of(tmp_path / "act.pdf") == 1
    assert "Акт сверки взаимных расчётов" in act
    assert "Сальдо на конец" in act
    assert "Открыть для печати" not in act
    page.goto(f"{house.url}/me/spending")
    charts = printed(page, tmp_path / "charts.pdf")
    for said in ("Расход по дням", "Россия", "Минуты по месяцам"):
        assert said in charts, said
    assert "Показать" not in charts
    page.context.close()
