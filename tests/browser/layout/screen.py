"""A real browser's window before the furnished house: what the application answers is laid out and looked at."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route
from werkzeug.test import TestResponse

from tests.browser.layout.furnished import Furnished
from tests.browser.layout.places import Place
from tests.web.conftest import Browser

SITE = "http://localhost"
FAULTS = (Path(__file__).parent / "faults.js").read_text("utf-8")
KEPT = {"content-security-policy", "content-type", "content-language"}  # of an answer's headers, what a layout feels


class Screen:
    """One window that shows the pages of a house; no socket lies between them."""

    def __init__(self, chromium: Chromium, house: Furnished, **differs: Any) -> None:
        self.house = house
        usual: dict[str, Any] = {"viewport": {"width": 320, "height": 568}, "locale": "ru-RU", "has_touch": True}
        self.context = chromium.new_context(**(usual | differs))
        self.page: Page = self.context.new_page()
        self._sheets: dict[str, dict[str, Any]] = {}
        self._shown: tuple[str, dict[str, Any]] = ("", {})
        self._reader = house.readers["stranger"]
        self.context.route("**/*", self._answer)

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def open(self, place: Place, language: str) -> TestResponse:
        """Show a page in a language, and return what the application answered."""
        reader = self.house.readers[place.reader]
        reader.client.set_cookie("k5l", language)
        answer = reader.get(place.path)
        self.show(answer, reader, place.path)
        return answer

    def show(self, answer: TestResponse, reader: Browser, path: str) -> None:
        """Show an answer as the page of this address."""
        self._reader = reader
        self._shown = (SITE + path, _as_wire(answer))
        self.page.goto(SITE + path, wait_until="load")

    def resize(self, width: int, height: int = 568) -> None:
        """Have another window."""
        self.page.set_viewport_size({"width": width, "height": height})

    def facts(self, *faults: str) -> list[str]:
        """Return what is wrong with the page as it stands, of these kinds."""
        found: list[str] = self.page.evaluate(FAULTS, list(faults))
        return found

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if f"{address.scheme}://{address.netloc}" != SITE:
            route.abort()
        elif route.request.is_navigation_request() and route.request.url == self._shown[0]:
            route.fulfill(**self._shown[1])
        elif address.path.startswith("/static/"):
            if address.path not in self._sheets:
                self._sheets[address.path] = _as_wire(self._reader.get(address.path))
            route.fulfill(**self._sheets[address.path])
        else:
            route.abort()  # pages that come again by themselves, and what scripts ask: it is looked at as it stands


def _as_wire(answer: TestResponse) -> dict[str, Any]:
    headers = {name: value for name, value in answer.headers.items() if name.lower() in KEPT}
    content = {"status": answer.status_code, "headers": headers, "body": answer.get_data()}
    answer.close()
    return content


def told(place: object, language: str, faults: Iterable[str]) -> list[str]:
    """Return the faults with where they are."""
    return [f"{place} ({language}): {fault}" for fault in faults]
