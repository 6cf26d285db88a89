"""Documents of the contract: published with their day, kept for ever, shown as they were (B1, B2)."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from k5web.domain.accounts.contract import (
    DOCUMENT_KINDS,
    Document,
    DocumentKind,
    DocumentVersion,
    filled,
    in_force,
)
from k5web.errors import DocumentOrder, DocumentTooSoon, NotFound, UnknownParticular
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices.effective_days import NOTICE, check_to_come
from k5web.storage.accounts import document_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did, or would do. `version` is None for a dry run."""

    document: Document
    version: DocumentVersion | None
    is_known: bool  # this very text is published already for this day


def complete(ports: Ports, document: Document) -> Document:
    """Return the document with the operator's particulars. Raises: UnknownParticular."""
    try:
        return filled(document, _particulars(ports))
    except KeyError as error:
        raise UnknownParticular(name=error.args[0], kind=document.kind) from error


def publish(ports: Ports, document: Document, effective: date, actor: str, dry_run: bool = False) -> Publication:
    """Publish a document as the version that is in force from 00:00 Moscow of `effective`. Repeatable.

    Raises: UnknownParticular, PastDay, DayTooFar, DocumentTooSoon (it worsens something and needs notice),
    DocumentOrder.
    """
    document = complete(ports, document)
    with ports.sessions.read() as db:
        published = document_rows.versions(db, document.kind)
    known = next((each for each in published if each.document.number == document.number), None)
    if known is not None:
        _check_same(known, document, effective)
        return Publication(document, known, True)
    _check_day(ports, document, effective, bool(published))
    _check_order(published, document, effective)
    if dry_run:
        return Publication(document, None, False)
    return Publication(document, _add(ports, document, effective, actor), False)


@transactional
def _add(ports: Ports, document: Document, effective: date, actor: str) -> DocumentVersion:
    with ports.sessions.begin() as db:
        version = document_rows.add(db, document, start_of_day(effective), actor, ports.clock())
    logger.info("document published", extra={"kind": document.kind, "version": document.number})
    return version


@transactional
def listed(ports: Ports) -> list[DocumentVersion]:
    """Return all versions of all documents, by kind and number."""
    with ports.sessions.read() as db:
        return document_rows.versions(db)


@transactional
def show(ports: Ports, kind: DocumentKind, number: int | None = None) -> tuple[DocumentVersion, list[DocumentVersion]]:
    """Return a version of a document, by itself the one in force, and all versions there are. Raises: NotFound."""
    with ports.sessions.read() as db:
        published = document_rows.versions(db, kind)
    if number is None:
        found = in_force(published, ports.clock())
    else:
        found = next((each for each in published if each.document.number == number), None)
    if found is None:
        raise NotFound(what=f"such version of the {kind}")
    return found, published


def current(ports: Ports, published: list[DocumentVersion]) -> list[DocumentVersion]:
    """Return which of these versions are in force, one of each document that is published."""
    found = (
        in_force([each for each in published if each.document.kind == kind], ports.clock()) for kind in DOCUMENT_KINDS
    )
    return [version for version in found if version is not None]


def coming(ports: Ports, published: list[DocumentVersion]) -> list[DocumentVersion]:
    """Return which of these versions are announced and not in force yet, the nearest first."""
    found = [each for each in published if each.effective_from > ports.clock()]
    return sorted(found, key=lambda version: version.effective_from)


def first_day(version: DocumentVersion) -> date:
    """Return the first day of a version, by the operator's calendar."""
    return version.effective_from.astimezone(OPERATOR_ZONE).date()


def _particulars(ports: Ports) -> Mapping[str, str]:
    return asdict(ports.payee) if ports.payee else {}


def _check_same(known: DocumentVersion, document: Document, effective: date) -> None:
    if known.digest != document.digest or first_day(known) != effective:
        reason = f"version {document.number} is published already and never changes: number the new one higher"
        raise DocumentOrder(kind=document.kind, reason=reason)


def _check_day(ports: Ports, document: Document, effective: date, has_versions: bool) -> None:
    check_to_come(ports, effective)
    earliest = ports.today() + NOTICE
    if document.is_worse and has_versions and effective < earliest:
        raise DocumentTooSoon(what=f"the {document.kind}", day=effective, earliest=earliest, rows=())


def _check_order(published: list[DocumentVersion], document: Document, effective: date) -> None:
    expected = len(published) + 1
    if document.number != expected:
        raise DocumentOrder(kind=document.kind, reason=f"the next version has the number {expected}")
    if published and start_of_day(effective) <= published[-1].effective_from:
        reason = f"version {expected - 1} takes force on {first_day(published[-1])}: the next one comes later"
        raise DocumentOrder(kind=document.kind, reason=reason)
