"""The documents of the contract: versions that are published whole, and who accepted which of them, when and how."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from k5web.domain.money import Money

DocumentKind = Literal["offer", "terms"]
DOCUMENT_KINDS: Final[tuple[DocumentKind, ...]] = get_args(DocumentKind)

# How a version was accepted. Source: the offer of seed 001, 2.4: registering, using a service, an advance payment
AcceptedBy = Literal["registration", "use", "payment"]

_PLACE = re.compile(r"\{(\w*)\}?|\}")


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of a document: its points are numbered by their place."""

    title: str
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is published. `minimum`: the least payments that accept it, one for each currency."""

    kind: DocumentKind
    number: int
    is_worse: bool  # for subscribers, than the version before: it needs notice (B2)
    title: str
    sections: tuple[Section, ...]
    minimum: tuple[Money, ...] = ()

    @property
    def content(self) -> dict[str, object]:
        """What is kept: the whole document as JSON has it."""
        return {
            "title": self.title,
            "sections": [{"title": section.title, "points": list(section.points)} for section in self.sections],
            "minimum": {least.currency: least.minor for least in self.minimum},
        }

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that the document says."""
        whole = {"kind": self.kind, "number": self.number, "is_worse": self.is_worse, **self.content}
        return hashlib.sha256(json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()).digest()

    def least_payment(self, currency: str) -> Money | None:
        """Return the least payment of a currency that accepts the document, None where none does."""
        return next((least for least in self.minimum if least.currency == currency), None)


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One publication of a document, kept for ever."""

    id: int
    document: Document
    effective_from: datetime
    digest: bytes  # as it was when the version was published
    published_at: datetime
    actor: str

    @property
    def is_whole(self) -> bool:
        """Return whether the document still says what was published."""
        return self.document.digest == self.digest


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One subscriber accepted one version."""

    version: DocumentVersion
    at: datetime
    way: AcceptedBy


def filled(document: Document, particulars: Mapping[str, str]) -> Document:
    """Return the document with the operator's particulars in the places that name them: "{name}, ИНН {inn}".

    Raises: KeyError with the name of a particular that is not known or is empty, or the brace that names none.
    """

    def fill(text: str) -> str:
        return _PLACE.sub(lambda place: _particular(particulars, place), text)

    sections = tuple(
        Section(fill(section.title), tuple(fill(point) for point in section.points)) for section in document.sections
    )
    return Document(document.kind, document.number, document.is_worse, fill(document.title), sections, document.minimum)


def _particular(particulars: Mapping[str, str], place: re.Match[str]) -> str:
    name = place[1] or ""
    if place[0] != f"{{{name}}}" or not particulars.get(name):
        raise KeyError(name or place[0])
    return particulars[name]


def in_force(versions: Iterable[DocumentVersion], at: datetime) -> DocumentVersion | None:
    """Return which version of one document is in force at a moment, None where none has begun."""
    begun = [version for version in versions if version.effective_from <= at]
    return max(begun, key=lambda version: version.effective_from, default=None)
