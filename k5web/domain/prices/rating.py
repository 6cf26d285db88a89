"""Rates, the deck that finds them and what a leg costs; the one place where money is rounded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from k5web.domain.money import MICRO_PER_MINOR, Money, Price
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.errors import CurrencyMismatch, DirectionBlocked, NoRate

MICROSECONDS = 1_000_000
MINUTE_US = 60 * MICROSECONDS

AnswerOf = Literal["b_answer", "a_answer"]


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of a rate deck: what a minute to a prefix costs. Units: `_s` whole seconds."""

    prefix: str  # E.164 digits without "+", e.g. "7495"
    destination: str  # "Москва городской"
    per_minute: Price
    increment_s: int = 60
    minimum_s: int = 60
    free_below_s: int = 3
    connect_fee: Price | None = None
    is_blocked: bool = False  # the range is closed, whatever a shorter prefix costs
    source: str = field(default="", compare=False)  # of a quote: "deck k5 3", "plan go 2", with the version's number

    @property
    def fee(self) -> Price:
        """What is taken once for the connection, nothing where there is no fee."""
        return self.connect_fee or Price(0, self.per_minute.currency)

    @property
    def counting(self) -> tuple[int, int, int]:
        """How seconds are counted: step, minimum, what is free."""
        return self.increment_s, self.minimum_s, self.free_below_s

    def counts_no_worse_than(self, seen: "Rate") -> bool:
        """Return whether no talk is counted longer than by the seen rate. A step that does not divide the old one may
        count one longer."""
        is_step_fine = seen.increment_s % self.increment_s == 0
        return is_step_fine and self.minimum_s <= seen.minimum_s and self.free_below_s >= seen.free_below_s


@dataclass(frozen=True, slots=True)
class LegCharge:
    """What one leg costs and the seconds it was billed for."""

    billed_s: int
    charge: Money
    covered_s: int = 0  # of the billed seconds: an allowance paid for them


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a callback: both legs are paid for (A3)."""

    a_number: str  # E.164 digits
    b_number: str
    a: Rate
    b: Rate
    a_leg_from: AnswerOf = "b_answer"  # when the seconds of leg A begin: docs/telephony.md

    @property
    def per_minute(self) -> Price:
        """The price of a minute: 1.75 + 0.45 = 2.20 roubles. Source: the KSO leaflet, «Сколько стоит?»."""
        return self.a.per_minute + self.b.per_minute

    @property
    def connect_fee(self) -> Price:
        """What is taken once for the connection, for both legs."""
        return self.a.fee + self.b.fee

    @property
    def first_minute(self) -> Money:
        """What a talk of one minute is charged, with fees, steps and minimum, rounded."""
        return charge_leg(self.a, MINUTE_US).charge + charge_leg(self.b, MINUTE_US).charge

    def is_no_dearer_than(self, seen: "Quote") -> bool:
        """Return whether no call costs more by this than by what was seen. Where both legs count the same seconds alike
        their prices may be shared out anew."""
        legs = ((self.a, seen.a), (self.b, seen.b))
        if self.rings_at_cost(seen) or not all(now.counts_no_worse_than(before) for now, before in legs):
            return False
        is_alike = seen.a.counting == seen.b.counting == self.a.counting == self.b.counting
        if is_alike and self.a_leg_from == "b_answer":
            is_cheap = self.per_minute.micro <= seen.per_minute.micro
        else:
            is_cheap = all(now.per_minute.micro <= before.per_minute.micro for now, before in legs)
        return is_cheap and self.connect_fee.micro <= seen.connect_fee.micro

    def rings_at_cost(self, seen: "Quote") -> bool:
        """Return whether leg A is paid for while B rings, where what was seen counted the talk alone."""
        is_paid = bool(self.a.per_minute.micro or self.a.fee.micro)
        return is_paid and self.a_leg_from == "a_answer" and seen.a_leg_from == "b_answer"

    def is_agreed(self, agreed: "Agreed") -> bool:
        """Return whether this is what was agreed to."""
        if isinstance(agreed, Price):
            return self.first_minute.minor * MICRO_PER_MINOR <= agreed.micro
        return self.is_no_dearer_than(agreed)

    def number_of(self, is_a: bool) -> str:
        """The number of this leg."""
        return self.a_number if is_a else self.b_number


Agreed = Price | Quote  # the dearest first minute, or all that stood on a page


class RateTable(PrefixTable[Rate]):
    """A deck in force, in memory: longest prefix wins. Built whole, never changed, swapped whole."""

    __slots__ = ("name", "version")

    def __init__(self, name: str, version: int, rates: Iterable[Rate]) -> None:
        super().__init__({rate.prefix: rate for rate in rates})
        self.name = name
        self.version = version

    def rates(self) -> Iterable[Rate]:
        """Return all rates, in no order."""
        return self._entries.values()

    def get(self, prefix: str) -> Rate | None:
        """Return the rate of exactly this prefix."""
        return self._entries.get(prefix)

    def find(self, number: str) -> Rate:
        """Return the rate of the longest prefix of these E.164 digits. Raises: NoRate, also as DirectionBlocked."""
        rate = self.under(number)
        if rate is None:
            raise NoRate(number=number, deck=self.name)
        if rate.is_blocked:
            raise DirectionBlocked(number=number, deck=self.name, destination=rate.destination)
        return rate

    def quote(self, a_number: str, b_number: str) -> Quote:
        """Return the price of a callback. Raises: NoRate, CurrencyMismatch."""
        a, b = self.find(a_number), self.find(b_number)
        if a.per_minute.currency != b.per_minute.currency:
            raise CurrencyMismatch(left=a.per_minute.currency, right=b.per_minute.currency)
        return Quote(a_number, b_number, a, b)


def billed_seconds(rate: Rate, duration_us: int) -> int:
    """Return the seconds that a leg of this length is billed for: free, minimum, increment. Units: microseconds."""
    if duration_us < rate.free_below_s * MICROSECONDS or duration_us <= 0:
        return 0
    step_us = rate.increment_s * MICROSECONDS
    return max(rate.minimum_s, -(-duration_us // step_us) * rate.increment_s)


def cost(price: Price, quantity: int, per: int, extra_micro: int = 0) -> Money:
    """Return what a quantity costs at a price of `per` units, rounded half up to the minor unit: the only rounding.

    Units: `extra_micro` is millionths of the major unit, times `per`. Source: docs/ledger.md.
    """
    denominator = per * MICRO_PER_MINOR
    return Money((2 * (price.micro * quantity + extra_micro) + denominator) // (2 * denominator), price.currency)


def charge_leg(rate: Rate, duration_us: int) -> LegCharge:
    """Return what a leg of this length costs. Units: microseconds, as the switch records them.

    Seconds first (free, minimum, increment), then the price, exactly, rounded once per leg, half up, to the
    minor unit. Source: docs/ledger.md; the CloverTel price list: under 3 s free, whole minutes.
    """
    billed_s = billed_seconds(rate, duration_us)
    return LegCharge(billed_s, cost_of_seconds(rate, billed_s) if billed_s else Money(0, rate.per_minute.currency))


def cost_of_seconds(rate: Rate, paid_s: int, extra_micro: int = 0) -> Money:
    """Return what the paid ones of a leg's billed seconds cost, with the fee for the connection, rounded once.

    Units: `extra_micro` is millionths of the major unit, times 60: what an allowance with a price adds.
    """
    return cost(rate.per_minute, paid_s, 60, 60 * rate.fee.micro + extra_micro)


def share_of(amount: Money, days: int, of_days: int) -> Money:
    """Return the part of a month's sum that these days have, half up. Source: the offer, 3.4 (B5)."""
    return Money((2 * amount.minor * days + of_days) // (2 * of_days), amount.currency)
