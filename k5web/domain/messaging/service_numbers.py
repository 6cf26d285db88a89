"""The numbers that people write to (A6, A7)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ServiceNumbers:
    """To the short one a password comes back; to the long one the sender writes the password."""

    short: str = "4443"
    short_price: str = "5–6"  # roubles, as the sender's operator takes them: shown, never charged by K5
    long: str = "79037976171"  # E.164 digits


NUMBERS: Final = ServiceNumbers()
