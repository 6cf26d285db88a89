"""A new version of the contract is announced to every subscriber, once each, in steps that may stop anywhere (B2)."""

import logging
from datetime import timedelta

from k5web.domain.accounts.contract import DocumentVersion
from k5web.services.accounts import documents
from k5web.services.ports import Ports, start_of_day
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import NOBODY, Queued
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

AT_ONCE = 500  # subscribers in one transaction
LOOKED_AT = timedelta(days=7)  # how long after its first day a version is still told


def announce(ports: Ports) -> int:
    """Write the notices that are missing of versions that are announced; return how many. Any number may run it.

    A version that takes force at once is told on its first day, or later where no worker ran, to those who were there
    by then; the first version of a document replaces none.
    """
    return sum(_announce(ports, version) for version in documents.listed(ports) if _is_news(ports, version))


def _is_news(ports: Ports, version: DocumentVersion) -> bool:
    return version.document.number > 1 and documents.first_day(version) >= ports.today() - LOOKED_AT


def _announce(ports: Ports, version: DocumentVersion) -> int:
    told = 0
    while step := _tell_some(ports, version):
        told += step
    if told:
        logger.info("version announced", extra={"version": version.id, "told": told})
    return told


@transactional
def _tell_some(ports: Ports, version: DocumentVersion) -> int:
    now, document = ports.clock(), version.document
    facts = {
        "offer": f"{document.kind} {document.number}",
        "version": version.id,
        "effective": documents.first_day(version).isoformat(),
        "is_dearer": document.is_worse,
    }
    is_coming = version.effective_from > now
    notice = Queued(
        NOBODY,
        f"offer_change {version.id}",
        "offer_change",
        facts,
        now,
        expires_at=version.effective_from if is_coming else None,
    )
    with ports.sessions.begin() as db:
        first_day_over = start_of_day(documents.first_day(version) + timedelta(days=1))
        return outbox_rows.queue_for_all(db, notice, AT_ONCE, joined_before=first_day_over)
