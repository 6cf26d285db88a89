"""Acts at the desk: listed, opened for a reason, printed, noted as sent (B10, B14)."""

from collections.abc import Callable
from datetime import date

import pytest

from k5web.domain.accounts.profile import PersonalFacts
from k5web.services.accounts import staff_access
from k5web.services.books import acts
from k5web.services.desk import subscriber_view
from k5web.storage.accounts import personal_rows
from k5web.storage.books import ledger
from tests.services.books.months import Months
from tests.services.house import House, subscriber
from tests.web.conftest import Browser

Staff = Callable[..., Browser]
ID = 100001
ACT = f"/desk/subscribers/{ID}/acts/2026-12"


@pytest.fixture
def months(k5: House) -> Months:
    """December with an act of somebody who told who they are."""
    found = Months(k5)
    found.charge(1000_00)
    facts = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}
    with k5.ports.sessions.begin() as db:
        ledger.lock_purse(db, ID)
        personal_rows.add(db, ID, PersonalFacts("person", facts, k5.clock(), "subscriber"))
    found.at("2027-01-02 12:00:00")
    acts.run(found.ports)
    return found


def test_an_act_is_opened_with_a_reason_that_is_written_down(staff: Staff, months: Months) -> None:
    browser = staff("desk")
    head = browser.get(ACT)
    assert "Акт № 1/2026" in head.text
    assert "Сидорова" not in head.text
    sheet = browser.press(ACT, ACT, None, reason="просит копию")
    assert sheet.status_code == 200
    assert [word for word in ("<svg", "Сидорова", "Тверская") if word not in sheet.text] == []
    (look,) = staff_access.listed(months.ports, ID)
    assert (look.actor, look.command, look.purpose) == ("staff:anna", "desk act", "просит копию")


def test_an_act_is_printed_as_a_pdf_for_a_reason(staff: Staff, months: Months) -> None:
    browser = staff("desk")
    file = browser.press(ACT, f"{ACT}/pdf", None, reason="на подпись")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert f"akt-{ID}-2026-12.pdf" in file.headers["Content-Disposition"]
    assert [look.purpose for look in staff_access.listed(months.ports, ID)] == ["на подпись"]


@pytest.mark.parametrize("end", ["", "/pdf"])
def test_without_a_reason_an_act_names_nobody(staff: Staff, months: Months, end: str) -> None:
    page = staff("desk").press(ACT, ACT + end, None, reason=" ")
    assert page.status_code == 400
    assert "Сидорова" not in page.text
    assert staff_access.listed(months.ports, ID) == []


def test_whoever_moves_money_opens_no_act(staff: Staff, months: Months) -> None:
    browser = staff("money")
    assert "Открыть для печати" not in browser.get(ACT).text
    for end in ("", "/pdf"):
        assert browser.press(ACT, ACT + end, None, reason="x").status_code == 403


def test_a_signed_original_is_noted_as_sent_once(staff: Staff, months: Months) -> None:
    browser = staff("desk")
    assert browser.press(ACT, f"{ACT}/sent", None, document="заказное 5").status_code == 404
    acts.want_original(months.ports, ID, date(2026, 12, 1), 1)
    assert "Ждут подписанный оригинал" in browser.get("/desk/acts").text
    assert browser.press(ACT, f"{ACT}/sent", None, document="").status_code == 400
    sent = browser.press(ACT, f"{ACT}/sent", None, document="заказное 5", sent_on="2027-01-02")
    assert sent.status_code == 303
    assert "заказное 5" in browser.get(ACT).text
    assert "Ждут подписанный оригинал" not in browser.get("/desk/acts").text


def test_acts_of_a_month_go_on_by_owner(staff: Staff, months: Months, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_view, "PAGE", 1)
    months.k5.clock.now = months.k5.clock.now.replace(year=2026, month=12, day=20)
    other = Months(months.k5, subscriber(months.k5, 3))
    other.charge(5_00)
    months.at("2027-01-02 13:00:00")
    acts.issue(months.ports, date(2026, 12, 1))
    browser = staff("desk")
    first = browser.get("/desk/acts?month=2026-12").text
    further = first.partition('class="pages"><a href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get("/desk/acts" + further).text
    assert f"/subscribers/{ID}/acts" in first
    assert f"/subscribers/{other.owner_id}/acts" not in first
    assert f"/subscribers/{other.owner_id}/acts" in second


@pytest.mark.parametrize("month", ["", "x", "2026-13", "1999-01", "9999-01"])
def test_a_month_that_is_none_is_the_last_one(staff: Staff, months: Months, month: str) -> None:
    assert "Акты за декабрь 2026" in staff("desk").get(f"/desk/acts?month={month}").text


@pytest.mark.parametrize("act", ["2026-11", "x", "2026-12-2"])
def test_an_act_that_is_not_there_is_not_found(staff: Staff, months: Months, act: str) -> None:
    browser = staff("desk")
    page = f"/desk/subscribers/{ID}/acts/{act}"
    assert browser.get(page).status_code == 404
    assert browser.press(ACT, page, None, reason="x").status_code == 404
