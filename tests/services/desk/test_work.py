"""One list of everything that waits for a person, with each subject's own deadline. Promises: B9, B11, B12, B2, B4."""

from datetime import date, timedelta

import pytest

from k5web.domain.books.claim import ClaimForm
from k5web.domain.desk.proposal import Wish
from k5web.domain.desk.work import WorkItem, WorkKind
from k5web.domain.incident import IncidentKind
from k5web.domain.money import rub
from k5web.errors import NotFound, WrongReason
from k5web.services.accounts import blocking, endings
from k5web.services.books import acts, claims
from k5web.services.desk import proposals, work
from k5web.storage import incidents
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import Queued
from tests.services.house import House

TODAY = date(2026, 12, 1)


def found(k5: House, kind: WorkKind) -> list[WorkItem]:
    return work.listed(k5.ports, kind)


def test_nothing_waits_in_a_new_house(k5: House) -> None:
    assert work.listed(k5.ports) == []
    assert work.counts(k5.ports) == []


def test_an_incident_is_due_at_once(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        incidents.report(db, k5.caller.id, IncidentKind.CALL_LOST, "1-1", k5.clock(), {"possible": "x"})
    (item,) = found(k5, WorkKind.INCIDENT)
    assert (item.owner_id, item.due, item.facts["kind"]) == (k5.caller.id, None, "call_lost")
    assert work.listed(k5.ports) == [item]


def test_a_claim_waits_thirty_days_for_its_answer_and_then_five_banking_days_for_its_money(k5: House) -> None:
    k5.top_up("100.00")
    k5.talk(k5.order(), "60.0")
    form = ClaimForm(rub("2.20"), "quality", "", "form-1", "Иванова Анна", "40817810099910004312", "044525225")
    opened = claims.open_claim(k5.ports, k5.caller.id, 2, form, "subscriber")
    (item,) = found(k5, WorkKind.CLAIM)
    assert (item.due, item.facts["n"], item.facts["amount"]) == (TODAY + timedelta(days=30), opened.n, rub("2.20"))
    claims.uphold(k5.ports, k5.caller.id, opened.n, None, to_bank=True, answer="верно", actor="staff:anna")
    assert found(k5, WorkKind.CLAIM) == []
    (paid,) = found(k5, WorkKind.CLAIM_PAYMENT)
    assert paid.due == date(2026, 12, 8)
    k5.clock.forward(days=8)
    assert [(each.kind, each.waiting, each.late) for each in work.counts(k5.ports)] == [("claim_payment", 1, 1)]


def test_a_breach_is_borne_for_six_months_and_a_contract_ends_on_its_last_day(k5: House) -> None:
    blocking.suspend(k5.ports, k5.caller.id, "staff:anna", "спам")
    assert [item.due for item in found(k5, WorkKind.BREACH)] == [date(2027, 6, 1)]
    endings.apply(k5.ports, k5.caller.id)
    (item,) = found(k5, WorkKind.ENDING)
    assert (item.due, item.facts["why"]) == (date(2026, 12, 31), "subscriber")


@pytest.mark.parametrize(("state", "is_listed"), [("failed", True), ("unknown", True), ("accepted", False)])
def test_a_message_that_did_not_arrive_waits_for_two_weeks(k5: House, state: str, is_listed: bool) -> None:
    for kind, n in (("act", "1"), ("code", "2")):
        queued = Queued(k5.caller.id, f"{kind} {n}", kind, {}, k5.clock(), "email")
        with k5.ports.sessions.begin() as db:
            outbox_rows.queue(db, queued)
            outbox_rows.close(db, queued, state, k5.clock(), is_secret=False)  # type: ignore[arg-type]
    waits = [(item.key, item.facts["what"]) for item in found(k5, WorkKind.MESSAGE)]
    assert waits == ([("act 1", "act")] if is_listed else [])
    k5.clock.forward(days=15)
    assert found(k5, WorkKind.MESSAGE) == []


def undelivered(k5: House, name: str) -> None:
    queued = Queued(k5.caller.id, name, "act", {}, k5.clock(), "email")
    with k5.ports.sessions.begin() as db:
        outbox_rows.queue(db, queued)
        outbox_rows.close(db, queued, "failed", k5.clock(), is_secret=False)


def test_a_message_is_ticked_off_with_a_reason_and_the_others_wait_on(k5: House) -> None:
    undelivered(k5, "act 1")
    undelivered(k5, "act 2")
    for _ in range(2):
        with pytest.raises(WrongReason):
            work.tick(k5.ports, WorkKind.MESSAGE, k5.caller.id, "act 1", " ", "staff:anna")
    work.tick(k5.ports, WorkKind.MESSAGE, k5.caller.id, "act 1", "позвонили", "staff:anna")
    assert [item.key for item in found(k5, WorkKind.MESSAGE)] == ["act 2"]
    assert [(count.kind, count.waiting) for count in work.counts(k5.ports)] == [("message", 1)]
    for key, owner_id in (("act 1", k5.caller.id), ("act 2", 7), ("nothing", k5.caller.id)):
        with pytest.raises(NotFound):
            work.tick(k5.ports, WorkKind.MESSAGE, owner_id, key, "ещё раз", "staff:boris")


def test_an_act_that_cannot_be_made_is_ticked_off_by_its_month(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = [(k5.caller.id, date(2026, 10, 1)), (k5.caller.id, date(2026, 11, 1))]
    monkeypatch.setattr(acts, "left_behind_lately", lambda ports: behind)
    work.tick(k5.ports, WorkKind.ACT, k5.caller.id, "2026-10-01", "составлен от руки", "staff:anna")
    assert [item.key for item in found(k5, WorkKind.ACT)] == ["2026-11-01"]


def test_what_another_page_ends_is_not_ticked_off(k5: House) -> None:
    endings.apply(k5.ports, k5.caller.id)
    (item,) = found(k5, WorkKind.ENDING)
    with pytest.raises(NotFound):
        work.tick(k5.ports, WorkKind.ENDING, item.owner_id, item.key, "неважно", "staff:anna")
    assert found(k5, WorkKind.ENDING) == [item]


def test_a_proposal_waits_until_it_expires(k5: House) -> None:
    made = proposals.propose(k5.ports, "staff:anna", Wish("x", "form-0001", {}, "почему", owner_id=k5.caller.id))
    (item,) = found(k5, WorkKind.PROPOSAL)
    assert (item.due, item.facts["n"], item.facts["by"]) == (date(2026, 12, 8), made.id, "staff:anna")


def test_the_list_goes_on_below_the_last_that_was_shown(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PAGE", 2)
    with k5.ports.sessions.begin() as db:
        for n in range(5):
            incidents.report(db, 0, IncidentKind.UNKNOWN_CALL, f"x {n}", k5.clock(), {})
    first = work.listed(k5.ports)
    assert len(first) == 3
    second = work.listed(k5.ports, None, first[1].place(TODAY))
    third = work.listed(k5.ports, None, second[1].place(TODAY))
    shown = [*first[:2], *second[:2], *third]
    assert [item.facts["reference"] for item in shown] == [f"x {n}" for n in range(5)]


def test_each_kind_has_a_source_and_only_its_source_is_asked(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert work.SOURCES.keys() == set(WorkKind)
    asked: list[WorkKind] = []

    def source(kind: WorkKind) -> work.Source:
        return lambda ports: asked.append(kind) or []  # type: ignore[func-returns-value]

    monkeypatch.setattr(work, "SOURCES", {kind: source(kind) for kind in WorkKind})
    work.listed(k5.ports, WorkKind.ADVANCE)
    assert asked == [WorkKind.ADVANCE]
