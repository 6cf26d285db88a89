"""CloverTel's deck: every printed destination with its prefixes, and of every prefix the reason why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from phonenumbers.carrierdata import CARRIER_DATA

from k5web.pricelists import kinds, tables
from k5web.pricelists.tables import Direction

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands behind one prefix."""

    direction: Direction
    why: str

    @property
    def destination(self) -> str:
        """The destination as CloverTel names it."""
        return self.direction.destination


def longest(table: Mapping[str, Found], number: str, least: int = 1) -> Found | None:
    """Return the value of the longest prefix of `number` in the table, of `least` digits or more."""
    for length in range(len(number), max(least, 1) - 1, -1):
        if number[:length] in table:
            return table[number[:length]]
    return None


def deck() -> dict[str, Entry]:
    """Return the prefixes of all destinations, none of them superfluous.

    Three layers, the upper hides what is under it: whole country codes (of a shared code the ranges of each country),
    kinds of numbers, named prefixes.
    """
    rules = tables.directions()
    whole = {prefix: rule for rule in rules if rule.verb == "all" for prefix in rule.arguments}
    by_region = {rule.arguments[0]: rule for rule in rules if rule.verb == "region"}
    named = _named(rules)
    found = _ground(whole, by_region)
    for prefix, entry in _by_kind(rules, whole, by_region).items():
        if longest(named, prefix) is None:
            found[prefix] = entry
    found |= named
    return {prefix: found[prefix] for prefix in sorted(found) if _tells_something(found, prefix)}


def _tells_something(found: Mapping[str, Entry], prefix: str) -> bool:
    above = longest(found, prefix[:-1])
    return above is None or above.direction != found[prefix].direction


def _named(rules: list[Direction]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for rule in rules:
        if rule.verb == "prefix":
            entries = dict.fromkeys(tables.expanded(rule.arguments), "named prefix")
        elif rule.verb == "series":
            name, network = rule.arguments
            entries = dict.fromkeys(tables.series(name, network), f"{name}: {network}")
        elif rule.verb == "carrier":
            code, *carriers = rule.arguments
            entries = {
                prefix: f"carrier table: {names['en']}"
                for prefix, names in CARRIER_DATA.items()
                if prefix.startswith(code) and any(carrier in names["en"] for carrier in carriers)
            }
        else:
            continue
        for prefix, why in entries.items():
            if prefix in found:
                raise ValueError(f"{prefix} is named for {found[prefix].destination} and {rule.destination}")
            found[prefix] = Entry(rule, why)
    return found


def _ground(whole: Mapping[str, Direction], by_region: Mapping[str, Direction]) -> dict[str, Entry]:
    """Return country codes with the own row of their country, and the ranges that a shared code gives to each one.

    What a shared code gives to nobody has no row: it would be sold at the price of whoever has the most of the code.
    """
    found: dict[str, Entry] = {}
    for prefix, rule in whole.items():
        if not kinds.is_shared(prefix):
            found[prefix] = Entry(rule, f"whole range +{prefix}")
            continue

        def base_row(region: str, main: Direction = rule) -> Direction:
            return by_region.get(region, main)

        for owned, owner in kinds.owners(prefix, base_row).items():
            found[owned] = Entry(owner, f"range +{owned} of one country in phonenumbers metadata")
    return found


def _by_kind(
    rules: list[Direction], whole: Mapping[str, Direction], by_region: Mapping[str, Direction]
) -> dict[str, Entry]:
    by_kind: dict[tuple[str, str], Direction] = {}
    for rule in rules:
        if rule.verb == "kinds":
            listed, *names = rule.arguments
            by_kind |= {(region, kind): rule for region in listed.split(",") for kind in names}
    apart = {region for region, _ in by_kind}
    found: dict[str, Entry] = {}
    for code, regions in kinds.country_codes().items():
        if not apart.intersection(regions):
            continue

        def label(region: str, kind: str, code: str = code) -> Direction:
            return by_kind.get((region, kind)) or by_region.get(region) or whole[code]

        for prefix, rule in kinds.prefixes(code, label).items():
            found[prefix] = Entry(rule, f"phonenumbers metadata, {' '.join((rule.verb, *rule.arguments))}")
    return found
