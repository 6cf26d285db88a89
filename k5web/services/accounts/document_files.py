"""Documents of the contract as files: TOML, read by a person before a subscriber."""

import tomllib
from pathlib import Path
from typing import Any

from k5web.domain.accounts.contract import DOCUMENT_KINDS, Document, Section
from k5web.domain.money import CURRENCIES, Money
from k5web.errors import WrongFile, WrongMoney

KEYS = {"kind", "number", "worsens", "title", "minimum", "section"}


def read(path: Path) -> Document:
    """Return the document of a file, its places for the operator's particulars still empty. Raises: WrongFile."""
    try:
        told = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise WrongFile(file=path, reason=error.strerror or "cannot be read") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
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
    return Section(told["title"], tuple(points))


def _minimum(told: dict[str, Any]) -> tuple[Money, ...]:
    sums = told.get("minimum", {})
    if not isinstance(sums, dict) or not sums.keys() <= set(CURRENCIES):
        raise ValueError(f"[minimum] holds a sum for each currency: {', '.join(sorted(CURRENCIES))}")
    try:
        return tuple(Money.parse(text, currency) for currency, text in sorted(sums.items()))
    except (WrongMoney, TypeError, AttributeError) as error:
        raise ValueError(f"[minimum]: {error}") from error
