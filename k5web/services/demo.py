"""The demo of ./run: subscribers with money, so that the first call is one press away; numbers to choose from."""

import hashlib
from decimal import Decimal

from k5web.domain.accounts.stock_number import CODES
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound
from k5web.services.accounts import accounts, number_stock, passwords
from k5web.services.desk import staff
from k5web.services.payments.topups import credit
from k5web.services.pbx import demo_office
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers

PHONE, SOM_PHONE = Msisdn("79161234567"), Msisdn("996555123456")
OFFICE_PHONE = Msisdn("79161234568")
ACTOR = "job:demo"
STAFF = {"anna": "Анна, проба", "boris": "Борис, проба"}  # two: some things need a second person
OPENING = 500_00  # of the account's currency, in hundredths
OFFICE_OPENING = 5_000_00
SOM_RATE = Decimal("1.12")  # som for a rouble, made up
NUMBERS_A_CODE = 12  # of them the eleventh is beautiful


def open_demo(ports: Ports, password: str) -> Subscriber:
    """Return the demo subscriber, who has this password and was given 500.00 once; repeatable."""
    return _open(ports, PHONE, "RUB", "Демо", password)


def open_som_demo(ports: Ports, password: str) -> Subscriber:
    """Return the one whose account is in som, as payers by a Kyrgyz wallet have it."""
    return _open(ports, SOM_PHONE, "KGS", "Демо в сомах", password)


def open_office(ports: Ports, password: str) -> str:
    """Open the organisation with a PBX, and return its number, E.164 digits; the stock has numbers. Repeatable."""
    return demo_office.furnish(ports, _open(ports, OFFICE_PHONE, "RUB", "Демо-компания", password, OFFICE_OPENING))


def open_staff(ports: Ports, password: str, secret: bytes) -> None:
    """Let two of the staff in, who may all, by this password; repeatable."""
    for login, name in STAFF.items():
        staff.open_demo(ports, login, name, password, hashlib.sha256(secret + login.encode()).digest()[:20], ACTOR)


def staff_codes(ports: Ports) -> dict[str, str]:
    """Return the one-time codes of this moment of whoever is here to try the desk, by login."""
    codes = {login: staff.current_code(ports, login) for login in STAFF}
    return {login: code for login, code in codes.items() if code}


def fill_stock(ports: Ports) -> None:
    """Put a few numbers of each code into the stock; repeatable.

    They are of the exchange 000, which no town has: whoever dials one reaches nobody.
    """
    places = range(1, 1 + NUMBERS_A_CODE)
    numbers = {Msisdn(f"7{code}00001{n:02}"): n % 11 == 0 for code in CODES for n in places}
    number_stock.add_all(ports, numbers, ACTOR)


def _open(ports: Ports, phone: Msisdn, currency: str, name: str, password: str, opening: int = OPENING) -> Subscriber:
    try:
        caller = accounts.find_subscriber(ports, str(phone))
    except NotFound:
        caller = accounts.add_subscriber(ports, phone, password, name, currency)
    else:
        _keep_password(ports, caller, password)
    gift = EventName("opening", f"demo:{caller.id}")  # known from the second start on: nothing is given twice
    credit(ports, caller.id, gift, Money(opening, currency), "opening", ACTOR, ports.clock())
    return caller


def _keep_password(ports: Ports, caller: Subscriber, password: str) -> None:
    """Set the password where another is in force: what ./run prints must work."""
    with ports.sessions.read() as db:
        kept = subscribers.password_hash(db, caller.id)
    if not passwords.is_right(password, kept):
        accounts.change_password(ports, caller, password)
