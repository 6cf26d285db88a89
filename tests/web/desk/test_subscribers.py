"""One subscriber on one page: masked until somebody says why, and all there is of each kind behind it (B14, S26)."""

from collections.abc import Callable

import pytest

from k5web.domain.accounts.profile import PersonalFacts
from k5web.domain.books.claim import ClaimForm
from k5web.domain.desk.audit import AuditFilter
from k5web.domain.money import rub
from k5web.domain.pbx.switch_tables import AheadKey
from k5web.services.accounts import blocking, staff_access
from k5web.services.books import acts, claims
from k5web.services.desk import audit, subscriber_view
from k5web.storage.accounts import access_rows, personal_rows
from k5web.storage.accounts.access_rows import StaffAccess
from k5web.storage.books import ledger
from k5web.storage.pbx import ahead_rows
from k5web.storage.pbx.ahead_rows import Ahead
from tests.services.books.months import Months
from tests.services.house import House
from tests.services.visits import log_in, statements
from tests.web.conftest import Browser

Staff = Callable[..., Browser]
ID = 100001
PAGE = f"/desk/subscribers/{ID}"
WHO = ("Сидорова", "Тверская", "Анна", "4509", "123456", "161 234", "1234567", "anna@example.org", "161")
THEIRS = ("495 123", "4951234567", "123-45", "123‑45")


@pytest.fixture
def whole(k5: House) -> House:
    """Somebody with something of everything, who told who they are."""
    Months(k5).charge(10_00)
    k5.top_up("50.00")
    k5.talk(k5.order(), "61")
    log_in(k5)
    form = ClaimForm(rub("4.40"), "price", "дорого", "form-1")
    claims.open_claim(k5.ports, ID, 3, form, f"subscriber:{ID}")
    blocking.block(k5.ports, ID, "staff:ivan", "проверка")
    blocking.unblock(k5.ports, ID, "staff:ivan", "всё в порядке")
    facts = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}
    document = {"document": "passport_ru", "document_number": "4509123456", "document_issued": "ОВД Тверской"}
    with k5.ports.sessions.begin() as db:
        ledger.lock_purse(db, ID)
        personal_rows.add(db, ID, PersonalFacts("person", facts | document, k5.clock(), "subscriber"))
    k5.clock.now = k5.clock.now.replace(year=2027, month=1, day=2)
    acts.run(k5.ports)
    return k5


def hidden(text: str) -> list[str]:
    """Return what of the identity a page tells."""
    return [word for word in (*WHO, *THEIRS) if word in text]


def test_money_that_is_held_for_a_call_to_come_says_for_which(staff: Staff, k5: House) -> None:
    k5.top_up("50.00")
    ahead, until = Ahead(AheadKey(ID, "forward", "79031234567"), 7, "fake", k5.clock()), k5.clock()
    with k5.ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, ID)
        ahead_rows.add(db, ahead, {})
        ledger.hold(db, ID, purse.account_id, ahead.call_id, rub("17.50"), until, until)
    text = staff("desk").get(PAGE).text
    assert "впрок: на переадресацию на" in text
    assert "123-45" not in text.replace("‑", "-")


LISTS = (
    "",
    "/readings",
    "/messages",
    "/movements?from=2026-12-01&to=2027-01-31",
    "/payments",
    "/topups",
    "/calls",
    "/acts",
)
SHOWN = (*LISTS, "/movements/1", "/movements/2", "/movements/3", "/acts/2026-12", "/steps/block", "/limits")


def test_no_page_tells_who_it_is_without_a_reason(whole: House, staff: Staff) -> None:
    browser = staff("owner")
    for path in SHOWN:
        page = browser.get(PAGE + path)
        assert page.status_code == 200, path
        assert hidden(page.text) == [], path
        assert staff_access.listed(whole.ports, ID) == [], path


def test_the_page_has_a_section_of_everything(whole: House, staff: Staff) -> None:
    page = staff("desk").get(PAGE).text
    for section in (
        "state",
        "who",
        "money",
        "calls",
        "payments",
        "services",
        "devices",
        "messages",
        "claims",
        "papers",
    ):
        assert f'id="{section}"' in page
    said = ("А.", "обслуживается", "проверка", "35,60", "Претензия № 1", "1/2026", "14,40", "+7 916 ***‑**‑67")
    assert [word for word in said if word not in page.replace("\N{NO-BREAK SPACE}", " ")] == []
    assert "+7 495 ***‑**‑67" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_who_it_is_comes_with_a_reason_that_is_written_down_first(
    whole: House, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = staff("desk")
    page = browser.press(PAGE, f"{PAGE}/identity", None, reason="звонит сама")
    assert page.status_code == 200
    assert [
        word for word in ("Сидорова", "Тверская, 1", "…56", "+7\N{NO-BREAK SPACE}916") if word not in page.text
    ] == []
    assert "4509123456" not in page.text, "of the passport its end alone"
    (look,) = staff_access.listed(whole.ports, ID)
    assert (look.actor, look.purpose) == ("staff:anna", "звонит сама")
    assert "звонит сама" in browser.get(f"{PAGE}/readings").text
    assert audit.lines(whole.ports, AuditFilter())[0].reason == "звонит сама"


def test_a_reading_that_cannot_be_written_down_shows_nothing(
    whole: House, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = staff("desk")

    def fail(*_facts: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(access_rows, "add", fail)
    page = browser.press(PAGE, f"{PAGE}/identity", None, reason="звонит сама")
    assert page.status_code == 500
    assert hidden(page.text) == []


def test_no_reason_shows_the_page_again_with_what_is_wrong(whole: House, staff: Staff) -> None:
    browser = staff("desk")
    for reason in ("", " ", "x" * 201):
        page = browser.press(PAGE, f"{PAGE}/identity", None, reason=reason)
        assert page.status_code == 400, reason
        assert "Напишите одной строкой, зачем" in page.text, reason
        assert hidden(page.text) == [], reason
        assert staff_access.listed(whole.ports, ID) == [], reason


def test_whoever_moves_money_never_learns_who_it_is(whole: House, staff: Staff) -> None:
    browser = staff("money")
    assert "Показать и записать" not in browser.get(PAGE).text
    page = browser.press(PAGE, f"{PAGE}/identity", None, reason="любопытно")
    assert page.status_code == 403
    assert hidden(page.text) == []
    assert staff_access.listed(whole.ports, ID) == []


def test_an_auditor_sees_no_buttons(whole: House, staff: Staff) -> None:
    page = staff("auditor").get(PAGE).text
    assert "/steps/" not in page
    assert "/limits" not in page


def test_the_page_costs_the_same_however_much_there_is(whole: House, staff: Staff) -> None:
    browser = staff("desk")
    browser.get(PAGE)
    short: list[str] = []
    with statements(whole.ports.sessions, short, ("SELECT", "WITH")):
        browser.get(PAGE)
    for _ in range(6):
        whole.top_up("50.00")
        whole.talk(whole.order(), "61")
        log_in(whole)
    browser.get(PAGE)  # what every process reads once a minute is in memory then
    long: list[str] = []
    with statements(whole.ports.sessions, long, ("SELECT", "WITH")):
        browser.get(PAGE)
    assert long == short


def test_long_lists_go_on(whole: House, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_view, "PAGE", 2)
    with whole.ports.sessions.begin() as db:
        ledger.lock_purse(db, ID)
        for n in range(3):
            access_rows.add(db, ID, StaffAccess(whole.clock(), "staff:ivan", "test", f"reading {n}"))
    for _ in range(3):
        whole.top_up("1.00")
        whole.talk(whole.order(), "30")
    browser = staff("desk")
    for path in ("/readings", "/messages", "/payments", "/calls", f"/movements?month={whole.clock():%Y-%m}"):
        page = browser.get(PAGE + path).text
        further = page.partition('class="pages"><a href="')[2].partition('"')[0].replace("&amp;", "&")
        assert further, path
        second = browser.get(PAGE + path.partition("?")[0] + further)
        assert second.status_code == 200
        assert second.text != page


def test_a_place_that_is_none_begins_the_list(whole: House, staff: Staff) -> None:
    browser = staff("desk")
    for before in ("x", "-1", "9" * 30, "2026-12-01|x", "٣", "9999-12-31T23:59:59-23:00|x"):
        for path in ("/readings", "/messages", "/payments", "/topups", "/calls", "/movements"):
            assert browser.get(f"{PAGE}{path}?before={before}").status_code == 200, (before, path)


def test_somebody_who_is_not_there_is_not_found(whole: House, staff: Staff) -> None:
    browser = staff("owner")
    for path in (*LISTS, "/movements/1", "/acts/2026-12", "/steps/block", "/limits"):
        assert browser.get(f"/desk/subscribers/999{path}").status_code == 404, path
