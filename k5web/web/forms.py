"""What the call form carries: the number, the price that was shown and a key good for one call, signed together."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from k5web.domain.money import Price
from k5web.domain.number import Msisdn

SALT = "k5-call-form"
TICKET_FROM, TICKET_UNTIL = timedelta(seconds=2.5), timedelta(seconds=60)  # an at-once ticket is good between them


@dataclass(frozen=True, slots=True)
class CallForm:
    """One intended call. `key` is unique per subscriber in the base: whoever repeats it gets the same call again."""

    key: str
    owner_id: int
    number: Msisdn
    seen: Price  # the price of a minute that stood on the page
    made_at: datetime
    device: str = ""  # an at-once ticket: the device it was made for; "" on the form of the button

    @classmethod
    def make(cls, owner_id: int, number: Msisdn, seen: Price, made_at: datetime) -> "CallForm":
        """Return the form of the button, with a fresh key."""
        return cls(secrets.token_urlsafe(12), owner_id, number, seen, made_at)

    def ticket(self, device: str) -> "CallForm":
        """Return the same intention for the countdown: the same key, so both together still make one call."""
        return replace(self, device=device)

    @property
    def form_key(self) -> str:
        """The signed text in the page's hidden field."""
        made_ms = (self.made_at - _EPOCH) // timedelta(milliseconds=1)
        facts = [self.key, self.owner_id, self.number.digits, self.seen.micro, self.seen.currency, made_ms, self.device]
        return str(_signer().dumps(facts))

    @classmethod
    def read(cls, fields: Mapping[str, str], owner_id: int) -> "CallForm | None":
        """Return the form as it was made, or None when it is forged, another's, damaged or for another number."""
        try:
            key, owner, digits, micro, currency, made_ms, device = _signer().loads(fields.get("form_key", ""))
        except (BadSignature, ValueError, TypeError):
            return None
        form = cls(key, owner, Msisdn(digits), Price(micro, currency), _EPOCH + timedelta(milliseconds=made_ms), device)
        typed = fields.get("number", "").strip().removeprefix("+")
        return form if owner == owner_id and typed == digits else None

    def is_ripe(self, now: datetime, device: str) -> bool:
        """Return whether the countdown may spend this ticket now, on this device."""
        return bool(device) and self.device == device and TICKET_FROM <= now - self.made_at <= TICKET_UNTIL


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _signer() -> URLSafeSerializer:
    """Old keys still open what they signed: the newest stands last."""
    fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return URLSafeSerializer([*reversed(fallbacks), current_app.secret_key], salt=SALT)
