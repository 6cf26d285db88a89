"""The page of everything that waits: overdue in words and colour, filters in the address, incidents ticked off."""

from collections.abc import Callable

import pytest

from k5web.domain.books.claim import ClaimForm
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.desk.audit import AuditFilter
from k5web.domain.incident import IncidentKind
from k5web.domain.money import rub
from k5web.services.books import claims
from k5web.services.desk import audit
from k5web.storage import incidents
from k5web.storage.books import ledger
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import Queued
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.desk.test_money import fields

Staff = Callable[..., Browser]


@pytest.fixture
def lost(k5: House) -> None:
    """A call was lost."""
    with k5.ports.sessions.begin() as db:
        incidents.report(db, k5.caller.id, IncidentKind.CALL_LOST, "1-1", k5.clock(), {"possible": 5})


@pytest.fixture
def claimed(k5: House) -> None:
    """A charge is disputed."""
    k5.top_up("100.00")
    k5.talk(k5.order(), "60.0")
    claims.open_claim(k5.ports, k5.caller.id, 2, ClaimForm(rub("2.20"), "quality", "", "form-1"), "subscriber")


def test_what_waits_is_said_with_what_to_do(staff: Staff, lost: None, k5: House) -> None:
    page = staff("engineer").get("/desk/work")
    assert "Происшествие" in page.text
    assert "Сверьте со счётом оператора связи" in page.text
    assert "call_lost 1-1" in page.text
    assert f"K5-{k5.caller.id}" in page.text
    assert "сразу" in page.text


def test_the_overdue_are_first_in_words_and_colour(staff: Staff, lost: None, claimed: None, k5: House) -> None:
    k5.clock.forward(days=31)
    page = staff("desk").get("/desk/work").text
    assert page.index("Просрочено") < page.index("Происшествие</")
    assert '<tr class="late">' in page
    assert "31.12.2026" in page
    assert "просрочено 1" in page


def test_one_kind_is_shown_alone_and_counted(staff: Staff, lost: None, claimed: None) -> None:
    page = staff("auditor").get("/desk/work?kind=claim").text
    assert "Спорит о 2,20" in page
    assert "call_lost" not in page
    assert staff("auditor", login="boris").get("/desk/work?kind=nonsense").status_code == 200


def test_an_incident_is_ticked_off_with_a_reason_that_the_audit_keeps(staff: Staff, lost: None, k5: House) -> None:
    browser = staff("engineer")
    fields = {"kind": "call_lost", "reference": "1-1", "reason": "сверено"}
    answer = browser.press("/desk/work", "/desk/work/resolve", None, **fields)
    assert answer.status_code == 303
    assert "Ничего не ждёт" in browser.get("/desk/work").text
    line = audit.lines(k5.ports, AuditFilter())[0]
    assert (line.action, line.reason, line.outcome) == ("desk.work_resolve", "сверено", "done")


@pytest.fixture
def unread(k5: House) -> None:
    """A message did not arrive."""
    queued = Queued(k5.caller.id, "act 1", "act", {}, k5.clock(), "email")
    with k5.ports.sessions.begin() as db:
        outbox_rows.queue(db, queued)
        outbox_rows.close(db, queued, "failed", k5.clock(), is_secret=False)


def test_a_message_that_did_not_arrive_is_ticked_off_with_a_reason(staff: Staff, unread: None, k5: House) -> None:
    browser = staff("desk")
    assert "Акт за месяц: не доставлено" in browser.get("/desk/work").text
    sent = fields(browser.get("/desk/work"))
    sent.pop("csrf_token")
    assert browser.press("/desk/work", "/desk/work/tick", None, **{**sent, "reason": " "}).status_code == 400
    assert "Сообщение не дошло" in browser.get("/desk/work").text
    answer = browser.press("/desk/work", "/desk/work/tick", None, **{**sent, "reason": "позвонили"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/work?kind=message")
    assert "Ничего не ждёт" in browser.get("/desk/work").text
    line = audit.lines(k5.ports, AuditFilter())[0]
    assert (line.action, line.owner_id, line.reason, line.facts["key"]) == (
        "desk.work_tick", k5.caller.id, "позвонили", "act 1",
    )  # fmt: skip
    wrong = {"what": "message", "owner": "x", "key": "act 1", "reason": "y"}
    for field in ({"what": "claim"}, {"what": "x"}, {}):
        assert browser.press("/desk/work", "/desk/work/tick", None, **{**wrong, **field}).status_code == 404


def test_a_debt_leads_to_what_each_role_may_do_about_it(staff: Staff, k5: House) -> None:
    """The money people write it off; the desk ends the contract when the term is over."""
    k5.top_up("10.00")
    with k5.ports.sessions.begin() as db:
        moves = (Move(k5.purse().account_id, -1500, "sale.order"),)
        ledger.record(
            db, Event(k5.caller.id, EventName("order", "late"), moves, "x", k5.clock()), k5.ports.today(), k5.clock()
        )
    write_off, end = f"/desk/money/write_off?owner={k5.caller.id}", f"/desk/subscribers/{k5.caller.id}/steps/end"
    seen = {role: staff(role, login=role).get("/desk/work?kind=debt").text for role in ("money", "desk", "auditor")}
    assert "Баланс ниже нуля" in seen["auditor"]
    assert [write_off in seen[role] for role in seen] == [True, False, False]
    assert [end in seen[role] for role in seen] == [False, False, False]
    k5.clock.forward(days=70)
    assert end in staff("desk", login="vera").get("/desk/work?kind=debt").text


def test_without_a_reason_it_waits_on(staff: Staff, lost: None) -> None:
    browser = staff("engineer")
    answer = browser.press("/desk/work", "/desk/work/resolve", None, kind="call_lost", reference="1-1", reason=" ")
    assert answer.status_code == 400
    assert "call_lost" in browser.get("/desk/work").text


def test_who_only_looks_sees_no_button(staff: Staff, lost: None) -> None:
    assert "Сделано, убрать" not in staff("auditor").get("/desk/work").text
