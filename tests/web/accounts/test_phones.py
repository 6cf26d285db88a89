"""/me/phones without scripts: a phone is added by its code, chosen, named, removed."""

import pytest
from werkzeug.test import TestResponse

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import phones
from tests.services.accounts.test_phones import add
from tests.services.accounts.test_recovery import codes_sent
from tests.services.house import House, subscriber
from tests.web.calls.call_page import plain, words
from tests.web.conftest import PASSWORD, Browser

SECOND = Msisdn("79160000002")
PAGE = "/me/phones"


def send(browser: Browser, action: str = PAGE, page: str = PAGE, **fields: str) -> TestResponse:
    return browser.press(page, action, {"Referer": f"http://localhost{page}"}, **fields)


def owned(k5: House) -> list[tuple[str, str]]:
    return [(one.number.digits, one.name) for one in phones.of(k5.ports, k5.caller.id)]


def test_a_phone_is_added_by_its_code(phone: Browser, k5: House) -> None:
    k5.clock.forward(seconds=1)
    assert "+7 916 123-45-67 Звоним сюда." in words(phone.get(PAGE))
    assert send(phone, phone="8 916 000 00 02").headers["Location"] == f"{PAGE}/code"
    assert "Если номер +7 916 000-00-02 можно добавить, на него идёт SMS" in words(phone.get(f"{PAGE}/code"))
    wrong = send(phone, f"{PAGE}/code", f"{PAGE}/code", code="1", name="Работа")
    assert wrong.status_code == 403
    assert 'value="Работа"' in wrong.text, "what was typed is kept"
    assert owned(k5) == [("79161234567", "")]
    right = send(phone, f"{PAGE}/code", f"{PAGE}/code", code=codes_sent(k5)[-1], name="Работа")
    assert right.headers["Location"] == PAGE
    assert "Телефон добавлен." in (page := words(phone.get(PAGE)))
    assert "+7 916 000-00-02 Работа. Звонить сюда" in page
    assert owned(k5)[-1] == (SECOND.digits, "Работа")
    assert phone.get(f"{PAGE}/code").headers["Location"] == PAGE


def test_whoever_has_a_phone_the_answers_are_alike_to_the_byte(phone: Browser, k5: House) -> None:
    """S11."""
    subscriber(k5, 7)

    def walk(typed: str) -> list[tuple[int, int]]:
        answers = [
            send(phone, phone=typed),
            phone.get(f"{PAGE}/code"),
            send(phone, f"{PAGE}/code", f"{PAGE}/code", code="000000", name=""),
        ]
        return [(each.status_code, len(each.data)) for each in answers]

    assert walk("+7 916 000-00-07") == walk("+7 916 000-00-08")


@pytest.mark.parametrize("action", ["", f"/{SECOND}/choose", f"/{SECOND}/remove"])
def test_changes_ask_for_the_password_where_it_is_old(phone: Browser, k5: House, action: str) -> None:
    action = action.replace("+", "")
    add(k5, SECOND)
    before = owned(k5)
    k5.clock.forward(seconds=16 * 60)
    assert "введите пароль" in words(phone.get(PAGE))
    asked = send(phone, PAGE + action, phone="+79160000003")
    assert asked.headers["Location"] == "/confirm?next=/me/phones"
    assert owned(k5) == before
    assert phone.press("/confirm", "/confirm", None, password=PASSWORD, next=PAGE).headers["Location"] == PAGE
    send(phone, PAGE + action, phone="+79160000003")
    assert "введите пароль" not in words(phone.get(PAGE))


def test_a_phone_is_chosen_named_and_removed(phone: Browser, k5: House) -> None:
    add(k5, SECOND)
    assert send(phone, f"{PAGE}/79160000002/choose").status_code == 303
    assert "+7 916 000-00-02 Звоним сюда." in words(phone.get(PAGE))
    refused = send(phone, f"{PAGE}/79160000002/remove")
    assert (refused.status_code, "Сначала выберите для звонков другой." in plain(refused)) == (409, True)
    assert send(phone, f"{PAGE}/79161234567/name", name="  Дом ").status_code == 303
    assert owned(k5)[0] == ("79161234567", "Дом")
    assert send(phone, f"{PAGE}/79161234567/name", name="x" * 61).status_code == 400
    assert send(phone, f"{PAGE}/79161234567/remove").status_code == 303
    assert "с ним больше не войти" in words(phone.get(PAGE))
    assert owned(k5) == [(SECOND.digits, "")]
    assert phone.get("/me").status_code == 200, "who is logged in stays so"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Это не похоже на номер телефона."),
        ("+7 916 123-45-67", "Этот телефон уже есть в списке."),
        ("+7 495 111-00-01", "Это наш собственный номер"),
        ("+999 123 456 789", "Мы не звоним на номера"),
    ],
)
def test_what_cannot_be_added_is_told_beside_the_field(phone: Browser, typed: str, said: str) -> None:
    answer = send(phone, phone=typed)
    assert 400 <= answer.status_code < 500
    assert said in plain(answer)
    assert 'id="phone-error"' in answer.text
    assert f'value="{typed}"' in answer.text


def test_anothers_phone_is_not_touched(phone: Browser, k5: House) -> None:
    """S16."""
    other = subscriber(k5, 7)
    for what in ("choose", "remove"):
        answer = send(phone, f"{PAGE}/79160000007/{what}")
        assert (answer.status_code, "Этого телефона нет среди ваших" in plain(answer)) == (403, True)
    send(phone, f"{PAGE}/79160000007/name", name="моё")
    assert [one.name for one in phones.of(k5.ports, other.id)] == [""]


def test_a_full_list_says_so_in_place_of_the_form(phone: Browser, k5: House) -> None:
    for n in range(2, 6):
        add(k5, Msisdn(f"7916000000{n}"))
        k5.clock.forward(seconds=3600)
    phone.press("/confirm", "/confirm", None, password=PASSWORD, next=PAGE)
    assert "Больше 5 нельзя." in words(phone.get(PAGE))
