"""What is left of a plan's allowances, use by use: granted at the beginning of each period, spent first."""

from collections.abc import Mapping
from datetime import date

from k5web.domain.prices.plan import Allowance, Plan
from k5web.domain.prices.usage import UsageEvent


class AllowanceBook:
    """The allowances of one subscriber. Uses come in the order of time; each pays from the period that it began in."""

    def __init__(self, plan: Plan) -> None:
        self._allowances = plan.allowances
        self._began: dict[str, date] = {}
        self._left: dict[str, int] = {}

    def left(self, event: UsageEvent) -> Mapping[str, int]:
        """Return what is left of each allowance when an event begins."""
        day = event.at.date()
        for allowance in self._allowances:
            began = allowance.every.began(day)
            if self._began.get(allowance.code) != began:
                self._grant(allowance, began)
        return self._left

    def take(self, used: Mapping[str, int]) -> None:
        """Take what a use has used."""
        for code, amount in used.items():
            self._left[code] -= amount

    def _grant(self, allowance: Allowance, began: date) -> None:
        before = self._began.get(allowance.code)
        if before and allowance.rolls_over:
            periods = allowance.every.periods(before, began)  # those without a use gave theirs too
            self._left[allowance.code] += periods * allowance.amount
        else:
            self._left[allowance.code] = allowance.amount
        self._began[allowance.code] = began
