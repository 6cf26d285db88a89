"""R9: fees are taken once for each period, in order, whoever runs it, how often and how late; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from k5web.domain.books.ledger import EventName
from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.subscription import SubscriptionState
from k5web.errors import InsufficientFunds, NoPlan, Unavailable
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import promised_payments
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.services.prices import billing, steps, subscriptions
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from k5web.storage.tables import AccountRow
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect, fresh, sound

NEW_YEAR = datetime(2027, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def crowd(k5: House) -> list[int]:
    """Twenty subscribers of GO, each with the fee of the first month and of every second one of January."""
    owners = []
    for n in range(20):
        one = add_subscriber(k5.ports, Msisdn(f"7916000{n:04d}"), "correct horse", "Ольга")
        money = rub("470.00" if n % 2 else "940.00")
        name = EventName("test:bank", f"crowd-{n}")
        credit(k5.ports, one.id, name, money, "cash.test", "connector:test", k5.clock())
        step = steps.look_at(k5.ports, one, "plan", "go")
        subscriptions.connect(k5.ports, one, "plan", "go", "form", step.now)
        owners.append(one.id)
    return owners


def balances(k5: House, owners: list[int]) -> list[str]:
    with k5.ports.sessions.read() as db:
        return [str(ledger.purse(db, owner_id).balance) for owner_id in owners]


def insist(k5: House) -> billing.BillingRun:
    """Bill until the database lets it: a busy SQLite answers later."""
    for _ in range(20):
        try:
            return billing.run(k5.ports)
        except Unavailable:
            continue
    raise AssertionError("the database never had time")


def test_four_workers_at_once_take_each_fee_once(k5: House, crowd: list[int]) -> None:
    k5.clock.now = NEW_YEAR
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: insist(k5), range(4)))
    insist(k5)
    assert balances(k5, crowd) == ["0.00"] * 20
    with k5.ports.sessions.read() as db:
        states = [subscription_rows.live(db, owner_id)[0].state for owner_id in crowd]
    assert states == [[SubscriptionState.ACTIVE, SubscriptionState.SUSPENDED][n % 2] for n in range(20)]
    assert list(verify(k5.ports)) == []


def test_the_clock_turned_back_over_the_month_s_end_takes_nothing_twice(k5: House) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    for now in (NEW_YEAR, datetime(2026, 12, 31, 9, tzinfo=UTC), NEW_YEAR):
        k5.clock.now = now
        billing.run(k5.ports)
    assert k5.balance() == rub("800.00")
    sound(k5)


def test_money_that_a_call_holds_pays_no_fee(k5: House) -> None:
    """The hold of a talk under way is not there for the fee; what it leaves is, at the next run."""
    k5.top_up("604.40")
    with k5.ports.sessions.begin() as db:
        ledger.hold(db, k5.caller.id, ledger.purse(db, k5.caller.id).account_id, "x", rub("4.41"), k5.clock(), NEW_YEAR)
    with pytest.raises(InsufficientFunds):
        connect(k5, "plan", "go-100")


def test_a_fee_is_charged_until_the_day_that_is_asked_for(k5: House) -> None:
    k5.top_up("100.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=5)
    assert billing.run(k5.ports, date(2026, 12, 3)).paid == 2
    assert k5.balance() == rub("85.00")
    assert billing.run(k5.ports).paid == 3
    assert k5.balance() == rub("70.00")
    sound(k5)


def test_an_option_that_needs_the_paid_plan_waits_for_it(k5: House) -> None:
    """E4: unlimited internet only while the plan's fee is paid."""
    k5.top_up("80.00")
    connect(k5, "plan", "economny")
    connect(k5, "option", "unlimited-internet")
    k5.clock.forward(days=1)
    k5.top_up("4.00")
    billing.run(k5.ports)
    with k5.ports.sessions.read() as db:
        states = {each.code: each.state for each in subscription_rows.live(db, k5.caller.id)}
    assert states["vklyuchaysya"] is states["unlimited-internet"] is SubscriptionState.SUSPENDED
    assert k5.balance() == rub("4.00")
    sound(k5)


def test_a_lost_fee_and_one_of_nothing_are_found(k5: House) -> None:
    """I8."""
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    with k5.ports.sessions.begin() as db:
        period = subscription_rows.periods(db, k5.caller.id, 1)[0]
        subscription_rows.note_periods(db, [replace(period, fee_minor=1)], k5.clock())
        own = subscription_rows.live(db, k5.caller.id)[0]
        subscription_rows.save(db, [replace(own, next_due=date(2027, 3, 1))])
    found = [breach.found for breach in verify(k5.ports) if breach.invariant == "I8"]
    assert found == [
        "paid 1, but the event fee 1:2026-12 moved 60000",
        "is next due on 2027-03-01; its periods reach to 2027-01-01",
    ]
    k5.clock.now = datetime(2027, 3, 4, 9, tzinfo=UTC)
    assert any("was due on 2027-03-01" in breach.found for breach in verify(k5.ports))


def test_nobody_is_billed_who_has_nothing(k5: House) -> None:
    assert billing.run(k5.ports) == billing.BillingRun()
    with k5.ports.sessions.read() as db:
        assert subscribers.get(db, fresh(k5).id).plan_code == "k5"


def test_trouble_with_one_owner_keeps_nobody_else_from_being_billed(
    k5: House, crowd: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = billing.bill_owners

    def faulty(ports: Ports, owner_ids: list[int], until: date, waits: bool) -> billing.BillingRun:
        if crowd[0] in owner_ids:
            raise NoPlan(code="go")
        return real(ports, owner_ids, until, waits)

    monkeypatch.setattr(billing, "bill_owners", faulty)
    k5.clock.now = NEW_YEAR
    done = billing.run(k5.ports)
    assert (done.failed, done.owners, done.paid) == (1, 19, 9), "each of the others was billed alone"


def test_a_run_up_to_a_past_day_pays_nothing_of_the_present_under_an_old_name(k5: House) -> None:
    """What was suspended then comes back when its own present is billed, and each day is paid for once."""
    k5.top_up("600.00")
    connect(k5, "plan", "go-100")
    k5.clock.now = NEW_YEAR
    assert billing.run(k5.ports).suspended == 1
    k5.clock.now = datetime(2027, 2, 20, 9, tzinfo=UTC)
    k5.top_up("2000.00")
    assert billing.run(k5.ports, date(2027, 1, 31)).resumed == 0
    billing.run(k5.ports)
    assert k5.balance() == rub("1400.00")
    sound(k5)


def test_what_is_suspended_comes_back_when_a_hold_ends(k5: House) -> None:
    """A call that nobody answers posts nothing, and yet its money is there again."""
    k5.top_up("1200.00")
    connect(k5, "plan", "go-100")
    with k5.ports.sessions.begin() as db:
        account_id = ledger.purse(db, k5.caller.id).account_id
        ledger.hold(db, k5.caller.id, account_id, "x", rub("4.00"), k5.clock(), NEW_YEAR)
    k5.clock.now = NEW_YEAR
    assert billing.run(k5.ports).suspended == 1
    with k5.ports.sessions.begin() as db:
        ledger.release(db, k5.caller.id, account_id, "x", k5.clock())
    assert billing.run(k5.ports).resumed == 1
    sound(k5)


def test_what_is_suspended_comes_back_by_a_promised_payment(k5: House) -> None:
    k5.ports = replace(k5.ports, promise=PromiseTerms(rub("700.00"), days=3, account_days=0))
    k5.top_up("610.00")
    connect(k5, "plan", "go-100")
    k5.clock.now = NEW_YEAR
    assert billing.run(k5.ports).suspended == 1
    promised_payments.take(k5.ports, k5.caller.id, rub("700.00"), "form")
    assert billing.run(k5.ports).resumed == 1
    assert k5.balance() == -rub("590.00")
    sound(k5)


def test_what_is_suspended_and_cannot_pay_yet_is_looked_at_once(k5: House) -> None:
    k5.top_up("1199.99")
    connect(k5, "plan", "go-100")
    k5.clock.now = NEW_YEAR
    billing.run(k5.ports)
    assert billing.run(k5.ports).owners == 0


def test_what_runs_on_a_closed_account_ends_and_is_no_fault(k5: House, caplog: pytest.LogCaptureFixture) -> None:
    k5.top_up("1000.00")
    connect(k5, "plan", "economny")
    with k5.ports.sessions.begin() as db:
        db.execute(update(AccountRow).where(AccountRow.owner_id == k5.caller.id).values(closed_at=k5.clock()))
    k5.clock.forward(days=1)
    done = billing.run(k5.ports)
    assert (done.paid, done.ended, done.failed) == (0, 2, 0)
    assert billing.run(k5.ports) == billing.BillingRun()
    assert "fault" not in caplog.text
    assert list(verify(k5.ports)) == []
