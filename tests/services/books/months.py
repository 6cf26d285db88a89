"""A subscriber who uses services over months, for tests of acts and of what else accountants read."""

from datetime import UTC, datetime

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.act import Act
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import Money
from k5web.services.books import acts, corrections
from k5web.services.books.verify import verify
from k5web.storage.books import ledger
from tests.services.house import House


class Months:
    """A house whose acts begin with the month of its clock."""

    def __init__(self, k5: House, caller: Subscriber | None = None) -> None:
        self.k5, self.ports, self.caller = k5, k5.ports, caller or k5.caller
        self._keys = 0
        acts.issue_due(self.ports)

    @property
    def owner_id(self) -> int:
        """Whose acts they are."""
        return self.caller.id

    def at(self, moment: str) -> None:
        """Set the clock, Moscow time: `2026-12-31 23:59:59`."""
        self.k5.clock.now = datetime.fromisoformat(f"{moment}+03:00").astimezone(UTC)

    def charge(self, minor: int, counter: str = "sale.order", name: EventName | None = None) -> EventName:
        """Take money for a service, also below zero."""
        self._keys += 1
        name = name or EventName("order", f"form-{self._keys}")
        now = self.ports.clock()
        with self.ports.sessions.begin() as db:
            account_id = ledger.purse(db, self.owner_id).account_id
            event = Event(self.owner_id, name, (Move(account_id, -minor, counter),), "test", now)
            ledger.record(db, event, self.ports.today(), now)
        return name

    def back(self, name: EventName) -> EventName:
        """Take a charge back."""
        return corrections.reverse(self.ports, self.owner_id, name, "staff:1").postings[0].name

    def acts(self) -> list[str]:
        """The owner's acts, oldest first: `2026-12 30.00`."""
        return [f"{act.address} {act.total}" for act in reversed(self.found())]

    def found(self) -> list[Act]:
        """The owner's acts, newest first."""
        return acts.of_owner(self.ports, self.owner_id)

    def latest_sum(self) -> Money:
        """What the latest versions of all acts come to."""
        latest: dict[object, Act] = {}
        for act in self.found():
            latest.setdefault(act.month, act)
        with self.ports.sessions.read() as db:
            currency = ledger.purse(db, self.owner_id).balance.currency
        return sum((act.total for act in latest.values()), Money(0, currency))

    def breaches(self) -> list[str]:
        """What the ledger's own rules say of acts."""
        return [f"{each.where} {each.found}" for each in verify(self.ports) if each.invariant == "I18"]
