"""One-time codes by SMS or letter, each good once: they prove that a number or an address is somebody's own (S17).

How to use them: `request = codes.send(ports, phone, "reset", address, is_known=…)` answers the same for known and
unknown numbers (S11); the form carries `request` on; `codes.check(ports, phone, "reset", code, request)` raises or not.
"""

import hmac
import secrets
from hashlib import sha256

from sqlalchemy.orm import Session

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.one_time_code import DIGITS, LIFE, OneTimeCode, Purpose
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.sms_parts import sms_parts
from k5web.errors import WrongOneTimeCode
from k5web.services.messaging import caps, sending
from k5web.services.ports import Ports
from k5web.storage.messaging import code_rows
from k5web.storage.session import transactional

KIND = "code"  # of the message


@transactional
def send(
    ports: Ports,
    to: Msisdn | EmailAddress,
    purpose: Purpose,
    address: str | None,
    *,
    is_known: bool = True,
    language: str | None = None,
) -> str:
    """Send a code and return the name of this request. What others asked for this number stays good: each request has
    its own code and its own tries, and there are as few of them as messages to a number (`caps`).

    `address` is where the person who asks comes from. `is_known` False: everything is done and counted alike, by the
    same statements, but no message leaves, and no code will ever fit.
    Raises: TooOften, SmsCountryClosed, SmsSpent (nothing was sent), whether the number is known or not.
    """
    request, code = secrets.token_urlsafe(12), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    now = ports.clock()
    facts = {"code": code, "purpose": purpose}
    with ports.sessions.begin() as db:
        cost_minor = _book(ports, db, to, address, sms_parts(ports.say(KIND, facts, language).text), is_known)
        kept = _hash(ports.lookup_keys[0], to, purpose, request, code) if is_known else secrets.token_bytes(32)
        code_rows.put(db, str(to), purpose, OneTimeCode(request, kept, 0, now + LIFE))
        sending.queue_to(
            db,
            to,
            KIND,
            facts | {"language": language},
            f"{KIND} {request}",
            now,
            is_urgent=True,
            expires_at=now + LIFE,
            cost_minor=cost_minor,
            is_decoy=not is_known,
        )
    return request


def check(ports: Ports, to: Msisdn | EmailAddress, purpose: Purpose, code: str, request: str) -> None:
    """Use up the code of this request.

    Raises: WrongOneTimeCode where it is wrong, used, too old, of another request, or was tried too often.
    """
    if not _fits(ports, to, purpose, code, request):
        raise WrongOneTimeCode


@transactional
def _fits(ports: Ports, to: Msisdn | EmailAddress, purpose: Purpose, code: str, request: str) -> bool:
    """Return whether the code fits; a wrong one is counted, and the count is kept."""
    typed = "".join(sign for sign in code if not sign.isspace())[:32]
    with ports.sessions.begin() as db:
        kept = code_rows.take(db, str(to), purpose, request)
        if kept is None or not kept.may_be_tried(ports.clock()):
            return False
        hashes = [_hash(key, to, purpose, request, typed) for key in ports.lookup_keys]
        is_right = any(hmac.compare_digest(kept.code_hash, each) for each in hashes)
        if is_right:
            code_rows.use_up(db, str(to), purpose)
        else:
            code_rows.count_try(db, str(to), purpose, request)
        return is_right


def _book(
    ports: Ports, db: Session, to: Msisdn | EmailAddress, address: str | None, parts_: int, is_known: bool
) -> int | None:
    """Count the request and book its cost; of an unknown number the cost is only looked at."""
    if isinstance(to, EmailAddress):
        caps.book_letter(ports, db, to.text.lower(), address)
        return None
    caps.book_request(ports, db, to, address)
    if is_known:
        return caps.book_cost(ports, db, parts_).minor
    caps.book_nothing(ports, db, parts_)
    return None


def _hash(key: bytes, to: Msisdn | EmailAddress, purpose: Purpose, request: str, code: str) -> bytes:
    return hmac.new(key, f"one-time code\n{to}\n{purpose}\n{request}\n{code}".encode(), sha256).digest()
