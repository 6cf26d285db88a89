"""URL converters: text in a path becomes a value before a view sees it."""

from typing import Final

from flask import Flask
from werkzeug.routing import BaseConverter

# Read as text, not as Msisdn: what it means depends on whose page it is, and a wrong one deserves a page, not a 404
NUMBER: Final = r"(?=[^0-9]*[0-9])[0-9+ \-]{2,20}"


class NumberConverter(BaseConverter):
    """Something written like a telephone number: digits, +, spaces and dashes, so no page name is taken for one."""

    regex = NUMBER
    part_isolating = True


def register(app: Flask) -> None:
    """Make `<number:text>` known to the URL map."""
    app.url_map.converters["number"] = NumberConverter
