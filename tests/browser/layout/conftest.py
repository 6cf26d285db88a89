"""One furnished house for all tests of layout, and windows before it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.layout.furnished import Furnished, furnished
from tests.browser.layout.places import Place, places
from tests.browser.layout.screen import Screen


@pytest.fixture(scope="session")
def full_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A house in which no page is empty."""
    folder = tmp_path_factory.mktemp("furnished")
    shutil.copyfile(sqlite_template, folder / "k5.db")
    with furnished(f"sqlite:///{folder / 'k5.db'}", folder) as house:
        yield house


@pytest.fixture(scope="session")
def every_place(full_house: Furnished) -> list[Place]:
    """All its pages."""
    return places(full_house)


@pytest.fixture
def window(chromium: Browser, full_house: Furnished) -> Iterator[Callable[..., Screen]]:
    """Open a window before it, as narrow as the smallest phone; what differs is named."""
    opened: list[Screen] = []

    def make(**differs: Any) -> Screen:
        opened.append(Screen(chromium, full_house, **differs))
        return opened[-1]

    yield make
    for screen in opened:
        screen.close()
