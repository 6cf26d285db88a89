"""What changes when one price list follows another."""

from dataclasses import dataclass

from k5web.domain.rating import Rate, RateTable


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
