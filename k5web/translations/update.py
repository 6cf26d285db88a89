"""Bring the catalogues in line with the sources: `python -m k5web.translations.update`.

Texts are Russian in the sources; `ru` holds only the plural forms. What a catalogue leaves empty is shown in Russian.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from k5web import plans
from k5web.services.in_force.plan_folder import PlanFolder, parse

HOME: Final = Path(__file__).parent
ROOT: Final = HOME.parent.parent
LOCALES: Final = ("ru", "ky", "kk", "en")
SOURCES: Final = {
    "k5web/web": [("**.py", "python")],
    "templates": [("**.html", "jinja2")],
    "connectors": [("**.py", "python")],  # their ways to pay
}
KEYWORDS: Final = {"_": None, "ngettext": (1, 2), "phrase": None}
SAME_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)  # a date in the file would differ each time


def extract() -> Catalog:
    """Return all texts that people read, as a catalogue without translations."""
    found = Catalog(project="K5", creation_date=SAME_DATE, fuzzy=False)
    for folder, methods in SOURCES.items():
        options = {"**.html": {"trimmed": "true", "silent": "false"}}
        for _name, _line, text, comments, context in extract_from_dir(ROOT / folder, methods, options, KEYWORDS):
            found.add(text, auto_comments=comments, context=context)
    for words in plan_words():
        found.add(words)
    return found


def plan_words() -> Iterator[str]:
    """Yield what the plans that K5 comes with call their options, gifts and services. A plan's own name is a name."""
    folder = PlanFolder(plans.HERE)
    for plan in (parse(folder.text(code)) for code in folder.codes):
        yield from (option.title for option in plan.options.values())
        yield from (option.text for option in plan.options.values() if option.text)
        yield from (allowance.title for allowance in plan.allowances)
        yield from (service.title for service in plan.services.values())


def is_complete(catalogue: Catalog) -> bool:
    """Return whether nothing is left to translate; Russian needs its plural forms alone."""
    asked = [found for found in catalogue if found.id and (found.pluralizable or str(catalogue.locale) != "ru")]
    return all(is_translated(found) for found in asked)


def is_translated(text: Message) -> bool:
    """Return whether a text has all its forms."""
    return all([text.string] if isinstance(text.string, str) else text.string or [""])


def po_file(locale: str) -> Path:
    """Return where a catalogue lies; the compiled one stands beside it."""
    return HOME / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    """Return a catalogue as translators left it."""
    path = po_file(locale)
    if not path.exists():
        return Catalog(
            locale,
            project="K5",
            version="1",
            header_comment=f"# Texts of K5: {locale}",
            msgid_bugs_address="-",
            last_translator="-",
            language_team="-",
            creation_date=SAME_DATE,
            revision_date=SAME_DATE,
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale)


def update(locale: str, texts: Catalog) -> None:
    """Add new texts to a catalogue, drop gone ones, compile it. Nothing is guessed."""
    catalogue = read(locale)
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = SAME_DATE
    po_file(locale).parent.mkdir(parents=True, exist_ok=True)
    with po_file(locale).open("wb") as file:
        write_po(file, catalogue, no_location=True, sort_output=True, width=110, ignore_obsolete=True)
    with po_file(locale).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


if __name__ == "__main__":
    all_texts = extract()
    for one in LOCALES:
        update(one, all_texts)
