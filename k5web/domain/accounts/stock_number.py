"""Numbers to rent: one number of the stock, its states, and what the next one costs on a plan.

    free <-> reserved --> rented --> quarantine
      ^                                  |
      +----------------------------------+

A reservation is given up by its subscriber, or ends by itself after 15 minutes. A number that was returned rests for
60 days, so that whoever still calls its former subscriber reaches no stranger. What has ended by its time counts as
free at once; the worker writes it down later.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Fee, Plan, ServicePrice
from k5web.domain.prices.usage import Every
from k5web.errors import NotOffered, NumberLimit, NumberTaken, WrongCode

CODES = ("495", "499", "812", "343", "831", "863", "843", "800")  # D1, D4
DIGITS = 11  # of each of them, with the 7 in front
RESERVED_FOR = timedelta(minutes=15)
MOST_A_DAY = 5  # reservations of one subscriber: numbers are not kept from others by reserving them again and again
RESTS_FOR = timedelta(days=60)
PAGE = 25  # numbers


class NumberState(StrEnum):
    """Where a number of the stock stands."""

    FREE = "free"
    RESERVED = "reserved"
    RENTED = "rented"
    QUARANTINE = "quarantine"

    def may_become(self, later: "NumberState") -> bool:
        """Return whether a number may go from this state to that one."""
        return later in _NEXT[self]


_NEXT: Mapping[NumberState, Set[NumberState]] = {
    NumberState.FREE: {NumberState.RESERVED},
    NumberState.RESERVED: {NumberState.FREE, NumberState.RENTED},
    NumberState.RENTED: {NumberState.QUARANTINE},
    NumberState.QUARANTINE: {NumberState.FREE},
}


@dataclass(frozen=True, slots=True)
class StockNumber:
    """One number of the stock."""

    msisdn: Msisdn
    is_beautiful: bool  # as the operator says
    state: NumberState
    owner_id: int | None  # of a reserved or rented one
    since: datetime  # in this state
    until: datetime | None  # the end of a reservation or of the rest
    changes: int  # how often its state changed
    rings: Msisdn | None = None  # whom its callers reach (D6); None: its subscriber

    @property
    def code(self) -> str:
        """The code that people know it by: 495."""
        return self.msisdn.digits[1:4]

    def is_over(self, now: datetime) -> bool:
        """Return whether its reservation or its rest has ended, written down or not."""
        return self.until is not None and self.until <= now

    def is_free(self, now: datetime) -> bool:
        """Return whether anybody may reserve it."""
        return self.state is NumberState.FREE or self.is_over(now)

    def is_reserved_by(self, owner_id: int, now: datetime) -> bool:
        """Return whether this subscriber may connect it now."""
        return self.state is NumberState.RESERVED and self.owner_id == owner_id and not self.is_over(now)

    def is_rented_by(self, owner_id: int) -> bool:
        """Return whether this subscriber has it."""
        return self.state is NumberState.RENTED and self.owner_id == owner_id


@dataclass(frozen=True, slots=True)
class NumberSearch:
    """What free numbers are looked for: a code or all, digits at the end or anywhere behind the 7."""

    code: str = ""
    digits: str = ""
    is_anywhere: bool = False


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A change of a number's state, as its history keeps it."""

    msisdn: Msisdn
    state: NumberState  # since then
    owner_id: int | None
    at: datetime
    actor: str
    order: str  # the key of the event that took the fee; "": none was taken


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan that a subscriber has: the own one, or one that runs beside it."""

    plan: Plan
    is_paid: bool = True


@dataclass(frozen=True, slots=True)
class NumberOffer:
    """What a subscriber is told before a number is connected."""

    fee: Money  # taken at once, and only once
    plan_fee: Fee | None  # the plan's own, which goes on
    due: date | None  # when that is taken next


def stock_number(text: str) -> Msisdn:
    """Return the number that an operator adds to the stock. Raises: WrongNumber, WrongCode."""
    found = Msisdn.e164(text)
    if len(found.digits) != DIGITS or found.digits[0] != "7" or found.digits[1:4] not in CODES:
        raise WrongCode(number=str(found), codes=", ".join(CODES))
    return found


def service_of(code: str) -> str:
    """Return the code under which plans price a number of this code."""
    return "number_8800" if code == "800" else f"number_{code}"


def plan_of_code(held: Sequence[HeldPlan], code: str) -> Plan:
    """Return which of the held plans, the own one first, gives numbers of a code.

    Raises: NotOffered (none does, or it runs only beside a plan that is not held: D5).
    """
    codes = {each.plan.code for each in held}
    for plan in (each.plan for each in held):
        if service_of(code) in plan.services and (not plan.needs_plan or plan.needs_plan & codes):
            return plan
    raise NotOffered(plan=held[0].plan.title or held[0].plan.code, code=code)


def unpaid_plan(held: Iterable[HeldPlan], giving: Plan) -> Plan | None:
    """Return the plan for whose fee a new number would wait: the giving one's, or one's that it needs."""
    wanted = {giving.code} | giving.needs_plan
    return next((each.plan for each in held if each.plan.code in wanted and not each.is_paid), None)


def without_plan(held: Sequence[HeldPlan], rented: Iterable[StockNumber], today: date) -> list[StockNumber]:
    """Return the rented numbers that no held plan gives any more, or not so many; the older ones stay."""
    kept: list[str] = []
    gone = []
    for number in rented:
        try:
            number_offer(plan_of_code(held, number.code), number.code, kept, today)
            kept.append(number.code)
        except (NotOffered, NumberLimit):
            gone.append(number)
    return gone


def number_offer(plan: Plan, code: str, rented: Iterable[str], today: date) -> NumberOffer:
    """Return what one more number of this code costs beside the rented ones, which are told by their codes.

    Raises: NotOffered (D5), NumberLimit.
    """
    service = _service(plan, code)
    if service is None or service.every is not Every.ONCE:
        raise NotOffered(plan=plan.title or plan.code, code=code)
    counted = [_service(plan, other) for other in rented]
    pieces = sum(other is not None and other.counted_as == service.counted_as for other in counted)
    if service.most is not None and pieces >= service.most:
        raise NumberLimit(plan=plan.title or plan.code, most_times=service.most)
    fee = service.price if pieces >= service.included else Money(0, service.price.currency)
    recurring = plan.fees[0] if plan.fees else None
    return NumberOffer(fee, recurring, _next_day(recurring.every, today) if recurring else None)


def _service(plan: Plan, code: str) -> ServicePrice | None:
    return plan.services.get(service_of(code))


def _next_day(every: Every, today: date) -> date:
    """Return the first day of the next month, or tomorrow."""
    if every is Every.MONTH:
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return today + timedelta(days=1)


def check_move(number: StockNumber, later: NumberState) -> None:
    """Refuse what the diagram does not have. Raises: NumberTaken."""
    if not number.state.may_become(later):
        raise NumberTaken(number=number.msisdn)
