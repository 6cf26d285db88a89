"""Each planted fault is named by its invariant, and a sound ledger by none. Promises: I1–I7, I9, I13."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.calls.call import Switches
from k5web.domain.incident import IncidentKind
from k5web.domain.money import rub
from k5web.services.books.corrections import refund, reverse
from k5web.services.books.verify import verify
from k5web.services.payments import topups
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.services.ratebook import RateBook
from k5web.storage import incidents
from k5web.storage.books import ledger
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.services.house import House
from tests.services.net import Net
from tests.tamper import tampering

OWNER = 100001

# What somebody with the keys of the database does, and the invariants that see it
FAULTS = {
    "a balance changed by hand": ("UPDATE account SET balance_minor = balance_minor + 1", {"I1", "I9"}),
    "a chain said to be longer": ("UPDATE account SET last_seq = last_seq + 1", {"I1"}),
    "an account's last day moved": ("UPDATE account SET last_day = '2026-12-02'", {"I1"}),
    "a posting's amount changed": ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE seq = 2", {"I1", "I2"}),
    "a posting's balance changed": ("UPDATE posting SET balance_minor = balance_minor + 1 WHERE seq = 2", {"I2"}),
    "a posting moved to an earlier day": ("UPDATE posting SET day = '2026-11-01' WHERE seq = 2", {"I2"}),
    "the last posting taken out": ("DELETE FROM posting WHERE seq = 6", {"I1", "I3", "I6", "I9"}),
    "a posting in the middle taken out": ("DELETE FROM posting WHERE seq = 2", {"I1", "I2", "I3"}),
    "an event taken out": ("DELETE FROM ledger_transaction WHERE key = 'p2'", {"I3"}),
    "an account taken out": ("DELETE FROM account", {"I3", "I9"}),
    "a name without an event": (
        "INSERT INTO name_claim (key, origin, owner_id, fingerprint) VALUES ('x', 'qiwi:t', 1, 'f')",
        {"I3"},
    ),
    "a reservation changed by hand": ("UPDATE account SET held_minor = held_minor + 1", {"I4"}),
    "a hold ended behind the account's back": (
        "UPDATE hold SET state = 'released', closed_at = opened_at",
        {"I4"},
    ),
    "a hold nobody ends": ("UPDATE hold SET expires_at = '2026-12-01 08:49:59.000000Z'", {"I5"}),
    "a reversal that is no mirror": (
        "UPDATE posting SET counter = 'loss' WHERE origin = 'reversal'",
        {"I6"},
    ),
    "a refund above its payment": ("UPDATE posting SET amount_minor = -5001 WHERE origin = 'refund'", {"I6"}),
    "a name taken from its claim": ("DELETE FROM name_claim WHERE key = 'p1'", {"I13"}),
    "a claim with other facts": ("UPDATE name_claim SET fingerprint = 'f' WHERE key = 'p1'", {"I13"}),
    "one name for two owners": (
        "INSERT INTO ledger_transaction (owner_id, origin, key, fingerprint, actor, occurred_at, recorded_at) "
        "SELECT 2, origin, key, fingerprint, actor, occurred_at, recorded_at FROM ledger_transaction WHERE key = 'p1'",
        {"I13"},
    ),
    "one side of the journal lost": (
        "CREATE VIEW journal AS SELECT unit, amount_minor FROM posting",
        {"I9"},
    ),
}


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A ledger with three payments, a reversal, a refund, a fee and an open hold."""
    ports = Ports(sessions, Switches([FakeSwitch(clock)]), RateBook(sessions, clock), clock)
    with sessions.begin() as db:
        account_id = ledger.open_account(db, OWNER, "main", "RUB")
    names = [EventName("qiwi:t", f"p{n}") for n in (1, 2, 3)]
    for name in names:
        credit(ports, OWNER, name, rub("50.00"), "cash.qiwi", "connector:qiwi", clock())
    refund(ports, OWNER, names[0], rub("20.00"), "a1", "staff:1")
    fee = Event(OWNER, EventName("fee", "1:2026-12"), (Move(account_id, -1000, "sale.fee"),), "job:fees", clock())
    with sessions.begin() as db:
        ledger.charge(db, fee, ports.today(), clock())
        ledger.hold(db, OWNER, account_id, "100001-1", rub("5.00"), clock(), clock() + timedelta(hours=1))
    reverse(ports, OWNER, names[2], "staff:1")
    return ports


def test_a_sound_ledger_has_no_breach(ports: Ports) -> None:
    assert verify(ports) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(ports: Ports, database_url: str, fault: str) -> None:
    statement, expected = FAULTS[fault]
    with tampering(database_url) as connection:
        if statement.startswith("CREATE VIEW"):
            connection.execute(text("DROP VIEW journal"))
            if connection.dialect.name == "postgresql":
                statement += "; GRANT SELECT ON journal TO k5_app"
        if connection.dialect.name == "sqlite":
            statement = statement.replace("'f'", "x'66'")
        for part in statement.split("; "):
            connection.execute(text(part))
    found = verify(ports)
    assert {breach.invariant for breach in found} >= expected
    assert all(breach.where and breach.found for breach in found)


def test_a_hold_past_its_end_is_a_breach_only_when_the_sweep_missed_it(ports: Ports, clock: Clock) -> None:
    clock.forward(hours=1, minutes=10)
    assert verify(ports) == []
    clock.forward(seconds=1)
    assert [breach.invariant for breach in verify(ports)] == ["I5"]


CALL_FAULTS = {
    "a call's legs taken out": "DELETE FROM cdr WHERE n = 1",
    "a call's cost changed by hand": "UPDATE call SET cost_minor = cost_minor + 1 WHERE n = 1",
    "a call's transaction taken out": "DELETE FROM posting WHERE origin = 'call'",
    "a call that never ends": "UPDATE call SET state = 'talking' WHERE n = 2",
    "a minute that nobody paid": "UPDATE cdr SET answered_at = '2026-12-01 08:00:00.000000Z' WHERE n = 2",
    "an answered call said to be not placed": "UPDATE call SET state = 'not_placed' WHERE n = 2",
}


@pytest.fixture
def called(k5: House) -> House:
    """A house with a call of a minute and one of two seconds, two days ago."""
    k5.top_up("100.00")
    k5.talk(k5.order(), "60.0")
    k5.talk(k5.order(), "2.0")
    k5.clock.forward(days=2)
    assert [k5.ordered_by(f"{k5.caller.id}-{n}").cost for n in (1, 2)] == [rub("2.20"), rub("0.00")]
    return k5


def test_a_paid_call_and_one_too_short_to_be_paid_are_sound(called: House) -> None:
    called.assert_sound()


@pytest.mark.parametrize("fault", CALL_FAULTS)
def test_a_planted_fault_of_a_call_is_named(called: House, database_url: str, fault: str) -> None:
    with tampering(database_url) as connection:
        connection.execute(text(CALL_FAULTS[fault]))
    assert "I7" in {breach.invariant for breach in verify(called.ports)}


def test_an_answer_after_a_call_was_given_up_is_listed_and_so_no_breach(called: House, database_url: str) -> None:
    with tampering(database_url) as connection:
        connection.execute(text(CALL_FAULTS["an answered call said to be not placed"]))
    with called.ports.sessions.begin() as db:
        incidents.report(db, called.caller.id, IncidentKind.LATE_RECORD, f"{called.caller.id}-2", called.clock(), {})
    called.assert_sound()


# --- top-ups

FOREIGN = {
    "an older order of the same number": "UPDATE topup SET created_at = '{after}'",
    "another order than the one it has": "UPDATE topup SET provider_id = 'another' WHERE n = 1",
    "another top-up's order": (
        "UPDATE topup SET provider_id = (SELECT t.provider_id FROM topup t WHERE t.n = 1) WHERE n = 2"
    ),
}


@pytest.fixture
def shop(sessions: Sessions, clock: Clock) -> Net:
    """The house with two top-ups that were begun and paid."""
    net = Net(sessions, clock)
    for n in range(2):
        wish = topups.TopUpRequest("fake:bank", rub("100.00"), f"form-{n}", "https://k5.example/{reference}")
        top_up = topups.begin(net.ports, net.caller, wish)
        assert net.says(do="order", number=top_up.number, sum="100.00", id=top_up.provider_id) == "noted"
    return net


def test_top_ups_that_were_paid_by_their_own_orders_are_sound(shop: Net) -> None:
    shop.assert_sound()


@pytest.mark.parametrize("fault", FOREIGN)
def test_i11_a_top_up_that_an_order_not_its_own_credited_is_named(shop: Net, database_url: str, fault: str) -> None:
    after = (shop.clock() + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S.%fZ")
    with tampering(database_url) as connection:
        connection.execute(text(FOREIGN[fault].format(after=after)))
    found = [breach for breach in verify(shop.ports) if breach.invariant == "I11"]
    assert {breach.where for breach in found} >= {f"top-up {shop.caller.id}-1"}
    assert any("credited by" in breach.found for breach in found)
