"""Texts in the reader's language: the untyped catalogue library wrapped, so that its types do not travel.

Source strings are Russian. Extraction finds `_` and `ngettext` by their names. A page says a hundred texts: the
language is asked for once and its catalogue kept for the request, until another language is spoken (`language.py`).
"""

from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from babel.support import NullTranslations, Translations
from flask import g, has_app_context
from flask_babel import get_locale
from markupsafe import Markup

from k5web.domain.languages import FIRST
from k5web.domain.phrase import Phrase

TRANSLATIONS: Final = Path(__file__).parents[1] / "translations"


class Catalogue(NamedTuple):
    """The texts of one language."""

    language: str
    texts: NullTranslations


def catalogue() -> Catalogue:
    """Return the texts of the language of the moment: of the page, or of the message that is said."""
    try:
        kept: Catalogue | None = g.get("catalogue")
    except RuntimeError:  # nobody is answered and nothing said
        return _catalogue(FIRST)
    if kept is None:
        kept = g.catalogue = _catalogue(str(get_locale() or FIRST))
    return kept


def forget_catalogue() -> None:
    """Look anew which language is spoken: it has changed."""
    if has_app_context():
        g.pop("catalogue", None)


@cache
def _catalogue(language: str) -> Catalogue:
    return Catalogue(language, Translations.load(TRANSLATIONS, [language]))


def _(text: str, /, **facts: Any) -> str:
    """Return the text in the language of this answer; `%(name)s` is filled from the facts."""
    said = str(catalogue().texts.gettext(text))
    return said % facts if facts else said


def ngettext(one: str, many: str, num: int, /, **facts: Any) -> str:
    """Return the form that fits `num`, which the text names `%(num)s`; Russian's third form is in its catalogue."""
    return str(catalogue().texts.ngettext(one, many, num)) % {"num": num, **facts}


def marked(text: str, /, **facts: Any) -> Markup:
    """Return the same for a template, where facts are escaped and the text is a format without facts, too."""
    said = Markup(catalogue().texts.gettext(text))  # noqa: S704 - our own catalogue
    return said % facts if "%" in said else said


def ngettext_marked(one: str, many: str, num: int, /, **facts: Any) -> Markup:
    """Return the form that fits `num` for a template."""
    return Markup(catalogue().texts.ngettext(one, many, num)) % {"num": num, **facts}  # noqa: S704 - our own catalogue


def said(phrase: Phrase) -> str:
    """Return a text that was made elsewhere in the language of this answer."""
    return _(phrase.text, **phrase.facts)


def listed(text: str) -> str:
    """Return what a plan file calls something in the language of this answer; an operator's own words as they are."""
    return _(text) if text else ""
