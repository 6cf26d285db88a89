"""Money is whole minor units and a currency; a price is finer: millionths of the major unit."""

import re
from dataclasses import dataclass

from k5web.errors import CurrencyMismatch, WrongMoney, WrongPrice

MINOR_PER_MAJOR = 100  # kopecks, tyiyn: every currency K5 keeps has two decimals
MICRO_PER_MAJOR = 1_000_000
MICRO_PER_MINOR = MICRO_PER_MAJOR // MINOR_PER_MAJOR

CURRENCIES = frozenset({"RUB", "KGS"})

# ASCII digits only: \d and Decimal() also take Arabic digits, 1e3, NaN and _ (docs/ledger.md)
_SUM = re.compile(r"([0-9]{1,10})\.([0-9]{2})", re.ASCII)
_SENT = re.compile(r"(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,2}))?", re.ASCII)
_TYPED = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,2}))?", re.ASCII)
_SPACES = re.compile(r"[ \u00a0\u202f]")
_PRICE = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact sum. Units: `minor` is kopecks or tyiyn; negative means owed."""

    minor: int
    currency: str = "RUB"

    @classmethod
    def parse(cls, text: str, currency: str = "RUB") -> "Money":
        """Return the sum written like `500.00`. Raises: WrongMoney."""
        match = _SUM.fullmatch(text)
        if match is None:
            raise WrongMoney(text=text[:40])
        return cls(int(match[1]) * MINOR_PER_MAJOR + int(match[2]), currency)

    @classmethod
    def sent(cls, text: str, currency: str = "RUB") -> "Money":
        """Return the sum a provider's program wrote: `500`, `500.5` and `500.50` are one sum. Raises: WrongMoney."""
        match = _SENT.fullmatch(text)
        if match is None:
            raise WrongMoney(text=text[:40])
        return cls(int(match[1]) * MINOR_PER_MAJOR + int((match[2] or "").ljust(2, "0")), currency)

    @classmethod
    def typed(cls, text: str, currency: str = "RUB") -> "Money":
        """Return the sum a person typed: `500`, `1 500`, `500,5`, `500.00`. Raises: WrongMoney."""
        match = _TYPED.fullmatch(_SPACES.sub("", text))
        if match is None:
            raise WrongMoney(text=text[:40])
        return cls(int(match[1]) * MINOR_PER_MAJOR + int((match[2] or "").ljust(2, "0")), currency)

    def __str__(self) -> str:
        sign = "-" if self.minor < 0 else ""
        major, minor = divmod(abs(self.minor), MINOR_PER_MAJOR)
        return f"{sign}{major}.{minor:02d}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + _same(self, other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - _same(self, other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < _same(self, other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= _same(self, other).minor


@dataclass(frozen=True, slots=True)
class Price:
    """What a minute (or an SMS, a megabyte) costs. Units: millionths of the major unit."""

    micro: int
    currency: str = "RUB"

    @classmethod
    def parse(cls, text: str, currency: str = "RUB") -> "Price":
        """Return the price written like `1.75` or `1,75`. Raises: WrongPrice."""
        match = _PRICE.fullmatch(text.strip())
        if match is None:
            raise WrongPrice(text=text[:40])
        return cls(int(match[1]) * MICRO_PER_MAJOR + int((match[2] or "").ljust(6, "0")), currency)

    def __str__(self) -> str:
        sign = "-" if self.micro < 0 else ""
        major, micro = divmod(abs(self.micro), MICRO_PER_MAJOR)
        digits = f"{micro:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}{major}.{digits}"

    def __add__(self, other: "Price") -> "Price":
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return Price(self.micro + other.micro, self.currency)

    def __sub__(self, other: "Price") -> "Price":
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return Price(self.micro - other.micro, self.currency)


def _same(left: Money, right: Money) -> Money:
    if left.currency != right.currency:
        raise CurrencyMismatch(left=left.currency, right=right.currency)
    return right


def rub(text: str) -> Money:
    """Return roubles written like `100.00`, for tables of figures and tests."""
    return Money.parse(text, "RUB")
