"""What is left of a direction's price when the carriers are paid: of calls that were made, and of a minute today."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from k5web.domain.money import MICRO_PER_MINOR, Money, Price
from k5web.domain.prices.rating import Rate, RateTable

SECONDS_A_MINUTE = 60

Place = tuple[int, str, str]  # margin in minor units, destination, currency


@dataclass(frozen=True, slots=True)
class MarginLine:
    """What calls to a direction brought and cost. `source` is where their price stands: "deck k5 3", "plan go 2".

    Units: `minor`; `known_` is of the calls whose cost is known, and only those have a margin.
    """

    source: str
    destination: str
    currency: str
    calls: int
    seconds: int
    revenue_minor: int
    known_calls: int
    known_seconds: int
    known_minor: int
    cost_minor: int

    def __add__(self, other: "MarginLine") -> "MarginLine":
        return replace(
            self,
            calls=self.calls + other.calls,
            seconds=self.seconds + other.seconds,
            revenue_minor=self.revenue_minor + other.revenue_minor,
            known_calls=self.known_calls + other.known_calls,
            known_seconds=self.known_seconds + other.known_seconds,
            known_minor=self.known_minor + other.known_minor,
            cost_minor=self.cost_minor + other.cost_minor,
        )

    @property
    def price_list(self) -> str:
        """Where the price stands, without the version: "deck k5", "plan go"."""
        return self.source.rpartition(" ")[0]

    @property
    def place(self) -> Place:
        """Where it stands among the others, the worst margin first."""
        return self.margin.minor, self.destination, self.currency

    @property
    def revenue(self) -> Money:
        """What subscribers paid."""
        return Money(self.revenue_minor, self.currency)

    @property
    def cost(self) -> Money:
        """What carriers took, as far as it is known."""
        return Money(self.cost_minor, self.currency)

    @property
    def unknown_calls(self) -> int:
        """How many calls have no known cost, and so no margin."""
        return self.calls - self.known_calls

    @property
    def margin(self) -> Money:
        """What is left of the calls whose cost is known."""
        return Money(self.known_minor - self.cost_minor, self.currency)

    @property
    def share(self) -> Fraction | None:
        """The part of the revenue that is left; None where there was none."""
        return Fraction(self.known_minor - self.cost_minor, self.known_minor) if self.known_minor else None

    @property
    def loss_a_minute(self) -> Price | None:
        """What each minute of talk cost above its price, half up to the millionth; None where nothing was lost, or
        nobody talked."""
        lost = self.cost_minor - self.known_minor
        if lost <= 0 or not self.known_seconds:
            return None
        exact = Fraction(lost * MICRO_PER_MINOR * SECONDS_A_MINUTE, self.known_seconds)
        return Price((2 * exact.numerator + exact.denominator) // (2 * exact.denominator), self.currency)


def by_direction(lines: Iterable[MarginLine], price_list: str = "") -> list[MarginLine]:
    """Return the sums of each direction and currency, the worst margin first; of one price list where it is named."""
    found: dict[tuple[str, str], MarginLine] = {}
    for line in lines:
        if price_list and line.price_list != price_list:
            continue
        key = line.destination, line.currency
        found[key] = found[key] + line if key in found else line
    return sorted(found.values(), key=lambda line: line.place)


def below(lines: Sequence[MarginLine], place: Place | None) -> Sequence[MarginLine]:
    """Return the lines after a place, whether or not one still stands there; all where none is named."""
    return lines if place is None else lines[bisect_right(lines, place, key=lambda line: line.place) :]


def totals(lines: Iterable[MarginLine]) -> list[MarginLine]:
    """Return the sum of all directions in each currency."""
    found: dict[str, MarginLine] = {}
    for line in lines:
        known = found.get(line.currency)
        found[line.currency] = known + line if known else replace(line, source="", destination="")
    return [found[currency] for currency in sorted(found)]


@dataclass(frozen=True, slots=True)
class MinuteMargin:
    """A minute today: what K5 sells it for, and what the cheapest carrier takes."""

    prefix: str
    destination: str
    sold: Rate
    carrier: str  # whose list it is
    bought: Rate

    @property
    def loss(self) -> Price | None:
        """What a minute costs above its price; None where it does not."""
        lost = self.bought.per_minute.micro - self.sold.per_minute.micro
        return Price(lost, self.sold.per_minute.currency) if lost > 0 else None

    @property
    def left(self) -> Price:
        """What is left of a minute, below zero where it is sold below cost."""
        return Price(self.sold.per_minute.micro - self.bought.per_minute.micro, self.sold.per_minute.currency)


def minute_margins(sold: RateTable, carriers: Mapping[str, RateTable]) -> list[MinuteMargin]:
    """Return the worst prefix of each direction that a carrier reaches, the worst direction first.

    A carrier's longer prefix counts by itself: what is sold by one price may be bought by several.
    """
    prefixes = {rate.prefix for table in (sold, *carriers.values()) for rate in table.rates()}
    worst: dict[str, MinuteMargin] = {}
    for prefix in sorted(prefixes):
        rate = sold.longest(prefix)
        if rate is None or rate.is_blocked:
            continue
        found = _cheapest(prefix, rate, carriers)
        known = worst.get(rate.destination)
        if found and (known is None or found.left.micro < known.left.micro):
            worst[rate.destination] = found
    return sorted(worst.values(), key=lambda one: (one.left.micro, one.destination))


def _cheapest(prefix: str, sold: Rate, carriers: Mapping[str, RateTable]) -> MinuteMargin | None:
    """Return a prefix beside the carrier that takes least for it, in the same currency."""
    found = [(name, table.longest(prefix)) for name, table in sorted(carriers.items())]
    usable = [
        (rate.per_minute.micro, name, rate)
        for name, rate in found
        if rate and not rate.is_blocked and rate.per_minute.currency == sold.per_minute.currency
    ]
    if not usable:
        return None
    _, name, bought = min(usable, key=lambda one: one[:2])
    return MinuteMargin(prefix, sold.destination, sold, name, bought)
