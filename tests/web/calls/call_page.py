"""The call page as tests read and press it."""

import re
from typing import Any

from werkzeug.test import TestResponse

from k5web.domain.calls.call import CallOrder
from k5web.services.books import statements
from tests.services.house import House
from tests.web.conftest import Browser

PAGE = "/74951234567"


def field(page: TestResponse, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no {name} on the page: {page.status}"
    return found[1]


def press(phone: Browser, page: TestResponse, **changes: str) -> TestResponse:
    """Press the button of this page, as it was shown, once it has been read; a countdown does not read."""
    if "form_key" not in changes:
        phone.read()
    fields: dict[str, Any] = {name: field(page, name) for name in ("csrf_token", "number", "form_key")}
    return phone.post("/call", **{**fields, **changes})


def plain(page: TestResponse) -> str:
    """Return what a person reads: no tags, ordinary spaces and hyphens."""
    body = page.text.partition("<body>")[2]
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text.replace("\N{NON-BREAKING HYPHEN}", "-"))


def made(k5: House) -> list[CallOrder]:
    """Return all calls of the house, newest first."""
    return list(statements.calls(k5.ports, k5.caller.id).calls)


def words(page: TestResponse) -> str:
    """Return what a person reads of a page that was found."""
    assert page.status_code == 200, page.status
    return plain(page)
