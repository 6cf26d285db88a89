"""Places by the prefixes of their numbers. The table takes a hundred megabytes, so it is read when first asked."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

LANGUAGES = ("ru", "en")


def place_names(prefix: str) -> frozenset[str]:
    """Return what a prefix's place is called, in Russian and English, in small letters; nothing where none is known."""
    known = _table()
    names = next((known[prefix[:n]] for n in range(len(prefix), 1, -1) if prefix[:n] in known), {})
    return frozenset(
        names[language].replace("\u0301", "").casefold().removeprefix("г. ")
        for language in LANGUAGES
        if language in names
    )


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = import_module("phonenumbers.geodata").GEOCODE_DATA
    return table
