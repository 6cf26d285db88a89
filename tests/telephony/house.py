"""A house whose phones really ring: its own database and callers, a real switch, the test takes the worker's steps."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

import app
from k5web.config.settings import Settings
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallOrder, CallState, Cdr, Outcome, split_call_id
from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.calls.missed_calls import call_back_due
from k5web.services.calls.placing import expire_holds, place_due, recover
from k5web.services.calls.settling import Importer
from k5web.services.payments.topups import credit
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows
from k5web.storage.tables import CallRow, IncidentRow
from tests.processes import PATIENCE_S, wait_for
from tests.services.house import ACCESS, PRICES, publish
from tests.telephony.orders import TRUNK
from tests.telephony.real import Telephony

PASSWORD = "correct horse"
SWEEP_EACH = 50  # rounds: about a second's
NUMBERS = iter(range(10_000))  # over all houses, for one town may serve several
OVER = (CallState.SETTLED, CallState.NOT_PLACED)


class RealHouse:
    """Each caller and each called phone has a number of its own; its last three digits choose the phone."""

    def __init__(
        self,
        url: str,
        var: Path,
        both: Telephony,
        prices: dict[str, tuple[str, str]] = PRICES,
        increment_s: int = 60,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """`environ`: which switches, where it is not the one of `both`."""
        self.switch, self.town = both.switch, both.town
        self.environ = {"K5_DATABASE_URL": url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(var)}
        self.environ |= environ or both.switch.environ
        self.environ["K5_ACCESS_NUMBERS"] = ",".join(ACCESS)
        self.settings = Settings.from_env(self.environ)
        self.ports = app.open_ports(self.settings)
        self._price = Price.parse(prices["79"][1]) + Price.parse(prices["7495"][1])
        self._importers = [Importer(self.ports, switch) for switch in self.ports.switches]
        publish(self.ports, prices, increment_s=increment_s)

    def close(self) -> None:
        """Close the database."""
        self.ports.sessions.dispose()

    def web(self) -> Flask:
        """Return the web application over this house."""
        made = app.create_app(self.settings, self.ports)
        made.config["PROPAGATE_EXCEPTIONS"] = False
        return made

    def caller(self, phone: str = "200", money: str = "100.00", number: Msisdn | None = None) -> Subscriber:
        """Return a new subscriber with money whose phone behaves like this."""
        number = number or Msisdn(f"7916{next(NUMBERS):04d}{phone}")
        caller = accounts.add_subscriber(self.ports, number, PASSWORD, "Анна")
        name = EventName("test:bank", f"in-{caller.id}")
        credit(self.ports, caller.id, name, rub(money), "cash.test", "connector:test", self.ports.clock())
        return caller

    def number(self, phone: str) -> Msisdn:
        """Return a number nobody was called at yet."""
        return Msisdn(f"7495{next(NUMBERS):04d}{phone}")

    def order(self, caller: Subscriber, phone: str = "200", number: Msisdn | None = None, **limits: int) -> CallOrder:
        """Press the button. `limits` (ring_b_s=4 …) shorten what the plan and the money allow."""
        number = number or self.number(phone)
        call = ordering.order_call(self.ports, caller, number, f"tap-{number.digits}", self._price)
        if limits:
            with self.ports.sessions.begin() as db:
                n = split_call_id(call.id)[1]
                db.execute(update(CallRow).where(CallRow.owner_id == caller.id, CallRow.n == n).values(**limits))
        return self.call(call)

    def place_by_hand(self, call: CallOrder) -> None:
        """Mark the order as the worker does before it asks the switch; asking is left to the test."""
        now = self.ports.clock()
        switch = next(iter(self.ports.switches)).name
        with self.ports.sessions.begin() as db:
            call_rows.change(
                db,
                call,
                now,
                state=CallState.PLACING,
                placing_at=now,
                switch=switch,
                trunks_a=(TRUNK,),
                trunks_b=(TRUNK,),
            )

    def place_due(self) -> None:
        """Take the worker's first step only: ask the switch, read nothing."""
        place_due(self.ports)

    def read_records(self) -> None:
        """Read everything that the switch wrote so far, as a worker does when it starts."""
        while sum(importer.run_once() for importer in self._importers):
            pass

    def work_until(self, condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
        """Take the worker's steps until the condition is true. Raises: AssertionError naming what did not come."""
        rounds = count()

        def has_come() -> bool:
            if condition():
                return True
            place_due(self.ports)
            for importer in self._importers:
                importer.run_once()
            call_back_due(self.ports)
            if next(rounds) % SWEEP_EACH == 0:
                recover(self.ports, {switch.name: self.ports.clock() for switch in self.ports.switches})
                expire_holds(self.ports)
            return False

        wait_for(has_come, what, patience_s)

    def work_until_all_is_over(self, patience_s: float = PATIENCE_S) -> None:
        """Take the worker's steps until no call is under way."""
        self.work_until(lambda: self.unfinished() == 0, "every call is over", patience_s)

    def unfinished(self) -> int:
        """Return how many calls are not over yet."""
        with self.ports.sessions.read() as db:
            return len(db.scalars(select(CallRow.n).where(CallRow.state.not_in(OVER))).all())

    def call(self, call: CallOrder) -> CallOrder:
        """Return the call as it stands."""
        return ordering.show_call(self.ports, call.owner_id, call.id).call

    def state(self, call: CallOrder) -> CallState:
        """Return how far the call came."""
        return self.call(call).state

    def outcome(self, call: CallOrder) -> Outcome | None:
        """Return how the call ended."""
        return self.call(call).outcome

    def legs(self, call: CallOrder) -> list[Cdr]:
        """Return the records of its legs, A first."""
        with self.ports.sessions.read() as db:
            return sorted(call_rows.cdrs(db, call.owner_id, int(call.id.rpartition("-")[2])), key=lambda leg: leg.leg)

    def purse(self, caller: Subscriber) -> tuple[Money, Money]:
        """Return the balance and what is held."""
        with self.ports.sessions.read() as db:
            purse = ledger.purse(db, caller.id)
        return purse.balance, purse.held

    def incidents(self) -> list[str]:
        """Return the kinds of what a person must look at; how full this machine's own disk is, is not the calls'."""
        with self.ports.sessions.read() as db:
            return sorted(kind for kind in db.scalars(select(IncidentRow.kind)) if kind != IncidentKind.RECORDINGS_DISK)

    def assert_sound(self) -> None:
        """Every invariant holds, and each phone that was called rang once."""
        assert list(verify(self.ports)) == []
        assert set(self.town.rings().values()) <= {1}


@contextmanager
def real_house(
    url: str, var: Path, both: Telephony, prices: dict[str, tuple[str, str]] = PRICES, increment_s: int = 60
) -> Iterator[RealHouse]:
    """Open a house for a while."""
    house = RealHouse(url, var, both, prices, increment_s)
    try:
        yield house
    finally:
        house.close()
