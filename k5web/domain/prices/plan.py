"""Plans as data: what a plan costs, what it lets its subscriber do, and which rule prices each use.

A plan is read from a file (docs/plans.md); nothing in the code knows one by its name but the first, and its price list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from k5web.domain.money import Money, Price
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.rating import AnswerOf
from k5web.domain.prices.usage import Every, Kind, UsageEvent, Zone
from k5web.errors import CurrencyMismatch

HOME_CURRENCY = "RUB"
FIRST_PLAN = "k5"  # what a new subscriber has
PUBLIC_DECK = "k5"  # the prices strangers are shown


class State(StrEnum):
    """How an option stands: in force, connected but unpaid, not connected."""

    ON = "on"
    UNPAID = "unpaid"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Fee:
    """What recurs. `first`: the part of the first month that is taken on connection."""

    amount: Money
    every: Every
    first: Literal["prorated", "full"] = "prorated"


@dataclass(frozen=True, slots=True)
class Condition:
    """In which states an option must be for a rule or an allowance to hold."""

    option: str
    states: frozenset[State]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is given for use before money is taken. Units of `amount`: seconds, parts, KB; minor units of money.

    What it covers costs `price`, mostly nothing: «the first 50 minutes at 1.00» is an allowance with a price.
    """

    code: str
    title: str
    unit: Literal["SEC", "SMS", "KB", "MONEY"]
    amount: int
    every: Every
    kinds: frozenset[Kind]
    groups: frozenset[str]  # empty: all
    zones: frozenset[Zone]
    option: str = ""  # that gives it; "": the plan itself
    rolls_over: bool = False
    price: Price | None = None

    def share_for(self, paid: Money, fee: Money) -> int:
        """Return what a part of the fee brings: the same part of it; a minute or unit that is begun counts whole."""
        if paid >= fee:
            return self.amount
        step = 60 if self.unit == "SEC" else 1
        return min(self.amount, -(-self.amount * paid.minor // (fee.minor * step)) * step)

    def covers(self, event: UsageEvent, group: str) -> bool:
        """Return whether it pays for an event of this direction group."""
        return (
            event.kind in self.kinds
            and event.zone in self.zones
            and (not self.groups or group in self.groups)
            and (not self.option or self.option in event.options)
        )


@dataclass(frozen=True, slots=True)
class RateRule:
    """The price of one kind of use in some zones, to some groups, by the states of options.

    Exactly one of price, deck and closed is set. Units: the price is of a minute, a part, a megabyte.
    """

    name: str  # as people may find it in the file: "rate 3"
    kind: Kind
    zones: frozenset[Zone]
    groups: frozenset[str]
    conditions: tuple[Condition, ...] = ()
    price: Price | None = None
    deck: str = ""  # the price list of rates by prefix
    closed: str = ""  # why it cannot be used, for people
    increment_s: int = 60
    minimum_s: int = 60
    free_below_s: int = 3
    step_kb: int = 100

    def allows(self, states: Mapping[str, State]) -> bool:
        """Return whether all conditions hold."""
        return all(states[condition.option] in condition.states for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Option:
    """A service on top of a plan, with a fee of its own."""

    code: str
    title: str
    fee: Fee
    starts_with_plan: bool = False  # connected by itself when the plan begins
    excludes: frozenset[str] = frozenset()  # options that it takes the place of
    needs_paid_plan: bool = False  # usable only while the plan's own fee is paid
    ussd_on: str = ""
    ussd_off: str = ""
    text: str = ""  # what it gives, for people


@dataclass(frozen=True, slots=True)
class ServicePrice:
    """What a service costs a piece: once, each month or each day. The first `included` pieces cost nothing."""

    code: str
    title: str
    price: Money
    every: Every
    included: int = 0
    most: int | None = None  # pieces; None: any number
    together_with: str = ""  # the service that its pieces are counted with; "": alone

    def fee_of(self, pieces: int) -> Fee:
        """Return what so many pieces cost each month or day."""
        return Fee(Money(self.price.minor * max(0, pieces - self.included), self.price.currency), self.every)

    @property
    def counted_as(self) -> str:
        """Under which code its pieces are counted."""
        return self.together_with or self.code


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """What it takes to change to a plan."""

    fee: Money
    free_after_days: int = 0  # since the last change; 0: the fee is always taken
    needs_first_fee: bool = True  # the balance covers the fee of the change and the plan's first fee


@dataclass(frozen=True, slots=True)
class IdleRule:
    """What becomes of a subscriber who uses nothing that is paid."""

    days: int
    becomes: str  # the code of another plan


@dataclass(frozen=True, slots=True)
class DirectionGroup:
    """Numbers that a plan prices alike."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class GroupSet:
    """The groups of a set. Each prefix lies in one of them; a number that none fits lies in `rest`, if there is one."""

    code: str
    groups: Mapping[str, DirectionGroup]
    table: PrefixTable[str]
    rest: str = ""

    def group_of(self, number: str) -> str:
        """Return the code of the group of these E.164 digits, "" where no group has them. A code stands for itself."""
        return number if number in self.groups else self.table.under(number) or self.rest

    def title_of(self, code: str) -> str:
        """Return the name of a group for people."""
        return self.groups[code].title if code in self.groups else ""


NO_GROUPS = GroupSet("", {}, PrefixTable({}))


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. Units: `_s` seconds, `max_talk_minutes` whole minutes."""

    code: str
    deck: str  # the rate deck that prices callbacks, in the plan's currency
    a_leg_from: AnswerOf  # what leg A's seconds are: docs/telephony.md
    calls_at_once: int
    title: str = ""
    operator: str = ""
    currency: str = HOME_CURRENCY
    source: str = ""  # the document that its figures come from
    pays_leg_a: bool = True  # a callback costs both legs; False: leg B alone
    max_talk_minutes: int = 60  # E9: the operator's longest connection
    ring_a_s: int = 40
    ring_b_s: int = 45
    other_decks: Mapping[str, str] = field(default_factory=dict)  # of accounts in other currencies
    fees: tuple[Fee, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    allowances: tuple[Allowance, ...] = ()  # in the order in which they are used up
    rates: tuple[RateRule, ...] = ()
    services: Mapping[str, ServicePrice] = field(default_factory=dict)
    groups: GroupSet = NO_GROUPS
    change: ChangeRule | None = None
    idle: IdleRule | None = None
    needs_plan: frozenset[str] = frozenset()  # runs beside one of these, never alone (D5)
    unpaid_stops: frozenset[str] = frozenset()  # what stops while a fee is unpaid: calls, forwarding, data
    includes: tuple[str, ...] = ()  # what else the plan gives, for people
    pbx_users: int | None = None  # people of a PBX that it has without a further fee (B7); None: it has no PBX
    ussd: str = ""  # the code by which a phone changes to it

    def title_of(self, sort: str, code: str) -> str:
        """Return the name of the plan, or of its option or service, for people; the code where it has it no more."""
        if sort == "plan":
            return self.title
        found = self.options.get(code) if sort == "option" else self.services.get(code)
        return found.title if found else code

    @property
    def begins_with(self) -> frozenset[str]:
        """The options that are connected when the plan begins."""
        return frozenset(option.code for option in self.options.values() if option.starts_with_plan)

    @property
    def allowances_in_use(self) -> list[Allowance]:
        """The allowances in the order in which they are used up: what costs less first, else as the file has them, so
        that a cheaper rule never makes another use dearer."""
        return sorted(self.allowances, key=lambda allowance: allowance.price.micro if allowance.price else 0)

    @property
    def decks(self) -> Mapping[str, str]:
        """The deck by the currency of the account."""
        return {HOME_CURRENCY: self.deck} | dict(self.other_decks)

    @property
    def sale_decks(self) -> frozenset[str]:
        """The decks that the plan sells by."""
        return frozenset([*(rule.deck for rule in self.rates), *self.decks.values()]) - {""}

    def sold_in(self, currency: str) -> "Plan":
        """Return the plan as it prices calls of an account in this currency: by that currency's list.

        Raises: CurrencyMismatch: there is none.
        """
        if currency == self.currency:
            return self
        deck = self.deck_in(currency)
        rates = tuple(replace(rule, deck=deck) if rule.deck else rule for rule in self.rates)
        return replace(self, currency=currency, rates=rates)

    def deck_in(self, currency: str) -> str:
        """Return the deck that prices calls of an account in this currency. Raises: CurrencyMismatch: there is none."""
        if currency not in self.decks:
            raise CurrencyMismatch(left=HOME_CURRENCY, right=currency)
        return self.decks[currency]
