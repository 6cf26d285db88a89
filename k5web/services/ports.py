"""What the use cases need from outside, opened once by the composition root."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import BinaryIO

from sqlalchemy.orm import Session

from k5web.domain.accounts.bonus import FIVE_PER_CENT, BonusPlan
from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.bank.payee import Payee
from k5web.domain.bank.payment import ASKS_ABOVE
from k5web.domain.books.archive import KEPT_YEARS
from k5web.domain.books.export import ExportWish
from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.books.transfer import TRANSFER_DAY
from k5web.domain.calls.call import Switches
from k5web.domain.calls.fraud import STANDARD_TERMS, AlarmTerms
from k5web.domain.calls.own_limit import RAISE_WAIT
from k5web.domain.desk.proposal import TWO_PERSONS_ABOVE
from k5web.domain.messaging.message import Attachment, Mailer, Messenger, Wording
from k5web.domain.messaging.quiet_hours import QUIET, QuietHours
from k5web.domain.messaging.service_numbers import NUMBERS, ServiceNumbers
from k5web.domain.messaging.sms_limits import TERMS, SmsTerms
from k5web.domain.money import Money
from k5web.domain.operator_zone import OPERATOR_ZONE as OPERATOR_ZONE
from k5web.domain.payments.connector import PaymentConnector
from k5web.domain.pbx.greeting import Convert
from k5web.domain.pbx.switch_tables import SwitchTables
from k5web.domain.pbx.webhook import HookDoor
from k5web.services.in_force.plans import PlanBook
from k5web.services.in_force.rates import RateBook
from k5web.storage.look import Look
from k5web.storage.session import Sessions

# Counts an order of a call against limits of the way it came by, in the order's own transaction: what is refused was
# never counted, and what is repeated is counted once
Count = Callable[[Session], None]

# Says a message of this kind and these facts in this language; None: the operator's own
Say = Callable[[str, Mapping[str, object], str | None], Wording]

# Makes the files that an owner's letter of this kind and these facts brings along, at the moment of sending
Attach = Callable[["Ports", int, str, Mapping[str, object]], tuple[Attachment, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a file of a statement or a call detail says: lines are read while it is written, never all at once."""

    wish: ExportWish
    owner_id: int
    name: str  # of the subscriber
    language: str | None
    opening: Money
    total_in: Money
    total_out: Money  # zero or below
    lines: Iterable[object]  # each as `services/books/statements.py` explains it

    @property
    def total(self) -> Money:
        """What the lines come to."""
        return self.total_in + self.total_out


# Writes a report into a file in the format that is wished
WriteReport = Callable[[Report, BinaryIO], None]


class Connectors:
    """The ways money may come in, each by its address below /hooks/ and by the origin of its payments' names."""

    def __init__(self, opened: Iterable[PaymentConnector] = ()) -> None:
        self._by_origin = {connector.origin: connector for connector in opened}
        self._by_address = {connector.address: connector for connector in self}

    def __iter__(self) -> Iterator[PaymentConnector]:
        return iter(self._by_origin.values())

    def at(self, address: str) -> PaymentConnector | None:
        """Return who is spoken to at /hooks/<address>."""
        return self._by_address.get(address)

    def of(self, origin: str) -> PaymentConnector | None:
        """Return whose payments are named by this origin."""
        return self._by_origin.get(origin)


@dataclass(frozen=True, slots=True)
class CardTries:
    """How many cards, and how many declined tries, an account has in a day before it is a thief that tries cards."""

    cards: int = 3
    declines: int = 5


def unsaid(kind: str, facts: Mapping[str, object], language: str | None) -> Wording:
    """Say a message in no language: its kind and its facts."""
    return Wording(kind, f"{kind} {' '.join(str(fact) for fact in facts.values())}")


def nothing_attached(ports: "Ports", owner_id: int, kind: str, facts: Mapping[str, object]) -> tuple[Attachment, ...]:
    """Attach no file."""
    return ()


@dataclass(frozen=True, slots=True)
class Ports:
    """Doors of the house. `clock` returns now in UTC."""

    sessions: Sessions
    switches: Switches
    rates: RateBook
    plans: PlanBook
    clock: Callable[[], datetime]
    connectors: Connectors = field(default_factory=Connectors)
    # Keys of the hashes by which accounts that are personal data are known again, newest first
    lookup_keys: tuple[bytes, ...] = field(default_factory=lambda: (secrets.token_bytes(32),), repr=False)
    # Keys by which secrets of staff's one-time codes and of webhooks are enciphered, newest first
    cipher_keys: tuple[bytes, ...] = field(
        default_factory=lambda: (urlsafe_b64encode(secrets.token_bytes(32)),), repr=False
    )
    own_numbers: tuple[str, ...] = ()  # prefixes of the operator's own lines, E.164 digits: never called
    bank_asks_above: Money = ASKS_ABOVE  # a payment of a statement above this is asked about
    payee: Payee | None = None  # who is paid at a bank; None: nothing is printed
    card_day: Money | None = None  # what saved cards give a day without a password; None: as automatic top-ups may take
    card_tries: CardTries = CardTries()
    alarm_terms: AlarmTerms = STANDARD_TERMS  # from how much on staff are told of fraud
    public_url: str = ""  # by which people find the house
    hook_door: HookDoor | None = None  # the way to subscribers' own programs; None: nothing is told there
    switch_tables: Mapping[str, SwitchTables] = field(default_factory=dict)  # of switches whose files are here, by name
    shared_number: str = ""  # E.164 digits; who calls it dials an organisation's id then (D6); "": there is none
    access_numbers: tuple[str, ...] = ()  # E.164 digits; calls to them are refused and called back
    least_margins: Mapping[str, Fraction] = field(default_factory=dict)  # of a minute's price, by the code of the plan
    press_1: bool = False  # of everybody's calls: B is called only when A has pressed 1
    transfer_day: Money = TRANSFER_DAY  # what an account may send to others in a day, in its own currency
    two_persons_above: Money = TWO_PERSONS_ABOVE  # money by hand in a day, in the account's currency
    bonus: BonusPlan = FIVE_PER_CENT  # what sponsors earn
    promise: PromiseTerms | None = None  # what payments may be promised; None: none
    messenger: Messenger | None = None  # the SMS centre; None: SMS wait
    mailer: Mailer | None = None  # None: letters wait
    say: Say = unsaid  # what messages say
    attach: Attach = nothing_attached  # what letters bring along
    write_report: WriteReport | None = None  # None: files of statements wait
    convert: Convert | None = None  # makes prompts of uploaded sounds; None: they wait
    sms: SmsTerms = TERMS
    sms_numbers: ServiceNumbers = NUMBERS
    quiet: QuietHours = QUIET  # no notice by SMS then, by the operator's clock
    seal_to: tuple[EmailAddress, ...] = ()  # who keeps the seals of closed days
    raise_wait: timedelta = RAISE_WAIT  # before a higher limit counts that a subscriber sets
    ledger_years: int = KEPT_YEARS  # how long a year's postings stay after its end before they may leave
    most_phones: int = 5  # of one subscriber
    most_open: int = 3  # payments of one account that are begun and not paid

    def today(self) -> date:
        """Return the accounting day: the operator's calendar."""
        return self.day_of(self.clock())

    def reading(self, last: date) -> AbstractContextManager[Session]:
        """Look at what was until a day: days that are over may come from a standby, today is the primary's.

        Raises: Unavailable.
        """
        return self.sessions.read_behind() if last < self.today() else self.sessions.read()

    @contextmanager
    def one_look(self) -> Iterator["Ports"]:
        """Lend doors whose readers share one transaction, until the block is left."""
        look = Look(self.sessions)
        try:
            yield replace(self, sessions=look)
        finally:
            look.close()

    def day_of(self, moment: datetime) -> date:
        """Return the accounting day of a moment."""
        return moment.astimezone(OPERATOR_ZONE).date()

    def day_began_at(self) -> datetime:
        """Return the first moment of the accounting day."""
        return start_of_day(self.today())


def start_of_day(day: date) -> datetime:
    """Return 00:00 of a day in the operator's zone."""
    return datetime.combine(day, time.min, OPERATOR_ZONE)
