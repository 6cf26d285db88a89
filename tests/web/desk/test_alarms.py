"""Alarms and the stop-list at the desk: one press stops, one lets be, both in the audit; money still comes in. S19."""

from collections.abc import Callable

import pytest

from k5web.domain.calls.call import CallState
from k5web.domain.calls.fraud import AlarmKind
from k5web.domain.desk.audit import AuditFilter
from k5web.domain.money import rub
from k5web.errors import CallsStopped, NumberStopped
from k5web.services.calls import alarms, stops
from k5web.services.desk import audit
from k5web.storage.calls import alarm_rows
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.desk.test_calls import words_of

FACTS = {"seen": 200_00, "least": 150_00, "unit": "RUB", "calls": 4}


def raise_all(k5: House) -> None:
    """One alarm of each kind."""
    with k5.ports.sessions.begin() as db:
        for kind in AlarmKind:
            alarm_rows.raise_one(db, k5.caller.id, kind, k5.clock(), FACTS)


@pytest.fixture
def desk(staff: Callable[..., Browser], k5: House) -> Browser:
    """Somebody of the desk; the house's subscriber has money."""
    k5.top_up("100.00")
    return staff("desk")


def test_one_press_stops_the_calls_and_one_lets_them_be(desk: Browser, k5: House) -> None:
    raise_all(k5)
    said = words_of(desk.get("/desk/alarms").text)
    for each in ("Рискованные направления за сутки: 200,00 ₽, звонков 4 (тревога с 150,00 ₽)", "Звонков за 10 минут:",
                 "ночью", "в выходной", "до 10 секунд", "первых суток", str(k5.caller.id)):  # fmt: skip
        assert each in said, each
    live = k5.order()
    address = f"/desk/alarms/{k5.caller.id}"
    assert desk.press("/desk/alarms", f"{address}/1/stop", reason="чужие звонки").status_code == 303
    assert k5.call(live).state is CallState.NOT_PLACED
    with pytest.raises(CallsStopped):
        k5.order()
    k5.top_up("50.00")
    assert k5.balance() == rub("150.00")
    assert alarms.waiting(k5.ports) == 0
    assert "звонки остановлены" in desk.get("/desk/alarms").text
    assert desk.press("/desk/alarms", f"{address}/1/undo", reason="это хозяин").status_code == 303
    assert k5.order().state is CallState.RESERVED
    deeds = [(line.action, line.owner_id, line.reason) for line in audit.lines(k5.ports, AuditFilter())]
    assert deeds[:2] == [
        ("desk.undo_alarm", k5.caller.id, "это хозяин"),
        ("desk.stop_for_alarm", k5.caller.id, "чужие звонки"),
    ]


def test_no_fraud_puts_one_alarm_away(desk: Browser, k5: House) -> None:
    raise_all(k5)
    assert desk.press("/desk/alarms", f"/desk/alarms/{k5.caller.id}/2/leave", reason="хозяин").status_code == 303
    assert alarms.waiting(k5.ports) == len(AlarmKind) - 1
    assert desk.press("/desk/alarms", f"/desk/alarms/{k5.caller.id}/2/leave", reason="хозяин").status_code == 409
    assert desk.press("/desk/alarms", f"/desk/alarms/{k5.caller.id}/1/stop").status_code == 400
    assert k5.order().state is CallState.RESERVED


def test_answered_alarms_are_paged_by_key(desk: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    raise_all(k5)
    for n in (1, 2):
        alarms.leave(k5.ports, k5.caller.id, n, "staff:anna", "хозяин")
    monkeypatch.setattr(alarms, "LISTED", 1)
    assert f'href="/desk/alarms?before={k5.caller.id}-2"' in desk.get("/desk/alarms").text
    assert f'href="/desk/alarms?before={k5.caller.id}-1"' in desk.get(f"/desk/alarms?before={k5.caller.id}-2").text
    for wrong in ("x", "1-", "1-9999999999999999999999", "-1-1"):
        assert desk.get(f"/desk/alarms?before={wrong}").status_code == 404, wrong


def test_an_auditor_sees_alarms_and_answers_none(staff: Callable[..., Browser], k5: House) -> None:
    raise_all(k5)
    auditor = staff("auditor")
    assert "Остановить звонки" not in auditor.get("/desk/alarms").text
    assert auditor.press("/desk", f"/desk/alarms/{k5.caller.id}/1/stop", reason="x").status_code == 403
    assert alarms.waiting(k5.ports) == len(AlarmKind)


def test_a_number_is_stopped_shown_masked_and_let_be(desk: Browser, k5: House) -> None:
    asked = {"kind": "to", "what": "+7 495 123-45-67", "until": "2026-12-05", "reason": "жалоба"}
    assert desk.press("/desk/stops", "/desk/stops", None, **asked).status_code == 303
    with pytest.raises(NumberStopped):
        k5.order()
    page = desk.get("/desk/stops").text
    assert "никто не звонит на +7 495 ***" in words_of(page)
    assert "06.12.2026 00:00:00" in page
    assert "1234567" not in page
    assert desk.press("/desk/stops", "/desk/stops/1/lift", reason="ошибка").status_code == 303
    assert k5.order().state is CallState.RESERVED
    assert "Ничего не остановлено." in desk.get("/desk/stops").text
    assert "снято" in desk.get("/desk/stops?all=1").text


WRONG_ENTRIES = [
    ({"kind": "all", "what": "7495", "reason": "x"}, 400),
    ({"kind": "to", "what": "8", "reason": "x"}, 400),
    ({"kind": "to", "what": "7495"}, 400),
    ({"kind": "to", "what": "7495", "until": "2026-11-30", "reason": "x"}, 400),
    ({"kind": "to", "what": "7495", "until": "soon", "reason": "x"}, 400),
    ({"kind": "subscriber", "what": "999999", "reason": "x"}, 404),
]


def test_a_wrong_entry_is_refused_in_words(desk: Browser, k5: House) -> None:
    for fields, status in WRONG_ENTRIES:
        answer = desk.press("/desk/stops", "/desk/stops", None, **fields)
        assert answer.status_code == status, fields
        assert "Ошибка:" in answer.text, fields
        assert stops.listed(k5.ports) == [], fields
