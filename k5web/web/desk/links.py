"""Links from page to page of the desk."""

from typing import Any

from flask import current_app, url_for


def page_of(endpoint: str, **values: Any) -> str:
    """Return the address of a page of the desk; empty where the desk has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""
