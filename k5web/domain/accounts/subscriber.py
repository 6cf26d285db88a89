"""Who may call: a subscriber, and the browsers that are remembered for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from k5web.domain.money import Price
from k5web.domain.prices.number import HOMES, Msisdn
from k5web.errors import ContractEnded, ServicesSuspended, SubscriberBlocked

IDS_BELOW = 2**33  # of subscribers and accounts: the allocator gives no other


def initials(name: str) -> str:
    """Return at most three initials, all that others may learn: "А. К."."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())[:8]


@dataclass(frozen=True, slots=True)
class Party:
    """Another subscriber, as much as one may know: initials, and the last two digits of the phone, else of the id."""

    initials: str
    tail: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person or organisation. `id` owns everything theirs and is the лицевой счёт people see."""

    id: int
    phone: Msisdn | None  # leg A rings here, once it is verified: the chosen one of their phones, or that of this call
    name: str
    currency: str
    plan_code: str
    language: str | None  # None: by the browser
    at_once_limit: Price  # the dearest minute that may be called at once
    phone_verified_at: datetime | None = None
    blocked_at: datetime | None = None  # since then nothing new begins
    must_change_password: bool = False  # a weak one came by SMS: nothing else before a new one is chosen
    suspended_at: datetime | None = None  # since then no service begins: a breach, with notice
    ended_at: datetime | None = None  # the contract: no service begins, the cabinet is open for what is left of it
    press_1: bool = False  # B is called only when this phone has pressed 1

    @property
    def home(self) -> str:
        """The country their bare numbers are read in, as ISO 3166 letters."""
        return (self.phone.region if self.phone else None) or HOMES[self.currency]

    @property
    def party(self) -> Party:
        """How other subscribers are told of this one."""
        digits = self.phone.digits if self.phone else str(self.id)
        return Party(initials(self.name), digits[-2:])


@dataclass(frozen=True, slots=True)
class Phone:
    """One of a subscriber's phones. Only a verified one is rung."""

    number: Msisdn
    name: str  # "" where its owner gave none
    added_at: datetime
    verified_at: datetime | None


def admitted(subscriber: Subscriber) -> Subscriber:
    """Return the subscriber where something new may begin for them. Raises: SubscriberBlocked."""
    if subscriber.blocked_at is not None:
        raise SubscriberBlocked
    return subscriber


def unserved(subscriber: Subscriber) -> ServicesSuspended | None:
    """Return why no service begins for a subscriber, None where it does. ContractEnded is a kind of it."""
    if subscriber.ended_at is not None:
        return ContractEnded()
    return ServicesSuspended() if subscriber.suspended_at is not None else None


def served(subscriber: Subscriber) -> Subscriber:
    """Return the subscriber where a service may begin for them. Raises: SubscriberBlocked, ServicesSuspended."""
    if (refusal := unserved(admitted(subscriber))) is not None:
        raise refusal
    return subscriber


BlockKind = Literal["block", "breach"]


@dataclass(frozen=True, slots=True)
class Block:
    """One time that staff stopped a subscriber, or took it back.

    A `block` is of everything and its reason is staff's; a `breach` of the contract is of the services, and its reason
    is the notice that the subscriber gets.
    """

    is_blocked: bool
    at: datetime
    actor: str
    reason: str
    kind: BlockKind = "block"


@dataclass(frozen=True, slots=True)
class Device:
    """A remembered browser, as its list shows it."""

    selector: str
    owner_id: int
    browser: str
    place: str
    is_own: bool
    at_once: bool
    created_at: datetime
    last_used_at: datetime
    confirmed_at: datetime  # the password was last typed here
