"""Every form that is posted, filled in with what nobody can mean: what the pages answer to mistakes."""

from dataclasses import dataclass
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.browser.layout.furnished import Furnished
from tests.browser.layout.places import Place
from tests.web.conftest import CHROME

NONSENSE = "я" * 1500
TYPED = {"text", "tel", "password", "number", "email", "date", "datetime-local", "search", "textarea"}


@dataclass(frozen=True)
class Mistake:
    """One form of one page, filled in wrongly."""

    place: Place
    action: str
    kept: tuple[tuple[str, str], ...]  # what the form holds by itself
    typed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place.reader} sends {self.action} from {self.place.path}"

    def make(self, house: Furnished, language: str) -> TestResponse:
        """Send it; the page has stood on the screen for a while."""
        house.k5.clock.forward(seconds=2)
        reader = house.readers[self.place.reader]
        reader.client.set_cookie("k5l", language)
        fields = {**dict(self.kept), **dict.fromkeys(self.typed, NONSENSE)}
        return reader.client.post(self.action, data=fields, headers={"User-Agent": CHROME})


class _Forms(HTMLParser):
    """Collects the forms that are posted: action, fields with a value, fields to type into."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a form or a field."""
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_open = told.get("method") == "post" and "multipart" not in told.get("enctype", "")
            if self._is_open:
                self.found.append((told.get("action", ""), {}, []))
        elif self._is_open and told.get("name"):
            kind = tag if tag == "textarea" else told.get("type", "text")
            if tag in {"input", "textarea"} and kind in TYPED:
                self.found[-1][2].append(told["name"])
            elif tag == "input" and (kind == "hidden" or "checked" in told):
                self.found[-1][1].setdefault(told["name"], told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave a form."""
        self._is_open = self._is_open and tag != "form"


def mistakes(house: Furnished, places: list[Place]) -> list[Mistake]:
    """Return one mistake for each form with a field to type into."""
    found: dict[tuple[str, str], Mistake] = {}
    for place in places:
        answer = house.readers[place.reader].get(place.path)
        forms = _Forms()
        forms.feed(answer.text)
        for action, kept, typed in forms.found:
            if typed:
                sent = Mistake(place, action or place.path, tuple(kept.items()), tuple(typed))
                found.setdefault((place.reader, sent.action), sent)
    return list(found.values())
