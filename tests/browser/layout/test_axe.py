"""axe finds nothing on any page, with errors and without, in four languages, light and dark (WCAG 2.2 AA).

Each page is looked at once, in the next language and the next scheme by turns; the whole of it is `./test --full`.
"""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.layout.furnished import Furnished
from tests.browser.layout.mistakes import Mistake, mistakes
from tests.browser.layout.places import Place
from tests.browser.layout.screen import Screen
from tests.browser.layout.test_layout import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("layout")]

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
TURNS = [*product(LANGUAGES, SCHEMES)]
# What axe finds wrong of any page that comes again by itself without a script: each has a link that stops it
COMES_AGAIN = "meta-refresh"
MISTAKES = ("sideways", "cut", "over", "mistake")


@pytest.fixture(scope="module")
def every_mistake(every_place: list[Place], full_house: Furnished) -> list[Mistake]:
    """All forms of all pages, filled in wrongly."""
    return mistakes(full_house, every_place)


def violations(screen: Screen, said: object) -> list[str]:
    """Return what axe finds wrong with the page as it stands."""
    found = Axe().run(screen.page).response["violations"]
    return [f"{said}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["id"] != COMES_AGAIN]


def look(screen: Screen, place: Place, language: str, scheme: Scheme) -> list[str]:
    """Return what is found on a page."""
    screen.page.emulate_media(color_scheme=scheme)
    screen.open(place, language)
    return violations(screen, f"{place} ({language}, {scheme})")


def err(screen: Screen, mistake: Mistake, language: str, scheme: Scheme) -> list[str]:
    """Return what is found on the page of a mistake, also of how it is told."""
    screen.page.emulate_media(color_scheme=scheme)
    answer = mistake.make(screen.house, language)
    if not 400 <= answer.status_code < 500 or answer.mimetype != "text/html":
        answer.close()
        return []
    said = f"{mistake} ({language}, {scheme})"
    screen.show(answer, screen.house.readers[mistake.place.reader], mistake.place.path)
    return [*(f"{said}: {fault}" for fault in screen.facts(*MISTAKES)), *violations(screen, said)]


def test_axe_finds_nothing_on_any_page(window: Callable[..., Screen], every_place: list[Place]) -> None:
    screen = window()
    turns = ((place, *TURNS[n % len(TURNS)]) for n, place in enumerate(every_place))
    found = [fault for turn in turns for fault in look(screen, *turn)]
    assert not found, "\n".join(found)


def test_each_mistake_is_told_alike_and_axe_finds_nothing(
    window: Callable[..., Screen], every_mistake: list[Mistake]
) -> None:
    """A summary that leads to the field, the same words at the field, tied to it, and a red edge."""
    assert len(every_mistake) > 20
    screen = window()
    turns = ((mistake, *TURNS[n % len(TURNS)]) for n, mistake in enumerate(every_mistake))
    found = [fault for turn in turns for fault in err(screen, *turn)]
    assert not found, "\n".join(found)


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("language", "scheme"), TURNS)
def test_axe_finds_nothing_in_any_language_and_scheme(
    window: Callable[..., Screen],
    every_place: list[Place],
    every_mistake: Iterable[Mistake],
    language: str,
    scheme: Scheme,
) -> None:
    screen = window()
    found = [fault for place in every_place for fault in look(screen, place, language, scheme)]
    found += [fault for mistake in every_mistake for fault in err(screen, mistake, language, scheme)]
    assert not found, "\n".join(found)
