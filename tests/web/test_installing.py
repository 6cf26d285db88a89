"""K5 on the home screen: what the manifest promises is there, and the worker keeps nothing (docs/pages.md)."""

import io
import json
import re
from typing import Any

import pytest
from PIL import Image

from tests.services.house import House
from tests.web.conftest import Browser


def manifest(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/app.webmanifest")
    assert answer.status_code == 200
    assert answer.mimetype == "application/manifest+json"
    return dict(json.loads(answer.text))


def test_every_address_of_the_manifest_answers(phone: Browser) -> None:
    facts = manifest(phone)
    assert (facts["id"], facts["start_url"], facts["scope"], facts["lang"]) == ("/", "/", "/", "ru")
    for path in [facts["start_url"], *(each["url"] for each in facts["shortcuts"])]:
        assert phone.get(path).status_code == 200, path
    assert facts["share_target"]["action"] == "/share"
    assert facts["share_target"]["method"] == "GET"
    [handler] = facts["protocol_handlers"]
    assert phone.get(handler["url"].replace("%s", "tel%3A%2B74951234567")).headers["Location"] == "/+74951234567"


def test_icons_are_as_large_as_the_manifest_says_and_may_be_cut(browser: Browser) -> None:
    facts = manifest(browser)
    assert {icon["purpose"] for icon in facts["icons"]} == {"any", "maskable"}
    for icon in facts["icons"]:
        answer = browser.get(icon["src"])
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        picture = Image.open(io.BytesIO(answer.data)).convert("RGBA")
        assert "x".join(map(str, picture.size)) == icon["sizes"]
        assert len(answer.data) <= 6 * 1024
        is_whole = picture.getchannel("A").getextrema() == (255, 255)
        assert is_whole == (icon["purpose"] == "maskable")


@pytest.mark.parametrize("path", ["/", "/me", "/me/favourites", "/tariffs"])
def test_pages_with_a_menu_and_the_start_name_the_manifest(phone: Browser, path: str) -> None:
    page = phone.get(path).text
    assert '<link rel="manifest" href="/app.webmanifest?lang=ru">' in page
    icon = re.search(r'rel="apple-touch-icon" href="([^"]+)"', page)
    assert icon
    assert phone.get(icon[1]).mimetype == "image/png"


def test_the_page_of_a_call_stays_one_request(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = phone.get("/74951234567").text
    assert "manifest" not in page
    assert "serviceWorker" not in page


def test_the_worker_has_no_cache_and_answers_two_pages_only(browser: Browser) -> None:
    """A stale price is worse than none: nothing may be kept, and the page of a number never passes through it."""
    answer = browser.get("/worker.js")
    assert answer.mimetype == "application/javascript"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == ("default-src 'none';frame-ancestors 'none';connect-src 'self'")
    assert not re.search(r"caches|indexedDB|\.put\(|importScripts|clients\.", answer.text)
    paths = re.search(r"paths = (\[[^\]]*\])", answer.text)
    assert paths
    assert json.loads(paths[1]) == ["/", "/me/favourites"]
    words = re.search(r'page = ("(?:[^"\\]|\\.)*")', answer.text)
    assert words
    assert "Нет связи с K5" in json.loads(words[1])
