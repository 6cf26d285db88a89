"""Documents of the contract for tests."""

from datetime import date

from k5web.domain.accounts.contract import Document, DocumentKind, DocumentVersion, Section
from k5web.domain.money import rub
from k5web.services.accounts import documents
from k5web.services.ports import Ports


def paper(number: int = 1, kind: DocumentKind = "offer", *, is_worse: bool = False, text: str = "Слово.") -> Document:
    """Return a document of one point; an advance of 10 roubles accepts it."""
    section = Section("Предмет", (f"{text} Редакция {number}.",))
    return Document(kind, number, is_worse, "Договор", (section,), (rub("10.00"),))


def publish(
    ports: Ports,
    number: int = 1,
    effective: date | None = None,
    kind: DocumentKind = "offer",
    *,
    is_worse: bool = False,
) -> DocumentVersion:
    """Publish a document, in force from today unless another day is given."""
    done = documents.publish(ports, paper(number, kind, is_worse=is_worse), effective or ports.today(), "staff:ivan")
    assert done.version is not None
    return done.version
