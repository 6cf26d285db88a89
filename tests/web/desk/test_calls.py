"""Calls at the desk: live and ended, past ones by filters of the address, one with its records, numbers masked."""

import logging
import re
from collections.abc import Callable

import pytest

from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.desk.audit import AuditFilter
from k5web.domain.incident import IncidentKind
from k5web.logs import OneLine
from k5web.services.calls import staff_view
from k5web.services.desk import audit
from k5web.storage import incidents
from tests.services.house import House
from tests.services.pbx.conversed import converse
from tests.web.conftest import Browser

NUMBERS = ("74951234567", "79161234567", "1234567", "123-45-67", "123‑45‑67")


@pytest.fixture
def engineer(staff: Callable[..., Browser], k5: House) -> Browser:
    """Somebody who looks after calls."""
    k5.top_up("200.00")
    return staff("engineer")


def words_of(text: str) -> str:
    """Return a page without its tags, blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("\N{NO-BREAK SPACE}", " "))


def test_a_call_under_way_is_shown_with_its_legs_lines_cost_and_end(engineer: Browser, k5: House) -> None:
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(seconds=61)
    page = engineer.get("/desk/calls").text
    said = words_of(page)
    for each in (call.id, "говорят", "+7 916 ***‑**‑67", "+7 495 ***‑**‑67", "fake", "trunk → trunk", "4,40 ₽"):
        assert each in said, each
    assert '<meta http-equiv="refresh" content="10">' in page
    assert not [number for number in NUMBERS if number in page]


def test_the_page_of_live_calls_stands_still_where_it_is_asked_to(engineer: Browser) -> None:
    """WCAG 2.2.4: whoever reads slowly is not interrupted."""
    moving, still = engineer.get("/desk/calls").text, engineer.get("/desk/calls?still=1").text
    assert 'href="/desk/calls?still=1"' in moving
    assert "http-equiv" not in still
    assert 'href="/desk/calls"' in still


@pytest.mark.parametrize(
    ("role", "path"), [("desk", "/desk/subscribers/{}"), ("engineer", "/desk/calls/past?subscriber={}")]
)
def test_a_calls_subscriber_leads_to_what_this_role_may_see(
    staff: Callable[..., Browser], k5: House, role: str, path: str
) -> None:
    k5.top_up("200.00")
    call = k5.order()
    assert f'href="{path.format(call.owner_id)}">{call.owner_id}</a>' in staff(role).get("/desk/calls").text


def test_a_call_is_ended_with_a_reason_settled_once_and_in_the_audit(engineer: Browser, k5: House) -> None:
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(seconds=61)
    page = f"/desk/calls/{call.id}"
    answer = engineer.press(page, f"{page}/end", reason="звонит мошенник")
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    engineer.press("/desk/stops", f"{page}/end", reason="ещё раз")
    k5.work()
    assert k5.call(call).outcome is Outcome.CANCELLED
    assert k5.charges() == ["-4.40"]
    told = words_of(engineer.get(page).text)
    assert "рассчитан: завершён отсюда" in told
    assert "Закончить звонок" not in told
    first = audit.lines(k5.ports, AuditFilter(actor="staff:anna"))[-1]
    assert (first.action, first.owner_id, first.reason) == ("desk.end_call", k5.caller.id, "звонит мошенник")


def test_without_a_reason_nothing_ends(engineer: Browser, k5: House) -> None:
    call = k5.order()
    assert engineer.press(f"/desk/calls/{call.id}", f"/desk/calls/{call.id}/end").status_code == 400
    assert k5.call(call).state is CallState.RESERVED


def test_an_auditor_sees_calls_and_ends_none(staff: Callable[..., Browser], k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    auditor = staff("auditor")
    assert "Закончить" not in auditor.get(f"/desk/calls/{call.id}").text
    assert auditor.press("/desk", f"/desk/calls/{call.id}/end", reason="x").status_code == 403
    assert k5.call(call).state is CallState.RESERVED


def test_one_call_is_shown_with_legs_records_charge_and_what_is_unsure(engineer: Browser, k5: House) -> None:
    call = k5.talk(k5.order(), "61")
    with k5.ports.sessions.begin() as db:
        incidents.report(db, k5.caller.id, IncidentKind.COST_ABOVE_HOLD, call.id, k5.clock(), {"cost": "9.00"})
    page = engineer.get(f"/desk/calls/{call.id}").text
    said = words_of(page)
    for each in ("разговор, положил собеседник", "CHAN_START", "HANGUP", "120", "3,50 ₽", "0,90 ₽", "cost=9.00",
                 "стоил больше, чем удержано", "Списано только удержанное."):  # fmt: skip
        assert each in said, each
    assert not [number for number in NUMBERS if number in page]


def test_past_calls_are_found_by_the_address_alone(engineer: Browser, k5: House) -> None:
    moscow = k5.talk(k5.order(), "5")
    kazan = k5.talk(k5.order("+78432123456"), "5")
    for query, found in (
        ("", {moscow.id, kazan.id}),
        ("number=%2B7+495", {moscow.id}),
        ("direction=Казань городской", {kazan.id}),
        ("ending=done_b&trunk=trunk", {moscow.id, kazan.id}),
        ("ending=lost", set()),
        (f"subscriber={k5.caller.id}&number=7843", {kazan.id}),
        ("from=2026-11-01&to=2026-11-30", set()),
        ("unsure=1", set()),
    ):
        page = engineer.get(f"/desk/calls/past?{query}")
        assert page.status_code == 200, query
        assert set(re.findall(r"/desk/calls/(\d+-\d+)", page.text)) == found, query
        assert not [number for number in NUMBERS if number in page.text], query


def test_pages_of_past_calls_keep_the_filters(engineer: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_view, "PAGE", 1)
    older, newer = (k5.talk(k5.order(), "5") for _ in range(2))
    first = engineer.get("/desk/calls/past?number=7495").text
    [further] = re.findall(r'href="([^"]*before=[^"]*)"', first)
    assert newer.id in first
    assert "number=7495" in further
    assert f"/desk/calls/{older.id}" in engineer.get(further.replace("&amp;", "&")).text


@pytest.mark.parametrize("query", ["from=2026-13-01", "from=2026-12-02&to=2026-12-01", "number=x", "from=2020-01-01"])
def test_wrong_filters_are_said_in_words(engineer: Browser, query: str) -> None:
    page = engineer.get(f"/desk/calls/past?{query}")
    assert page.status_code == 400
    assert "Ошибка:" in page.text


@pytest.mark.parametrize("query", ["before=nonsense", "subscriber=999999", "before=1-1-1"])
def test_what_is_not_there_is_said(engineer: Browser, query: str) -> None:
    assert engineer.get(f"/desk/calls/past?{query}").status_code == 404


def test_what_to_do_stands_beside_the_unsure_ones(engineer: Browser, k5: House) -> None:
    call = k5.talk(k5.order(), "5")
    with k5.ports.sessions.begin() as db:
        incidents.report(db, k5.caller.id, IncidentKind.HOLD_EXPIRED, call.id, k5.clock())
    said = words_of(engineer.get("/desk/calls/past?unsure=1").text)
    assert "удержание истекло, записи о звонке нет" in said
    assert "Проверьте, читаются ли записи коммутатора" in said


def test_no_number_goes_into_the_log(engineer: Browser, k5: House, caplog: pytest.LogCaptureFixture) -> None:
    """S28."""
    call = k5.order()
    with caplog.at_level(logging.DEBUG):
        for path in ("/desk/calls", "/desk/calls/past?number=74951234567", f"/desk/calls/{call.id}", "/desk/trunks"):
            assert engineer.get(path).status_code == 200, path
        engineer.press(f"/desk/calls/{call.id}", f"/desk/calls/{call.id}/end", reason="мошенник")
        k5.work()
    told = [OneLine().format(record) for record in caplog.records if record.name.startswith("k5web")]
    assert told
    assert not [line for line in told if any(number in line for number in NUMBERS)]


def test_past_calls_of_a_subscriber_are_shown_with_conversations(engineer: Browser, k5: House) -> None:
    converse(k5, "k5-1.1")
    assert "Разговоры АТС" not in engineer.get("/desk/calls/past").text
    page = words_of(engineer.get(f"/desk/calls/past?subscriber={k5.caller.id}").text)
    assert "k5-1.1 +7 916 ***‑**‑21 входящий, ответил 201 Анна, 35 с" in page
