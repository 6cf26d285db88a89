"""What pays for a call before the main account does: seconds of allowances, then money that is for calls only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from k5web.domain.money import Money
from k5web.domain.prices.rating import LegCharge, Quote, Rate, billed_seconds, cost_of_seconds


@dataclass(frozen=True, slots=True)
class Cover:
    """An allowance that a call may use. Units: seconds, or minor units of money where it names no leg."""

    code: str
    account_id: int
    legs: str  # "b", "a", "ba": which legs' seconds it pays for; "": money for both
    units: int
    unit: str = "SEC"
    price_micro: int = 0  # of a minute that it covers
    expires_on: date | None = None  # the day on which what is left goes; None: it stays

    @property
    def facts(self) -> dict[str, Any]:
        """The same as it is kept with a call."""
        day = self.expires_on.isoformat() if self.expires_on else None
        return {name: getattr(self, name) for name in _KEPT} | {"expires_on": day}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Cover":
        """Return the cover of what was kept."""
        day = facts["expires_on"]
        return cls(**{name: facts[name] for name in _KEPT}, expires_on=date.fromisoformat(day) if day else None)


_KEPT = ("code", "account_id", "legs", "units", "unit", "price_micro")
NO_COVERS: tuple[Cover, ...] = ()


@dataclass(frozen=True, slots=True)
class CoveredCost:
    """What a call costs: each leg in money, what covers give, what is left for the main account."""

    a: LegCharge
    b: LegCharge
    used: tuple[Cover, ...]  # `units` are those used
    main: Money


def cost_with_covers(quote: Quote, a_us: int, b_us: int, covers: Sequence[Cover] = NO_COVERS) -> CoveredCost:
    """Return what legs of these lengths cost. Leg B is covered first. Units: microseconds."""
    left = {cover.code: cover.units for cover in covers}
    b = _leg(quote.b, b_us, [cover for cover in covers if "b" in cover.legs], left)
    a = _leg(quote.a, a_us, [cover for cover in covers if "a" in cover.legs], left)
    main = a.charge + b.charge
    for cover in covers:
        if not cover.legs:
            paid = min(left[cover.code], main.minor)
            left[cover.code] -= paid
            main = Money(main.minor - paid, main.currency)
    used = [replace(cover, units=cover.units - left[cover.code]) for cover in covers]
    return CoveredCost(a, b, tuple(cover for cover in used if cover.units), main)


def _leg(rate: Rate, duration_us: int, covers: Sequence[Cover], left: dict[str, int]) -> LegCharge:
    billed_s = billed_seconds(rate, duration_us)
    if not billed_s:
        return LegCharge(0, Money(0, rate.per_minute.currency))
    covered_s = covered_micro = 0
    for cover in covers:
        if cover.price_micro >= rate.per_minute.micro:
            continue  # what costs no more by money uses nothing up
        taken = min(left[cover.code], billed_s - covered_s)
        left[cover.code] -= taken
        covered_s += taken
        covered_micro += taken * cover.price_micro
    return LegCharge(billed_s, cost_of_seconds(rate, billed_s - covered_s, covered_micro), covered_s)
