"""The tables of a plan file as they are written, and the values they become."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from k5web.domain.money import CURRENCIES, Money, Price
from k5web.domain.prices.plan import (
    Allowance,
    ChangeRule,
    Condition,
    Fee,
    IdleRule,
    Option,
    RateRule,
    ServicePrice,
    State,
)
from k5web.domain.prices.usage import Every, Kind, Zone, is_code
from k5web.errors import WrongMoney, WrongPrice

PER = {Kind.SMS: "sms", Kind.INCOMING_SMS: "sms", Kind.DATA: "MB"}  # what a price is of; of everything else, a minute
AMOUNT_UNITS = {"min": ("SEC", 60), "s": ("SEC", 1), "sms": ("SMS", 1), "KB": ("KB", 1), "MB": ("KB", 1024)}
_AMOUNT = re.compile(r"([0-9]{1,9}) ?([A-Za-z]+)", re.ASCII)
_SUM = re.compile(r"([0-9]{1,9}\.[0-9]{2}) ([A-Z]{3})", re.ASCII)
_PRICE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ([A-Z]{3})/([A-Za-z]+)", re.ASCII)
ALL_ZONES = frozenset(Zone)
DAY_S = 86_400

Words = Annotated[str, Meta(min_length=1, max_length=300)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
Step = Annotated[int, Meta(ge=1, le=DAY_S)]
Seconds = Annotated[int, Meta(ge=0, le=DAY_S)]
Days = Annotated[int, Meta(ge=0, le=3_660)]
Tables = Annotated[list[dict[str, object]], Meta(max_length=300)]


class WrongValue(ValueError):
    """Why a value of a plan file is turned down, and the key it stands under."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


class Written(msgspec.Struct):
    """A table of a plan file: a key that it does not have is a mistake."""


class CallingTable(Written):
    """How callbacks are made and paid for."""

    legs: Literal["both", "b"] = "both"
    a_leg_from: Literal["b_answer", "a_answer"] = "b_answer"
    calls_at_once: Annotated[int, Meta(ge=1, le=1_000)] = 1
    longest_minutes: Annotated[int, Meta(ge=1, le=1_440)] = 60
    other_decks: dict[str, str] = {}


class FeeTable(Written):
    """A fee that recurs."""

    amount: str
    every: Literal["month", "day"]
    first: Literal["prorated", "full"] = "prorated"

    def value(self, currency: str) -> Fee:
        """Raises: WrongValue."""
        return Fee(sum_of("amount", self.amount, currency), Every(self.every), self.first)


class OptionTable(Written):
    """An option on top of the plan."""

    code: str
    title: Words
    fee: str
    every: Literal["month", "day"]
    first: Literal["prorated", "full"] = "full"
    starts_with_plan: bool = False
    excludes: tuple[str, ...] = ()
    needs_paid_plan: bool = False
    ussd_on: str = ""
    ussd_off: str = ""
    text: str = ""

    def value(self, currency: str) -> Option:
        """Raises: WrongValue."""
        return Option(
            code=code_of("code", self.code),
            title=self.title,
            fee=Fee(sum_of("fee", self.fee, currency), Every(self.every), self.first),
            starts_with_plan=self.starts_with_plan,
            excludes=frozenset(self.excludes),
            needs_paid_plan=self.needs_paid_plan,
            ussd_on=self.ussd_on,
            ussd_off=self.ussd_off,
            text=self.text,
        )


class AllowanceTable(Written):
    """What is given before money is taken."""

    code: str
    title: Words
    amount: str
    every: Literal["month", "day"]
    kind: tuple[Kind, ...]
    to: tuple[str, ...] = ()
    zone: tuple[Zone, ...] = ()
    option: str = ""
    rolls_over: bool = False
    price: str = ""

    def value(self, currency: str) -> Allowance:
        """Raises: WrongValue."""
        unit, amount = amount_of("amount", self.amount, currency)
        wrong = [kind for kind in self.kind if unit not in ("MONEY", _unit_of(kind))]
        if wrong or not self.kind:
            raise WrongValue(
                "amount", f"'{self.amount}' cannot pay for {wrong[0] if wrong else 'nothing: name a kind'}"
            )
        if unit == "MONEY" and self.price:
            raise WrongValue("price", "money that is given has no price")
        return Allowance(
            code=code_of("code", self.code),
            title=self.title,
            unit=unit,
            amount=amount,
            every=Every(self.every),
            kinds=frozenset(self.kind),
            groups=frozenset(self.to),
            zones=frozenset(self.zone) or ALL_ZONES,
            option=self.option,
            rolls_over=self.rolls_over,
            price=price_of("price", self.price, self.kind[0], currency) if self.price else None,
        )


class RateTable(Written):
    """The price of a kind of use."""

    kind: Literal["call", "incoming", "csd", "sms", "incoming_sms", "data"]
    to: tuple[str, ...] = ()
    zone: tuple[Zone, ...] = ()
    with_: tuple[str, ...] = msgspec.field(default=(), name="with")
    unpaid: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    price: str = ""
    deck: str = ""
    closed: str = ""
    increment_s: Step = 60
    minimum_s: Seconds = 60
    free_below_s: Seconds = 3
    step_kb: Positive = 100

    def value(self, name: str, currency: str) -> RateRule:
        """Raises: WrongValue."""
        kind = Kind(self.kind)
        if sum(map(bool, (self.price, self.deck, self.closed))) != 1:
            raise WrongValue("kind", "a rate has exactly one of price, deck and closed")
        if self.deck and not kind.is_timed:
            raise WrongValue("deck", f"a price list has no prices of {kind}")
        return RateRule(
            name=name,
            kind=kind,
            zones=frozenset(self.zone) or ALL_ZONES,
            groups=frozenset(self.to),
            conditions=tuple(self._conditions()),
            price=price_of("price", self.price, kind, currency) if self.price else None,
            deck=self.deck,
            closed=self.closed,
            increment_s=self.increment_s,
            minimum_s=self.minimum_s,
            free_below_s=self.free_below_s,
            step_kb=self.step_kb,
        )

    def _conditions(self) -> Iterable[Condition]:
        """Yield a condition for each option; one that is named twice may be in either state."""
        named = {State.ON: self.with_, State.UNPAID: self.unpaid, State.OFF: self.without}
        for option in dict.fromkeys((*self.with_, *self.unpaid, *self.without)):
            yield Condition(option, frozenset(state for state, options in named.items() if option in options))


class ServiceTable(Written):
    """A service by the piece."""

    code: str
    title: Words
    price: str
    every: Literal["once", "month", "day"]
    included: Count = 0
    most: Positive | None = None
    together_with: str = ""

    def value(self, currency: str) -> ServicePrice:
        """Raises: WrongValue."""
        return ServicePrice(
            code=code_of("code", self.code),
            title=self.title,
            price=sum_of("price", self.price, currency),
            every=Every(self.every),
            included=self.included,
            most=self.most,
            together_with=self.together_with,
        )


class ChangeTable(Written):
    """What it takes to change to the plan."""

    fee: str
    free_after_days: Days = 0
    needs_first_fee: bool = True

    def value(self, currency: str) -> ChangeRule:
        """Raises: WrongValue."""
        return ChangeRule(sum_of("fee", self.fee, currency), self.free_after_days, self.needs_first_fee)


class IdleTable(Written):
    """What becomes of whoever uses nothing that is paid."""

    days: Annotated[int, Meta(ge=1, le=3_660)]
    becomes: str

    def value(self, currency: str) -> IdleRule:
        """Raises: WrongValue."""
        return IdleRule(self.days, self.becomes)


class PlanTable(Written):
    """The keys of a plan file outside its tables, and the tables as they were read."""

    code: str
    title: Words
    operator: Words
    source: Words
    calling: dict[str, object]
    currency: str = "RUB"
    groups: str = ""
    needs_plan: tuple[str, ...] = ()
    unpaid_stops: tuple[Literal["calls", "forwarding", "sms", "data"], ...] = ()
    includes: tuple[str, ...] = ()
    pbx_users: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    ussd: str = ""
    change: dict[str, object] | None = None
    idle: dict[str, object] | None = None
    fee: Tables = []
    option: Tables = []
    allowance: Tables = []
    rate: Tables = []
    service: Tables = []


class GroupTable(Written):
    """One direction group of a file of groups."""

    code: str
    title: Words
    prefixes: tuple[str, ...] = ()
    rest: bool = False


class GroupSetTable(Written):
    """A file of direction groups."""

    code: str
    source: Words
    group: Tables


def code_of(key: str, text: str) -> str:
    """Return a code. Raises: WrongValue."""
    if not is_code(text):
        raise WrongValue(key, f"'{text}' is not a code: small letters, digits, '-' and '_'")
    return text


def sum_of(key: str, text: str, currency: str) -> Money:
    """Return a sum written like `600.00 RUB`. Raises: WrongValue."""
    match = _SUM.fullmatch(text)
    if match is None:
        raise WrongValue(key, f"'{text}' is not a sum like 600.00 {currency}")
    _same_currency(key, match[2], currency)
    try:
        return Money.parse(match[1], currency)
    except WrongMoney as error:
        raise WrongValue(key, str(error)) from error


def price_of(key: str, text: str, kind: Kind, currency: str) -> Price:
    """Return a price written like `1.69 RUB/min`. Raises: WrongValue, also for the unit of another kind."""
    per = PER.get(kind, "min")
    match = _PRICE.fullmatch(text)
    if match is None:
        raise WrongValue(key, f"'{text}' is not a price like 1.69 {currency}/{per}")
    _same_currency(key, match[2], currency)
    if match[3] != per:
        raise WrongValue(
            key, f"'{text}' has the wrong unit: {kind} is priced by {per}, write {match[1]} {currency}/{per}"
        )
    try:
        return Price.parse(match[1], currency)
    except WrongPrice as error:
        raise WrongValue(key, str(error)) from error


def amount_of(key: str, text: str, currency: str) -> tuple[Literal["SEC", "SMS", "KB", "MONEY"], int]:
    """Return unit and amount of an allowance written like `50 min`, `30 sms`, `150 MB`, `200.00 RUB`.

    Raises: WrongValue.
    """
    if _SUM.fullmatch(text):
        return "MONEY", sum_of(key, text, currency).minor
    match = _AMOUNT.fullmatch(text)
    if match is None or match[2] not in AMOUNT_UNITS or not int(match[1]):
        raise WrongValue(key, f"'{text}' is not an amount like 50 min, 30 sms, 150 MB or 200.00 {currency}")
    unit, factor = AMOUNT_UNITS[match[2]]
    return msgspec.convert(unit, Literal["SEC", "SMS", "KB"]), int(match[1]) * factor


def _same_currency(key: str, found: str, wanted: str) -> None:
    if found not in CURRENCIES or found != wanted:
        raise WrongValue(key, f"{found} is not the currency of this plan, {wanted}")


def _unit_of(kind: Kind) -> str:
    return {"sms": "SMS", "MB": "KB"}.get(PER.get(kind, "min"), "SEC")
