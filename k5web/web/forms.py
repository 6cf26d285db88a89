"""What forms that spend carry: a key good for one intention, what was agreed to, the moment they were shown; signed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request, session
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import Markup

from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote, Rate
from k5web.web.context import ports

LONGEST_KEY = 64  # of a form, as it comes back
CALL_SALT, SHOWN_SALT = "k5-call-form", "k5-shown"
READ_FOR = timedelta(seconds=1)  # the second tap of two lands on a page sooner than anybody has read it
TICKET_FROM, TICKET_UNTIL = timedelta(seconds=2.5), timedelta(seconds=60)  # an at-once ticket is good between them


@dataclass(frozen=True, slots=True)
class CallForm:
    """One intended call. `key` is unique per subscriber in the database: who repeats it gets the same call again."""

    key: str
    owner_id: int
    number: Msisdn
    seen: Quote  # what stood on the page: every term and the phone that rings, without the names of places
    made_at: datetime
    device: str = ""  # an at-once ticket: the device it was made for; "" on the form of the button

    @classmethod
    def make(cls, owner_id: int, number: Msisdn, seen: Quote, made_at: datetime) -> "CallForm":
        """Return the form of the button, with a fresh key."""
        return cls(secrets.token_urlsafe(12), owner_id, number, seen, made_at)

    def ticket(self, device: str) -> "CallForm":
        """Return the same intention for the countdown: the same key, so both together still make one call."""
        return replace(self, device=device)

    @property
    def form_key(self) -> str:
        """Return the signed text for the page's hidden field."""
        seen, currency = [_facts(rate) for rate in (self.seen.a, self.seen.b)], self.seen.per_minute.currency
        whose = [self.key, self.owner_id, self.number.digits]
        terms = [seen, currency, self.seen.a_leg_from]
        facts = [*whose, *terms, _ms(self.made_at), self.device, self.seen.a_number]
        return str(_signer(CALL_SALT).dumps(facts))

    @classmethod
    def read(cls, fields: Mapping[str, str], owner_id: int) -> "CallForm | None":
        """Return the form as it was made, or None when it is forged, another's, damaged or for another number."""
        form = cls.opened(fields)
        return form if form is not None and form.owner_id == owner_id else None

    @classmethod
    def opened(cls, fields: Mapping[str, str]) -> "CallForm | None":
        """Return the same, whoever sends it: what needs no database to be known."""
        try:
            facts = _signer(CALL_SALT).loads(fields.get("form_key", ""))
            key, owner, digits, (a, b), currency, a_leg_from, made_ms, device, rung = facts
            seen = Quote(rung, digits, _rate(a, currency), _rate(b, currency), a_leg_from)
        except (BadSignature, ValueError, TypeError):
            return None
        form = cls(key, owner, Msisdn(digits), seen, _moment(made_ms), device)
        typed = fields.get("number", "").strip().removeprefix("+")
        return form if typed == digits else None

    def is_ripe(self, now: datetime, device: str = "") -> bool:
        """Return whether it may be spent now: by the button once the page can have been read, by the countdown of
        this device within the ticket's time."""
        age = now - self.made_at
        if not self.device:
            return age >= READ_FOR
        return self.device == device and TICKET_FROM <= age <= TICKET_UNTIL


def seal(salt: str, facts: Sequence[object]) -> str:
    """Return facts as the signed text of a hidden field. They can be read, but not changed."""
    return str(_signer(salt).dumps(list(facts)))


def unseal(salt: str, text: str) -> list[Any] | None:
    """Return the facts that were sealed so, None where the text is forged or damaged."""
    try:
        return list(_signer(salt).loads(text))
    except BadSignature:
        return None


def csrf_field() -> Markup:
    """Return the hidden field every form of ours carries."""
    if (
        not session.permanent
        # A page open for days must still work; setting it each time would send the cookie each time
    ):
        session.permanent = True
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def shown_field(*, keep: bool = False) -> Markup:
    """Return the hidden field with the moment a page is shown; `keep`: a page shown again keeps its first one, so that
    whoever presses again and again is obeyed."""
    first = _shown_at(request.form) if keep else None
    shown = _signer(SHOWN_SALT).dumps(_ms(first or ports().clock()))
    return Markup('<input type="hidden" name="shown" value="{}">').format(shown)


def is_hasty() -> bool:
    """Return whether the form of this request was pressed sooner than its page can have been read. One that does not
    say when it was shown is no page's of ours, and no second tap."""
    shown_at = _shown_at(request.form)
    return shown_at is not None and ports().clock() - shown_at < READ_FOR


def _facts(rate: Rate) -> list[int]:
    return [rate.per_minute.micro, rate.fee.micro, *rate.counting]


def _rate(facts: Sequence[int], currency: str) -> Rate:
    micro, fee_micro, increment_s, minimum_s, free_below_s = facts
    return Rate("", "", Price(micro, currency), increment_s, minimum_s, free_below_s, Price(fee_micro, currency))


def _shown_at(fields: Mapping[str, str]) -> datetime | None:
    try:
        return _moment(int(_signer(SHOWN_SALT).loads(fields.get("shown", ""))))
    except (BadSignature, ValueError, TypeError, OverflowError):
        return None


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _moment(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def _signer(salt: str) -> URLSafeSerializer:
    """Old keys still open what they signed: the newest stands last."""
    fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return URLSafeSerializer([*reversed(fallbacks), current_app.secret_key], salt=salt)
