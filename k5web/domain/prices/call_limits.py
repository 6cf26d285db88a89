"""How long a call may last by the money and the allowances there are, and what is held for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from k5web.domain.money import MICRO_PER_MAJOR, MINOR_PER_MAJOR, Money
from k5web.domain.prices.call_cover import NO_COVERS, Cover, CoveredCost, cost_with_covers
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.rating import MICROSECONDS, Quote

MOST_MINUTES = 10**7  # counted; who has more money than that, or pays nothing, is told of no end


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call may use. Units: whole minutes, money held, seconds and milliseconds for the switch."""

    minutes: int
    hold: Money
    talk_ms: int
    leg_a_s: int
    covers: tuple[Cover, ...] = ()  # what is held of allowances beside the money


def cost_of_minutes(quote: Quote, plan: Plan, minutes: int, covers: Sequence[Cover] = NO_COVERS) -> Money:
    """Return what a talk of whole minutes takes of the main account at most, by the plan's rule for leg A."""
    return _covered(quote, plan, minutes, covers).main


def minutes_of(
    quote: Quote, plan: Plan, available: Money, most: int = MOST_MINUTES, covers: Sequence[Cover] = NO_COVERS
) -> int:
    """Return the greatest whole number of minutes that the money and the covers pay for, at most `most`.

    What the money comes to by the minute's price is tried first: it is right but for fees, covers and rounding.
    """
    low, high = 0, most
    minute = quote.per_minute.micro * MINOR_PER_MAJOR
    tries = [available.minor * MICRO_PER_MAJOR // minute] if minute > 0 else []
    tries += [one + 1 for one in tries]
    while low < high:
        middle = max(low + 1, min(tries.pop(0), high)) if tries else (low + high + 1) // 2
        if cost_of_minutes(quote, plan, middle, covers) <= available:
            low = middle
        else:
            high = middle - 1
    return low


def affordable(quote: Quote, plan: Plan, available: Money, covers: Sequence[Cover] = NO_COVERS) -> Limits | None:
    """Return the limits for the greatest whole number of minutes that can be paid, or None for not even one.

    The switch's talk limit is one second short of the minutes: a limit of exactly N minutes ends some
    milliseconds later and would be rounded to N + 1 (seen with Asterisk 22).
    """
    minutes = minutes_of(quote, plan, available, plan.max_talk_minutes, covers)
    if minutes == 0:
        return None
    cost = _covered(quote, plan, minutes, covers)
    return Limits(
        minutes=minutes,
        hold=cost.main,
        talk_ms=minutes * 60_000 - 1_000,
        leg_a_s=plan.ring_b_s + 60 * minutes + 2,
        covers=cost.used,
    )


def with_room_for(limits: Limits, quote: Quote, plan: Plan, others: Sequence[Quote], available: Money) -> Limits:
    """Return the limits for as many minutes as the money pays for beside the dearest of other legs that may begin
    while this one talks, or these limits as they are where it does not pay for one minute of both."""
    low, high = 0, limits.minutes
    while low < high:
        middle = (low + high + 1) // 2
        dearest = max(cost_of_minutes(other, plan, middle) for other in others)
        if cost_of_minutes(quote, plan, middle) + dearest <= available:
            low = middle
        else:
            high = middle - 1
    fewer = replace(plan, max_talk_minutes=low)
    return (affordable(quote, fewer, available) if low else None) or limits


def _covered(quote: Quote, plan: Plan, minutes: int, covers: Sequence[Cover]) -> CoveredCost:
    talk_us = minutes * 60 * MICROSECONDS
    ring_us = plan.ring_b_s * MICROSECONDS if plan.a_leg_from == "a_answer" else 0
    return cost_with_covers(quote, ring_us + talk_us, talk_us, covers)
