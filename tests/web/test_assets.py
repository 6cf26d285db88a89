"""Static files are kept for a year under names that change, and for everybody alike (docs/pages.md)."""

import gzip
import re
from pathlib import Path

from flask import Flask

from tests.web.conftest import Browser

EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}


ROOT = Path(__file__).parents[2]


def test_what_is_kept_for_everybody_does_not_vary_by_the_cookie(app: Flask, phone: Browser) -> None:
    """A cache that honours Vary would fetch it anew for each visitor, and a browser after each new cookie."""
    address = re.search(r'href="(/static/base\.[0-9a-f]{10}\.css)"', phone.get("/me/profile").text)
    assert address
    answer = phone.get(address[1])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert set(answer.vary) == {"Accept-Encoding"}
    assert "Set-Cookie" not in answer.headers


def test_static_files_are_kept_for_a_year_under_names_that_change(app: Flask, phone: Browser) -> None:
    address = re.search(r'href="(/static/base\.[0-9a-f]{10}\.css)"', phone.get("/me/profile").text)
    assert address
    answer = phone.get(address[1], **{"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"
    assert gzip.decompress(answer.data).decode() == (ROOT / "static" / "base.css").read_text("utf-8")
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "Set-Cookie" not in answer.headers
    assert phone.get("/static/base.css").status_code == 404
    assert phone.get("/static/base.0000000000.css").status_code == 404
    assert phone.get("/static/../app.py").status_code == 404
    assert len(answer.data) <= 8_000
