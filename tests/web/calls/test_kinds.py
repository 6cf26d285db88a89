"""What calls of the PBX are called on the pages of their owner and of the desk."""

import pytest
from flask import Flask

from k5web.services.calls import ordering
from k5web.storage.session import Sessions, open_sessions
from k5web.web.calls import kinds
from tests.conftest import Clock
from tests.services.pbx.office import Office
from tests.web.conftest import Browser


@pytest.fixture
def k5(sqlite_url: str, clock: Clock) -> Office:
    """An office with money behind the pages."""
    sessions: Sessions = open_sessions(sqlite_url, sqlite_url)
    office = Office(sessions, clock)
    office.top_up("100.00")
    return office


def test_each_kind_has_its_words_in_the_statement_and_on_its_page(k5: Office, phone: Browser) -> None:
    call = k5.put_through("61")
    page, money = phone.get(f"/me/calls/{call.id}"), phone.get("/me/statement")
    for text in (page.text, money.text):
        assert "Переадресация на" in text
    assert "Звонок собеседнику" in page.text
    assert "Звонок на ваш телефон" not in page.text


def test_a_caller_without_a_number_has_no_number_and_no_link(k5: Office, phone: Browser, app: Flask) -> None:
    call = k5.asked(k5.ring_free(""))
    listed, page = phone.get("/me/calls"), phone.get(f"/me/calls/{call.id}")
    assert "номер скрыт" in listed.text
    assert "номер скрыт" in page.text
    assert "Позвонить на этот номер" not in page.text
    assert phone.get(f"/c/{call.id}").status_code == 302
    with app.test_request_context():
        assert kinds.other_masked(call) == "Звонок на 8-800, номер скрыт"


def test_who_calls_in_is_not_among_the_numbers_called_last(k5: Office, phone: Browser) -> None:
    k5.ring_free("79161112233")
    k5.end_all()
    assert "111" not in phone.get("/").text


def test_ending_a_call_of_the_pbx_ends_the_leg_that_asked(k5: Office) -> None:
    call = k5.asked(k5.forward())
    ordering.end_call(k5.ports, call.owner_id, call.id)
    assert k5.switch.hung_up == [call.asked_by]
