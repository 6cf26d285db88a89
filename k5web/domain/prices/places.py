"""Places by the prefixes of their numbers. A module of its own: its table takes a hundred megabytes."""

from phonenumbers.geodata import GEOCODE_DATA

LANGUAGES = ("ru", "en")


def place_names(prefix: str) -> frozenset[str]:
    """Return what a prefix's place is called, in Russian and English, in small letters; nothing where none is known."""
    names = next((GEOCODE_DATA[prefix[:n]] for n in range(len(prefix), 1, -1) if prefix[:n] in GEOCODE_DATA), {})
    return frozenset(
        names[language].replace("\u0301", "").casefold().removeprefix("г. ")
        for language in LANGUAGES
        if language in names
    )
