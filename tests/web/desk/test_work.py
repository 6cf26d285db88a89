"""The page of everything that waits: overdue in words and colour, filters in the address, incidents ticked off."""

from collections.abc import Callable

import pytest

from k5web.domain.books.claim import ClaimForm
from k5web.domain.desk.audit import AuditFilter
from k5web.domain.incident import IncidentKind
from k5web.domain.money import rub
from k5web.services.books import claims
from k5web.services.desk import audit
from k5web.storage import incidents
from tests.services.house import House
from tests.web.conftest import Browser

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


def test_without_a_reason_it_waits_on(staff: Staff, lost: None) -> None:
    browser = staff("engineer")
    answer = browser.press("/desk/work", "/desk/work/resolve", None, kind="call_lost", reference="1-1", reason=" ")
    assert answer.status_code == 400
    assert "call_lost" in browser.get("/desk/work").text


def test_who_only_looks_sees_no_button(staff: Staff, lost: None) -> None:
    assert "Сделано, убрать" not in staff("auditor").get("/desk/work").text
