"""What a list would have done to the traffic of the last whole month."""

from k5web.domain.prices.effect import Effect, carrier_effect, sale_effect
from k5web.domain.prices.rating import RateTable
from k5web.services.ports import Ports
from k5web.services.prices.past_month import last_month
from k5web.storage.prices import traffic_rows


def deck_effect(ports: Ports, before: RateTable, after: RateTable) -> Effect:
    """Return what a list would have changed: what its calls bring, or, where carriers bill by it, what they take."""
    span = last_month(ports)
    head = max((len(rate.prefix) for table in (before, after) for rate in table.rates()), default=1)
    trunks = {trunk.code for switch in ports.switches for trunk in switch.trunks if trunk.deck == after.name}
    with ports.sessions.read() as db:
        if trunks:
            return carrier_effect(traffic_rows.carried_by(db, sorted(trunks), span, head), before, after)
        return sale_effect(traffic_rows.sold_by(db, after.name, span, head), before, after)
