"""A plan by the days of the uses that it prices: the version that was in force when each began."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from k5web.domain.prices.plan import HOME_CURRENCY, Plan
from k5web.domain.prices.plan_rating import FindsRates, PlanMeter
from k5web.errors import NoPlanThen
from k5web.services.in_force.plans import SHIPPED
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices.dated_tables import DatedRates


@dataclass(frozen=True, slots=True)
class Terms:
    """What is in force of a plan on some days, ready to rate."""

    version: str  # as an explanation names it; "" for a plan that is none of the operator's
    meter: PlanMeter

    @property
    def plan(self) -> Plan:
        """The plan of these days."""
        return self.meter.plan


class DatedPlan:
    """A plan with its versions. What holds on a day is asked once, so that a run never mixes two answers for it."""

    def __init__(
        self, code: str, find_rate: FindsRates, find_version: Callable[[date], tuple[str, Plan]], first: date = date.min
    ) -> None:
        self._code = code
        self._find_rate = find_rate
        self._find_version = find_version
        self._first = first
        self._by_day: dict[date, Terms] = {}
        self._by_version: dict[str, Terms] = {}

    @classmethod
    def alone(cls, plan: Plan, find_rate: FindsRates) -> "DatedPlan":
        """Return a plan that is the same on every day, such as one out of a file."""
        return cls(plan.code, find_rate, lambda day: ("", plan))

    @classmethod
    def published(cls, ports: Ports, code: str, currency: str = HOME_CURRENCY) -> "DatedPlan":
        """Return a plan of the operator, each day by its version, for accounts in a currency. Raises: NoPlan."""
        began = ports.plans.began(code)
        first = began.astimezone(OPERATOR_ZONE).date() if began else date.min
        return cls(code, DatedRates(ports), lambda day: _version(ports, code, day, currency), first)

    def on(self, day: date) -> Terms:
        """Return what is in force on a day, Moscow time. Raises: NoPlanThen, before the plan's first version."""
        if day < self._first:
            raise NoPlanThen(plan=self._code)
        terms = self._by_day.get(day)
        if terms is None:
            version, plan = self._find_version(day)
            terms = self._by_version.get(version) or Terms(version, PlanMeter(plan, self._find_rate))
            self._by_day[day] = self._by_version[version] = terms
        return terms

    def nearest(self, day: date) -> Terms:
        """Return what is in force on a day; before the first version, that one."""
        return self.on(max(day, self._first))

    def plan_on(self, day: date) -> Plan:
        """Return the plan that gives the allowances of a period which begins on this day."""
        return self.nearest(day).plan


def _version(ports: Ports, code: str, day: date, currency: str) -> tuple[str, Plan]:
    number, plan = ports.plans.version(code, start_of_day(day))
    return "as shipped" if number == SHIPPED else f"version {number}", plan.sold_in(currency)
