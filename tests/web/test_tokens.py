"""«Ключи для программ»: a token is shown once, listed by its name, ended at once; all behind the password."""

import re

import pytest
from flask import Flask

from k5web.domain.token import MOST_TOKENS
from k5web.errors import WrongToken
from k5web.services import accounts, tokens
from tests.services.house import House
from tests.web.conftest import Browser, token_of

PAGE = "/me/tokens"


def test_a_token_is_shown_once_and_works(phone: Browser, app: Flask) -> None:
    made = phone.press(PAGE, PAGE, name="CRM <b>Анны</b>", may="call")
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    token = re.search(r'id="made" value="(k5_[A-Za-z0-9_.-]+)"', made.text)
    assert token
    asked = app.test_client().get("/api/v1/account", headers={"Authorization": f"Bearer {token[1]}"})
    assert asked.status_code == 200
    listed = phone.get(PAGE).text
    assert token[1].partition(".")[2] not in listed
    assert "CRM &lt;b&gt;Анны&lt;/b&gt;</strong> – смотрит и звонит" in listed
    assert "Последний раз: 01.12.2026 12:00" in listed


def test_a_token_only_looks_unless_calling_was_chosen(phone: Browser) -> None:
    assert "только смотрит" in phone.press(PAGE, PAGE, name="Отчёт").text
    assert "смотрит и звонит" not in phone.get(PAGE).text


def test_an_ended_token_is_gone(phone: Browser, k5: House) -> None:
    tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call=True)
    [token] = tokens.list_tokens(k5.ports, k5.caller.id)
    for _ in range(2):
        assert phone.press(PAGE, f"{PAGE}/{token.selector}/end").headers["Location"] == PAGE
    assert "Ключей пока нет." in phone.get(PAGE).text


def test_the_password_is_asked_for_but_not_to_end_a_token(phone: Browser, k5: House) -> None:
    tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call=True)
    [token] = tokens.list_tokens(k5.ports, k5.caller.id)
    csrf = token_of(phone.get(PAGE))
    k5.clock.forward(minutes=16)
    assert phone.get(PAGE).headers["Location"].startswith("/confirm")
    phone.post(PAGE, csrf_token=csrf, name="Ещё", may="call")
    assert len(tokens.list_tokens(k5.ports, k5.caller.id)) == 1
    phone.post(f"{PAGE}/{token.selector}/end", csrf_token=csrf)
    assert tokens.list_tokens(k5.ports, k5.caller.id) == []


def test_a_name_that_cannot_be_is_named_on_the_page(phone: Browser) -> None:
    page = phone.press(PAGE, PAGE, name=" ")
    assert page.status_code == 400
    assert "Дайте название: от 1 до 60 знаков." in page.text
    assert "<title>Ошибка:" in page.text


def test_too_many_are_refused_in_words(phone: Browser, k5: House) -> None:
    for _ in range(MOST_TOKENS):
        tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call=True)
    page = phone.press(PAGE, PAGE, name="Ещё")
    assert page.status_code == 409
    assert "Больше 20 нельзя. Сначала удалите ненужное." in page.text


def test_the_cabinet_leads_there(phone: Browser) -> None:
    assert f'href="{PAGE}"' in phone.get("/me").text


@pytest.mark.parametrize(("fields", "left"), [({}, 0), ({"keep_tokens": "1"}, 1)])
def test_a_new_password_ends_the_keys_unless_they_are_to_stay(
    phone: Browser, k5: House, fields: dict[str, str], left: int
) -> None:
    assert "Ключи ваших программ" not in phone.get("/me/profile").text, "nobody without keys is asked"
    text = tokens.make_token(k5.ports, k5.caller.id, "shop", may_call=True)
    page = phone.get("/me/profile").text
    assert "Ключи ваших программ перестанут работать" in page
    assert not re.search(r'name="keep_tokens"[^>]*checked', page)
    sent = phone.press("/me/profile", "/me/profile/password", None, new_password="another long one", **fields)
    assert sent.status_code == 303
    assert len(tokens.list_tokens(k5.ports, k5.caller.id)) == left
    if not left:
        with pytest.raises(WrongToken):
            tokens.recognise(k5.ports, text, to_change=True)


def test_a_password_set_by_staff_ends_the_keys(k5: House) -> None:
    tokens.make_token(k5.ports, k5.caller.id, "shop", may_call=True)
    accounts.change_password(k5.ports, k5.caller, "another long one")
    assert tokens.list_tokens(k5.ports, k5.caller.id) == []
