"""What every page must pass: nothing scrolls sideways, and axe finds nothing."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def assert_fits(page: Page) -> None:
    """Nothing scrolls sideways. A page that is just coming has no element to measure, so its markup is waited for."""
    page.wait_for_load_state("domcontentloaded")
    assert page.viewport_size
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{page.url} is {width} px wide"


def assert_axe_finds_nothing(page: Page) -> None:
    """WCAG 2.2 AA; only where scripts run, for axe is one."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def assert_axe_finds_nothing_at(page: Page, address: str) -> None:
    """The same, of the page at this address."""
    page.goto(address)
    assert_axe_finds_nothing(page)
