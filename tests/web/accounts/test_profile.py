"""«Ваши данные» without scripts: particulars, e-mail, consent (B3, B14)."""

import json
import re

import pytest

from k5web.services.accounts import consents, profiles, staff_access
from k5web.services.accounts.staff_access import Reader
from tests.services.accounts.test_erasure import end
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import House
from tests.web.calls.call_page import plain
from tests.web.conftest import PASSWORD, Browser, token_of

DETAILS, EMAIL, CONSENT = "/me/profile/details", "/me/profile/email", "/me/profile/consent"
EXPORT, ERASE = "/me/profile/export", "/me/profile/erase"
PERSON = {
    "kind": "person",
    "surname": "Сидорова",
    "given_name": "Анна",
    "address": "Москва, Тверская, 1",
    "document": "passport_ru",
    "document_number": "4509 123456",
}


def errors(page: str) -> dict[str, str]:
    """Return the words at each field."""
    return dict(re.findall(r'<p class="wrong" id="([a-z_]+)-error">Ошибка: ([^<]+)</p>', page))


def test_a_person_is_kept_and_the_document_is_masked(phone: Browser, k5: House) -> None:
    saved = phone.press(DETAILS, DETAILS, None, **PERSON, consent="1")
    assert saved.headers["Location"] == "/me/profile"
    page = plain(phone.get("/me/profile"))
    assert "Данные сохранены." in page
    assert "Фамилия Сидорова" in page
    assert "Документ паспорт России Серия и номер документа …56" in page
    assert "Согласие на обработку данных дано 01.12.2026 12:00:00" in page
    form = phone.get(DETAILS).text
    assert 'value="Сидорова"' in form
    assert "123456" not in form + page, "the document's number never comes back"
    phone.press(DETAILS, DETAILS, None, **PERSON | {"address": "Тула", "document_number": ""})
    kept = profiles.show(k5.ports, k5.caller.id).profile
    assert kept is not None
    assert (kept["address"], kept["document_number"]) == ("Тула", "4509123456")


@pytest.mark.parametrize(("inn", "is_doubtful"), [("02507199510010", False), ("03207199510010", True)])
def test_a_kyrgyz_number_without_a_true_date_is_kept_and_to_be_looked_at(
    phone: Browser, k5: House, inn: str, is_doubtful: bool
) -> None:
    sent = {"kind": "organisation", "organisation": "ОсОО «Ромашка»", "legal_address": "Бишкек, Чуй, 1", "inn": inn}
    phone.press(DETAILS, DETAILS, None, **sent, consent="1")
    page = plain(phone.get("/me/profile"))
    assert "Данные сохранены." in page
    assert ("Проверьте ИНН" in page) == is_doubtful
    kept = profiles.show(k5.ports, k5.caller.id).profile
    assert kept is not None
    assert kept["inn"] == inn


def test_each_wrong_field_is_told_at_its_place_and_nothing_is_lost(phone: Browser, k5: House) -> None:
    sent = {
        "kind": "organisation",
        "organisation": "ООО «Ромашка»",
        "inn": "7708789019",
        "ogrn": "1",
        "kpp": "772401001",
    }
    page = phone.press(DETAILS, DETAILS, None, **sent)
    assert page.status_code == 400
    assert "<title>Ошибка:" in page.text
    assert list(errors(page.text)) == ["legal_address", "inn", "ogrn"]
    assert "В ИНН ошибка: проверьте цифры." in errors(page.text)["inn"]
    for name in errors(page.text):
        assert f'<a href="#{name}">' in page.text
        assert re.search(rf'name="{name}"[^>]*aria-invalid="true"[^>]*aria-describedby="[^"]*{name}-error"', page.text)
    assert 'value="7708789019"' in page.text
    assert 'value="ООО «Ромашка»"' in page.text
    fine = sent | {"legal_address": "Москва", "inn": "7708789018", "ogrn": "1137746405510"}
    without = phone.press(DETAILS, DETAILS, None, **fine)
    assert errors(without.text) == {"consent": "Без согласия на обработку данных сохранить их нельзя."}
    assert profiles.history(k5.ports, k5.caller.id) == []
    assert phone.press(DETAILS, DETAILS, None, **fine, consent="1").status_code == 303
    assert "ООО «Ромашка»" in plain(phone.get("/me/profile"))


def test_a_password_typed_long_ago_is_asked_again_on_the_same_page(phone: Browser, k5: House) -> None:
    k5.clock.forward(minutes=16)
    assert 'id="password"' in phone.get(DETAILS).text
    for page, sent in ((DETAILS, PERSON), (EMAIL, {"email": "anna@mail.ru"})):
        wrong = phone.press(page, page, None, **sent, consent="1", password="battery staple")
        assert (wrong.status_code, list(errors(wrong.text))) == (403, ["password"])
        assert any(f'value="{text}"' in wrong.text for text in ("Сидорова", "anna@mail.ru"))
    assert codes_sent(k5) == []
    assert phone.press(DETAILS, DETAILS, None, **PERSON, consent="1", password=PASSWORD).status_code == 303


def test_a_right_password_beside_a_wrong_field_is_not_asked_again(phone: Browser, k5: House) -> None:
    k5.clock.forward(minutes=16)
    wrong = phone.press(DETAILS, DETAILS, None, **PERSON | {"surname": ""}, consent="1", password=PASSWORD)
    assert wrong.status_code == 400
    assert "password" not in errors(wrong.text)
    assert 'id="password"' not in wrong.text


def test_an_address_is_confirmed_by_the_letters_code_and_taken_away(phone: Browser, k5: House) -> None:
    assert f'href="{EMAIL}"' in phone.get("/me/notices").text
    wrong = phone.press(EMAIL, EMAIL, None, email="anna", consent="1")
    assert errors(wrong.text) == {"email": "Это не похоже на адрес почты. Проверьте, нет ли пробелов и опечаток."}
    assert 'value="anna"' in wrong.text
    assert phone.get(f"{EMAIL}/code").headers["Location"] == EMAIL
    sent = phone.press(EMAIL, EMAIL, None, email="anna@mail.ru", consent="1")
    assert sent.headers["Location"] == f"{EMAIL}/code"
    assert "идёт на anna@mail.ru" in plain(phone.get(f"{EMAIL}/code"))
    refused = phone.press(f"{EMAIL}/code", f"{EMAIL}/code", None, code="1")
    assert (refused.status_code, "Код не подходит" in plain(refused)) == (403, True)
    assert phone.press(f"{EMAIL}/code", f"{EMAIL}/code", None, code=codes_sent(k5)[-1]).status_code == 303
    assert "Почта anna@mail.ru" in plain(phone.get("/me/profile"))
    assert "Почта не подтверждена" not in plain(phone.get("/me/notices"))
    assert phone.press(EMAIL, EMAIL, None, remove="1").status_code == 303
    assert "Почта нет" in plain(phone.get("/me/profile"))


def test_consent_is_given_and_withdrawn_and_says_what_follows(phone: Browser, k5: House) -> None:
    assert "Согласия нет." in plain(phone.get(CONSENT))
    phone.press(CONSENT, CONSENT, None, consent="given")
    page = plain(phone.get(CONSENT))
    assert "Мы сразу удалим вашу фамилию" in page
    assert "01.12.2026 12:00:00 – дано на сайте, версия 1" in page
    phone.press(CONSENT, CONSENT, None, consent="withdrawn")
    assert "отозвано на сайте" in plain(phone.get(CONSENT))
    phone.press(CONSENT, CONSENT, None, consent="perhaps")
    assert [each.is_given for each in consents.history(k5.ports, k5.caller.id)] == [True, False]


def test_a_subscriber_sees_how_often_staff_looked(phone: Browser, k5: House) -> None:
    assert "Сотрудники ваших данных не читали." in plain(phone.get("/me/profile"))
    for _ in range(2):
        staff_access.note(k5.ports, [k5.caller.id], Reader("staff:anna", "k5 subscriber show", "claim"))
    page = plain(phone.get("/me/profile"))
    assert "Сотрудники читали ваши данные 2 раза. В последний раз: 01.12.2026 12:00:00." in page
    assert "anna" not in page


@pytest.mark.parametrize("path", ["/consent", "/consent/1"])
def test_a_stranger_reads_the_text_at_an_address_that_stays(browser: Browser, path: str) -> None:
    page = plain(browser.get(path))
    assert "Версия 1, действует с 29.11.2026" in page
    assert "{operator}" not in page
    assert browser.get("/consent/99").status_code == 404


def test_whoever_joins_reads_what_they_consent_to(browser: Browser) -> None:
    assert 'href="/consent"' in browser.get("/join").text


def test_the_own_data_are_a_file_that_needs_a_fresh_password(phone: Browser, k5: House) -> None:
    answer = phone.get(EXPORT)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="k5-data.json"'
    assert json.loads(answer.text)["subscriber"][0]["name"] == "Анна"
    k5.clock.forward(minutes=16)
    assert phone.get(EXPORT).headers["Location"] == f"/confirm?next={EXPORT}"


def test_data_are_erased_by_a_typed_word_and_the_password_alone(phone: Browser, k5: House) -> None:
    end(k5)
    page = plain(phone.get(ERASE))
    assert "Удалим навсегда: имя" in page
    assert "Останутся без имени: звонки с номерами" in page
    for sent, field in (
        ({"word": "да", "password": PASSWORD}, "word"),
        ({"word": "удалить", "password": "x"}, "password"),
    ):
        refused = phone.press(ERASE, ERASE, None, **sent)
        assert (refused.status_code, list(errors(refused.text))) == (400 if field == "word" else 403, [field])
        assert f'value="{sent["word"]}"' in refused.text
    done = phone.press(ERASE, ERASE, None, word="удалить ", password=PASSWORD)
    assert done.headers["Location"] == "/erased"
    assert "Ваши данные удалены" in plain(phone.get("/erased"))
    assert "cookies" in done.headers["Clear-Site-Data"]
    assert phone.get("/me").headers["Location"].startswith("/login")
    assert phone.log_in().status_code == 403


def test_whoever_has_money_or_a_contract_reads_what_to_end_first(phone: Browser, k5: House) -> None:
    assert "Договор действует, данные нужны для него." in plain(phone.get(ERASE))
    assert 'href="/me/contract"' in phone.get(ERASE).text
    end(k5)
    token = token_of(phone.get(ERASE))
    k5.top_up("50.00")
    page = phone.get(ERASE)
    assert "На счёте есть деньги или долг." in plain(page)
    assert 'name="word"' not in page.text
    late = phone.post(ERASE, csrf_token=token, word="УДАЛИТЬ", password=PASSWORD)
    assert (late.status_code, "Сначала закончите" in plain(late)) == (409, True)
    assert phone.get("/me").status_code == 200
