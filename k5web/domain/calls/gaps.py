"""Where a price stands and no line leads: what is sold by a price list and taken by no carrier."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from k5web.domain.calls.trunk import Trunk
from k5web.domain.prices.rating import Rate, RateTable


@dataclass(frozen=True, slots=True)
class Gap:
    """A sold prefix that no carrier takes. `is_partial`: some of its numbers are taken, by longer prefixes."""

    rate: Rate
    is_partial: bool


def gaps(sold: RateTable, trunks: Sequence[Trunk], decks: Mapping[str, RateTable]) -> list[Gap]:
    """Return the prefixes of a price list that no trunk takes whole, in their order.

    A trunk without a list in force takes whatever may reach it (`Trunk.may_reach`), as routing has it.
    """
    taken = {
        name: sorted(rate.prefix for rate in table.rates() if not rate.is_blocked) for name, table in decks.items()
    }
    found = []
    for rate in sorted(sold.rates(), key=lambda each: each.prefix):
        if rate.is_blocked or any(_takes_whole(trunk, rate.prefix, decks) for trunk in trunks):
            continue
        found.append(Gap(rate, any(_takes_part(trunk, rate.prefix, decks, taken) for trunk in trunks)))
    return found


def _takes_whole(trunk: Trunk, prefix: str, decks: Mapping[str, RateTable]) -> bool:
    if not trunk.may_reach(prefix):
        return False
    table = decks.get(trunk.deck)
    rate = table.longest(prefix) if table is not None else None
    return table is None or (rate is not None and not rate.is_blocked)


def _takes_part(trunk: Trunk, prefix: str, decks: Mapping[str, RateTable], taken: Mapping[str, Sequence[str]]) -> bool:
    own = [each for each in trunk.prefixes if each.startswith(prefix) and trunk.may_reach(each)]
    if any(_takes_whole(trunk, each, decks) for each in own):
        return True
    if not own and not trunk.may_reach(prefix):
        return False
    return any(_has_longer(taken.get(trunk.deck, ()), each) for each in own or [prefix])


def _has_longer(prefixes: Sequence[str], prefix: str) -> bool:
    place = bisect_right(prefixes, prefix)
    return place < len(prefixes) and prefixes[place].startswith(prefix)
