"""Holds ahead as rows."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallState
from k5web.storage.calls import call_rows
from k5web.storage.pbx import ahead_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import CallRow, HoldAheadRow
from tests.conftest import Clock
from tests.services.pbx.office import Office


def test_a_hold_ahead_becomes_its_call_once_and_its_number_is_nobody_elses(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    office.top_up("1.75")
    call = office.asked(office.forward())
    owner = office.caller.id
    with sessions.begin() as db:
        purse = call.account_id
        terms = {
            "account_id": purse, "a_number": "74950000101", "b_number": "79160000001", "a_leg_from": "b_answer",
            "a_rate": {}, "b_rate": {}, "minutes": 1, "hold_minor": 175, "currency": "RUB", "covers": None,
            "ring_a_s": 0, "ring_b_s": 45, "talk_ms": 59000, "leg_a_s": 107, "press_1": False, "risk": "ordinary",
            "trunks_b": "trunk-a",
        }  # fmt: skip
        with_rates = terms | {name: _rate(db, owner, name) for name in ("a_rate", "b_rate")}
        row = {
            "owner_id": owner, "call_n": 7, "switch": "fake", "kind": "forward", "number": "79160000001",
            "terms": with_rates, "until": clock(),
        }  # fmt: skip
        db.execute(insert(HoldAheadRow).values(row))
        assert call_rows.next_number(db, owner) == 8
        for _ in range(2):
            spent = ahead_rows.spend(db, f"{owner}-7", "fake", "k5-1.1", clock())
            assert spent is not None
            assert (spent.kind, spent.state, spent.asked_by) == (CallKind.FORWARD, CallState.CALLING_B, "k5-1.1")
        assert ahead_rows.spend(db, f"{owner}-9", "fake", "k5-1.1", clock()) is None


def _rate(db: Session, owner: int, name: str) -> object:
    return db.scalar(select(getattr(CallRow, name)).where(CallRow.owner_id == owner))
