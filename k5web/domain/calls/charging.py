"""What a finished call costs: both legs by their rates, and never more than was held for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from k5web.domain.calls.call import CallOrder, Cdr, durations
from k5web.domain.money import Money
from k5web.domain.prices.rating import LegCharge, charge_leg


@dataclass(frozen=True, slots=True)
class CallCharge:
    """The charge of a call with everything that made it. Units: microseconds each leg is rated for."""

    a_us: int
    b_us: int
    a: LegCharge
    b: LegCharge
    charged: Money

    @property
    def cost(self) -> Money:
        """What both legs come to by their rates."""
        return self.a.charge + self.b.charge

    @property
    def waived(self) -> Money:
        """What is above the hold: the switch overran its limit, and that is not the subscriber's to pay."""
        return self.cost - self.charged


def charge_call(call: CallOrder, legs: Sequence[Cdr]) -> CallCharge:
    """Return what these legs of a call cost."""
    a_us, b_us = durations(legs, call.a_leg_from)
    a, b = charge_leg(call.quote.a, a_us), charge_leg(call.quote.b, b_us)
    return CallCharge(a_us, b_us, a, b, min(a.charge + b.charge, call.hold))
