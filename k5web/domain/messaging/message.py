"""Messages that K5 sends, and the doors by which they leave the house."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.prices.number import Msisdn

Channel = Literal["sms", "email"]

# What became of one try to send. "not_sent": the other side cannot have seen it, so it may be sent again. "unknown": it
# may have been sent. Both are trouble of the way; "refused" is about the message, which will not be taken later either
Fate = Literal["accepted", "refused", "not_sent", "unknown"]


@dataclass(frozen=True, slots=True)
class Sms:
    """A short message. `ref` is our own name of it, by which delivery reports come back."""

    ref: str
    to: Msisdn
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a letter brings along."""

    name: str
    media_type: str  # "application/pdf"
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail. `ref` makes its Message-ID, so that mailboxes know a repeat."""

    ref: str
    to: EmailAddress
    subject: str
    text: str = field(repr=False)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What a message says. An SMS leaves the subject out."""

    subject: str
    text: str = field(repr=False)


class Messenger(Protocol):
    """The SMS centre."""

    def send(self, sms: Sms) -> Fate:
        """Ask once to send a message."""
        ...


class Mailer(Protocol):
    """The mail server."""

    def send(self, letter: Letter) -> Fate:
        """Ask once to send a letter."""
        ...
