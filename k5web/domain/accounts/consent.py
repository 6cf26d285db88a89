"""Consent to the processing of personal data: given and withdrawn, each time with the text's version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of the text."""

    version: int
    since: date
    title: str
    paragraphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Consent:
    """One time that a consent was given or withdrawn, and by which way."""

    version: int
    is_given: bool
    at: datetime
    way: str  # invitation, sms, page


def in_force(history: Sequence[Consent]) -> Consent | None:
    """Return the consent that counts now, None where none was given or the last was withdrawn."""
    return history[-1] if history and history[-1].is_given else None
