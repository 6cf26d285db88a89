"""A whole house for service tests: real database, real rates, phones played by the test, a clock that stands still."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import insert

from k5web.domain.accounts.subscriber import Phone, Subscriber
from k5web.domain.books.ledger import EventName, HoldState, Purse
from k5web.domain.calls.call import CallOrder
from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.deck_cells import BLOCKED
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import statements
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.calls.missed_calls import call_back_due
from k5web.services.calls.placing import expire_holds, place_due, recover
from k5web.services.calls.settling import Importer
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.accounts import phone_rows
from k5web.storage.books import ledger
from k5web.storage.session import Sessions
from k5web.storage.tables import DeckRow, RateRow
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.fakes.payee import ROMASHKA
from tests.fakes.switch import FakeSwitch

# The leaflet's directions: A4
PRICES = {
    "79": ("Россия мобильный", "1.75"),
    "7495": ("Москва городской", "0.45"),
    "7343": ("Екатеринбург городской", "0.52"),
    "7861": ("Краснодар городской", "0.91"),
    "7843": ("Казань городской", "0.99"),
    "7846": ("Самара городской", "0.99"),
    "77172": ("Астана городской", "0.26"),
    "3592": ("София городской", "2.08"),
}
ACCESS = ("74951110001", "74951110002")
OWN, THEIRS = "+79161234567", "+74951234567"


def publish(
    ports: Ports,
    prices: dict[str, tuple[str, str]] = PRICES,
    version: int = 1,
    increment_s: int = 60,
    name: str = "k5",
    terms: Mapping[str, Mapping[str, int | str]] | None = None,
) -> None:
    """Put a price list in force; by another increment than the minute every second counts from the first.

    `terms` are other columns of single prefixes: {"7812": {"connect_fee_micro": 5_000_000}}.
    """
    now = ports.clock()
    deck = {"name": name, "effective_from": now, "imported_at": now, "row_count": len(prices)}
    with ports.sessions.begin() as db:
        deck_id = db.execute(
            insert(DeckRow).values(**deck, source="test", digest=bytes([version])).returning(DeckRow.id)
        ).scalar_one()
        rows = [
            {
                "deck_id": deck_id,
                "prefix": prefix,
                "valid_from": now,
                "destination": title,
                "price_micro": 0 if price == BLOCKED else Price.parse(price).micro,
                "is_blocked": price == BLOCKED,
                "currency": "RUB",
                "increment_s": increment_s,
                "minimum_s": increment_s,
                "free_below_s": 3 if increment_s == 60 else 0,
                "connect_fee_micro": 0,
                **(terms or {}).get(prefix, {}),
            }
            for prefix, (title, price) in prices.items()
        ]
        db.execute(insert(RateRow), rows)


class House:
    """One subscriber with money, one switch, one worker that runs when it is told to."""

    def __init__(self, sessions: Sessions, clock: Clock, *switches: FakeSwitch) -> None:
        self.clock = clock
        self.switches = switches or (FakeSwitch(clock),)
        self.switch = self.switches[0]
        self.ports = open_doors(
            sessions,
            clock,
            *self.switches,
            payee=ROMASHKA,
            own_numbers=ACCESS,
            access_numbers=ACCESS,
        )
        publish(self.ports)
        self.caller = add_subscriber(self.ports, Msisdn.parse(OWN), "correct horse", "Анна")
        self.importers = [Importer(self.ports, switch) for switch in self.switches]
        self._keys = 0
        self._versions = 1

    def reprice(self, prefix: str, price: str, **terms: int) -> None:
        """Publish the price list anew with one price changed, and its other columns where they are given; it is in
        force a little later."""
        title = PRICES[prefix][0] if prefix in PRICES else "Новое направление"
        self.clock.forward(seconds=2)
        self._versions += 1
        publish(self.ports, PRICES | {prefix: (title, price)}, self._versions, terms={prefix: terms})
        self.clock.forward(seconds=2)
        for _ in range(100):
            if str(self.ports.rates.table("k5").find(prefix + "0000000").per_minute) == price:
                return
        raise AssertionError("the new price list did not take force")

    def top_up(self, amount: str) -> None:
        """Pay money in."""
        self._keys += 1
        name = EventName("test:bank", f"in-{self._keys}")
        credit(self.ports, self.caller.id, name, rub(amount), "cash.test", "connector:test", self.clock())

    def order(
        self, to: str = THEIRS, key: str | None = None, seen: str = "100.00", caller: Subscriber | None = None
    ) -> CallOrder:
        """Press the button."""
        self._keys += 1
        number = Msisdn.parse(to)
        return ordering.order_call(
            self.ports, caller or self.caller, number, key or f"form-{self._keys}", Price.parse(seen)
        )

    def work(self) -> None:
        """One round of the worker."""
        place_due(self.ports)
        for importer in self.importers:
            while importer.run_once():
                pass
        call_back_due(self.ports)

    def sweep(self) -> None:
        """The worker's slow round."""
        recover(self.ports, {switch.name: self.clock() for switch in self.switches})
        expire_holds(self.ports)

    def sweep_holds_only(self) -> None:
        """Only the expiry of holds."""
        expire_holds(self.ports)

    def talk(self, call: CallOrder, seconds: str, by: str = "b") -> CallOrder:
        """Let both phones be answered and talk for a while (exact seconds, as text)."""
        self.work()
        return self.talk_on(call, seconds, by)

    def talk_on(self, call: CallOrder, seconds: str, by: str = "b") -> CallOrder:
        """The same for a call whose leg A rings already."""
        self.clock.forward(seconds=4)
        self.switch.answer_a(call.id)
        self.clock.forward(seconds=5)
        self.switch.answer_b(call.id)
        self.work()
        whole, _, rest = seconds.partition(".")
        self.clock.forward(seconds=int(whole), microseconds=int(rest.ljust(6, "0")))
        self.switch.hang_up(call.id, "a" if by == "a" else "b")
        self.work()
        return self.call(call)

    def call(self, call: CallOrder) -> CallOrder:
        """The call as it stands."""
        return ordering.show_call(self.ports, call.owner_id, call.id).call

    def ordered_by(self, call_id: str) -> CallOrder:
        """The call of this id."""
        return ordering.show_call(self.ports, self.caller.id, call_id).call

    def purse(self) -> Purse:
        """The main account."""
        with self.ports.sessions.read() as db:
            return ledger.purse(db, self.caller.id)

    def balance(self) -> Money:
        """What is on the account."""
        return self.purse().balance

    def held(self) -> Money:
        """What is reserved."""
        return self.purse().held

    def hold_state(self, call: CallOrder) -> HoldState:
        """How the hold of a call ended."""
        with self.ports.sessions.read() as db:
            hold = ledger.find_hold(db, call.owner_id, call.account_id, call.id)
        assert hold is not None
        return hold.state

    def incidents(self) -> list[str]:
        """The kinds of what a person must look at."""
        with self.ports.sessions.read() as db:
            return sorted([found.kind for found in incidents.unresolved(db, 1000)])

    def charges(self) -> list[str]:
        """The amounts taken for calls, oldest first."""
        lines = statements.statement(self.ports, self.caller.id, limit=100).lines
        return [str(line.posting.amount) for line in reversed(lines) if line.posting.name.origin == "call"]

    def assert_sound(self) -> None:
        """Every invariant holds and nothing is held."""
        assert list(verify(self.ports)) == []
        assert self.held() == rub("0.00")


def with_phone(ports: Ports, owner: Subscriber, phone: Msisdn) -> Subscriber:
    """Give a subscriber one more phone, verified; return them as that one is rung."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        phone_rows.add(db, owner.id, Phone(phone, "", now, now))
    return replace(owner, phone=phone, phone_verified_at=now)


def subscriber(k5: House, n: int) -> Subscriber:
    """One more, with money."""
    phone = Msisdn(f"7916000{n:04d}")
    added = add_subscriber(k5.ports, phone, "correct horse", "Борис")
    name = EventName("test:bank", phone.digits)
    credit(k5.ports, added.id, name, rub("100.00"), "cash.test", "connector:test", k5.clock())
    return added


def somebody(k5: House, n: int) -> Subscriber:
    """One more subscriber, with money."""
    phone = Msisdn(f"7916000{n:04d}")
    added = add_subscriber(k5.ports, phone, "correct horse", "Борис")
    credit(k5.ports, added.id, EventName("test:bank", phone.digits), rub("10.00"), "cash.test", "test", k5.clock())
    return added
