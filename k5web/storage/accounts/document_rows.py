"""Documents of the contract: versions appended whole."""

from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from k5web.domain.accounts.contract import Document, DocumentKind, DocumentVersion, Section
from k5web.domain.money import Money
from k5web.errors import AlreadyThere
from k5web.storage.tables import ContractDocumentRow


def add(db: Session, document: Document, effective_from: datetime, actor: str, now: datetime) -> DocumentVersion:
    """Publish a version and return it. Raises: AlreadyThere (somebody published this number)."""
    row = ContractDocumentRow(
        kind=document.kind,
        number=document.number,
        is_worse=document.is_worse,
        effective_from=effective_from,
        content=document.content,
        digest=document.digest,
        published_at=now,
        actor=actor,
    )
    db.add(row)
    try:
        db.flush()
    except IntegrityError as error:
        raise AlreadyThere(what=f"version {document.number} of the {document.kind}") from error
    return version_of(row)


def versions(db: Session, kind: DocumentKind | None = None) -> list[DocumentVersion]:
    """Return the versions of a document, or of all, by their number."""
    found = select(ContractDocumentRow).order_by(ContractDocumentRow.kind, ContractDocumentRow.number)
    return [
        version_of(row) for row in db.scalars(found if kind is None else found.where(ContractDocumentRow.kind == kind))
    ]


def version_of(row: ContractDocumentRow) -> DocumentVersion:
    """Return the version that a row holds."""
    said = row.content
    document = Document(
        cast(DocumentKind, row.kind),
        row.number,
        row.is_worse,
        said["title"],
        tuple(Section(section["title"], tuple(section["points"])) for section in said["sections"]),
        tuple(Money(minor, currency) for currency, minor in said["minimum"].items()),
    )
    return DocumentVersion(row.id, document, row.effective_from, bytes(row.digest), row.published_at, row.actor)
