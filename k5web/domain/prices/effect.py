"""What other prices would have done to a month's traffic: each leg is rated anew, by direction. Exact, no estimate."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from k5web.domain.prices.rating import MICROSECONDS, Rate, RateTable, charge_leg


@dataclass(frozen=True, slots=True)
class LegGroup:
    """Answered legs alike in all that their price depends on. Units: `cost_minor` of all whose cost is known."""

    head: str  # the first digits of the number, enough for every prefix of both lists
    currency: str
    rated_us: int  # what the subscriber is billed for
    carried_us: int  # what the carrier is; 0 where it is not asked
    count: int
    cost_minor: int
    unknown: int  # of them: the carrier's cost is not known
    sold: Rate | None = None  # what they were sold by, where a carrier's list changes


@dataclass(frozen=True, slots=True)
class DirectionEffect:
    """A direction of a month: what it brought and cost, and what it would have. Units: minor."""

    destination: str
    legs: int = 0
    seconds: int = 0
    revenue_now: int = 0
    revenue_then: int = 0
    cost_now: int = 0
    cost_then: int = 0
    unknown: int = 0  # legs whose carrier's cost is not known: counted as none
    lost: int = 0  # legs that could not be made any more

    @property
    def margin_now(self) -> int:
        """What is left by the prices there are."""
        return self.revenue_now - self.cost_now

    @property
    def margin_then(self) -> int:
        """What would be left by the new ones."""
        return self.revenue_then - self.cost_then

    def __add__(self, other: "DirectionEffect") -> "DirectionEffect":
        return DirectionEffect(
            self.destination,
            self.legs + other.legs,
            self.seconds + other.seconds,
            self.revenue_now + other.revenue_now,
            self.revenue_then + other.revenue_then,
            self.cost_now + other.cost_now,
            self.cost_then + other.cost_then,
            self.unknown + other.unknown,
            self.lost + other.lost,
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a list would have done, by direction, the one that changes most before the others."""

    directions: tuple[DirectionEffect, ...]
    left_out: int = 0  # legs in another currency than the list's

    @property
    def total(self) -> DirectionEffect:
        """All directions together."""
        return sum(self.directions, DirectionEffect(""))


OfGroup = Callable[[LegGroup, Rate | None, Rate | None], DirectionEffect]


def sale_effect(groups: Iterable[LegGroup], before: RateTable, after: RateTable) -> Effect:
    """Return what a list that K5 sells by would have brought; what carriers took stays as it was."""

    def of_group(group: LegGroup, was: Rate | None, becomes: Rate | None) -> DirectionEffect:
        return DirectionEffect(
            "",
            revenue_now=_charge(was, group.rated_us, group.count),
            revenue_then=_charge(becomes, group.rated_us, group.count),
            cost_now=group.cost_minor,
            cost_then=group.cost_minor if becomes else 0,
            unknown=group.unknown,
        )

    return _summed(groups, before, after, of_group)


def carrier_effect(groups: Iterable[LegGroup], before: RateTable, after: RateTable) -> Effect:
    """Return what a carrier's list would have taken; what the calls were sold for stays as it was."""

    def of_group(group: LegGroup, was: Rate | None, becomes: Rate | None) -> DirectionEffect:
        sold = _charge(group.sold, group.rated_us, group.count)
        return DirectionEffect(
            "",
            revenue_now=sold,
            revenue_then=sold if becomes else 0,
            cost_now=_charge(was, group.carried_us, group.count),
            cost_then=_charge(becomes, group.carried_us, group.count),
            unknown=0 if was else group.count,
        )

    return _summed(groups, before, after, of_group)


def _charge(rate: Rate | None, us: int, count: int) -> int:
    return charge_leg(rate, us).charge.minor * count if rate else 0


def _usable(rate: Rate | None, currency: str) -> Rate | None:
    return rate if rate and not rate.is_blocked and rate.per_minute.currency == currency else None


def _summed(groups: Iterable[LegGroup], before: RateTable, after: RateTable, of_group: OfGroup) -> Effect:
    found: dict[str, DirectionEffect] = {}
    left_out = 0
    for group in groups:
        was, becomes = before.under(group.head), after.under(group.head)
        named = was or becomes
        if named is None or named.per_minute.currency != group.currency:
            left_out += group.count
            continue
        effect = of_group(group, _usable(was, group.currency), _usable(becomes, group.currency))
        counted = DirectionEffect(
            named.destination,
            legs=group.count,
            seconds=group.rated_us // MICROSECONDS * group.count,
            lost=group.count if _usable(becomes, group.currency) is None else 0,
        )
        known = found.get(named.destination, DirectionEffect(named.destination))
        found[named.destination] = known + counted + effect
    by_change = sorted(found.values(), key=lambda one: (-abs(one.margin_then - one.margin_now), one.destination))
    return Effect(tuple(by_change), left_out)
