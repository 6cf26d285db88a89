"""The demo subscriber of ./run: a Moscow mobile with money, so that the first call is one press away."""

from k5web.domain.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.number import Msisdn
from k5web.domain.subscriber import Subscriber
from k5web.errors import NotFound
from k5web.services import accounts, passwords
from k5web.services.ports import Ports
from k5web.services.topups import credit
from k5web.storage import subscribers

PHONE = Msisdn("79161234567")
OPENING = Money(500_00)


def open_demo(ports: Ports, password: str) -> Subscriber:
    """Return the demo subscriber, who has this password and was given 500.00 once; repeatable."""
    try:
        caller = accounts.find_subscriber(ports, str(PHONE))
    except NotFound:
        caller = accounts.add_subscriber(ports, PHONE, password, "Демо")
    else:
        _keep_password(ports, caller, password)
    name = EventName("opening", f"demo:{caller.id}")  # known from the second start on: nothing is given twice
    credit(ports, caller.id, name, OPENING, "opening", "job:demo", ports.clock())
    return caller


def _keep_password(ports: Ports, caller: Subscriber, password: str) -> None:
    """Set the password where another is in force: what ./run prints must work."""
    with ports.sessions.read() as db:
        kept = subscribers.password_hash(db, caller.id)
    if not passwords.is_right(password, kept):
        accounts.change_password(ports, caller, password)
