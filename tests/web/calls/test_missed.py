"""«Звонок без интернета»: contacts behind the access numbers, and what became of the calls."""

from dataclasses import replace

from flask import Flask

from app import create_app
from k5web.config.settings import Settings
from k5web.services.calls import safety
from k5web.web.calls.missed import outcome_words
from tests.services.house import ACCESS, OWN, House
from tests.web.conftest import Browser

PAGE = "/me/access"
NBSP = "\N{NO-BREAK SPACE}"


def test_a_contact_is_chosen_at_a_price_and_taken_away(phone: Browser, k5: House) -> None:
    chosen = phone.press(PAGE, PAGE, access=ACCESS[0], number="8 495 123-45-67", name="Мама <b>")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, PAGE)
    page = phone.get(PAGE).text
    assert "Мама &lt;b&gt;" in page
    assert f"Минута 2,20{NBSP}₽" in page
    assert page.count("Пока не звонит никому.") == len(ACCESS) - 1
    for _ in range(2):
        assert phone.press(PAGE, f"{PAGE}/release", access=ACCESS[0]).headers["Location"] == PAGE
    assert phone.get(PAGE).text.count("Пока не звонит никому.") == len(ACCESS)


def test_the_page_tells_what_became_of_the_calls(phone: Browser, k5: House) -> None:
    phone.press(PAGE, PAGE, access=ACCESS[0], number="+74951234567", name="")
    for access in ACCESS:
        k5.clock.forward(seconds=1)
        k5.switch.miss(OWN, access)
    k5.top_up("100.00")
    k5.work()
    page = phone.get(PAGE).text
    assert f'<a href="/c/{k5.caller.id}-1">перезвонили</a>' in page
    assert "контакт не выбран" in page


def test_a_limit_that_kept_a_call_back_is_named(phone: Browser, k5: House) -> None:
    phone.press(PAGE, PAGE, access=ACCESS[0], number="+74951234567", name="")
    safety.set_limits(k5.ports, k5.caller.id, {"daily_minor": 1_00})
    k5.top_up("100.00")
    k5.switch.miss(OWN, ACCESS[0])
    k5.work()
    page = phone.get(PAGE).text
    assert "лимит на звонки исчерпан" in page


def test_every_safety_rule_that_may_keep_a_call_back_has_its_words(app: Flask) -> None:
    with app.test_request_context():
        said = [outcome_words(refusal.code) for refusal in safety.COUNTED]
    assert "не получилось" not in said


def test_a_wrong_contact_is_named_at_its_own_number_and_what_was_typed_stays(phone: Browser) -> None:
    page = phone.press(PAGE, PAGE, access=ACCESS[1], number="12", name="Мама")
    assert page.status_code == 400
    assert f'href="#number-{ACCESS[1]}"' in page.text
    assert 'value="12" aria-invalid="true"' in page.text
    assert 'value="Мама"' in page.text
    assert page.text.count('aria-invalid="true"') == 1


def test_an_access_number_that_is_none_is_not_found(phone: Browser) -> None:
    assert phone.press(PAGE, PAGE, access="74959999999", number="+74951234567").status_code == 404
    assert phone.press(PAGE, PAGE, access="'; --", number="+74951234567").status_code == 404


def test_without_access_numbers_there_is_no_page_and_no_link(settings: Settings, k5: House) -> None:
    k5.ports = replace(k5.ports, access_numbers=())
    browser = Browser(create_app(settings, k5.ports).test_client())
    browser.log_in()
    assert browser.get(PAGE).status_code == 404
    assert PAGE not in browser.get("/me").text


def test_the_cabinet_leads_there(phone: Browser) -> None:
    assert f'href="{PAGE}"' in phone.get("/me").text


def test_nobody_sees_somebody_elses_contacts(phone: Browser, app: Flask) -> None:
    phone.press(PAGE, PAGE, access=ACCESS[0], number="+74951234567", name="Мама")
    assert "Мама" not in Browser(app.test_client()).get(PAGE).text
