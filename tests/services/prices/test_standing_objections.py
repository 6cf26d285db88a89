"""An objection stands until its contract was ended by it, or was agreed to go on (B2)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from k5web.domain.prices.objection import Objection
from k5web.errors import NothingToObject
from k5web.services.accounts import advances, endings
from k5web.services.ports import Ports
from k5web.services.prices import objections
from k5web.services.prices.standing_objections import stands
from k5web.storage.accounts import subscribers
from k5web.storage.tables import OutboxRow
from tests.services.accounts.test_advances import TO
from tests.services.accounts.test_endings import is_over
from tests.services.house import House, subscriber
from tests.services.prices.test_objections import SHORTER, announce


def object_to(k5: House, owner_id: int) -> None:
    objections.object_to_change(k5.ports, owner_id, f"subscriber:{owner_id}")


def test_one_whose_notice_was_forgotten_keeps_nobody_else_from_their_end(k5: House) -> None:
    """Whose data are erased has a notice that says nothing; so had one of which nobody knew whether it was sent."""
    other = subscriber(k5, 1)
    announce(k5, SHORTER, 12)
    for owner_id in (k5.caller.id, other.id):
        object_to(k5, owner_id)
    with k5.ports.sessions.begin() as db:
        db.execute(update(OutboxRow).where(OutboxRow.owner_id == k5.caller.id).values(facts={}))
    assert objections.announced(k5.ports, k5.caller.id) is None
    k5.clock.forward(days=12)
    assert objections.carry_out(k5.ports) == 1
    assert not is_over(k5)
    with k5.ports.sessions.read() as db:
        assert subscribers.get(db, other.id).ended_at is not None


def test_the_fault_of_one_objector_holds_up_nobody_else(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    other = subscriber(k5, 1)
    announce(k5, SHORTER, 12)
    for owner_id in (k5.caller.id, other.id):
        object_to(k5, owner_id)
    k5.clock.forward(days=12)
    failed: list[int] = []

    def trouble(ports: Ports, db: Session, said: Objection) -> bool:
        if said.owner_id == k5.caller.id:
            raise ValueError("a fault")
        return stands(ports, db, said)

    with monkeypatch.context() as patch:
        patch.setattr(objections, "stands", trouble)
        assert objections.carry_out(k5.ports, failed.append) == 1
    assert failed == [k5.caller.id]
    assert objections.carry_out(k5.ports) == 1


def test_it_ends_the_contract_by_its_own_day_where_the_subscribers_application_is_later(k5: House) -> None:
    announce(k5, SHORTER, 12)
    k5.top_up("10.00")
    assert endings.apply(k5.ports, k5.caller.id).last_day == date(2026, 12, 31)
    object_to(k5, k5.caller.id)
    k5.clock.forward(days=12)
    assert objections.carry_out(k5.ports) == 1
    ended = endings.standing(k5.ports, k5.caller.id)
    assert ended is not None
    assert (ended.why, ended.last_day, ended.done_at) == ("objection", date(2026, 12, 12), k5.clock())
    assert advances.apply(k5.ports, k5.caller.id, TO).due_on == k5.ports.today() + timedelta(days=30)
    assert endings.keep(k5.ports, k5.caller.id, "staff:ivan")
    assert objections.carry_out(k5.ports) == 0
    k5.clock.forward(days=30)
    assert endings.carry_out(k5.ports) == 0, "it goes on whatever was to end it"


def test_it_is_settled_before_its_day_where_staff_let_the_contract_go_on(k5: House) -> None:
    announce(k5, SHORTER, 12)
    object_to(k5, k5.caller.id)
    assert [endings.keep(k5.ports, k5.caller.id, "staff:ivan") for _ in range(2)] == [True, False]
    assert objections.said(k5.ports, k5.caller.id) is None
    assert objections.announced(k5.ports, k5.caller.id) is None, "it is agreed"
    with pytest.raises(NothingToObject):
        object_to(k5, k5.caller.id)
    k5.clock.forward(days=12)
    assert objections.carry_out(k5.ports) == 0
    assert not is_over(k5)


def test_it_is_settled_too_where_the_contract_had_ended_before_its_day(k5: House) -> None:
    k5.clock.forward(days=28)  # 29 December
    announce(k5, SHORTER, 40)
    endings.apply(k5.ports, k5.caller.id)
    object_to(k5, k5.caller.id)
    k5.clock.forward(days=34)
    assert endings.carry_out(k5.ports) == 1
    assert endings.keep(k5.ports, k5.caller.id, "staff:ivan")
    k5.clock.forward(days=6)
    assert objections.carry_out(k5.ports) == 0
    assert not is_over(k5)
