"""The price of one callback for a command that ends after it: three small questions, no price list in memory."""

from datetime import datetime

from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote
from k5web.errors import NoDeck
from k5web.storage.prices import rates
from k5web.storage.session import Sessions


def quote(sessions: Sessions, deck: str, a: Msisdn, b: Msisdn, moment: datetime) -> Quote:
    """Return the price of a callback between two numbers at a moment. Raises: NoDeck, NoRate, Unavailable."""
    with sessions.read() as db:
        due = rates.due(db, deck, moment)
        if due.version_id is None:
            raise NoDeck(deck=deck, until=due.next_effective)
        return rates.load_rates_of(db, deck, due.version_id, moment, (a.digits, b.digits)).quote(a.digits, b.digits)
