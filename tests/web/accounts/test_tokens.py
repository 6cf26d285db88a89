"""«API-ключи»: a token is shown once, listed by its name, ended at once; all behind the password."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.domain.accounts.token import MOST_TOKENS
from k5web.domain.prices.number import Msisdn
from k5web.errors import WrongToken
from k5web.services.accounts import accounts, tokens
from k5web.services.accounts.accounts import add_subscriber
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


def form_key(page: TestResponse) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_the_same_form_makes_one_key_and_shows_the_same_one(phone: Browser, k5: House) -> None:
    """A page read anew, a double tap, a lost answer: no second living key, and the text is not lost."""
    page = phone.get(PAGE)
    form = {"csrf_token": token_of(page), "form_key": form_key(page), "name": "CRM", "may": "call"}
    shown = {re.findall(r'id="made" value="([^"]+)"', phone.post(PAGE, None, **form).text)[0] for _ in range(3)}
    assert len(shown) == 1
    assert len(tokens.list_tokens(k5.ports, k5.caller.id)) == 1
    page = phone.get(PAGE)
    assert form_key(page) != form["form_key"]
    phone.post(PAGE, None, **(form | {"form_key": form_key(page)}))
    assert len(tokens.list_tokens(k5.ports, k5.caller.id)) == 2


@pytest.mark.parametrize("after", ["ten minutes", "use", "end", "another name"])
def test_a_key_is_not_shown_again_for_ever(phone: Browser, app: Flask, k5: House, after: str) -> None:
    page = phone.get(PAGE)
    form = {"csrf_token": token_of(page), "form_key": form_key(page), "name": "CRM", "may": "call"}
    [text] = re.findall(r'id="made" value="([^"]+)"', phone.post(PAGE, None, **form).text)
    match after:
        case "ten minutes":
            k5.clock.forward(minutes=10, seconds=1)
        case "use":
            app.test_client().get("/api/v1/account", headers={"Authorization": f"Bearer {text}"})
        case "end":
            [token] = tokens.list_tokens(k5.ports, k5.caller.id)
            tokens.end_token(k5.ports, k5.caller.id, token.selector)
        case _:
            form["name"] = "Другое"
    answer = phone.post(PAGE, None, **form)
    assert answer.status_code == 409
    assert text not in answer.text
    assert len(tokens.list_tokens(k5.ports, k5.caller.id)) == (0 if after == "end" else 1)


def test_a_form_of_another_subscriber_makes_another_key(k5: House) -> None:
    other = add_subscriber(k5.ports, Msisdn("79160000001"), "correct horse", "Ольга")
    mine = tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call=True, form_key="one")
    assert mine == tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call=True, form_key="one")
    theirs = tokens.make_token(k5.ports, other.id, "CRM", may_call=True, form_key="one")
    assert mine.partition(".")[0] != theirs.partition(".")[0]
    assert mine.partition(".")[2] != theirs.partition(".")[2]
