"""Which sold directions no carrier takes, by the price lists in force."""

from k5web.domain.calls import gaps
from k5web.domain.calls.gaps import Gap
from k5web.services.calls.routing import decks_of, trunks
from k5web.services.ports import Ports


def sold(ports: Ports, deck: str) -> list[Gap]:
    """Return what a price list sells and no trunk takes. Raises: NoDeck, Unavailable."""
    return gaps.gaps(ports.rates.table(deck), trunks(ports.switches), decks_of(ports))
