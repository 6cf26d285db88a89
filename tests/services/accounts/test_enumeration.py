"""Nothing tells who is a subscriber: known and unknown numbers cost the same work on every path (S11).

Work is counted, not timed: each statement and each slow hash. `k5 bench enumeration` compares the times themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error
from k5web.services.accounts import invitations, passwords, recovery
from k5web.services.accounts.accounts import Browser, add_subscriber
from k5web.services.accounts.invitations import JoinForm
from k5web.services.messaging import delivery
from k5web.storage.messaging import outbox_rows, sms_counts
from k5web.storage.tables import OutboxRow
from tests.fakes.messages import FakeMessenger
from tests.services.house import House
from tests.services.visits import RIGHT, WRONG, counting, log_in, statements

KNOWN, UNKNOWN = "+79161110001", "+79162220002"
BROWSER = Browser("Chrome, Android", "203.0.113.7")


@dataclass
class Path:
    """One thing that a stranger may do with a number; what stands before `act` is not counted."""

    k5: House
    phone: str

    def log_in(self) -> Callable[[], object]:
        return lambda: log_in(self.k5, self.phone, WRONG)

    def ask_for_a_new_password(self) -> Callable[[], object]:
        return lambda: recovery.ask(self.k5.ports, self.phone, "203.0.113.8")

    def guess_the_code_of_a_new_password(self) -> Callable[[], object]:
        phone, request = recovery.ask(self.k5.ports, self.phone, "203.0.113.8")
        return lambda: recovery.enter(self.k5.ports, phone, request, "000000", BROWSER)

    def ask_to_join(self) -> Callable[[], object]:
        code = invitations.make(self.k5.ports, self.k5.caller.id, "form").code
        return lambda: invitations.ask(self.k5.ports, code, self.phone, "203.0.113.8")

    def guess_the_code_to_join(self) -> Callable[[], object]:
        code = invitations.make(self.k5.ports, self.k5.caller.id, "form").code
        phone, request = invitations.ask(self.k5.ports, code, self.phone, "203.0.113.8")
        typed = JoinForm(phone, request, "000000", "Ольга", "four quiet blue horses")
        return lambda: invitations.join(self.k5.ports, code, typed, BROWSER)


def warm_up(k5: House, way: str) -> None:
    """What is done once in the life of a database is done."""
    for phone in ("+79161110003", "+79162220004"):
        if phone == "+79161110003":
            add_subscriber(k5.ports, Msisdn(phone.removeprefix("+")), RIGHT, "Анна")
        spend(k5, way, phone, [])


def spend(k5: House, way: str, phone: str, work: list[str]) -> str:
    """Go this way with a number; return what was said."""
    act = getattr(Path(k5, phone), way)()
    work.clear()
    with statements(k5.ports.sessions, work):
        try:
            act()
        except K5Error as refusal:
            return f"{type(refusal).__name__} {refusal}"
    return ""


@pytest.mark.parametrize("way", [name for name in vars(Path) if not name.startswith("_")])
def test_known_and_unknown_numbers_cost_the_same_work(k5: House, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    work: list[str] = []
    for slow in ("is_right", "hash_password"):
        monkeypatch.setattr(passwords, slow, counting(getattr(passwords, slow), work))
    warm_up(k5, way)
    add_subscriber(k5.ports, Msisdn(KNOWN.removeprefix("+")), RIGHT, "Анна")
    seen = []
    for phone in (KNOWN, UNKNOWN):
        said = spend(k5, way, phone, work)
        seen.append((said.replace(phone, ""), list(work)))
    known, unknown = seen
    assert known == unknown
    assert known[1]


def written(k5: House) -> dict[str, Any]:
    """Return the one row of a code in the outbox."""
    with k5.ports.sessions.read() as db:
        row = db.scalars(select(OutboxRow).where(OutboxRow.kind == "code")).one()
        return {column.key: getattr(row, column.key) for column in OutboxRow.__table__.columns}


def size(row: dict[str, Any]) -> dict[str, int]:
    """Return how long each value is that differs from one request to the next."""
    return {name: len(str(row[name])) for name in ("id", "kind", "facts", "address", "ref", "expires_at")}


def test_an_unknown_number_has_as_much_written_and_never_anything_sent(k5: House) -> None:
    """S11: times tell nothing where both write a row of one size; what is written for nobody costs and is nothing."""
    ports = replace(k5.ports, messenger=(messenger := FakeMessenger()))
    recovery.ask(ports, UNKNOWN, "203.0.113.8")
    decoy = written(k5)
    for _ in range(3):
        assert delivery.deliver_due(ports) == 0
        with ports.sessions.read() as db:
            assert outbox_rows.waiting(db) == sms_counts.spent(db, ports.today()) == 0
        delivery.sweep(ports)
        k5.clock.forward(minutes=5)
    assert messenger.took == []
    add_subscriber(k5.ports, Msisdn(KNOWN.removeprefix("+")), RIGHT, "Анна")
    recovery.ask(ports, KNOWN, "203.0.113.8")
    delivery.sweep(ports)
    assert size(written(k5)) == size(decoy), "and the decoy is gone"
