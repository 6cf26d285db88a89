"""What a finished call costs: both legs by their rates, allowances first, and never more than was held for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from k5web.domain.calls.call import CallOrder, Cdr, durations
from k5web.domain.money import Money
from k5web.domain.prices.call_cover import Cover, cost_with_covers
from k5web.domain.prices.rating import LegCharge


@dataclass(frozen=True, slots=True)
class CallCharge:
    """The charge of a call with everything that made it. Units: microseconds each leg is rated for."""

    a_us: int
    b_us: int
    a: LegCharge
    b: LegCharge
    charged: Money  # of the main account
    used: tuple[Cover, ...] = ()  # what allowances paid
    due: Money | None = None  # of the main account, were there no hold

    @property
    def cost(self) -> Money:
        """What both legs come to by their rates, beside what allowances paid."""
        return self.due or self.a.charge + self.b.charge

    @property
    def waived(self) -> Money:
        """What is above the hold: the switch overran its limit, and that is not the subscriber's to pay."""
        return self.cost - self.charged


def charge_call(call: CallOrder, legs: Sequence[Cdr]) -> CallCharge:
    """Return what these legs of a call cost."""
    a_us, b_us = durations(legs, call.a_leg_from)
    cost = cost_with_covers(call.quote, a_us, b_us, call.covers)
    return CallCharge(a_us, b_us, cost.a, cost.b, min(cost.main, call.hold), cost.used, cost.main)
