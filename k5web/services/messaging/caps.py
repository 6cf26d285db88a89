"""Whether another SMS may be sent: so many to a number, so many for an address, so much money a day (S17).

Nothing here looks at whether a number is a subscriber's: known and unknown ones are counted alike.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from k5web.domain.address import network_of
from k5web.domain.messaging.sms_limits import A_NUMBER, AN_ADDRESS, REPLIES, of_last_hour, wait
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.errors import SmsCountryClosed, SmsSpent, TooOften
from k5web.services.ports import Ports
from k5web.storage.messaging import sms_counts


def book_request(ports: Ports, db: Session, to: Msisdn, address: str | None) -> None:
    """Count an SMS that somebody at this address asks for, or book nothing.

    Raises: SmsCountryClosed, TooOften; the transaction is then to be left.
    """
    if to.region not in ports.sms.countries:
        raise SmsCountryClosed
    # The number before the address, everywhere: two that wait for each other's rows would wait for ever
    _count(ports, db, "number", to.digits, A_NUMBER)
    _count(ports, db, "address", network_of(address, 32, 64), AN_ADDRESS)


def book_letter(ports: Ports, db: Session, to: str, address: str | None) -> None:
    """Count a letter that somebody asks for as an SMS is counted; it costs nothing. Raises: TooOften."""
    _count(ports, db, "number", to, A_NUMBER)
    _count(ports, db, "address", network_of(address, 32, 64), AN_ADDRESS)


def book_reply(ports: Ports, db: Session, to: Msisdn) -> None:
    """Count an answer to an SMS of this number. Raises: TooOften."""
    _count(ports, db, "reply", to.digits, REPLIES)


def book_cost(ports: Ports, db: Session, parts: int) -> Money:
    """Book what a code or a reply of so many parts costs, and return it. Raises: SmsSpent (nothing was booked)."""
    cost = ports.sms.cost(parts)
    _spend(ports, db, cost.minor, ports.sms.day)
    return cost


def book_notice(ports: Ports, db: Session, parts: int) -> Money:
    """Book what a notice costs: what is reserved for codes is not for it. Raises: SmsSpent (nothing was booked)."""
    cost = ports.sms.cost(parts)
    _spend(ports, db, cost.minor, ports.sms.notices_day)
    return cost


def book_nothing(ports: Ports, db: Session, parts: int) -> None:
    """Refuse as `book_cost` does, by the same statements, and book nothing. Raises: SmsSpent."""
    _spend(ports, db, 0, ports.sms.day - ports.sms.cost(parts))


def _spend(ports: Ports, db: Session, cost_minor: int, most: Money) -> None:
    if not sms_counts.spend(db, ports.today(), cost_minor, most.minor):
        raise SmsSpent


def _count(ports: Ports, db: Session, scope: str, subject: str, most: int) -> None:
    now = ports.clock()
    times = sms_counts.times(db, scope, subject, now)
    if left := wait(times, most, now):
        raise TooOften(wait_s=-(-left // timedelta(seconds=1)))
    sms_counts.keep_times(db, scope, subject, [*of_last_hour(times, now), now], now)
