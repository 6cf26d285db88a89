"""What fees work on: subscriptions and accounts of some owners under lock, changed in memory and written together.

250 owners are one commit, and each step of it a statement for all of them.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move, Purpose, Purse, Unit
from k5web.domain.prices.subscription import Subscription, SubscriptionState
from k5web.errors import NotFound
from k5web.services.ports import Ports
from k5web.services.prices import number_plans
from k5web.storage.books.ledger_batch import LedgerBatch
from k5web.storage.pbx import pbx_rows
from k5web.storage.prices import subscription_rows
from k5web.storage.prices.subscription_rows import Period

ACTOR = "job:fees"


class FeeBatch:
    """Some owners in one transaction. Nothing is in the database before `write`."""

    def __init__(self, ports: Ports, db: Session, owner_ids: Sequence[int], waits: bool = True) -> None:
        """Lock the owners' accounts. Those without a main account are left out; so are busy ones, unless it `waits`."""
        self.ports = ports
        self.db, self._now = db, ports.clock()
        self.today = ports.day_of(self._now)  # asked once: midnight may come before all is done
        self._books = LedgerBatch(db, owner_ids, self.today, self._now, waits)
        self.owners = self._books.owners
        self._live = subscription_rows.live_of(db, self.owners)
        self._moved: dict[tuple[int, int], Subscription] = {}
        self._lost_plan: set[int] = set()
        self._others_paid: set[int] = set()  # for whom more or fewer people of a PBX are paid now
        self._periods: dict[tuple[int, int, date], Period] = {}

    @classmethod
    def of(cls, ports: Ports, db: Session, owner_id: int) -> "FeeBatch":
        """Return one owner's. Raises: NotFound (there is no account)."""
        batch = cls(ports, db, [owner_id])
        if not batch.owners:
            raise NotFound(what="account")
        return batch

    def live(self, owner_id: int) -> list[Subscription]:
        """Return what has not ended, in the order in which it is paid."""
        return [each for each in self._live[owner_id] if each.is_live]

    def save(self, subscription: Subscription) -> Subscription:
        """Note what became of a subscription and return it."""
        theirs = self._live[subscription.owner_id]
        was = next((each for each in theirs if each.n == subscription.n), None)
        if was is None or (was.state, was.pieces) != (subscription.state, subscription.pieces):
            self._others_paid.add(subscription.owner_id)
        theirs[:] = [subscription if each.n == subscription.n else each for each in theirs]
        self._moved[subscription.owner_id, subscription.n] = subscription
        if subscription.sort == "plan" and not subscription.is_live:
            self._lost_plan.add(subscription.owner_id)
        return subscription

    def add(self, subscription: Subscription, form_key: str) -> Subscription:
        """Write a new subscription under the owner's next number and return it with that."""
        self._flush()  # what it takes the place of has ended before
        added = subscription_rows.add(self.db, subscription, form_key, self._now)
        self._live[added.owner_id].append(added)
        self._others_paid.add(added.owner_id)
        return added

    def note(self, period: Period) -> None:
        """Note a period, or that one which was suspended is paid."""
        self._periods[period.owner_id, period.n, period.began_on] = period

    def last_period(self, subscription: Subscription) -> date:
        """Return the day on which the last period of a subscription began."""
        owner_id, n = subscription.owner_id, subscription.n
        fresh = [began_on for owner, number, began_on in self._periods if (owner, number) == (owner_id, n)]
        return max(fresh) if fresh else subscription_rows.periods(self.db, owner_id, n)[-1].began_on

    def purse(self, owner_id: int, purpose: Purpose = "main") -> Purse | None:
        """Return an account as it will be, None where there is none of this purpose."""
        return self._books.purse(owner_id, purpose)

    def is_closed(self, owner_id: int, purpose: Purpose = "main") -> bool:
        """Return whether nothing can be booked any more on an account that is there."""
        return self._books.is_closed(owner_id, purpose)

    def open(self, owner_id: int, purpose: Purpose, unit: Unit) -> Purse:
        """Open an empty account."""
        return self._books.open(owner_id, purpose, unit)

    def charge(self, owner_id: int, name: EventName, move: Move, actor: str = ACTOR) -> None:
        """Take what must be available. Raises: InsufficientFunds, AccountClosed."""
        self._books.charge(Event(owner_id, name, (move,), actor, self._now))

    def record(self, owner_id: int, name: EventName, move: Move) -> None:
        """Book a fact. Raises: AccountClosed."""
        self._books.record(Event(owner_id, name, (move,), ACTOR, self._now))

    def write(self) -> None:
        """Write all of it; numbers end with their plan. Raises: Conflict (a name is known: nothing may stand)."""
        self._flush()
        for owner_id in self._lost_plan:
            number_plans.end_numbers(self.ports, self.db, owner_id)
        self._lost_plan.clear()
        if self._others_paid:
            pbx_rows.touch_all(self.db, self._others_paid, self._now)
            self._others_paid.clear()

    def _flush(self) -> None:
        self._books.write()
        subscription_rows.save(self.db, self._moved.values())
        subscription_rows.note_periods(self.db, self._periods.values(), self._now)
        self._moved, self._periods = {}, {}

    def note_no_money(self) -> None:
        """Note how far the accounts had moved that could not pay: they are looked at again when they move on."""
        poor = [each for each in self.owners if any(s.state is SubscriptionState.SUSPENDED for s in self.live(each))]
        if poor:
            subscription_rows.note_no_money(self.db, poor)
