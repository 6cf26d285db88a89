"""The act of reconciliation in the cabinet: chosen days, its documents, the same as a file."""

import re

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.languages import NAMES
from k5web.services.books import corrections
from k5web.web import language
from tests.services.house import House
from tests.web.calls.call_page import words
from tests.web.conftest import Browser

PAGE = "/me/documents/reconciliation"


def test_the_act_names_every_document_and_who_owes_whom(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    k5.talk(k5.order(), "65")
    k5.clock.forward(days=31)
    corrections.reverse(k5.ports, k5.caller.id, EventName("call", call.id), "staff:1")
    page = phone.get(f"{PAGE}?from=2026-12-01&to=2027-01-31")
    said = words(page)
    assert re.search(r"1 01\.12\.2026 Пополнение, № \d+ 50,00 2 01\.12\.2026 Услуги связи за декабрь", said)
    assert "Услуги связи за декабрь 2026 г. 8,80" in said
    assert "3 01.01.2027 Исправление услуг связи за декабрь 2026 г. 4,40" in said
    assert "Обороты за период 8,80 54,40 Сальдо на конец 01.01.2027 45,60" in said
    assert "задолженность стороны ООО «Ромашка» перед стороной Анна составляет 45,60 руб." in said
    assert " style=" not in page.text


def test_the_paper_is_russian_whatever_the_page_is(phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "OFFERED", tuple(NAMES))
    k5.top_up("50.00")
    page = phone.get(f"{PAGE}?lang=en")
    assert '<html lang="en">' in page.text
    assert '<svg class="sheet" lang="ru"' in page.text
    assert re.search(r"01\.12\.2026 Пополнение, № \d+ 50,00", words(page))


def test_without_days_it_is_this_year_and_the_file_is_of_the_same_days(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = phone.get(PAGE)
    assert "за период с 01.12.2026 по 01.12.2026" in words(page)
    link = re.search(rf'href="({PAGE}\.pdf\?from=[^"]+)"', page.text)
    assert link
    file = phone.get(link[1].replace("&amp;", "&"))
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert file.headers["Content-Disposition"] == 'inline; filename="akt-sverki-2026-12-01-2026-12-01.pdf"'


@pytest.mark.parametrize(
    "days", ["from=2026-12-01&to=2026-11-01", "from=x&to=y", "from=2027-02-01&to=2027-03-01", "from=1"]
)
def test_days_that_make_no_period_are_named_on_the_page(phone: Browser, days: str) -> None:
    page = phone.get(f"{PAGE}?{days}")
    assert page.status_code == 400
    assert 'class="wrong"' in page.text
    assert "Акт сверки взаимных расчётов" in page.text, "the usual days are shown below"
    assert phone.get(f"{PAGE}.pdf?{days}").status_code == 400


def test_a_long_act_shows_its_first_sheets_and_leads_to_the_file(phone: Browser, k5: House) -> None:
    for _ in range(300):
        k5.top_up("1.00")
    page = phone.get(PAGE)
    assert page.text.count('<svg class="sheet"') == 5
    assert "здесь первые 5" in words(page)


def test_the_page_of_documents_leads_there(phone: Browser) -> None:
    assert f'href="{PAGE}"' in phone.get("/me/documents").text
