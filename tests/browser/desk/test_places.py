"""Every place of the desk with something in it: fits the smallest phone and a wide screen, and axe finds nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from k5web.services.books import bill_check
from tests.browser.conftest import House, Member, one_who_talked
from tests.browser.looks import assert_axe_finds_nothing, assert_fits

pytestmark = pytest.mark.browser

EVERY = ("owner", "desk", "money", "prices", "engineer", "auditor")
PLACES = (
    *("", "work", "claims", "books", "archive", "proposals", "suspense", "doubtful", "calls", "calls/past"),
    *("trunks", "alarms", "stops", "prices", "plans", "margin", "registers", "jobs", "bill-check", "acts", "search"),
    *("audit", "staff"),
)


@pytest.fixture(scope="module")
def talked(chromium: Browser, house: House) -> Member:
    """Somebody with a call behind; its day is checked."""
    member = one_who_talked(chromium, house, "1000.00")
    bill_check.count(house.ports, house.ports.today())
    return member


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
def test_the_places_of_the_desk_fit_and_axe_finds_nothing(
    at_desk: Callable[..., Page], house: House, talked: Member, width: int, scheme: str
) -> None:
    page = at_desk(*EVERY, viewport={"width": width, "height": 640}, color_scheme=scheme)
    today = house.ports.today()
    places = (
        *PLACES,
        f"calls/{talked.calls()[0].id}",
        "prices/versions/1",
        f"bill-check/{today}",
        f"subscribers/{talked.subscriber.id}",
    )
    for place in places:
        page.goto(f"{house.url}/desk/{place}".rstrip("/"))
        assert_fits(page)
        if width == 320:  # rows are blocks with labels there: no table scrolls by itself either
            hidden = "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
            assert page.eval_on_selector_all(".wide", hidden) == 0, place
        if place != "calls":  # live calls come again by themselves, without a script, which axe finds wrong of any page
            assert_axe_finds_nothing(page)
