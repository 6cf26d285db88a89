"""Texts in the reader's language: the untyped catalogue library wrapped, so that its types do not travel.

Source strings are Russian. Extraction finds `_` and `ngettext` by their names.
"""

from typing import Any

import flask_babel

from k5web.domain.phrase import Phrase


def _(text: str, **facts: Any) -> str:
    """Return the text in the language of this answer; `%(name)s` is filled from the facts."""
    return str(flask_babel.gettext(text, **facts))


def ngettext(one: str, many: str, num: int, **facts: Any) -> str:
    """Return the form that fits `num`, which the text names `%(num)s`; Russian's third form is in its catalogue."""
    return str(flask_babel.ngettext(one, many, num, **facts))


def said(phrase: Phrase) -> str:
    """Return a text that was made elsewhere in the language of this answer."""
    return _(phrase.text, **phrase.facts)


def listed(text: str) -> str:
    """Return what a plan file calls something in the language of this answer; an operator's own words as they are."""
    return _(text) if text else ""
