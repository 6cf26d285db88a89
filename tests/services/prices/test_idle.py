"""E8: after ninety days without paid use the plan becomes «Старт», on both databases."""

import pytest

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.services.prices import billing
from k5web.services.prices.idle import move_idle
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from tests.services.house import House, publish
from tests.services.prices.test_subscriptions import connect, fresh


def test_after_more_than_ninety_days_without_paid_use_the_plan_is_start(k5: House) -> None:
    k5.top_up("50.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=90)
    assert move_idle(k5.ports) == 0
    k5.clock.forward(days=1)
    assert move_idle(k5.ports) == 1
    assert fresh(k5).plan_code == "start"
    assert k5.balance() == rub("45.00")
    assert move_idle(k5.ports) == 0


def test_a_paid_call_begins_the_days_anew(k5: House) -> None:
    publish(k5.ports, {"74": ("Россия фикс.", "1.69")}, 2, name="clovertel")
    k5.top_up("50.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=60)
    k5.talk(k5.order("+74951234567", caller=fresh(k5)), "30")
    k5.clock.forward(days=60)
    assert move_idle(k5.ports) == 0
    k5.clock.forward(days=31)
    assert move_idle(k5.ports) == 1


def test_a_plan_without_the_rule_stays(k5: House) -> None:
    k5.top_up("1000.00")
    connect(k5, "plan", "go")
    k5.clock.forward(days=400)
    assert move_idle(k5.ports) == 0
    assert fresh(k5).plan_code == "go"


def test_trouble_with_one_subscriber_keeps_nobody_else_from_moving(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    k5.top_up("50.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=91)
    monkeypatch.setattr(subscription_rows, "owners_on", lambda db, plans, after, limit: [0, k5.caller.id])
    assert move_idle(k5.ports) == 1
    assert fresh(k5).plan_code == "start"


@pytest.mark.parametrize(("origin", "is_use"), [("call", True), ("sms", True), ("data", True), ("order", False)])
def test_use_is_what_is_spoken_written_or_loaded_for_money(k5: House, origin: str, is_use: bool) -> None:
    """A number that was bought, and the fees that take themselves, are no use."""
    k5.top_up("500.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=60)
    billing.run(k5.ports)
    with k5.ports.sessions.begin() as db:
        move = Move(
            ledger.purse(db, k5.caller.id).account_id, -2_00, f"sale.{'order' if origin == 'order' else 'call'}"
        )
        event = Event(k5.caller.id, EventName(origin, "x"), (move,), "job:test", k5.clock())
        ledger.charge(db, event, k5.ports.today(), k5.clock())
    k5.clock.forward(days=31)
    assert move_idle(k5.ports) == (0 if is_use else 1)


def test_a_talk_of_gift_minutes_alone_is_no_paid_use(k5: House) -> None:
    k5.top_up("50.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=60)
    with k5.ports.sessions.begin() as db:
        move = Move(ledger.purse(db, k5.caller.id, "allowance:region-minutes").account_id, -60, "sale.call")
        event = Event(k5.caller.id, EventName("call", "x"), (move,), "job:test", k5.clock())
        ledger.record(db, event, k5.ports.today(), k5.clock())
    k5.clock.forward(days=31)
    assert move_idle(k5.ports) == 1
