"""What the checks of answers find: an answer with each fault, and none in one without."""

import pytest
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Response

from tests.web.fuzz.answers import OF_THE_MEMBER, hold
from tests.web.fuzz.grammar import MARK, PRODUCT

PAGE = "<!doctype html><html><head></head><body>{}</body></html>"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none';frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def told(
    body: str, status: int = 200, kind: str = "text/html", reader: str = "poor", path: str = "/", **headers: str
) -> list[str]:
    """Return what is found wrong with an answer of this body."""
    said = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    text = PAGE.format(body) if kind == "text/html" else body
    answer = Response(text, status, {name: value for name, value in said.items() if value}, content_type=kind)
    asked = EnvironBuilder(path=path).get_request()
    return hold(TestResponse(answer.iter_encoded(), answer.status, answer.headers, asked), reader)


def test_an_honest_answer_has_no_fault() -> None:
    assert told(f"<p>&lt;{MARK}&gt; {PRODUCT[0]}<br><input value='{MARK}'></p>") == []
    assert told('{"a": 1}', kind="application/json") == []
    assert told("", status=303, Location="/me") == []


@pytest.mark.parametrize(
    "body",
    [
        f"<{MARK}>", f"<b on{MARK}=1></b>", "<p>", "</p>", "<b><i></b></i>", '<b id="1" id="2"></b>',
        "<a href='javascript:x'></a>", PRODUCT[1], "Traceback (most recent call last)", "SELECT id FROM posting",
        "sqlalchemy.exc", OF_THE_MEMBER[0],
    ],
)  # fmt: skip
def test_a_fault_of_a_page_is_found(body: str) -> None:
    assert told(body)


@pytest.mark.parametrize(
    "headers",
    [
        {"status": 500}, {"status": 502}, {"kind": "application/json"}, {"X_Content_Type_Options": ""},
        {"Referrer_Policy": ""}, {"Content_Security_Policy": "default-src 'none'"}, {"Cache_Control": ""},
        {"Content_Security_Policy": "script-src 'unsafe-inline';frame-ancestors 'none'"}, {"Set_Cookie": f"{MARK}=1"},
        {"Location": "//evil.example"}, {"Location": "https://evil.example/"}, {"Location": "/\\evil.example"},
        {"Location": "http://localhost@evil.example"}, {"Location": "javascript:x"},
    ],
)  # fmt: skip
def test_a_fault_around_it_is_found(headers: dict[str, str]) -> None:
    assert told("text", **headers)  # type: ignore[arg-type]


def test_the_member_and_staff_read_what_is_the_members() -> None:
    assert told(OF_THE_MEMBER[1], reader="member") == told(OF_THE_MEMBER[1], reader="staff desk") == []


def test_later_is_said_of_what_a_switch_keeps_alone() -> None:
    assert told("", status=503) == ["status 503"]
    assert told("", status=503, path="/me/recordings/k5/a.alaw") == []
