"""Applications on paper: copies of those taken in the cabinet, blanks for those who bring paper (B12)."""

from datetime import date

import pytest

from k5web.domain.accounts.ending import Ending
from k5web.services.accounts import advances, endings, profiles
from k5web.storage.accounts import ending_rows
from tests.services.accounts.test_advances import TO
from tests.services.accounts.test_endings import IVAN, at
from tests.services.house import House, somebody
from tests.web.calls.call_page import words
from tests.web.conftest import Browser

DOCUMENTS = "/me/documents"
ORGANISATION = {
    "organisation": "ООО «Лютик»",
    "legal_address": "300000, Тула, улица Мира, 1",
    "inn": "7708789018",
    "kpp": "772401001",
    "ogrn": "1137746405510",
}


def ended(k5: House) -> None:
    """End the contract on 31 December with 100 roubles unused."""
    k5.top_up("100.00")
    endings.apply(k5.ports, k5.caller.id)
    at(k5, date(2027, 1, 1))
    assert endings.carry_out(k5.ports) == 1


def test_who_brings_paper_gets_a_blank_with_all_that_is_known(phone: Browser) -> None:
    page = phone.get(f"{DOCUMENTS}/ending")
    said = words(page)
    for known in ("Анна", "+7 916 123-45-67", "№ K5-100001 от 1 декабря 2026 г.", "ООО «Ромашка»"):
        assert known in said, known
    assert "Если заявление придёт 01.12.2026, это 31.12.2026." in said
    assert "Заявление можно подать и без бумаги" in said
    assert " style=" not in page.text


def test_a_copy_of_an_application_names_its_day_and_the_last_one(phone: Browser, k5: House) -> None:
    endings.apply(k5.ports, k5.caller.id)
    said = words(phone.get(f"{DOCUMENTS}/ending"))
    assert "31 декабря 2026 г." in said
    assert "Заявление принято в личном кабинете 01.12.2026 12:00. Этот лист – его копия для архива" in said
    file = phone.get(f"{DOCUMENTS}/ending.pdf")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert file.headers["Cache-Control"] == "no-store"


def test_an_organisation_stands_with_its_requisites(phone: Browser, k5: House) -> None:
    profiles.save(k5.ports, k5.caller.id, "organisation", ORGANISATION, consents_now=True)
    said = words(phone.get(f"{DOCUMENTS}/ending"))
    for known in ("ООО «Лютик»", "7708789018", "772401001", "1137746405510", "300000, Тула"):
        assert known in said, known


def test_what_is_left_is_asked_for_on_paper_and_a_copy_says_what_became_of_it(phone: Browser, k5: House) -> None:
    assert phone.get(f"{DOCUMENTS}/refund").status_code == 404
    ended(k5)
    blank = words(phone.get(f"{DOCUMENTS}/refund"))
    assert "Прошу вернуть неиспользованный аванс, 100,00 руб. (Сто рублей 00 копеек)" in blank
    assert "Анна Петрова" not in blank
    advances.apply(k5.ports, k5.caller.id, TO)
    assert phone.get(f"{DOCUMENTS}/refund").status_code == 404, "it was applied for: there is a copy"
    copy = words(phone.get(f"{DOCUMENTS}/refund/1"))
    for known in (TO.recipient, TO.account, TO.bank, "Деньги придут до 31.01.2027.", "01.01.2027"):
        assert known in copy, known
    advances.pay(k5.ports, k5.caller.id, "п/п 17", IVAN)
    assert "Деньги возвращены 01.01.2027 00:00, документ: п/п 17." in words(phone.get(f"{DOCUMENTS}/refund/1"))
    assert phone.get(f"{DOCUMENTS}/refund/1.pdf").data[:5] == b"%PDF-"


def test_the_page_of_documents_lists_what_there_is(phone: Browser, k5: House) -> None:
    assert "Заявление о расторжении договора" in words(phone.get(DOCUMENTS))
    ended(k5)
    assert "Заявление о возврате аванса: бланк" in words(phone.get(DOCUMENTS))
    advances.apply(k5.ports, k5.caller.id, TO)
    said = words(phone.get(DOCUMENTS))
    assert "Заявление о возврате аванса от 01.01.2027" in said
    assert "бланк" not in said
    assert f'href="{DOCUMENTS}/refund/1"' in phone.get("/me/contract").text


@pytest.mark.parametrize(
    "path", ["refund/1", "refund/1.pdf", "refund/2", "refund/0", "refund/9999999999", "refund.pdf"]
)
def test_somebody_elses_paper_and_none_are_not_found(phone: Browser, k5: House, path: str) -> None:
    k5.top_up("1.00")
    other = somebody(k5, 1)
    endings.apply(k5.ports, other.id)
    at(k5, date(2027, 1, 1))
    endings.carry_out(k5.ports)
    assert advances.apply(k5.ports, other.id, TO).n == 1
    assert phone.get(f"{DOCUMENTS}/{path}").status_code == 404


def test_who_was_ended_by_the_operator_has_no_application(phone: Browser, k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        ending_rows.add(db, Ending(k5.caller.id, 0, "debt", k5.clock(), date(2026, 12, 11), IVAN, "debt"))
    assert phone.get(f"{DOCUMENTS}/ending").status_code == 404
    assert "Заявление о расторжении" not in words(phone.get(DOCUMENTS))
