"""«Звонок с сайта» in the cabinet: made behind the password, stopped without it, shown with what stands on the site."""

import html
import re

from k5web.domain.calls.widget import MOST_WIDGETS
from k5web.services.calls import widgets
from k5web.services.calls.widgets import TypedWidget
from tests.services.house import House
from tests.web.conftest import Browser, token_of

PAGE = "/me/widgets"
FIELDS = {"label": "Лавка <b>", "sites": "shop.example сайт.рф", "dearest": "4,50", "calls_a_day": "7"}


def code_of(k5: House) -> str:
    return widgets.of_owner(k5.ports, k5.caller.id)[0].code


def test_a_button_is_made_and_its_code_is_for_copying(phone: Browser, k5: House) -> None:
    assert phone.press(PAGE, PAGE, None, **FIELDS).headers["Location"] == PAGE
    page = phone.get(PAGE).text
    address = f"http://127.0.0.1:8000/widget/{code_of(k5)}"
    assert html.escape(f'<script src="{address}.js" async></script>', quote=False) in page.replace("&#34;", '"')
    assert "Сегодня звонков: 0 из 7." in page
    assert "https://shop.example, https://сайт.рф" in page
    assert 'value="https://shop.example https://сайт.рф"' in page
    assert "<b>" not in page.partition("<main")[2]


def test_a_button_is_changed_switched_and_removed(phone: Browser, k5: House) -> None:
    phone.press(PAGE, PAGE, None, **FIELDS)
    code = code_of(k5)
    phone.press(PAGE, f"{PAGE}/{code}", None, **FIELDS | {"label": "Склад", "calls_a_day": "9"})
    [changed] = widgets.of_owner(k5.ports, k5.caller.id)
    assert (changed.code, changed.label, changed.calls_a_day, changed.is_on) == (code, "Склад", 9, True)
    phone.press(PAGE, f"{PAGE}/{code}/off")
    assert "Склад – выключена" in phone.get(PAGE).text
    phone.press(PAGE, f"{PAGE}/{code}/on")
    assert widgets.show(k5.ports, code)
    for _ in range(2):
        assert phone.press(PAGE, f"{PAGE}/{code}/remove").headers["Location"] == PAGE
    assert widgets.of_owner(k5.ports, k5.caller.id) == []


def test_what_is_wrong_is_named_and_what_was_typed_stays(phone: Browser, k5: House) -> None:
    for wrong, said in (
        ({"sites": "ftp://x"}, "Это не похоже на адрес сайта: ftp://x."),
        ({"calls_a_day": "0"}, "Напишите целое число от 1 до 1000."),
        ({"dearest": "x"}, "Напишите цену так: 5,00."),
        ({"label": ""}, "Дайте название: от 1 до 60 знаков."),
    ):
        page = phone.press(PAGE, PAGE, None, **FIELDS | wrong)
        assert page.status_code == 400
        assert said in page.text
        assert 'value="shop.example сайт.рф"' in page.text or "sites" in wrong
        phone.press(PAGE, PAGE, None, **FIELDS) if not widgets.of_owner(k5.ports, k5.caller.id) else None
        again = phone.press(PAGE, f"{PAGE}/{code_of(k5)}", None, **FIELDS | wrong)
        assert said in again.text
        assert "<details open>" in again.text


def test_making_asks_for_the_password_and_stopping_does_not(phone: Browser, k5: House) -> None:
    phone.press(PAGE, PAGE, None, **FIELDS)
    csrf = token_of(phone.get(PAGE))
    k5.clock.forward(minutes=16)
    assert phone.get(PAGE).headers["Location"].startswith("/confirm")
    for action in (PAGE, f"{PAGE}/{code_of(k5)}", f"{PAGE}/{code_of(k5)}/on"):
        assert phone.post(action, None, csrf_token=csrf, **FIELDS).headers["Location"].startswith("/confirm")
    assert len(widgets.of_owner(k5.ports, k5.caller.id)) == 1
    phone.post(f"{PAGE}/{code_of(k5)}/off", csrf_token=csrf)
    assert not widgets.of_owner(k5.ports, k5.caller.id)[0].is_on


def test_too_many_are_refused_in_words(phone: Browser, k5: House) -> None:
    for _ in range(MOST_WIDGETS):
        widgets.make(k5.ports, k5.caller, TypedWidget("Лавка", "", "5,00", "20"))
    page = phone.press(PAGE, PAGE, None, **FIELDS)
    assert (page.status_code, "Больше 10 нельзя." in page.text) == (409, True)


def test_the_cabinet_leads_there(phone: Browser) -> None:
    assert f'href="{PAGE}"' in phone.get("/me").text


def test_the_same_form_makes_one_button(phone: Browser, k5: House) -> None:
    """Three equal posts of a hurried thumb: one button."""
    page = phone.get(PAGE)
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert key
    form = {"label": "Лавка", "sites": "", "dearest": "5,00", "calls_a_day": "20", "form_key": key[1]}
    for _ in range(3):
        assert phone.post(PAGE, None, csrf_token=token_of(page), **form).status_code == 303
    assert len(widgets.of_owner(k5.ports, k5.caller.id)) == 1
