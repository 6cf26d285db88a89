"""A way to pay, told to a person step by step; what they must type stands ready to be copied."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from k5web.domain.prices.number import Msisdn


@dataclass(frozen=True, slots=True)
class Payer:
    """Who reads: their own identifiers are filled in."""

    id: int  # лицевой счёт
    phone: Msisdn | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to type over: its name on the provider's screen and the value, for the copy button."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """One road to the same goal: the menu of a phone, a site, an app."""

    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """What /pay says about a connector. Texts are Russian sentences of the provider's own menus."""

    title: str
    lead: str
    facts: tuple[Fact, ...] = ()
    paths: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    calls: tuple[Fact, ...] = ()  # whom to call in trouble: who, number as it is dialled
    account: str = ""  # what is typed or read from a QR code to pay to the reader; empty where it is not known


@runtime_checkable
class Explains(Protocol):
    """A connector that can tell a person how to pay by it."""

    def explain(self, payer: Payer | None) -> Way:
        """Return the way with the payer's identifiers filled in; `None` is a stranger."""
