"""A subscriber's e-mail address: confirmed by a code that goes there, changed, taken away."""

from sqlalchemy.orm import Session

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.accounts.profile import PersonalFacts
from k5web.services.accounts.profiles import SUBSCRIBER, require_consent
from k5web.services.messaging import codes
from k5web.services.ports import Ports
from k5web.storage.accounts import email_rows, personal_rows
from k5web.storage.books import ledger
from k5web.storage.session import transactional


def ask(
    ports: Ports, owner_id: int, typed: str, address: str | None, *, consents_now: bool
) -> tuple[EmailAddress, str]:
    """Send a code to an address; return how it was read, and the name of the request. Nothing else changes yet.

    Raises: WrongEmail, NoConsent, TooOften.
    """
    email = EmailAddress.parse(typed)
    _consent(ports, owner_id, consents_now=consents_now)
    return email, codes.send(ports, email, "email", address)


def confirm(ports: Ports, owner_id: int, email: EmailAddress, code: str, request: str) -> None:
    """Keep an address as the subscriber's own, in place of the one before. Raises: WrongOneTimeCode, NoConsent."""
    codes.check(ports, email, "email", code, request)
    _keep(ports, owner_id, email)


@transactional
def remove(ports: Ports, owner_id: int) -> None:
    """Send no more letters; a second time changes nothing."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if email_rows.find(db, owner_id) is not None:
            email_rows.remove(db, owner_id)
            _note(ports, db, owner_id, "")


@transactional
def _consent(ports: Ports, owner_id: int, *, consents_now: bool) -> None:
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        require_consent(ports, db, owner_id, consents_now=consents_now)


@transactional
def _keep(ports: Ports, owner_id: int, email: EmailAddress) -> None:
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        require_consent(ports, db, owner_id, consents_now=False)  # it may have been withdrawn since the code was sent
        email_rows.give(db, owner_id, email, now)
        email_rows.confirm(db, owner_id, email, now)
        _note(ports, db, owner_id, email.text)


def _note(ports: Ports, db: Session, owner_id: int, address: str) -> None:
    personal_rows.add(db, owner_id, PersonalFacts("email", {"address": address}, ports.clock(), SUBSCRIBER))
