"""A contract ends on its day, by its subscriber or by the operator's rules; the cabinet stays open (B9, B12)."""

from datetime import date, timedelta

import pytest

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.errors import ContractEnded, NotOverdue, WrongReason
from k5web.services.accounts import blocking, endings, numbers
from k5web.services.ports import start_of_day
from k5web.services.prices import billing
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from tests.services.accounts.stock import A, fill
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect, sound
from tests.services.visits import RIGHT, log_in, refusal

IVAN = "staff:ivan"


def at(k5: House, day: date) -> None:
    """Move the clock to the first moment of a day in Moscow."""
    k5.clock.now = start_of_day(day)


def fall(k5: House, key: str = "late") -> None:
    """Bring the account below zero by a charge that cannot be refused."""
    with k5.ports.sessions.begin() as db:
        purse = ledger.purse(db, k5.caller.id)
        move = Move(purse.account_id, -100, "sale.order")
        event = Event(k5.caller.id, EventName("order", key), (move,), IVAN, k5.clock())
        ledger.record(db, event, k5.ports.today(), k5.clock())


def is_over(k5: House) -> bool:
    with k5.ports.sessions.read() as db:
        return subscribers.get(db, k5.caller.id).ended_at is not None


def told(k5: House, kind: outbox.Kind) -> list[dict[str, object]]:
    with k5.ports.sessions.read() as db:
        return [message.facts for message in outbox.of_kind(db, k5.caller.id, kind)]


def test_on_the_day_after_the_last_one_everything_ends_and_the_cabinet_is_open(k5: House) -> None:
    """B12: services, plan and numbers end, calls are refused, no fee of the next month is taken."""
    fill(k5.ports, A)
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    numbers.reserve(k5.ports, k5.caller.id, A)
    numbers.connect(k5.ports, k5.caller.id, A, "form", rub("0.00"))
    applied = endings.apply(k5.ports, k5.caller.id)
    assert (applied.why, applied.last_day, applied.applied_at) == ("subscriber", date(2026, 12, 31), k5.clock())
    assert endings.listed(k5.ports) == [applied]
    at(k5, date(2027, 1, 1))
    k5.clock.forward(seconds=-1)
    assert endings.carry_out(k5.ports) == 0
    assert not is_over(k5)
    before = k5.balance()
    at(k5, date(2027, 1, 1))
    assert [endings.carry_out(k5.ports) for _ in range(2)] == [1, 0]
    assert billing.run(k5.ports).paid == 0
    assert k5.balance() == before
    with k5.ports.sessions.read() as db:
        assert subscription_rows.live(db, k5.caller.id) == []
    assert numbers.of_owner(k5.ports, k5.caller.id) == []
    assert isinstance(refusal(k5.order), ContractEnded)
    inside = log_in(k5, password=RIGHT).subscriber
    assert (inside.ended_at, inside.plan_code) == (k5.clock(), "k5")
    assert told(k5, "contract_ended") == [{"why": "subscriber", "until": "2027-01-30"}]
    assert endings.listed(k5.ports) == []
    sound(k5)


def test_an_application_is_taken_once_and_back_until_its_day(k5: House) -> None:
    first = endings.apply(k5.ports, k5.caller.id)
    k5.clock.forward(days=1)
    assert endings.apply(k5.ports, k5.caller.id) == first
    at(k5, date(2026, 12, 31))
    assert endings.withdraw(k5.ports, k5.caller.id)
    assert not endings.withdraw(k5.ports, k5.caller.id)
    again = endings.apply(k5.ports, k5.caller.id)
    assert (again.n, again.last_day) == (2, date(2027, 1, 31))
    at(k5, date(2027, 2, 1))
    assert not endings.withdraw(k5.ports, k5.caller.id)
    assert endings.carry_out(k5.ports) == 1
    assert isinstance(refusal(lambda: endings.apply(k5.ports, k5.caller.id)), ContractEnded)


def test_a_debt_of_two_months_lets_the_operator_end_the_contract_with_ten_days_notice(k5: House) -> None:
    fall(k5)  # on 1 December
    at(k5, date(2027, 2, 2))
    k5.clock.forward(seconds=-1)
    with pytest.raises(NotOverdue, match="borne until 2027-02-01"):
        endings.terminate(k5.ports, k5.caller.id, IVAN, "two months")
    at(k5, date(2027, 2, 2))
    with pytest.raises(WrongReason):
        endings.terminate(k5.ports, k5.caller.id, IVAN, " ")
    ending = endings.terminate(k5.ports, k5.caller.id, IVAN, "two months")
    assert (ending.why, ending.last_day) == ("debt", date(2027, 2, 12))
    assert endings.terminate(k5.ports, k5.caller.id, IVAN, "again") == ending
    at(k5, date(2027, 2, 12))
    assert endings.carry_out(k5.ports) == 0
    at(k5, date(2027, 2, 13))
    assert endings.carry_out(k5.ports) == 1
    assert is_over(k5)


def test_whoever_pays_before_the_last_day_is_over_keeps_the_contract(k5: House) -> None:
    fall(k5)
    at(k5, date(2027, 2, 2))
    endings.terminate(k5.ports, k5.caller.id, IVAN, "two months")
    k5.top_up("1.00")
    at(k5, date(2027, 2, 13))
    assert endings.carry_out(k5.ports) == 0
    assert endings.standing(k5.ports, k5.caller.id) is None
    assert not is_over(k5)


def test_a_breach_of_six_months_lets_the_operator_end_the_contract(k5: House) -> None:
    blocking.suspend(k5.ports, k5.caller.id, IVAN, "мешающие звонки")
    at(k5, date(2027, 6, 1))
    with pytest.raises(NotOverdue, match="borne until 2027-06-01"):
        endings.terminate(k5.ports, k5.caller.id, IVAN, "six months")
    at(k5, date(2027, 6, 2))
    ending = endings.terminate(k5.ports, k5.caller.id, IVAN, "six months")
    assert (ending.why, ending.last_day) == ("breach", date(2027, 6, 12))
    blocking.resume(k5.ports, k5.caller.id, IVAN, "put right")
    at(k5, date(2027, 6, 13))
    assert endings.carry_out(k5.ports) == 0
    assert endings.standing(k5.ports, k5.caller.id) is None


def test_without_a_debt_or_a_breach_the_operator_ends_nothing(k5: House) -> None:
    with pytest.raises(NotOverdue, match="no debt and no breach"):
        endings.terminate(k5.ports, k5.caller.id, IVAN, "why not")


def test_a_contract_that_is_over_is_called_so_whatever_is_owed(k5: House) -> None:
    """Its debt is no debt of a contract that goes on: not overdue would be the wrong reason."""
    endings.apply(k5.ports, k5.caller.id)
    at(k5, date(2027, 1, 1))
    assert endings.carry_out(k5.ports) == 1
    fall(k5)
    at(k5, date(2027, 6, 1))
    with pytest.raises(ContractEnded):
        endings.terminate(k5.ports, k5.caller.id, IVAN, "debt")


def test_what_the_operator_ends_sooner_takes_the_place_of_the_subscribers_own_day(k5: House) -> None:
    fall(k5)
    at(k5, date(2027, 2, 2))
    assert endings.apply(k5.ports, k5.caller.id).last_day == date(2027, 2, 28)
    assert endings.terminate(k5.ports, k5.caller.id, IVAN, "two months").last_day == date(2027, 2, 12)
    assert [each.n for each in endings.listed(k5.ports)] == [2]


def test_staff_let_an_ended_contract_go_on(k5: House) -> None:
    assert not endings.keep(k5.ports, k5.caller.id, IVAN)
    k5.top_up("100.00")
    endings.apply(k5.ports, k5.caller.id)
    at(k5, date(2027, 1, 1))
    endings.carry_out(k5.ports)
    assert endings.keep(k5.ports, k5.caller.id, IVAN)
    assert not is_over(k5)
    k5.order()
    assert endings.apply(k5.ports, k5.caller.id).n == 2


def test_the_fault_of_one_holds_up_nobody_else(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    endings.apply(k5.ports, k5.caller.id)
    at(k5, k5.ports.today() + timedelta(days=90))
    monkeypatch.setattr(billing, "bill_owners", lambda *_: 1 // 0)
    assert endings.carry_out(k5.ports) == 0
    monkeypatch.undo()
    assert endings.carry_out(k5.ports) == 1


def test_a_debt_that_came_after_the_first_was_paid_has_a_term_of_its_own(k5: House) -> None:
    """B9."""
    fall(k5)
    at(k5, date(2027, 2, 2))
    endings.terminate(k5.ports, k5.caller.id, IVAN, "two months")
    k5.top_up("1.00")
    at(k5, date(2027, 2, 12))
    fall(k5, "later")
    at(k5, date(2027, 2, 13))
    assert endings.carry_out(k5.ports) == 0
    assert endings.standing(k5.ports, k5.caller.id) is None


def test_a_breach_that_came_after_the_first_was_put_right_has_a_term_of_its_own(k5: House) -> None:
    """B9."""
    blocking.suspend(k5.ports, k5.caller.id, IVAN, "мешающие звонки")
    at(k5, date(2027, 6, 2))
    endings.terminate(k5.ports, k5.caller.id, IVAN, "six months")
    blocking.suspend(k5.ports, k5.caller.id, IVAN, "said once more")
    assert endings.carry_out(k5.ports) == 0
    blocking.resume(k5.ports, k5.caller.id, IVAN, "put right")
    at(k5, date(2027, 6, 12))
    blocking.suspend(k5.ports, k5.caller.id, IVAN, "another")
    at(k5, date(2027, 6, 13))
    assert endings.carry_out(k5.ports) == 0
    assert endings.standing(k5.ports, k5.caller.id) is None


@pytest.mark.parametrize("is_first", [True, False])
def test_where_the_debt_is_paid_the_subscribers_own_application_stands_again(k5: House, is_first: bool) -> None:
    """B12: it may come before the operator's ending or after it."""
    fall(k5)
    at(k5, date(2027, 2, 2))
    if is_first:
        endings.apply(k5.ports, k5.caller.id)
    borne = endings.terminate(k5.ports, k5.caller.id, IVAN, "two months")
    if not is_first:
        k5.clock.forward(hours=1)
        assert [endings.apply(k5.ports, k5.caller.id) for _ in range(2)] == [borne, borne]
    k5.top_up("1.00")
    at(k5, date(2027, 2, 13))
    assert endings.carry_out(k5.ports) == 0
    wished = endings.standing(k5.ports, k5.caller.id)
    assert wished is not None
    assert (wished.why, wished.last_day, wished.is_open) == ("subscriber", date(2027, 2, 28), True)
    at(k5, date(2027, 3, 1))
    assert endings.carry_out(k5.ports) == 1
    assert is_over(k5)


def test_what_was_taken_back_before_does_not_stand_again_when_the_debt_is_paid(k5: House) -> None:
    fall(k5)
    at(k5, date(2027, 2, 1))
    endings.apply(k5.ports, k5.caller.id)
    endings.withdraw(k5.ports, k5.caller.id)
    at(k5, date(2027, 2, 2))
    endings.terminate(k5.ports, k5.caller.id, IVAN, "two months")
    k5.top_up("1.00")
    at(k5, date(2027, 2, 13))
    assert endings.carry_out(k5.ports) == 0
    assert endings.standing(k5.ports, k5.caller.id) is None
