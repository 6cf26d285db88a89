"""Invitations: a member makes a link, whoever has it joins with a phone proved by SMS and a password (A8)."""

import base64
import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from k5web.domain.accounts.device import SELECTOR_BYTES
from k5web.domain.accounts.invitation import JOINING, LIFE, MOST_LIVE, Invitation, is_code
from k5web.domain.accounts.login import readings
from k5web.domain.accounts.subscriber import Party
from k5web.domain.address import coarse
from k5web.domain.prices.number import Msisdn
from k5web.errors import InvitationOver, TooMany, WrongNumber
from k5web.services.accounts import acceptance, accounts, consents, devices
from k5web.services.accounts.accounts import Browser, Newcomer
from k5web.services.accounts.devices import Visit
from k5web.services.messaging import codes
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import invitation_rows, referral_rows, subscribers
from k5web.storage.accounts.referral_rows import Referral
from k5web.storage.books import ledger
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invited:
    """A good invitation, and by whom: initials and the last digits, no more."""

    invitation: Invitation
    sponsor: Party


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who came on a member's recommendation, as the member may know it."""

    id: int
    party: Party
    came_at: datetime
    way: str


@dataclass(frozen=True, slots=True)
class JoinForm:
    """What whoever joins sends: the phone and the request of its code as asked before, the rest as typed."""

    phone: Msisdn
    request: str
    code: str
    name: str
    password: str


@transactional
def make(ports: Ports, owner_id: int, form_key: str) -> Invitation:
    """Make a link; the same form makes no second one. Raises: TooMany, SubscriberBlocked, ServicesSuspended."""
    now = ports.clock()
    fresh = Invitation(_code(owner_id, form_key), owner_id, now, now + LIFE)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # two forms at once must not pass the limit together
        if (made := invitation_rows.find(db, fresh.code)) is not None:
            return made
        subscribers.serve(db, owner_id)
        if sum(each.is_good(now) for each in invitation_rows.of_owner(db, owner_id)) >= MOST_LIVE:
            raise TooMany(limit=MOST_LIVE)
        invitation_rows.add(db, fresh)
    return fresh


@transactional
def good(ports: Ports, owner_id: int) -> list[Invitation]:
    """Return a member's links by which somebody may still join, newest first."""
    with ports.sessions.read() as db:
        found = invitation_rows.of_owner(db, owner_id)
    return [each for each in found if each.is_good(ports.clock())]


@transactional
def guests(ports: Ports, owner_id: int) -> list[Guest]:
    """Return who came on a member's recommendation, newest first."""
    with ports.sessions.read() as db:
        found = referral_rows.of_sponsor(db, owner_id)
        return [Guest(each.owner_id, subscribers.get(db, each.owner_id).party, each.at, each.way) for each in found]


@transactional
def revoke(ports: Ports, owner_id: int, code: str) -> None:
    """Let nobody join by a link of this member any more; a second time is fine."""
    with ports.sessions.begin() as db:
        invitation_rows.revoke(db, owner_id, code, ports.clock())


@transactional
def show(ports: Ports, code: str) -> Invited:
    """Return the invitation and by whom it is. Raises: InvitationOver, whatever the reason."""
    with ports.sessions.read() as db:
        invitation = invitation_rows.find(db, code) if is_code(code) else None
        if invitation is None or not invitation.is_good(ports.clock()):
            raise InvitationOver
        sponsor = subscribers.get(db, invitation.owner_id)
    if sponsor.blocked_at is not None or sponsor.suspended_at is not None or sponsor.ended_at is not None:
        raise InvitationOver
    return Invited(invitation, sponsor.party)


def ask(ports: Ports, code: str, typed: str, address: str | None) -> tuple[Msisdn, str]:
    """Send a code to the phone of whoever joins; return how it was read, and the name of the request.

    Whoever is a member already gets the same answer and no SMS.
    Raises: InvitationOver, WrongNumber, TooOften, SmsCountryClosed, SmsSpent.
    """
    show(ports, code)
    phones, _ = readings(typed)
    if not phones:
        raise WrongNumber(text=typed[:40])
    return phones[0], codes.send(ports, phones[0], "register", address, is_known=_is_new(ports, phones[0]))


def join(ports: Ports, invitation_code: str, form: JoinForm, browser: Browser) -> Visit:
    """Make a subscriber of whoever has the code, with the inviter as sponsor, and remember the browser.

    Raises: InvitationOver, WeakPassword, WrongName, Busy (the code may be sent again); WrongOneTimeCode;
    TooOften, AlreadyThere (the code is used up).
    """
    show(ports, invitation_code)
    newcomer = accounts.newcomer(form.phone, form.name, form.password)
    codes.check(ports, form.phone, "register", form.code, form.request)
    visit = _write(ports, invitation_code, newcomer, browser)
    logger.info("joined by invitation", extra={"owner_id": visit.subscriber.id})
    return visit


@transactional
def _write(ports: Ports, code: str, newcomer: Newcomer, browser: Browser) -> Visit:
    now = ports.clock()
    with ports.sessions.begin() as db:
        invitation = invitation_rows.lock(db, code)
        if invitation is None or not invitation.is_good(now):  # since it was shown
            raise InvitationOver
        throttles.book(db, "invitation", str(invitation.owner_id), JOINING, now)
        added = accounts.write(ports, db, newcomer, is_verified=True)
        consents.note(ports, db, added.id, "invitation")
        acceptance.by_registration(ports, db, added.id)
        referral_rows.add(db, Referral(added.id, invitation.owner_id, "invitation", now))
        invitation_rows.count_joined(db, code)
        place = coarse(browser.address)
        return devices.remember(db, added, now, browser=browser.name, place=place, is_own=browser.is_own)


@transactional
def _is_new(ports: Ports, phone: Msisdn) -> bool:
    with ports.sessions.read() as db:
        return not subscribers.find(db, [phone], None)


def _code(owner_id: int, form_key: str) -> str:
    """Return the code of the link that a form makes. It cannot be guessed without the form."""
    digest = hashlib.sha256(f"invitation {owner_id} {form_key}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:SELECTOR_BYTES]).decode().rstrip("=")
