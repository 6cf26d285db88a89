"""Inline parts of pages are constants of ours, which the policy names by their hashes (S25)."""

import re
from pathlib import Path

from flask import Flask

from k5web.web.inline import csp_hash
from tests.web.conftest import Browser

ROOT = Path(__file__).parents[2]


def test_inline_parts_of_a_page_are_among_the_hashes(app: Flask, phone: Browser) -> None:
    pages = [phone.get(path) for path in ("/me/devices", "/me/profile", "/confirm", "/nothing", "/", "/74951234567")]
    for page in [*pages, app.test_client().get("/login")]:
        policy = page.headers["Content-Security-Policy"]
        found = re.findall(r"<(style|script)[^>]*>(.*?)</\1>", page.text, re.DOTALL)
        assert found
        for kind, text in found:
            assert csp_hash(text) in policy.partition(f"{kind}-src")[2].partition(";")[0]


def test_no_template_has_inline_handlers_or_styles() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<[^>]*\s(style|on[a-z]+)\s*=", text), path.name
        assert not re.search(r"<(style|script)[ >]", text), f"{path.name}: inline parts come from static/inline"
        assert "|safe" not in text.replace(" ", ""), path.name
