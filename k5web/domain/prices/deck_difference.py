"""What changes when one price list follows another."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from k5web.domain.prices.rating import Rate, RateTable

MOST_GONE = Fraction(1, 10)  # of the prices in force: a list that drops more is more likely a part of one
FEWEST_DEARER = Fraction(1, 4)  # that are asked about
OTHER_MONEY = 8  # times: prices so far from those in force are in another currency, or in another unit
LEAST_MICRO = 100_000  # a list whose dearest minute costs less than a tenth of a rouble is hardly in roubles


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A prefix and what it costs before and after. Where the prefix itself has no price, the one it lies in."""

    prefix: str
    before: Rate | None
    after: Rate | None


@dataclass(frozen=True, slots=True)
class DeckDifference:
    """Prefixes by what happens to them. `overlaps` are new ones too: `before` is what each of them lies in."""

    new: tuple[PriceChange, ...]
    gone: tuple[PriceChange, ...]
    dearer: tuple[PriceChange, ...]
    cheaper: tuple[PriceChange, ...]
    changed: tuple[PriceChange, ...]  # same price of a minute; other name, steps, fee or currency
    overlaps: tuple[PriceChange, ...]
    same: int


def difference(before: RateTable, after: RateTable) -> DeckDifference:
    """Return what happens to each prefix when `after` follows `before`."""
    new: list[PriceChange] = []
    moved: dict[str, list[PriceChange]] = {"dearer": [], "cheaper": [], "changed": [], "same": []}
    for rate in after.rates():
        old = before.get(rate.prefix)
        if old is None:
            new.append(PriceChange(rate.prefix, before.longest(rate.prefix), rate))
        else:
            moved[_kind(old, rate)].append(PriceChange(rate.prefix, old, rate))
    gone = [
        PriceChange(rate.prefix, rate, after.longest(rate.prefix))
        for rate in before.rates()
        if after.get(rate.prefix) is None
    ]
    return DeckDifference(
        new=_sorted(new),
        gone=_sorted(gone),
        dearer=_sorted(moved["dearer"]),
        cheaper=_sorted(moved["cheaper"]),
        changed=_sorted(moved["changed"]),
        overlaps=_sorted(_overlaps(after, new)),
        same=len(moved["same"]),
    )


def is_worse(before: Rate | None, after: Rate | None) -> bool:
    """Return whether some call may cost more by a rate than by the one before, or is no longer possible."""
    if before is None or before.is_blocked:
        return False
    if after is None or after.is_blocked or after.per_minute.currency != before.per_minute.currency:
        return True
    is_dearer = after.per_minute.micro > before.per_minute.micro or after.fee.micro > before.fee.micro
    return is_dearer or not after.counts_no_worse_than(before)


def doubts(before: RateTable, found: DeckDifference) -> list[str]:
    """Return why a person is asked before a list follows another: it drops much of it, or makes much of it dearer."""
    told = []
    if len(found.gone) > MOST_GONE * len(before):
        told.append(f"{len(found.gone)} of {len(before)} prices in force are not in the list")
    if len(before) and len(found.dearer) >= FEWEST_DEARER * len(before):
        told.append(f"{len(found.dearer)} of {len(before)} prices in force become dearer")
    currencies = {change.before.per_minute.currency for change in found.changed if change.before}
    others = {change.after.per_minute.currency for change in found.changed if change.after}
    if currencies != others:
        told.append(
            f"the prices in force are in {', '.join(sorted(currencies))}, the list's in {', '.join(sorted(others))}"
        )
    return told


def looks_like_other_money(reference: RateTable, rates: Iterable[Rate]) -> bool:
    """Return whether prices whose currency nobody named are too far from those of the same prefixes to be the same."""
    listed = [rate for rate in rates if rate.per_minute.micro]
    pairs = [(rate.per_minute.micro, reference.longest(rate.prefix)) for rate in listed]
    ratios = [Fraction(micro, old.per_minute.micro) for micro, old in pairs if old is not None and old.per_minute.micro]
    if ratios:
        middle = median(ratios)
        return not Fraction(1, OTHER_MONEY) <= middle <= OTHER_MONEY
    return bool(listed) and max(rate.per_minute.micro for rate in listed) < LEAST_MICRO


def _kind(old: Rate, new: Rate) -> str:
    if old.per_minute.currency == new.per_minute.currency and old.per_minute != new.per_minute:
        return "dearer" if new.per_minute.micro > old.per_minute.micro else "cheaper"
    return "same" if old == new else "changed"


def _overlaps(table: RateTable, new: list[PriceChange]) -> list[PriceChange]:
    """Return the new prefixes that lie inside one of another destination with another price."""
    found = [PriceChange(change.prefix, table.longest(change.prefix[:-1]), change.after) for change in new]
    return [
        change
        for change in found
        if change.before
        and change.after
        and change.before.destination != change.after.destination
        and change.before.per_minute != change.after.per_minute
    ]


def _sorted(changes: list[PriceChange]) -> tuple[PriceChange, ...]:
    return tuple(sorted(changes, key=lambda change: change.prefix))
