"""A hundred owners are one commit; the fault of one of them holds up nobody else."""

from contextlib import AbstractContextManager

import pytest
from sqlalchemy.orm import Session

from k5web.domain.money import rub
from k5web.errors import NotFound
from k5web.services.prices import billing
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage.prices import subscription_rows
from k5web.storage.session import Sessions
from tests.services.house import House
from tests.services.prices.test_billing import NEW_YEAR, balances, crowd
from tests.services.prices.test_subscriptions import connect

__all__ = ["crowd"]  # a fixture


def test_many_owners_are_one_transaction(k5: House, crowd: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    k5.clock.now = NEW_YEAR
    begun, begin = iter(range(100)), Sessions.begin

    def counted(sessions: Sessions) -> AbstractContextManager[Session]:
        next(begun)
        return begin(sessions)

    monkeypatch.setattr(Sessions, "begin", counted)
    assert billing.run(k5.ports).paid == len(crowd) // 2
    assert next(begun) == 1


def test_a_fault_of_one_owner_holds_up_nobody_else(
    k5: House, crowd: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """A subscription of a plan that is gone: it is told, and everybody else pays."""
    with k5.ports.sessions.begin() as db:
        own = subscription_rows.live(db, crowd[0])[0]
        db.connection().exec_driver_sql(f"UPDATE subscription SET plan_code = 'gone' WHERE owner_id = {own.owner_id}")
    k5.clock.now = NEW_YEAR
    assert billing.run(k5.ports).owners == len(crowd) - 1
    assert balances(k5, crowd)[:4] == ["470.00", "0.00", "0.00", "0.00"]
    assert [record.__dict__["owner_id"] for record in caplog.records if record.exc_info] == [crowd[0]] * 2


def test_the_batch_of_a_stranger_is_refused(k5: House) -> None:
    with pytest.raises(NotFound), k5.ports.sessions.begin() as db:
        FeeBatch.of(k5.ports, db, 77)


def test_what_is_suspended_and_ended_in_a_day_takes_back_its_minutes_each_time(k5: House) -> None:
    """The name of an expiry says why: one for the missing fee, one for the end."""
    k5.top_up("1199.99")
    connect(k5, "plan", "go-100")
    k5.clock.now = NEW_YEAR
    billing.run(k5.ports)
    k5.top_up("0.01")
    assert billing.run(k5.ports).resumed == 1
    connect(k5, "plan", "k5")
    with k5.ports.sessions.read() as db:
        query = "SELECT balance_minor FROM account WHERE purpose = 'allowance:gift-minutes'"
        assert db.connection().exec_driver_sql(query).scalar_one() == 0
    assert k5.balance() == rub("0.00")
