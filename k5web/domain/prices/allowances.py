"""What is left of a plan's allowances, use by use: granted at the beginning of each period, spent first."""

from collections.abc import Callable, Mapping
from datetime import date

from k5web.domain.prices.plan import Allowance, Plan
from k5web.domain.prices.subscription import next_period
from k5web.domain.prices.usage import UsageEvent

PlanOn = Callable[[date], Plan]  # the version of a plan in force on a day


class AllowanceBook:
    """The allowances of one subscriber. Uses come in the order of time; each pays from the period that it began in.

    A period gives what the version in force on its first day says, whatever is published before its end.
    """

    def __init__(self, plan: Plan | PlanOn) -> None:
        self._plan_on: PlanOn = (lambda day: plan) if isinstance(plan, Plan) else plan
        self._began: dict[str, date] = {}
        self._left: dict[str, int] = {}

    def left(self, event: UsageEvent) -> Mapping[str, int]:
        """Return what is left of each allowance when an event begins."""
        day = event.at.date()
        for allowance in self._plan_on(day).allowances:
            began = allowance.every.began(day)
            if self._began.get(allowance.code) != began:
                self._grant(allowance, began)
        return self._left

    def take(self, used: Mapping[str, int]) -> None:
        """Take what a use has used."""
        for code, amount in used.items():
            self._left[code] -= amount

    def _grant(self, allowance: Allowance, began: date) -> None:
        period = self._began.get(allowance.code)
        if period is None or not allowance.rolls_over:
            self._left[allowance.code] = self._given(allowance.code, began)
        else:
            while period < began:  # those without a use gave theirs too
                period = next_period(allowance.every, period)
                self._left[allowance.code] += self._given(allowance.code, period)
        self._began[allowance.code] = began

    def _given(self, code: str, period: date) -> int:
        """Return what a period gives that begins on this day."""
        return next((each.amount for each in self._plan_on(period).allowances if each.code == code), 0)
