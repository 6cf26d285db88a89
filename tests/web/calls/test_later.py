"""«Позже»: a press that the database could not take stays in the page and is repeated under its key."""

import logging

import pytest
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from k5web.domain.languages import NAMES
from k5web.storage import restored
from k5web.web.calls import later
from tests.services.house import House
from tests.web.calls.call_page import PAGE, field, made, plain, press
from tests.web.conftest import Browser
from tests.web.test_budgets import KB, linked, weight


class Away(Browser):
    """The same browser before the same house while its database is away."""

    def __init__(self, phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(phone.client)
        self._sessions, self._monkeypatch = k5.ports.sessions, monkeypatch

    def get(self, path: str, **headers: str) -> TestResponse:
        with self._monkeypatch.context() as patch:
            self._take_away(patch)
            return super().get(path, **headers)

    def post(self, action: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        with self._monkeypatch.context() as patch:
            self._take_away(patch)
            return super().post(action, headers, **fields)

    def _take_away(self, patch: pytest.MonkeyPatch) -> None:
        nowhere = create_engine("sqlite:////nonexistent/k5.db")
        patch.setattr(self._sessions, "write", nowhere)
        patch.setattr(self._sessions, "_read", nowhere)


@pytest.fixture
def away(phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> Away:
    """A browser that finds no database."""
    return Away(phone, k5, monkeypatch)


def resend(browser: Browser, page: TestResponse, **changes: str) -> TestResponse:
    """Press the button of a page, or let its script press it."""
    names = ("csrf_token", "number", "form_key", "tries")
    fields = {name: field(page, name) for name in names if f'name="{name}"' in page.text}
    return browser.post("/call", None, **(fields | changes))


def test_a_press_without_the_database_is_kept_by_its_page(phone: Browser, away: Away, k5: House) -> None:
    k5.top_up("50.00")
    first = phone.get(PAGE)
    phone.read()
    page = resend(away, first)
    assert page.status_code == 503
    assert "Пока не получилось, это у нас. Деньги в порядке." in plain(page)
    assert [field(page, name) for name in ("number", "form_key")] == ["+74951234567", field(first, "form_key")]
    assert 2000 <= int(page.text.partition('data-again-ms="')[2].partition('"')[0]) < 3000 + later.JITTER_MS
    assert page.headers["Retry-After"] == "2"
    assert made(k5) == []
    rung = resend(phone, page)  # the database is back
    assert (rung.status_code, len(made(k5))) == (303, 1)


def test_a_press_whose_answer_was_lost_is_the_same_call(phone: Browser, away: Away, k5: House) -> None:
    k5.top_up("50.00")
    first = phone.get(PAGE)
    rung = press(phone, first)
    page = resend(away, first)
    assert page.status_code == 503
    assert resend(phone, page).headers["Location"] == rung.headers["Location"]
    assert len(made(k5)) == 1


def test_it_stops_after_two_minutes_and_never_says_that_it_failed(phone: Browser, away: Away, k5: House) -> None:
    """What was perhaps written may ring for five minutes: nobody may be told that it cannot."""
    k5.top_up("50.00")
    page, waited_s = phone.get(PAGE), 0
    phone.read()
    for _ in range(later.MOST_TRIES):
        page = resend(away, page)
        assert "data-again-ms" in page.text
        waited_s += int(page.headers["Retry-After"])
    assert 90 <= waited_s <= 120
    page = resend(away, page)
    assert page.status_code == 503
    assert "data-again-ms" not in page.text
    assert "Если за 5 мин. телефон не зазвонит, нажмите ещё раз. Дважды не позвоним." in plain(page)
    assert resend(phone, page).status_code == 303
    assert len(made(k5)) == 1


@pytest.mark.parametrize("tries", ["-1", "x", "9" * 400, "٣"])
def test_a_count_that_is_none_begins_anew(phone: Browser, away: Away, k5: House, tries: str) -> None:
    k5.top_up("50.00")
    page = resend(away, phone.get(PAGE), tries=tries)
    assert (page.status_code, field(page, "tries")) == (503, "1")


def test_the_chosen_phone_is_kept_and_a_forged_form_is_not(phone: Browser, away: Away, k5: House) -> None:
    k5.top_up("50.00")
    first = phone.get(PAGE)
    assert field(resend(away, first, **{"from": "79160000002"}), "from") == "79160000002"
    forged = resend(away, first, form_key=field(first, "form_key")[::-1])
    assert forged.status_code == 503
    assert "form_key" not in forged.text


def test_what_only_looks_gets_the_plain_page(away: Away) -> None:
    page = away.get(PAGE)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
    assert "Попробуйте через минуту." in plain(page)


def test_the_log_says_that_a_press_was_put_off(
    phone: Browser, away: Away, k5: House, caplog: pytest.LogCaptureFixture
) -> None:
    k5.top_up("50.00")
    with caplog.at_level(logging.WARNING, later.__name__):
        resend(away, phone.get(PAGE))
    assert [record.message for record in caplog.records if record.name == later.__name__] == ["press put off"]


def test_a_press_in_a_house_that_was_brought_back_is_not_repeated(phone: Browser, k5: House) -> None:
    """A person opens it, and not within two minutes."""
    k5.top_up("50.00")
    first = phone.get(PAGE)
    phone.read()
    with k5.ports.sessions.begin() as db:
        db.execute(text("UPDATE house SET place = 'a copy'"))
    restored.guard(k5.ports.sessions)
    k5.clock.forward(hours=1)  # the phone is to be noted again, and nothing can be
    page = resend(phone, first)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
    assert "Идут работы. Деньги в порядке, а звонки и платежи пока закрыты." in plain(page)
    assert "data-again-ms" not in page.text


@pytest.mark.parametrize("language", NAMES)
def test_it_is_one_request_of_ten_kilobytes_in_every_language(
    phone: Browser, away: Away, k5: House, language: str
) -> None:
    k5.top_up("50.00")
    first = phone.get(PAGE)
    fields = {name: field(first, name) for name in ("csrf_token", "number", "form_key")}
    page = away.post(f"/call?lang={language}", {"Accept-Encoding": "gzip"}, **fields)
    assert page.status_code == 503
    assert (linked(page), weight(page) <= 10 * KB) == ([], True)
