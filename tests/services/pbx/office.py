"""An office with numbers and people, for tests of its calls: a switch asks and writes records as the dialplan does."""

from dataclasses import replace
from itertools import count

from sqlalchemy import insert

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.calls.call import CallKind, CallOrder, CallState
from k5web.domain.calls.pbx_record import PbxRecord, PbxRecordKind
from k5web.domain.calls.trunk import Trunk
from k5web.domain.pbx.question import Question
from k5web.services.accounts import number_stock
from k5web.services.calls import safety
from k5web.services.calls.settling import Importer
from k5web.services.pbx import paid_calls
from k5web.services.pbx import question as asking
from k5web.services.pbx.importing import PbxRecords
from k5web.services.ports import Ports
from k5web.storage.accounts import number_rows
from k5web.storage.accounts.number_rows import Move
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import SipAccountRow
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.accounts.stock import on
from tests.services.house import House, publish

MOSCOW, FREEPHONE, SHARED = "74950000101", "78000000105", "74952121562"
CALLER, MOBILE, CITY = "79161112233", "79031112233", "74951112233"
PRICES = {"79": ("Россия мобильный", "1.75"), "7495": ("Москва городской", "0.45"), "7812": ("Петербург", "0.45")}


class Office(House):
    """A house whose subscriber is an organisation on «Профи» and «Стандарт»: a Moscow number, an 8-800, a phone."""

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        plan: str = "standard-8800",
        lines: int = 2000,
        switch: FakeSwitch | None = None,
    ) -> None:
        super().__init__(sessions, clock, switch or FakeSwitch(clock, trunks=(Trunk("trunk-a", lines),)))
        self.ports = replace(self.ports, shared_number=SHARED)
        publish(self.ports, PRICES, 2, name="clovertel")
        on(self.ports, plan, self.caller)
        self.login = f"u{self.caller.id}-1"
        rent(self.ports, self.caller.id, MOSCOW, FREEPHONE)
        add_login(self.ports, self.caller.id, self.login)
        self._legs = count(1)
        self.importers = [Importer(self.ports, self.switch, PbxRecords(self.ports))]

    def sweep(self) -> None:
        """The worker's slow round."""
        super().sweep()
        paid_calls.look_after(self.ports, {self.switch.name: self.clock()})

    # What the switch writes

    def write(self, kind: PbxRecordKind, leg: str, linked: str = "", **more: object) -> PbxRecord:
        """Write one record of a leg at the clock's time."""
        record = PbxRecord(kind, linked or leg, leg, self.clock(), account="", endpoint="trunk-a")
        record = replace(record, **more)  # type: ignore[arg-type]
        self.switch.tell(record)
        return record

    def comes_in(self, asked: Question) -> None:
        """The caller's leg begins."""
        owner = str(self.caller.id)
        self.switch.legs.add(asked.leg_uuid)
        self.write(PbxRecordKind.CHAN_START, asked.leg_uuid, asked.linked_id)
        facts = (owner, f"{owner}r1", asked.did or MOSCOW, asked.caller)
        self.write(PbxRecordKind.K5_IN, asked.leg_uuid, asked.linked_id, account=owner, facts=facts)

    def hears(self, asked: Question, answer: str) -> None:
        """The switch takes an answer; "" is silence."""
        word, _, rest = answer.partition("|")
        call_id = rest.partition("|")[0] if word == "yes" else ""
        why = "" if call_id else rest if word == "no" else "silent"
        facts = (str(asked.owner_id), str(asked.n), asked.kind, asked.called, call_id, why)
        self.write(PbxRecordKind.K5_HOLD, asked.leg_uuid, asked.linked_id, account=str(asked.owner_id), facts=facts)

    def rings(self, asked: Question, leg: str) -> None:
        """The other phone's leg begins; whose it is does not stand there yet."""
        self.switch.legs.add(leg)
        self.write(PbxRecordKind.CHAN_START, leg, asked.linked_id)

    def answers(self, asked: Question, leg: str, account: str, linked: str = "") -> None:
        """A leg is answered."""
        self.write(PbxRecordKind.ANSWER, leg, linked or asked.linked_id, account=account)

    def ends(self, asked: Question, leg: str, account: str, source: str = "b", cause: int = 16) -> None:
        """A leg ends."""
        self.switch.legs.discard(leg)
        self.write(PbxRecordKind.HANGUP, leg, asked.linked_id, account=account, source=source, cause=cause)

    def leaves(self, asked: Question, dial_status: str = "", why: str = "") -> None:
        """The leg that asked is gone."""
        owner = str(asked.owner_id)
        facts = (owner, "start", dial_status, "16", "", why, "")
        self.write(PbxRecordKind.K5_DONE, asked.leg_uuid, asked.linked_id, account=owner, facts=facts)
        self.ends(asked, asked.leg_uuid, owner, "dialplan")
        self.write(PbxRecordKind.LINKEDID_END, asked.leg_uuid, asked.linked_id, account=owner)

    def put_through(self, seconds: str, called: str = MOBILE, **more: object) -> CallOrder:
        """A caller of the Moscow number is put through, and talks for a while (exact seconds, as text)."""
        asked = self.question(CallKind.FORWARD, called, **more)
        self.comes_in(asked)
        answer = self.ask(asked)
        call = self.asked(answer)
        self.hears(asked, answer)
        leg = f"{asked.leg_uuid}.b"
        self.rings(asked, leg)
        self.clock.forward(seconds=5)
        self.answers(asked, leg, call.id)
        self.work()
        whole, _, rest = seconds.partition(".")
        self.clock.forward(seconds=int(whole), microseconds=int(rest.ljust(6, "0")))
        self.ends(asked, leg, call.id)
        self.leaves(asked, "ANSWER")
        self.work()
        return self.call(call)

    # What it asks

    def question(self, kind: CallKind, called: str, **more: object) -> Question:
        """What the switch asks about a call of this kind, from a leg of its own."""
        leg = f"k5-1795866191.{next(self._legs)}"
        asked = Question(
            switch=self.switch.name,
            linked_id=leg,
            leg_uuid=leg,
            n=1,
            kind=kind,
            owner_id=self.caller.id,
            did={CallKind.INCOMING: called, CallKind.FORWARD: MOSCOW, CallKind.OUTGOING: ""}[kind],
            caller=self.login if kind is CallKind.OUTGOING else CALLER,
            called=called,
            endpoint=self.login if kind is CallKind.OUTGOING else "trunk-a",
        )
        return replace(asked, **more)  # type: ignore[arg-type]

    def ask(self, question: Question) -> str:
        """The line that K5 answers."""
        return asking.answer(self.ports, question)

    def forward(self, called: str = MOBILE, **more: object) -> str:
        """The answer where a caller of the Moscow number is to be put through."""
        return self.ask(self.question(CallKind.FORWARD, called, **more))

    def ring_free(self, caller: str = CALLER, **more: object) -> str:
        """The answer where somebody rings the 8-800 number."""
        return self.ask(self.question(CallKind.INCOMING, FREEPHONE, caller=caller, **more))

    def dial(self, called: str = MOBILE, **more: object) -> str:
        """The answer where the PBX user dials."""
        return self.ask(self.question(CallKind.OUTGOING, called, **more))

    def asked(self, answer: str) -> CallOrder:
        """The call that a yes is about."""
        word, call_id, *_ = answer.split("|")
        assert word == "yes", (answer, safety.show(self.ports, self.caller.id), self.live())
        return self.ordered_by(call_id)

    def live(self) -> list[CallOrder]:
        """The calls that ring or talk."""
        with self.ports.sessions.read() as db:
            return call_rows.live(db, self.caller.id)

    def end_all(self) -> None:
        """Close every live call as one that cost nothing, where the test is about something else."""
        for call in self.live():
            with self.ports.sessions.begin() as db:
                ledger.release_all(db, call.owner_id, call.id, self.clock())
                call_rows.change(db, call, self.clock(), state=CallState.SETTLED, cost_minor=0)


def rent(ports: Ports, owner_id: int, *numbers: str) -> None:
    """Give numbers to a subscriber, as if they had been connected."""
    for digits in numbers:
        number_stock.add(ports, f"+{digits}", is_beautiful=False, actor="staff:anna")
        with ports.sessions.begin() as db:
            for state in (NumberState.RESERVED, NumberState.RENTED):
                move = Move(state, owner_id, ports.clock(), "test", until=ports.clock())
                number_rows.move(db, number_rows.get(db, digits), move)


def add_login(ports: Ports, owner_id: int, login: str) -> None:
    """Give a subscriber a phone at the PBX."""
    row = {
        "owner_id": owner_id, "login": login, "kind": "phone", "user_n": None, "password_digest": "0" * 32,
        "added_at": ports.clock(),
    }  # fmt: skip
    with ports.sessions.begin() as db:
        db.execute(insert(SipAccountRow).values(row))
