"""The staff: taking somebody on, letting them in by password and one-time code, knowing their log-in again."""

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from k5web.domain.accounts.device import SELECTOR_BYTES, VALIDATOR_BYTES, split_token
from k5web.domain.accounts.label import label
from k5web.domain.address import coarse
from k5web.domain.desk.staff import LIFE, TOUCH, Role, Staff, StaffSession, code_steps, staff_login
from k5web.errors import AlreadyThere, LastOwner, NotFound, OwnRoles, StaffUnproved, WrongRole, WrongStaffLogin
from k5web.services.accounts import logins, made_password, passwords
from k5web.services.accounts.accounts import Browser
from k5web.services.ports import Ports
from k5web.storage.desk import staff_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ISSUER = "K5"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody of the staff logs in with, shown once. `uri`: what an app of one-time codes reads as a QR code."""

    staff: Staff
    password: str
    uri: str


@dataclass(frozen=True, slots=True)
class StaffVisit:
    """Somebody of the staff at their browser. `token` is a cookie's value, where a new one is to be sent."""

    staff: Staff
    session: StaffSession
    token: str | None = None


def cipher_key(secret: str) -> bytes:
    """Return the key by which secrets of one-time codes are enciphered, that this secret key gives."""
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), b"one-time codes of the staff", hashlib.sha256))


def read_roles(names: Collection[str]) -> frozenset[Role]:
    """Return roles by their words. Raises: WrongRole."""
    known = {role.value for role in Role}
    if not names or not known.issuperset(names):
        raise WrongRole(known=", ".join(sorted(known)))
    return frozenset(map(Role, names))


def add(ports: Ports, login: str, name: str, roles: Collection[str], actor: str) -> Credentials:
    """Take somebody on; return what they log in with. Raises: WrongStaffLogin, WrongName, WrongRole, AlreadyThere."""
    made = Staff(staff_login(login), label(name), read_roles(roles), ports.clock(), actor)
    return _add(ports, made, made_password.make(secrets.token_bytes(32), made.login), pyotp.random_base32())


def _add(ports: Ports, made: Staff, password: str, secret: str) -> Credentials:
    with passwords.turn():
        password_hash = passwords.hash_password(password)
    _write(ports, made, password_hash, _cipher(ports).encrypt(secret.encode()))
    return _credentials(made, password, secret)


def open_demo(ports: Ports, login: str, name: str, password: str, secret: bytes, actor: str) -> None:
    """Take somebody of every role on, or give them this password and this secret of codes again; repeatable: who has
    both stays logged in."""
    code_secret = base64.b32encode(secret).decode()
    if (kept := _proofs(ports, login)) and _deciphered(ports, kept[1]) == code_secret:
        with passwords.turn():
            if passwords.is_right(password, kept[0]):
                return
    try:
        _add(ports, Staff(login, name, frozenset(Role), ports.clock(), actor), password, code_secret)
    except AlreadyThere:
        _renew(ports, login, password, code_secret)


def reset(ports: Ports, login: str) -> Credentials:
    """Give somebody a new password and a new secret of one-time codes, end their log-ins. Raises: NotFound."""
    password, secret = made_password.make(secrets.token_bytes(32), login), pyotp.random_base32()
    return _credentials(_renew(ports, staff_login(login), password, secret), password, secret)


@transactional
def everybody(ports: Ports) -> list[tuple[Staff, datetime | None]]:
    """Return all of the staff, also who has ended, each with the moment of their last use."""
    with ports.sessions.read() as db:
        seen = staff_rows.last_used(db)
        return [(staff, seen.get(staff.login)) for staff in staff_rows.everybody(db)]


@transactional
def set_roles(ports: Ports, login: str, roles: Collection[str], actor: str) -> Staff:
    """Say what somebody is there for; it counts from their next step on. Raises: NotFound, WrongRole, OwnRoles,
    LastOwner."""
    wished = read_roles(roles)
    with ports.sessions.begin() as db:
        found = _other(staff_rows.lock_everybody(db), login, actor, stays_owner=Role.OWNER in wished)
        staff_rows.set_roles(db, found.login, wished)
        return replace(found, roles=wished)


@transactional
def end(ports: Ports, login: str, actor: str) -> None:
    """Let somebody in no more, and end their log-ins. Raises: NotFound, OwnRoles, LastOwner."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        found = _other(staff_rows.lock_everybody(db), login, actor, stays_owner=False)
        staff_rows.change(db, found.login, {"ended_at": now})
        staff_rows.end_sessions(db, found.login, now)


def log_in(ports: Ports, typed: str, password: str, code: str, browser: Browser) -> StaffVisit:
    """Let somebody in by password and one-time code, and remember this browser for hours. Raises: as `prove`."""
    return _remember(ports, prove(ports, typed, password, code, browser.address), browser)


def prove(ports: Ports, typed: str, password: str, code: str, address: str | None = None) -> str:
    """Return the login of whoever has its password and the one-time code of this moment, which is used up.

    Raises: StaffUnproved, LoginPaused, LoginLocked, Busy. Whoever is unknown takes the same steps.
    """
    try:
        login = staff_login(typed)
    except WrongStaffLogin:
        login = ""
    own = logins.subject("name", f"staff:{login}")
    counted = logins.count_try(ports, *logins.subjects([f"staff:{login}"], address))
    with passwords.turn():
        proofs = _proofs(ports, login)
        fits = passwords.is_right(password, proofs[0] if proofs else None)
    if proofs is None or not fits or not _use_code(ports, login, proofs[1], code):
        logins.count_wrong(ports)
        raise StaffUnproved(attempts_left=logins.attempts_left(counted))
    logins.count_right(ports, counted, [own])
    return login


@transactional
def find(ports: Ports, login: str) -> Staff:
    """Return a member of the staff. Raises: NotFound."""
    with ports.sessions.read() as db:
        return NotFound.unless(staff_rows.find(db, login), f"staff '{login}'")


@transactional
def recognise(ports: Ports, token: str | None) -> StaffVisit | None:
    """Return whose log-in a cookie is, where it is still good; its use is noted now and then."""
    parts = split_token(token)
    if parts is None:
        return None
    now = ports.clock()
    with ports.sessions.read() as db:
        found = staff_rows.session(db, parts[0])
    if found is None:
        return None
    session, staff = found
    if not session.is_proved_by(_hash(parts[1])) or not session.is_live(now) or staff.ended_at is not None:
        return None
    if now - session.last_used_at >= TOUCH:
        with ports.sessions.begin() as db:
            staff_rows.touch_session(db, session.selector, now)
    return StaffVisit(staff, session)


@transactional
def log_out(ports: Ports, visit: StaffVisit) -> None:
    """End this log-in."""
    with ports.sessions.begin() as db:
        staff_rows.end_sessions(db, visit.staff.login, ports.clock(), visit.session.selector)


@transactional
def forget_old(ports: Ports) -> int:
    """Delete log-ins that let nobody in any more; return how many."""
    with ports.sessions.begin() as db:
        return staff_rows.forget_sessions(db, ports.clock() - LIFE)


def current_code(ports: Ports, login: str) -> str:
    """Return the one-time code of this moment, "" of nobody: for a house that is only tried."""
    proofs = _proofs(ports, login)
    secret = _deciphered(ports, proofs[1]) if proofs else None
    return pyotp.TOTP(secret).at(ports.clock()) if secret else ""


@transactional
def _write(ports: Ports, made: Staff, password_hash: str, code_secret: bytes) -> None:
    with ports.sessions.begin() as db:
        if not staff_rows.add(db, made, password_hash, code_secret):
            raise AlreadyThere(what=made.login)


def _renew(ports: Ports, login: str, password: str, secret: str) -> Staff:
    with passwords.turn():
        password_hash = passwords.hash_password(password)
    return _set_proofs(ports, login, password_hash, _cipher(ports).encrypt(secret.encode()))


@transactional
def _set_proofs(ports: Ports, login: str, password_hash: str, code_secret: bytes) -> Staff:
    with ports.sessions.begin() as db:
        found = staff_rows.lock(db, login)
        if found is None or found.ended_at is not None:
            raise NotFound(what="such staff")
        values = {"password_hash": password_hash, "code_secret": code_secret, "code_step": 0}
        staff_rows.change(db, login, values)
        staff_rows.end_sessions(db, login, ports.clock())
        return found


@transactional
def _proofs(ports: Ports, login: str) -> tuple[str, bytes] | None:
    with ports.sessions.read() as db:
        return staff_rows.proofs(db, login)


def _use_code(ports: Ports, login: str, enciphered: bytes, typed: str) -> bool:
    """Return whether the code is good now; then it is used up, and every older one with it."""
    secret = _deciphered(ports, enciphered)
    if secret is None:
        logger.error("the secret of one-time codes cannot be read: K5_SECRET_KEY changed", extra={"staff": login})
        return False
    codes = pyotp.TOTP(secret)
    sent = "".join(typed.split()).encode()
    good = [step for step in code_steps(ports.clock()) if hmac.compare_digest(codes.generate_otp(step).encode(), sent)]
    return bool(good) and _use_step(ports, login, good[0])


@transactional
def _use_step(ports: Ports, login: str, step: int) -> bool:
    with ports.sessions.begin() as db:
        return staff_rows.use_step(db, login, step)


@transactional
def _remember(ports: Ports, login: str, browser: Browser) -> StaffVisit:
    now, validator = ports.clock(), secrets.token_urlsafe(VALIDATOR_BYTES)
    selector = secrets.token_urlsafe(SELECTOR_BYTES)
    begun = StaffSession(selector, login, _hash(validator), browser.name, coarse(browser.address), now, now)
    with ports.sessions.begin() as db:
        staff = staff_rows.lock(db, login)
        if staff is None or staff.ended_at is not None:  # ended while the code was looked at
            raise StaffUnproved(attempts_left=0)
        staff_rows.begin_session(db, begun)
    return StaffVisit(staff, begun, f"{selector}.{validator}")


def _other(everybody: list[Staff], login: str, actor: str, *, stays_owner: bool) -> Staff:
    """Return somebody whom the actor may change without leaving the house without an owner."""
    live = {staff.login: staff for staff in everybody if staff.ended_at is None}
    found = live.get(login)
    if found is None:
        raise NotFound(what="such staff")
    if found.actor == actor:
        raise OwnRoles
    others = [staff for staff in live.values() if Role.OWNER in staff.roles and staff is not found]
    if Role.OWNER in found.roles and not stays_owner and not others:
        raise LastOwner
    return found


def _credentials(staff: Staff, password: str, secret: str) -> Credentials:
    return Credentials(staff, password, pyotp.TOTP(secret).provisioning_uri(name=staff.login, issuer_name=ISSUER))


def _cipher(ports: Ports) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in ports.cipher_keys])


def _deciphered(ports: Ports, enciphered: bytes) -> str | None:
    try:
        return _cipher(ports).decrypt(enciphered).decode()
    except InvalidToken:
        return None


def _hash(validator: str) -> bytes:
    return hashlib.sha256(validator.encode()).digest()
