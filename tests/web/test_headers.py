"""Policy, caching, hosts and size limits, on every answer there is (S25; docs/pages.md)."""

import gzip
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from flask import Flask

from tests.services.house import House
from tests.web.conftest import Browser

EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
ON_PAGES = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), browsing-topics=()",
}
PATHS = [
    "/login", "/me/devices", "/me/profile", "/confirm", "/nothing", "/logout", "/healthz", "/readyz", "/metrics", "/",
    "/static/none.css", "/74951234567", "/me", "/me/calls", "/me/statement", "/tariffs", "/74951234567.vcf",
    "/me/tokens", "/me/access", "/api/v1/account", "/api/v1/openapi.json", "/api/v1/calls", "/api/nothing",
]  # fmt: skip
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("who", ["browser", "phone"])
def test_every_answer_has_them(request: pytest.FixtureRequest, who: str) -> None:
    browser: Browser = request.getfixturevalue(who)
    for path, method in product(PATHS, ["GET", "HEAD", "OPTIONS", "POST", "PUT"]):
        answer = browser.client.open(path, method=method)
        said = f"{method} {path} {answer.status}"
        assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE, said
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], said
        assert answer.headers["Cache-Control"] == "no-store", said
        assert "Strict-Transport-Security" not in answer.headers, "not by plain http"
        if answer.mimetype == "text/html":
            assert {name: answer.headers.get(name) for name in ON_PAGES} == ON_PAGES, said
            assert {"Cookie", "Accept-Language"} <= set(answer.vary), said


def test_the_policy_allows_our_inline_constants_and_nothing_else(app: Flask, browser: Browser) -> None:
    policy = dict(
        part.strip().split(" ", 1) for part in browser.get("/login").headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == policy["manifest-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["img-src"] == "'self' data:"
    for name in ("script-src", "style-src"):
        own, *hashes = policy[name].split()
        assert own == "'self'"
        assert hashes
        assert all(re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", value) for value in hashes)


def test_https_tells_browsers_to_stay(make_app: Callable[..., Flask]) -> None:
    client = make_app(public_url="https://t.k5.example").test_client()
    for path in ("/login", "/nothing", "/healthz"):
        answer = client.get(path, base_url="https://t.k5.example")
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "t.k5.example@evil", "a b", "", "t.k5.example."]
)
def test_another_host_is_refused_with_all_headers(make_app: Callable[..., Flask], host: str) -> None:
    client = make_app(public_url="https://t.k5.example").test_client()
    answer = client.get("/login", headers={"Host": host}) if host else client.get("/login", base_url="http://x.y")
    assert answer.status_code == 400
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert client.get("/login", base_url="https://t.k5.example").status_code == 200


def test_a_form_does_not_send_the_session_again(phone: Browser, k5: House) -> None:
    """Two pages with forms in different seconds: the second one leaves the cookie as it is."""
    phone.get("/me/profile")
    k5.clock.forward(seconds=30)
    for path in ("/me/profile", "/me", "/me/devices", "/74951234567"):
        assert "Set-Cookie" not in phone.get(path).headers, path
    assert phone.press("/me/profile", "/me/profile/language", language="ru").status_code == 303


def test_text_is_squeezed_where_the_browser_takes_it(browser: Browser) -> None:
    plain = browser.get("/login")
    squeezed = browser.get("/login", **{"Accept-Encoding": "br, gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert int(squeezed.headers["Content-Length"]) == len(squeezed.data) < len(plain.data) / 2
    assert "<h1>" in gzip.decompress(squeezed.data).decode()
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in squeezed.vary
    for refuses in ("identity", "gzip;q=0", ""):
        assert "Content-Encoding" not in browser.get("/login", **{"Accept-Encoding": refuses}).headers


def test_a_body_beyond_reason_is_refused(browser: Browser) -> None:
    answer = browser.post("/login", login="x" * 100_000)
    assert answer.status_code == 413
    assert "Слишком много данных." in answer.text
    many = browser.client.post("/login", data={f"field{n}": "" for n in range(51)}, content_type="multipart/form-data")
    assert many.status_code == 413
