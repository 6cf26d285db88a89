"""Documents of the contract as files: TOML, read by a person before a subscriber."""

from pathlib import Path
from typing import Any
from unicodedata import category

from k5web.domain import strict_toml
from k5web.domain.accounts.contract import DOCUMENT_KINDS, Document, Section
from k5web.domain.money import CURRENCIES, Money
from k5web.errors import WrongFile, WrongMoney

_UNSEEN = {"Cc", "Cf", "Cs", "Co"}  # Unicode's control, format, surrogate and private signs
_LAID_OUT = "\n\t\u00ad"  # of a long text: a new line, a tab, a soft hyphen
KEYS = {"kind", "number", "worsens", "title", "minimum", "section"}


def read(path: Path) -> Document:
    """Return the document of a file, its places for the operator's particulars still empty. Raises: WrongFile."""
    try:
        with path.open("rb") as file:
            told = strict_toml.read(file.read(strict_toml.LARGEST + 1))
    except OSError as error:
        raise WrongFile(file=path, reason=error.strerror or "cannot be read") from error
    except ValueError as error:
        raise WrongFile(file=path, reason=str(error)) from error
    if strange := told.keys() - KEYS:
        raise WrongFile(file=path, reason=f"'{min(strange)}' means nothing: there are {', '.join(sorted(KEYS))}")
    try:
        return _document(told)
    except ValueError as error:
        raise WrongFile(file=path, reason=str(error)) from error


def _document(told: dict[str, Any]) -> Document:
    kind, number, worsens, title = (told.get(key) for key in ("kind", "number", "worsens", "title"))
    if kind not in DOCUMENT_KINDS:
        raise ValueError(f"kind must be {' or '.join(DOCUMENT_KINDS)}")
    if type(number) is not int or number < 1:
        raise ValueError("number must be that of the version: 1, 2, 3 …")
    if type(worsens) is not bool:
        raise ValueError("worsens must be true or false: is anything worse for subscribers than in the version before?")
    if not isinstance(title, str) or not title.strip():
        raise ValueError("title must be set")
    _check_signs(title)
    sections = told.get("section")
    if not isinstance(sections, list) or not sections:
        raise ValueError("there must be a [[section]] with title and points")
    return Document(kind, number, worsens, title, tuple(_section(each) for each in sections), _minimum(told))


def _section(told: Any) -> Section:
    points = told.get("points") if isinstance(told, dict) and told.keys() == {"title", "points"} else None
    if not isinstance(points, list) or not points or not all(isinstance(each, str) and each.strip() for each in points):
        raise ValueError("a [[section]] has a title and points, which are texts")
    if not isinstance(told["title"], str) or not told["title"].strip():
        raise ValueError("a [[section]] has a title, which is a text")
    for text in (told["title"], *points):
        _check_signs(text)
    return Section(told["title"], tuple(points))


def _check_signs(text: str) -> None:
    """Refuse signs that are not seen and change what is: a zero, the turning of the line. Raises: ValueError."""
    strange = next((sign for sign in text if category(sign) in _UNSEEN and sign not in _LAID_OUT), None)
    if strange is not None:
        raise ValueError(f"a text has the control character U+{ord(strange):04X}: take it out")


def _minimum(told: dict[str, Any]) -> tuple[Money, ...]:
    sums = told.get("minimum", {})
    if not isinstance(sums, dict) or not sums.keys() <= set(CURRENCIES):
        raise ValueError(f"[minimum] holds a sum for each currency: {', '.join(sorted(CURRENCIES))}")
    try:
        return tuple(Money.parse(text, currency) for currency, text in sorted(sums.items()))
    except (WrongMoney, TypeError, AttributeError) as error:
        raise ValueError(f"[minimum]: {error}") from error
