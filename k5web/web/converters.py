"""URL converters: text in a path becomes a value before a view sees it."""

from flask import Flask
from werkzeug.routing import BaseConverter

from k5web.domain.prices.number import LOOKS_LIKE_ONE


class NumberConverter(BaseConverter):
    """Something written like a telephone number, in any spelling that the field takes; no page name is taken for one.

    It stays text: what it means depends on whose page it is, and a wrong one deserves a page, not a 404.
    """

    regex = LOOKS_LIKE_ONE
    part_isolating = True


def register(app: Flask) -> None:
    """Make `<number:text>` known to the URL map."""
    app.url_map.converters["number"] = NumberConverter
