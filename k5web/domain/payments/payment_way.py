"""A way to pay, told to a person step by step; what they must type stands ready to be copied."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from k5web.domain.phrase import Phrase
from k5web.domain.prices.number import Msisdn


@dataclass(frozen=True, slots=True)
class Payer:
    """Who reads: their own identifiers are filled in."""

    id: int  # лицевой счёт
    phone: Msisdn | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to type over: its name on the provider's screen and the value, for the copy button."""

    name: Phrase
    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """One road to the same goal: the menu of a phone, a site, an app."""

    title: Phrase
    steps: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """What /pay says about a connector. The title is the operator's own; the rest names the provider's own menus."""

    title: str
    lead: Phrase
    facts: tuple[Fact, ...] = ()
    paths: tuple[Path, ...] = ()
    notes: tuple[Phrase, ...] = ()
    calls: tuple[Fact, ...] = ()  # whom to call in trouble: who, number as it is dialled
    account: str = ""  # what is typed or read from a QR code to pay to the reader; empty where it is not known


@runtime_checkable
class Explains(Protocol):
    """A connector that can tell a person how to pay by it."""

    def explain(self, payer: Payer | None) -> Way:
        """Return the way with the payer's identifiers filled in; `None` is a stranger."""
