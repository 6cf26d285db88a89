"""Price lists on the desk's pages: uploaded, looked at, published and taken back, each by two persons (S26)."""

import io
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.domain.desk.audit import AuditFilter
from k5web.services.desk import audit, jobs, proposals
from k5web.services.prices import drafts, ratedecks
from tests.services.house import PRICES, House, publish
from tests.web.conftest import Browser, token_of

Staff = Callable[..., Browser]
LIST = "".join(f"{prefix},{title},{price},RUB\n" for prefix, (title, price) in PRICES.items())
DEARER = LIST.replace("0.45", "0.50")


def upload(browser: Browser, text: str | bytes, day: str = "2027-01-01", **fields: str) -> TestResponse:
    content = text.encode() if isinstance(text, str) else text
    sent = {
        "csrf_token": token_of(browser.get("/desk/prices")), "name": "k5", "effective": day,
        "file": (io.BytesIO(content), "new.csv"), "form_key": secrets.token_hex(8), **fields,
    }  # fmt: skip
    return browser.client.post("/desk/prices/drafts", data=sent, content_type="multipart/form-data")


def checked(browser: Browser, k5: House, begun: TestResponse) -> TestResponse:
    """Let the worker check what was handed in; return what the page of the check says then."""
    assert begun.status_code == 303, begun.text
    jobs.run_due(k5.ports)
    return browser.get(begun.headers["Location"])


def draft(browser: Browser, k5: House, text: str = "", **fields: str) -> str:
    """Hand a list in and return the page of its draft."""
    return checked(browser, k5, upload(browser, text or DEARER, **fields)).headers["Location"]


def approve(browser: Browser, k5: House, page: str) -> TestResponse:
    """Approve what another one proposed, let the worker publish it, and return what the page of that work says then."""
    return checked(browser, k5, browser.press(page, f"{page}/approve", None, form_key=secrets.token_hex(8)))


@pytest.fixture
def anna(staff: Staff) -> Browser:
    return staff("prices")


@pytest.fixture
def boris(staff: Staff) -> Browser:
    return staff("prices", login="boris")


def propose(browser: Browser, page: str, action: str, key: str = "form-12345678") -> TestResponse:
    return browser.press(page, action, None, form_key=key, reason="прайс-лист на январь")


def test_a_deck_is_published_for_next_month_by_two_persons(anna: Browser, boris: Browser, k5: House) -> None:
    """S26."""
    page = draft(anna, k5)
    shown = anna.get(page).text
    assert "Дороже: 1" in shown
    assert "0,50" in shown
    propose(anna, page, f"{page}/propose")
    assert "Решает другой сотрудник" in anna.get(page).text
    own = anna.press(page, f"{page}/approve", None, form_key="form-own")
    assert own.status_code == 403
    assert "другой" in own.text
    assert approve(boris, k5, page).headers["Location"] == page
    assert "опубликован" in boris.get(page).text
    k5.clock.now = datetime(2026, 12, 31, 21, 0, tzinfo=UTC)
    assert str(k5.ports.rates.table("k5").find("74951234567").per_minute) == "0.50"


def test_wrong_rows_are_named_by_their_lines_and_nothing_is_kept(anna: Browser, k5: House) -> None:
    answer = checked(anna, k5, upload(anna, "7495,Москва,0.45\n79,Россия,x\n"))
    assert "Список не принят: строк с ошибками 1" in answer.text
    assert "<li>Строка 2: " in answer.text
    assert drafts.listed(k5.ports, "deck") == []


@pytest.mark.parametrize(("text", "day", "said"), [(LIST, "", "нужны название"), ("", "2027-01-01", "Файл пуст")])
def test_what_is_missing_is_said_on_the_page(anna: Browser, k5: House, text: str, day: str, said: str) -> None:
    answer = upload(anna, text, day)
    assert answer.status_code == 400
    assert said in answer.text
    assert jobs.page(k5.ports) == []


def test_what_the_check_refuses_is_said_on_its_page(anna: Browser, k5: House) -> None:
    assert "Этот день прошёл" in checked(anna, k5, upload(anna, LIST, "2026-11-01")).text
    assert "выберите 30.11.2028 или раньше" in checked(anna, k5, upload(anna, LIST, "2207-01-01")).text
    assert "Файл не принят" in checked(anna, k5, upload(anna, b"PK\x03\x04 no sheet")).text
    draft(anna, k5)
    assert "уже есть черновик" in checked(anna, k5, upload(anna, LIST.replace("0.45", "0.51"))).text


def test_a_check_goes_on_without_whoever_asked_for_it(anna: Browser, k5: House) -> None:
    """The page of a check comes again by itself, shows how far it is, and leads to the draft."""
    page = upload(anna, DEARER).headers["Location"]
    waiting = anna.get(page)
    assert "ждёт своей очереди" in waiting.text
    assert '<meta http-equiv="refresh" content="2">' in waiting.text
    assert "<progress" in waiting.text
    assert drafts.listed(k5.ports, "deck") == []
    jobs.run_due(k5.ports)
    [kept] = drafts.listed(k5.ports, "deck")
    assert anna.get(page).headers["Location"] == f"/desk/prices/drafts/{kept.id}"
    assert kept.drafted_by == "staff:anna"
    assert "new.csv" in anna.get("/desk/jobs").text


def test_a_carriers_list_is_checked_with_its_file_of_columns(anna: Browser, k5: House) -> None:
    mapping = 'heading = 1\n[columns]\nprefix = "Code"\ndestination = "Name"\nper_minute = "Rate"\n'
    sent = {"name": "carrier", "currency": "RUB", "mapping": (io.BytesIO(mapping.encode()), "carrier.toml")}
    page = draft(anna, k5, "Code,Name,Rate\n7495,Moscow,0.30\n", **sent)  # type: ignore[arg-type]
    assert "Moscow" in anna.get(page).text
    wrong = {**sent, "mapping": (io.BytesIO(b"\xff\xfe"), "carrier.toml")}
    answer = upload(anna, "Code,Name,Rate\n", **wrong)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert "Файл не принят" in answer.text


def test_what_the_check_asks_is_answered_on_the_draft(anna: Browser, k5: House) -> None:
    page = draft(anna, k5, "7495,Москва городской,0.50,RUB\n")
    assert "Исчезает или дорожает много цен" in anna.get(page).text
    assert propose(anna, page, f"{page}/propose").status_code == 409
    again = anna.press(page, f"{page}/check", None, replace="on", form_key="form-again")
    assert checked(anna, k5, again).headers["Location"] == page
    assert "Исчезает или дорожает много цен" not in anna.get(page).text


def test_what_cannot_be_published_any_more_is_said_on_the_page_of_the_work(
    anna: Browser, boris: Browser, k5: House
) -> None:
    """It is read and written by the worker; what became of it stands in the audit, too."""
    page = draft(anna, k5)
    propose(anna, page, f"{page}/propose")
    publish(k5.ports, PRICES | {"7495": ("Москва городской", "0.47")}, 2)
    refused = approve(boris, k5, page)
    assert "Проверьте его снова" in refused.text
    assert f'href="{page}"' in refused.text
    assert "Ждёт второго сотрудника" in boris.get(page).text
    job, begun = audit.lines(k5.ports, AuditFilter(actor="staff:boris"))
    assert (begun.action, begun.outcome) == ("desk.price_draft_approve", "done")
    assert (job.action, job.outcome, job.facts["draft"]) == ("desk.job", "draft_outdated", page.rpartition("/")[2])


def test_a_version_is_taken_back_before_its_day_by_two_persons(anna: Browser, boris: Browser, k5: House) -> None:
    page = draft(anna, k5)
    propose(anna, page, f"{page}/propose")
    approve(boris, k5, page)
    published = drafts.find(k5.ports, int(page.rpartition("/")[2]))
    version = f"/desk/prices/versions/{published.version_id}"
    action = f"/desk/prices/deck/{published.version_id}/withdraw"
    assert propose(boris, version, action, "form-87654321").status_code == 303
    assert boris.press(version, f"{action}/approve").status_code == 403
    assert anna.press(version, f"{action}/approve").status_code == 303
    assert "Отозвана" in anna.get(version).text
    assert "отозвана" in anna.get("/desk/prices").text
    k5.clock.now = datetime(2026, 12, 31, 21, 0, tzinfo=UTC)
    assert str(k5.ports.rates.table("k5").find("74951234567").per_minute) == "0.45"


def test_a_version_in_force_says_what_to_do_instead(anna: Browser) -> None:
    assert "опубликуйте прежний список снова" in anna.get("/desk/prices/versions/1").text
    answer = propose(anna, "/desk/prices", "/desk/prices/deck/1/withdraw")
    assert answer.status_code == 409
    assert "отозвать её нельзя" in answer.text


def test_a_version_is_fetched_as_the_command_writes_it(anna: Browser, k5: House) -> None:
    written = io.StringIO()
    ratedecks.export_deck(k5.ports, "1", written)
    answer = anna.get("/desk/prices/versions/1/list.csv")
    assert answer.text == written.getvalue()
    assert "deck-1.csv" in answer.headers["Content-Disposition"]


def test_a_dropped_draft_is_listed_and_over(anna: Browser, k5: House) -> None:
    page = draft(anna, k5)
    anna.press(page, f"{page}/drop")
    again = anna.press("/desk/prices", f"{page}/check", None, form_key="form-again")
    refused = checked(anna, k5, again)
    assert "уже опубликован или отброшен" in refused.text
    assert f'href="{page}"' in refused.text
    assert "отброшен" in anna.get("/desk/prices").text
    assert propose(anna, "/desk/prices", f"{page}/propose").status_code == 409


def test_a_file_larger_than_a_form_is_taken_from_staff_alone(anna: Browser, app: Flask, k5: House) -> None:
    long = "".join(f"{prefix},Страна {prefix},1.00,RUB\n" for prefix in range(20_000, 25_000))
    assert len(long.encode()) > 64 * 1024
    assert checked(anna, k5, upload(anna, LIST + long)).status_code == 303
    stranger = Browser(app.test_client())
    sent = {"csrf_token": token_of(stranger.get("/desk/login")), "file": (io.BytesIO(long.encode()), "x.csv")}
    answer = stranger.client.post("/desk/prices/drafts", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert [draft.effective for draft in drafts.listed(k5.ports, "deck")] == [date(2027, 1, 1)]


def test_a_waiting_proposal_stands_on_its_own_page_too(anna: Browser, boris: Browser, k5: House) -> None:
    page = draft(anna, k5)
    propose(anna, page, f"{page}/propose")
    [waiting] = proposals.page(k5.ports)
    shown = boris.get(f"/desk/proposals/{waiting.id}")
    assert "Опубликовать прайс-лист" in shown.text
    approve(boris, k5, f"/desk/proposals/{waiting.id}")
    assert len(ratedecks.versions(k5.ports)) == 2


@pytest.mark.parametrize("name", ["a\u202eb.csv", "a\x07b.csv", "a" * 130 + ".csv"])
def test_a_file_whose_name_nobody_can_read_is_refused(anna: Browser, name: str) -> None:
    sent = {
        "csrf_token": token_of(anna.get("/desk/prices")), "name": "k5", "effective": "2027-01-01",
        "file": (io.BytesIO(DEARER.encode()), name),
    }  # fmt: skip
    answer = anna.client.post("/desk/prices/drafts", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "имя файла" in answer.text


def test_a_version_of_a_list_that_has_not_begun_is_shown(anna: Browser, boris: Browser, k5: House) -> None:
    page = draft(anna, k5, LIST, name="carrier-x")
    propose(anna, page, f"{page}/propose")
    approve(boris, k5, page)
    last = max(version.id for version, _in_force in ratedecks.versions(k5.ports))
    assert anna.get(f"/desk/prices/versions/{last}").status_code == 200
    assert anna.get(f"/desk/prices/versions/{last}?against=nothing").status_code == 404
