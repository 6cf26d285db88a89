"""Access numbers: a subscriber rings one, hears busy, and is called back and joined with the contact they chose."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Agreed
from k5web.domain.throttle import Throttle

FRESH = timedelta(minutes=2)  # an older missed call is not called back: nobody waits at the phone any more
CALLING_BACK = Throttle(every=timedelta(minutes=2), at_once=5)  # of one subscriber, whoever shows their number


@dataclass(frozen=True, slots=True)
class MissedCall:
    """What the switch wrote about a call it refused as busy. Both numbers are as the carrier sent them."""

    record: str  # the switch's own name of the call: the same record read twice is the same missed call
    caller: str
    access: str
    at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom an access number rings for its subscriber, and the terms they agreed to."""

    access: str  # E.164 digits
    number: Msisdn
    name: str  # "" where none was given
    agreed: Agreed  # a contact chosen long ago has the price of a minute alone


@dataclass(frozen=True, slots=True)
class CalledBack:
    """What became of a missed call. `outcome`: "called", or the code of what refused it."""

    access: str
    at: datetime
    outcome: str
    call_id: str | None
