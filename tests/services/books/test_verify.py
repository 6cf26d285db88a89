"""The ledger looks at itself, calls included: a planted fault is named, a sound ledger has none. Promises: I7."""

import pytest
from sqlalchemy import text

from k5web.domain.incident import IncidentKind
from k5web.domain.money import rub
from k5web.services.books import verify as verifying
from k5web.services.books.verify import Step, verify
from k5web.storage import incidents
from k5web.storage.books import ledger
from k5web.storage.books.chain_invariants import LAST
from tests.services.house import House
from tests.tamper import tampering

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


def test_how_the_ledger_came_out_is_noted_with_its_first_breach(called: House, database_url: str) -> None:
    assert verifying.last(called.ports) is None
    verifying.note(called.ports, verify(called.ports), "system:k5")
    called.clock.forward(hours=1)
    with tampering(database_url) as connection:
        connection.execute(text(CALL_FAULTS["a call's legs taken out"]))
    noted = verifying.note(called.ports, verify(called.ports), "system:k5")
    assert verifying.last(called.ports) == noted
    assert noted.breaches > 0
    assert noted.first.startswith("I7  ")


def test_a_look_tells_how_far_it_is_and_goes_on_behind_an_owner(called: House) -> None:
    owners = [called.caller.id]
    with called.ports.sessions.begin() as db:
        for owner_id in (owners[0] + 1, owners[0] + 5):
            ledger.open_account(db, owner_id, "main", "RUB")
            owners.append(owner_id)
    steps: list[Step] = []
    assert verify(called.ports, steps.append, at_once=1) == []
    assert [step.done for step in steps] == [n + 1 for n in range(steps[0].total)]
    assert [step.through for step in steps][:4] == [*owners[:2], LAST, None]
    assert steps[3].total - 3 == len([step for step in steps if step.through is None])
    further: list[Step] = []
    verify(called.ports, further.append, above=owners[0], at_once=1)
    assert [step.through for step in further][:3] == [owners[1], LAST, None]
