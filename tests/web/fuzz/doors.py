"""Every way into the house: rules and methods of its map of addresses, and what its own forms would send there."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.browser.layout.furnished import Furnished
from tests.browser.layout.places import places

ENDS_THE_VISIT = {"accounts.logout", "accounts.end_all", "desk.logout"}
_READ = re.compile(
    r'(?:get|getlist|read|pop|_sent|_whole|_of)\([^()"]*"(\w+)"|"(\w+)" in |'
    r'(?:form|args|values|fields|typed)\["(\w+)"\]'
)


@dataclass(frozen=True)
class Door:
    """One rule and method. `good`: a value for each name of its path; `forms`: what the house's own forms send."""

    view: str
    method: str
    rule: str
    good: Mapping[str, str]
    fields: tuple[str, ...]
    forms: tuple[Mapping[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"{self.method} {self.rule}"

    def path(self, values: Mapping[str, str]) -> str:
        """The address with these values, percent-encoded already, for names of its path; the good ones for others."""
        return re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?([^<>]+)>", lambda at: {**self.good, **values}[at[1]], self.rule)


def doors(house: Furnished) -> list[Door]:
    """Return every way in but those that end the visit of whoever tries them."""
    forms = _forms(house)
    return [
        Door(
            rule.endpoint,
            method,
            rule.rule,
            _good(house, rule.endpoint, [name for name in rule.arguments if name not in (rule.defaults or {})]),
            _fields(house.app, rule.endpoint),
            tuple(forms.get((rule.endpoint, method), ())),
        )
        for rule in house.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint not in ENDS_THE_VISIT
    ]


def _good(house: Furnished, view: str, names: list[str]) -> dict[str, str]:
    known = house.values | (house.desk_values if view.startswith("desk.") else {})
    return {name: known.get(name, "1") for name in names}


def _fields(app: Flask, view: str) -> tuple[str, ...]:
    """Return the names of fields that the module of a view reads."""
    module = inspect.getmodule(inspect.unwrap(app.view_functions[view]))
    found = _READ.findall(inspect.getsource(module)) if module else []
    return tuple(sorted({*filter(None, (name for three in found for name in three)), "next", "form_key"}))


def _forms(house: Furnished) -> dict[tuple[str, str], list[Mapping[str, str]]]:
    """Return by view and method what the forms on all pages of the house send when nothing is changed in them."""
    found: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    seen = set()
    ways = house.app.url_map.bind("localhost")
    for place in places(house):
        page = house.readers[place.reader].get(place.path)
        for form in forms_of(page.text if page.mimetype == "text/html" else ""):
            path = urlsplit(form.action or place.path).path
            try:
                view, _ = ways.match(path, form.method)
            except HTTPException:
                continue  # of another server
            sent = {name: value for name, value in form.fields.items() if name != "csrf_token"}
            if (view, form.method, *sorted(sent)) not in seen:
                seen.add((view, form.method, *sorted(sent)))
                found.setdefault((view, form.method), []).append(sent)
    return found


@dataclass
class Form:
    """A form as it stands on a page. `fields`: what it sends if nobody changes anything."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


def forms_of(page: str) -> Iterator[Form]:
    """Yield the forms of a page."""
    reader = _FormReader()
    reader.feed(page)
    yield from reader.forms


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get").upper()))
        elif self.forms:
            fields, name = self.forms[-1].fields, told.get("name", "")
            if tag == "select":
                self._select = name
            elif tag == "option" and self._select and ("selected" in told or self._select not in fields):
                fields[self._select] = told.get("value", "")
            elif tag in {"input", "textarea", "button"} and name and (name not in fields or "checked" in told):
                fields[name] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""  # options of a list of words to choose from are no field
