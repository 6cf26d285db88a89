"""The audit of the staff: a deed is written down before it begins, and what became of it after (S26).

Two rows, because nothing here is ever changed: a process that dies in between leaves a deed without an end, and whoever
reads the audit compares it with the books.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from k5web.domain.desk.audit import DONE, FAILED, LONGEST_REASON, AuditFilter, AuditLine, Deed
from k5web.domain.payments.masking import masked
from k5web.errors import K5Error, Unavailable, WrongReason
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage.desk import audit_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

A_PAGE = 50
LONGEST_FACT = 100  # characters


@dataclass(slots=True)
class Doing:
    """A deed under way: whom it is about, and how it ends, may be known only later."""

    deed: Deed
    outcome: str = DONE


@contextmanager
def recorded(ports: Ports, deed: Deed) -> Iterator[Doing]:
    """Write a deed down, let it be done, write down what became of it.

    Raises: WrongReason, Unavailable: then it has not begun. What the deed raises goes on.
    """
    doing = Doing(replace(deed, reason=reason(deed.reason)))
    begun = _begin(ports, doing.deed)
    try:
        yield doing
    except K5Error as refusal:
        doing.outcome = refusal.code
        raise
    except BaseException:
        doing.outcome = FAILED
        raise
    finally:
        _end_if_possible(ports, begun, doing)


def fact(value: object) -> str:
    """Return a value as the audit keeps it: short, no whole telephone number."""
    words = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return masked(words)[:LONGEST_FACT]


def reason(typed: str) -> str:
    """Return a reason in one line. Raises: WrongReason for a long one and for signs nobody can read."""
    words = " ".join(typed.split())
    if len(words) > LONGEST_REASON or not words.isprintable():
        raise WrongReason(most=LONGEST_REASON)
    return words


@transactional
def lines(ports: Ports, wished: AuditFilter, before: int | None = None) -> list[AuditLine]:
    """Return a page of the newest lines that are wished."""
    with ports.sessions.read() as db:
        return audit_rows.lines(db, wished, OPERATOR_ZONE, before=before, most=A_PAGE)


def stream(ports: Ports, wished: AuditFilter) -> Iterator[AuditLine]:
    """Yield all lines that are wished, oldest first."""
    with ports.sessions.read() as db:
        yield from audit_rows.stream(db, wished, OPERATOR_ZONE)


@transactional
def _begin(ports: Ports, deed: Deed) -> int:
    with ports.sessions.begin() as db:
        return audit_rows.begin(db, deed, ports.clock())


@transactional
def _end(ports: Ports, begun: int, doing: Doing) -> None:
    with ports.sessions.begin() as db:
        audit_rows.end(db, begun, doing.deed, doing.outcome, ports.clock())


def _end_if_possible(ports: Ports, begun: int, doing: Doing) -> None:
    """The deed is done or not; that its end cannot be written down changes nothing of it."""
    try:
        _end(ports, begun, doing)
    except Unavailable:
        logger.error("the end of a deed was not written down", extra={"audit_id": begun, "outcome": doing.outcome})
