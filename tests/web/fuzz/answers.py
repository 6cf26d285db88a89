"""What holds of every answer, whatever was asked (S8, S9, S14, S16, S25, S28)."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from tests.web.fuzz.grammar import MARK, PRODUCT
from tests.web.payments.fake_way import GATEWAY

EVERYWHERE = {"X-Content-Type-Options": "nosniff"}
ON_PAGES = {"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"}
# Words of the machinery; the grammar writes its SQL in small letters, so an echo is none of them
INSIDES = re.compile(
    r"Traceback \(most|File \"/|sqlalchemy|sqlite3|psycopg|werkzeug|jinja2|OperationalError|IntegrityError"
    r"|SELECT |INSERT INTO|DELETE FROM|UPDATE \w+ SET|FROM posting|no such (?:table|column)|syntax error"
)
# What is known of the member alone: words that no request of ours contains
OF_THE_MEMBER = ("Офис, второй этаж", "не слышно", "40817810099910004312", "anna@mail.ru", "4111**1111")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
    | {"circle", "line", "path", "rect", "use"}
)
# "Later" is said to who fetches a page before anybody looks at it, and of what a switch keeps: the house has none
KEPT_ELSEWHERE = "/me/recordings/"


def hold(answer: TestResponse, reader: str) -> list[str]:
    """Return what is wrong with an answer."""
    text = answer.get_data(as_text=False).decode("utf-8", "replace")
    return [*_status(answer), *_headers(answer), *_body(answer, text), *_owner(text, reader)]


def _status(answer: TestResponse) -> list[str]:
    is_later = "Purpose" in answer.request.headers or answer.request.path.startswith(KEPT_ELSEWHERE)
    is_fine = 200 <= answer.status_code < 500 or (answer.status_code == 503 and is_later)
    return [] if is_fine else [f"status {answer.status_code}"]


def _headers(answer: TestResponse) -> list[str]:
    said = answer.headers
    wrong = [name for name, value in EVERYWHERE.items() if said.get(name) != value]
    if answer.mimetype == "text/html":
        wrong += [name for name, value in ON_PAGES.items() if said.get(name) != value]
    if "frame-ancestors" not in said.get("Content-Security-Policy", ""):
        wrong.append("no policy")
    if "unsafe-" in said.get("Content-Security-Policy", "") or "Cache-Control" not in said:
        wrong.append("a loose policy")
    for name, value in said.items():
        if re.search(r"[\r\n\0]", value) or MARK in name.lower():
            wrong.append(f"a forged header {name}")
    wrong += [f"a cookie {value}" for value in said.getlist("Set-Cookie") if MARK in value.partition("=")[0]]
    return wrong + _leads_away(said.get("Location", ""))


def _leads_away(location: str) -> list[str]:
    if not location or location == GATEWAY:
        return []
    parts = urlsplit(location.replace("\\", "/"))
    is_ours = parts.netloc in {"", "localhost", "127.0.0.1:8000"} and parts.scheme in {"", "http"}
    return [] if is_ours and not location.startswith(("//", "/\\")) else [f"leads to {location}"]


def _body(answer: TestResponse, text: str) -> list[str]:
    wrong = [f"tells {told[0]}" for told in [INSIDES.search(text)] if told]
    if PRODUCT[1] in text:
        wrong.append("ran a value as a template")
    is_redirect = 300 <= answer.status_code < 400  # the framework's own page, which leaves its tags open
    if answer.mimetype == "text/html" and text and not is_redirect:
        wrong += page_faults(text)
    elif (answer.mimetype or "").endswith("json") and text:
        try:
            json.loads(text)
        except ValueError:
            wrong.append("is no JSON")
    elif (answer.mimetype or "").endswith("xml") and f"<{MARK}" in text:
        wrong.append("a value became markup")
    return wrong


def _owner(text: str, reader: str) -> list[str]:
    """Only the member and staff read what is the member's."""
    if reader == "member" or reader.startswith("staff"):
        return []
    return [f"tells {word}, which is the member's" for word in OF_THE_MEMBER if word in text]


def page_faults(page: str) -> list[str]:
    """Return what a parser finds wrong with a page: markup out of a value, tags that are not closed in their order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.wrong + [f"<{tag}> is not closed" for tag in reader.open]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag or any(MARK in name for name, _value in attrs):
            self.wrong.append("a value became markup")
        names = [name for name, _value in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            if name in {"href", "src", "action", "formaction"} and re.match(
                r"\s*(?:javascript|data:text)", value or "", re.I
            ):
                self.wrong.append(f"{name} runs {value}")
