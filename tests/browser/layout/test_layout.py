"""Every page in every language: nothing sideways, nothing cut, one line on no other, buttons seen and large.

Each page is laid out by a real browser in four languages at 320 pixels, and once at another width and on paper. The
whole of it, all widths, large print and paper in each language, is `./test --full`.
"""

from collections.abc import Callable, Iterable

import pytest

from tests.browser.layout.furnished import Furnished
from tests.browser.layout.places import FACES, NO_PAGE, OTHERWISE, Place
from tests.browser.layout.screen import Screen, told
from tests.browser.test_look import set_text_size

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("layout")]

LANGUAGES = ("ru", "ky", "kk", "en")
OTHER_WIDTHS = (360, 768, 1280)
PAPER = 680 * 4 // 3  # A4 less its margins; browsers lay a page out by a third wider than the sheet before they scale
ON_SCREEN = ("sideways", "cut", "over", "button", "targets", "small", "number")
LARGE = ("sideways", "cut", "over", "button")
ON_PAPER = ("cut", "over", "printed")


def look(screen: Screen, place: Place, language: str, widths: Iterable[int], *, on_paper: bool) -> list[str]:
    """Return what is wrong with a page at 320 pixels, at these widths and on paper."""
    screen.open(place, language)
    found = told(place, language, screen.facts(*ON_SCREEN))
    for width in widths:
        screen.resize(width)
        found += told(f"{place}, {width} px", language, screen.facts(*ON_SCREEN))
    if on_paper:
        screen.resize(PAPER)
        screen.page.emulate_media(media="print")
        found += told(f"{place}, on paper", language, screen.facts(*ON_PAPER))
        screen.page.emulate_media(media="screen")
    screen.resize(320)
    return found


def test_each_view_that_is_read_is_looked_at_or_said_to_be_no_page(
    full_house: Furnished, every_place: list[Place]
) -> None:
    """From the map of addresses itself: a new page cannot be forgotten here."""
    views = {rule.endpoint for rule in full_house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    left_out = {view for named in NO_PAGE.values() for view in named}
    assert views == {place.view for place in every_place} - {""} | left_out
    assert not OTHERWISE.keys() & left_out
    for place in every_place:
        answer = full_house.readers[place.reader].get(place.path)
        shows = answer.mimetype == "text/html" and not answer.headers.get("Location")
        refused = {*FACES, *((place.reader, place.path) for place in every_place if place.view in OTHERWISE)}
        assert shows, f"{place} shows no page: {answer.status}"
        assert answer.status_code == 200 or (place.reader, place.path) in refused, f"{place}: {answer.status}"
        answer.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_whole(window: Callable[..., Screen], every_place: list[Place], language: str) -> None:
    """At 320 pixels in each language; the other widths and paper by turns, so that each page meets each of them."""
    screen, at = window(), LANGUAGES.index(language)
    found = []
    for place in every_place:
        widths = OTHER_WIDTHS[at : at + 1]
        found += look(screen, place, language, widths, on_paper=not widths)
    assert not found, "\n".join(found)


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_whole_at_every_width_and_on_paper(
    window: Callable[..., Screen], every_place: list[Place], language: str
) -> None:
    screen = window()
    found = [fault for place in every_place for fault in look(screen, place, language, OTHER_WIDTHS, on_paper=True)]
    assert not found, "\n".join(found)


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_whole_in_large_print(
    window: Callable[..., Screen], every_place: list[Place], language: str, width: int
) -> None:
    """Text of twice the size, as the phone's own setting makes it."""
    screen = window(viewport={"width": width, "height": 568})
    set_text_size(screen.page, 200)
    found = []
    for place in every_place:
        screen.open(place, language)
        found += told(f"{place}, {width} px, 200 %", language, screen.facts(*LARGE))
    assert not found, "\n".join(found)
