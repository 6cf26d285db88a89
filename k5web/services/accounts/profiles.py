"""The subscriber's own particulars: shown, kept with their time, corrected by the subscriber or by staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.accounts.consent import Consent, in_force
from k5web.domain.accounts.profile import Kind, PersonalFacts, Profile, read_profile
from k5web.domain.accounts.undersigned import Undersigned
from k5web.domain.bank.invoice import Contract
from k5web.errors import NoConsent
from k5web.services.accounts import consents
from k5web.services.ports import Ports
from k5web.storage.accounts import access_rows, consent_rows, email_rows, personal_rows, subscribers
from k5web.storage.accounts.access_rows import StaffAccess
from k5web.storage.accounts.email_rows import KeptEmail
from k5web.storage.books import ledger
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import transactional

SUBSCRIBER = "subscriber"  # who changed something, where staff did not


@dataclass(frozen=True, slots=True)
class Particulars:
    """All that is kept of who a subscriber is."""

    profile: Profile | None
    changed_at: datetime | None
    email: KeptEmail | None
    consent: Consent | None  # the one in force
    looks: Sequence[StaffAccess]  # of staff, oldest first


@transactional
def show(ports: Ports, owner_id: int) -> Particulars:
    """Return what is kept of who a subscriber is."""
    with ports.sessions.read() as db:
        told = _newest(db, owner_id)
        return Particulars(
            profile=_profile(told),
            changed_at=told.at if told else None,
            email=email_rows.find(db, owner_id),
            consent=in_force(consent_rows.history(db, owner_id)),
            looks=access_rows.history(db, owner_id),
        )


@transactional
def history(ports: Ports, owner_id: int) -> list[PersonalFacts]:
    """Return every version of what a subscriber told, oldest first."""
    with ports.sessions.read() as db:
        return personal_rows.history(db, owner_id)


@transactional
def undersigned(ports: Ports, owner_id: int) -> Undersigned:
    """Return how a subscriber stands on papers that they sign. Raises: NotFound."""
    with ports.sessions.read() as db:
        owner, told = subscribers.get(db, owner_id), _newest(db, owner_id)
        contract = Contract.of(owner_id, ports.day_of(subscribers.registered_at(db, owner_id)))
    return Undersigned.of(owner_id, owner.name, _profile(told), owner.phone, (contract.number, contract.day))


@transactional
def save(
    ports: Ports, owner_id: int, kind: Kind, typed: Mapping[str, str], *, actor: str = SUBSCRIBER, consents_now: bool
) -> Profile:
    """Keep the particulars that were typed beside the earlier ones; the same again keeps nothing.

    `consents_now`: the subscriber consents by this very form. Raises: WrongProfile, NoConsent.
    """
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        kept = _profile(_newest(db, owner_id))
        profile = read_profile(kind, typed, kept)
        require_consent(ports, db, owner_id, consents_now=consents_now)
        if profile != kept:
            personal_rows.add(db, owner_id, PersonalFacts(kind, profile.values, ports.clock(), actor))
            subscribers.set_name(db, owner_id, profile.title)
            pbx_rows.touch(db, owner_id, ports.clock())
    return profile


def require_consent(ports: Ports, db: Session, owner_id: int, *, consents_now: bool) -> None:
    """Keep a consent that a form brings, or look for an earlier one. Raises: NoConsent."""
    if consents_now:
        consents.note(ports, db, owner_id, "page")
    elif in_force(consent_rows.history(db, owner_id)) is None:
        raise NoConsent


def _newest(db: Session, owner_id: int) -> PersonalFacts | None:
    found = [told for told in personal_rows.history(db, owner_id) if told.what != "email"]
    return found[-1] if found else None


def _profile(told: PersonalFacts | None) -> Profile | None:
    return None if told is None or told.what == "email" else Profile(told.what, told.facts)
