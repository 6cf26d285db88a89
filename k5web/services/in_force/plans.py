"""The plans in force, in this process's memory: published versions, laid over the plans that K5 comes with."""

import logging
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.plan_cells import PriceGrid
from k5web.domain.prices.plan_quote import FindsDeckRate, dearest_rate, free, leg_rate, quote_call
from k5web.domain.prices.plan_version import PlanText, PlanVersion
from k5web.domain.prices.rating import Quote, Rate
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import CurrencyMismatch, NoDeck, NoPlan, Unavailable
from k5web.services.in_force.plan_folder import PlanFolder, parse
from k5web.services.in_force.rates import LOOK_EVERY, RateBook
from k5web.storage.prices import plan_rows
from k5web.storage.session import Sessions

logger = logging.getLogger(__name__)

SHIPPED = 0  # the version number of a plan that K5 comes with

Published = Mapping[str, Sequence[PlanVersion]]  # by the code of the plan, the earliest first


class PlanInForce(NamedTuple):
    """A plan with the number of its version; SHIPPED: what K5 comes with."""

    version: int
    plan: Plan


class PlanBook:
    """Holds every version of every plan; any thread may ask.

    Once a second one of the asking threads looks for a new publication. What takes force later is known before, so it
    takes force exactly at its moment. While the database does not answer, what is known stays.
    """

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime], shipped: PlanFolder, rates: RateBook) -> None:
        self._sessions = sessions
        self._clock = clock
        self._shipped = shipped
        self._rates = rates
        self._published: Published | None = None
        self._texts: dict[int, PlanText] = {}
        self._grids: dict[tuple[str, int], PriceGrid] = {}  # by code and version, read when first asked for
        self._look_at: datetime | None = None
        self._lock = Lock()

    def current(self, code: str) -> Plan:
        """Return the plan of this code in force now. Raises: NoPlan, Unavailable."""
        return self.grid(code).plan

    def of(self, subscriber: Subscriber) -> Plan:
        """Return what is in force now of a subscriber's plan. Raises: NoPlan, Unavailable."""
        return self.current(subscriber.plan_code)

    def version(self, code: str, at: datetime | None = None) -> PlanInForce:
        """Return what is in force at a moment, by itself now. Raises: NoPlan, Unavailable."""
        number = self._number(code, at or self._clock())
        return PlanInForce(number, self._grid(code, number).plan)

    def shipped(self, code: str) -> Plan:
        """Return the plan as K5 comes with it. Raises: NoPlan."""
        if code not in self._shipped.codes:
            raise NoPlan(code=code)
        return self._grid(code, SHIPPED).plan

    def completed(self, file: str, text: str) -> PlanText:
        """Return a plan's text with that of the direction groups it names, as K5 comes with them. Raises: WrongFile."""
        return self._shipped.completed(file, text)

    def codes(self, at: datetime | None = None) -> list[str]:
        """Return the codes of the plans in force at a moment, by itself now. Raises: Unavailable."""
        now = self._clock()
        begun = {code for code, versions in self._known(now).items() if versions[0].effective_from <= (at or now)}
        return sorted(begun | set(self._shipped.codes))

    def began(self, code: str) -> datetime | None:
        """Return the moment of a plan's first version, None where K5 comes with it. Raises: NoPlan, Unavailable."""
        if code in self._shipped.codes:
            return None
        versions = self._known(self._clock()).get(code)
        if not versions:
            raise NoPlan(code=code)
        return versions[0].effective_from

    def following(self, code: str) -> tuple[datetime, Plan] | None:
        """Return the next version of a plan and its moment, None where none is published. Raises: Unavailable."""
        now = self._clock()
        coming = (version for version in self._known(now).get(code, ()) if version.effective_from > now)
        found = next(coming, None)
        return (found.effective_from, self._grid(code, found.id).plan) if found else None

    def knows(self, code: str) -> bool:
        """Return whether there is, or will be, a plan of this code. Raises: Unavailable."""
        return code in self._shipped.codes or code in self._known(self._clock())

    def grid(self, code: str) -> PriceGrid:
        """Return the plan in force now with its rules by cell. Raises: NoPlan, Unavailable."""
        return self._grid(code, self._number(code, self._clock()))

    def quote(
        self,
        caller: Subscriber,
        a_number: str,
        b_number: str,
        options: frozenset[str] = frozenset(),
        unpaid: frozenset[str] = frozenset(),
    ) -> tuple[Plan, Quote]:
        """Return the plan of a subscriber and the price of a callback by it, both numbers as E.164 digits.

        Raises: NotInPlan, NoRate, NoDeck, CurrencyMismatch, NoPlan.
        """
        grid = self.grid(caller.plan_code)
        event = UsageEvent(self._clock(), Kind.CALL, b_number, options=options, unpaid=unpaid)
        quote = quote_call(grid, event, a_number, caller.currency, self._finder(grid.plan, caller.currency))
        a, b = (self._with_source(leg, grid.plan.code) for leg in (quote.a, quote.b))
        return grid.plan, replace(quote, a=a, b=b)

    def quote_leg(
        self,
        code: str,
        currency: str,
        ours: str,
        theirs: str,
        kind: Kind = Kind.CALL,
        options: frozenset[str] = frozenset(),
        unpaid: frozenset[str] = frozenset(),
    ) -> tuple[Plan, Quote]:
        """Return a plan and the price of a call by it of which one leg alone is paid: to `theirs`, or from there.

        Both numbers as E.164 digits; who shows none, "", is priced by the dearest origin that the plan names.
        Raises: NotInPlan, NoRate, NoDeck, CurrencyMismatch, NoPlan.
        """
        grid = self.grid(code)
        event = UsageEvent(self._clock(), kind, theirs, options=options, unpaid=unpaid)
        if theirs:
            rate = leg_rate(grid, event, currency, self._finder(grid.plan, currency))
        else:
            rate = dearest_rate(grid.plan, kind, currency)
        rate = self._with_source(rate, code)
        return grid.plan, Quote(ours, theirs, replace(free(rate), prefix="", destination=""), rate)

    def _finder(self, plan: Plan, currency: str) -> FindsDeckRate:
        def find_rate(deck: str, number: str) -> Rate:
            return self._rate(plan, currency, deck, number)

        return find_rate

    def _with_source(self, rate: Rate, code: str) -> Rate:
        """Return the rate with where its price stands: a price list has said so already."""
        return rate if rate.source else replace(rate, source=f"plan {code} {self._number(code, self._clock())}")

    def _rate(self, plan: Plan, currency: str, deck: str, number: str) -> Rate:
        try:
            table = self._rates.table(deck if currency == plan.currency else plan.deck_in(currency))
        except NoDeck:
            if currency == plan.currency:
                raise
            # the operator published no list for this currency
            raise CurrencyMismatch(left=plan.currency, right=currency) from None
        return replace(table.find(number), source=f"deck {table.name} {table.version}")

    def _number(self, code: str, at: datetime) -> int:
        versions = self._known(self._clock()).get(code, ())
        begun = bisect_right(versions, at, key=lambda version: version.effective_from)
        if begun:
            return versions[begun - 1].id
        if code not in self._shipped.codes:
            raise NoPlan(code=code)
        return SHIPPED

    def _grid(self, code: str, number: int) -> PriceGrid:
        found = self._grids.get((code, number))
        if found is None:  # two threads may both read it: the same plan
            text = self._shipped.text(code) if number == SHIPPED else self._texts[number]
            found = self._grids[code, number] = PriceGrid(parse(text))
        return found

    def _known(self, now: datetime) -> Published:
        """Return the published versions, looked for once a second by one thread."""
        if self._published is None:
            with self._lock:
                if self._published is None:
                    self._look(now)
        elif (self._look_at is None or now >= self._look_at) and self._lock.acquire(blocking=False):
            try:
                self._look(now)
            except Unavailable as trouble:
                logger.warning("plans kept", extra={"reason": trouble.code})
            finally:
                self._lock.release()
        assert self._published is not None
        return self._published

    def _look(self, now: datetime) -> None:
        self._look_at = now + LOOK_EVERY
        with self._sessions.read() as db:
            versions = plan_rows.versions(db)
            fresh = [version.id for version in versions if version.id not in self._texts]
            if fresh:
                self._texts |= plan_rows.texts(db, fresh)
        found: dict[str, list[PlanVersion]] = {}
        for version in versions:
            found.setdefault(version.code, []).append(version)
        self._published = found
