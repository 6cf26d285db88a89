"""URL converters: text in a path becomes a value before a view sees it."""

from datetime import UTC, datetime
from typing import Final

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, ValidationError

from k5web.domain.prices.number import LOOKS_LIKE_ONE

LONGEST_WHOLE: Final = 18  # digits: every database keeps such a whole number


class NumberConverter(BaseConverter):
    """Something written like a telephone number, in any spelling that the field takes; no page name is taken for one.

    It stays text: what it means depends on whose page it is, and a wrong one deserves a page, not a 404.
    """

    regex = LOOKS_LIKE_ONE
    part_isolating = True


class WholeConverter(IntegerConverter):
    """A whole number as every database keeps it; a longer one names nothing, so its address is not found."""

    def to_python(self, value: str) -> int:
        """Raises: ValidationError, also where Python itself would refuse to read so many digits."""
        if len(value) > LONGEST_WHOLE:
            raise ValidationError
        return int(super().to_python(value))


def whole(text: str) -> int | None:
    """Return a whole number as a database holds it, None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_WHOLE else None


def moment(text: str) -> datetime | None:
    """Return a moment written 2026-12-01T09:30:00+03:00, in UTC; None where it is none that a database holds."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):  # the last hours of the year 9999 are none in UTC
        return None


def register(app: Flask) -> None:
    """Make `<number:text>` known to the URL map, and keep `<int:n>` within what a database holds."""
    app.url_map.converters["number"] = NumberConverter
    app.url_map.converters["int"] = WholeConverter
