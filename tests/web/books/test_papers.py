"""The documents of an account: acts, shown, printed, wanted signed; and of nobody else. Promise: B10."""

import re
from html import unescape

import pytest

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import acts
from tests.services.books.months import Months
from tests.services.house import House
from tests.web.conftest import PASSWORD, Browser

ACT = "/me/documents/act/2026-12"


@pytest.fixture
def months(k5: House) -> Months:
    """December with an act and a corrected one."""
    found = Months(k5)
    found.charge(1000_00)
    wrong = found.charge(300_00)
    found.at("2027-01-02 12:00:00")
    acts.run(found.ports)
    found.back(wrong)
    acts.run(found.ports)
    return found


def said(page: str) -> str:
    words = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(words.split())


def test_the_cabinet_leads_to_the_documents(phone: Browser) -> None:
    assert 'href="/me/documents"' in phone.get("/me").text
    page = phone.get("/me/documents")
    assert page.status_code == 200
    assert 'href="/me/statement"' in page.text
    assert "Актов пока нет" in page.text


def test_each_link_among_the_documents_is_a_row_as_high_as_a_finger(phone: Browser, months: Months) -> None:
    sections = re.findall(r"<section>.*?</section>", phone.get("/me/documents").text, re.DOTALL)
    assert len(sections) == 5
    for section in sections:
        rows = "".join(re.findall(r'<ul class="rows entries">(.*?)</ul>', section, re.DOTALL))
        assert 1 <= rows.count("<a ") == section.count("<a "), section


def test_acts_are_listed_and_each_version_leads_to_the_other(phone: Browser, months: Months) -> None:
    page = said(phone.get("/me/documents").text)
    assert "Акт за декабрь 2026 г., исправленный – 1 000,00 ₽ Акт за декабрь 2026 г. – 1 300,00 ₽" in page
    first, second = phone.get(ACT).text, phone.get(f"{ACT}-2").text
    assert f'href="{ACT}-2"' in first
    assert "Этот акт заменён исправленным." in said(first)
    assert f'href="{ACT}"' in second
    assert "Заменяет акт № 1/2026 от 31.12.2026." in said(second)
    assert "(Одна тысяча рублей 00 копеек). Без НДС." in said(second)
    assert " style=" not in first


def test_the_file_is_the_same_act(phone: Browser, months: Months) -> None:
    file = phone.get(f"{ACT}-2.pdf")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert file.headers["Content-Disposition"] == 'inline; filename="akt-2026-12-2.pdf"'
    assert file.headers["Cache-Control"] == "no-store"


def test_a_signed_original_is_asked_for_by_a_button_and_its_way_is_seen(phone: Browser, months: Months) -> None:
    for page in (ACT, "/me"):
        asked = phone.press(page, f"{ACT}/original")
        assert (asked.status_code, asked.headers["Location"]) == (303, ACT)
    assert "… Вы попросили оригинал 02.01.2027 12:00:" in said(phone.get(ACT).text)
    assert len(acts.originals(months.ports)) == 1
    month, today = months.found()[-1].month, months.ports.today()
    acts.note_sent(months.ports, months.owner_id, month, 1, today, "RA1", "staff:1")
    assert "✓ Отправлен 02.01.2027: RA1." in said(phone.get(ACT).text)


@pytest.mark.parametrize("address", [ACT, f"{ACT}.pdf", f"{ACT}-2", f"{ACT}-2.pdf"])
def test_somebody_elses_act_and_none_are_the_same_404(browser: Browser, months: Months, address: str) -> None:
    add_subscriber(months.ports, Msisdn("79270000001"), PASSWORD, "Ольга")
    browser.log_in("+79270000001")
    assert browser.get(address).status_code == 404
    assert browser.get("/me/documents/act/2025-01").status_code == 404
    asked = browser.press("/me", f"{ACT}/original")
    assert asked.status_code == 404
    assert acts.originals(months.ports) == []


NO_ADDRESSES = ["2026-12-1", "2026-12-3", "2026-13", "1", "1/2026", "2026-12-02", "x" * 500]


def test_what_is_no_address_of_an_act_is_404(phone: Browser, months: Months) -> None:
    for address in NO_ADDRESSES:
        assert phone.get(f"/me/documents/act/{address}").status_code == 404, address
        assert phone.get(f"/me/documents/act/{address}.pdf").status_code == 404, address
