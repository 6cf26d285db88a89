"""Forms that spend are obeyed once they were read, and only by whom they were made for."""

from typing import Any

import pytest
from flask import Flask

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from tests.services.house import House
from tests.web.calls.call_page import PAGE, field, made, plain, press
from tests.web.conftest import PASSWORD, Browser


@pytest.mark.parametrize("changes", [{"form_key": "x"}, {"form_key": ""}, {"number": "+78432123456"}])
def test_a_form_that_is_not_ours_shows_the_page_again(phone: Browser, k5: House, changes: dict[str, str]) -> None:
    """The price on the page is part of the signed form, and so is the number."""
    k5.top_up("50.00")
    answer = press(phone, phone.get(PAGE), **changes)
    assert "Нажмите ещё раз." in plain(answer)
    assert made(k5) == []
    assert press(phone, answer).status_code == 303


def test_another_subscribers_form_is_not_mine(app: Flask, phone: Browser, k5: House) -> None:
    other = Browser(app.test_client())
    add_subscriber(k5.ports, Msisdn.parse("+79261234567"), PASSWORD, "Борис")
    other.log_in(login="+79261234567")
    k5.top_up("50.00")
    key = field(phone.get(PAGE), "form_key")
    answer = other.press("/me", "/call", number="+74951234567", form_key=key)
    assert answer.status_code == 409
    assert made(k5) == []


def test_an_old_page_asks_for_one_more_press_with_everything_filled_in(phone: Browser, k5: House) -> None:
    """docs/pages.md: pages stay open in a pocket for days; never a bare 400."""
    k5.top_up("50.00")
    page = phone.get(PAGE)
    answer = press(phone, page, csrf_token="old")
    assert "Нажмите ещё раз." in plain(answer)
    assert field(answer, "number") == "+74951234567"
    assert made(k5) == []
    assert press(phone, answer).status_code == 303
    assert len(made(k5)) == 1


@pytest.mark.parametrize("age_s", [0, 0.1, 0.5, 0.999])
def test_a_form_younger_than_a_second_is_shown_again_and_never_obeyed(phone: Browser, k5: House, age_s: float) -> None:
    """The second tap of two on the page before: the price was not read, so nobody is called and no money is held."""
    k5.top_up("50.00")
    page = phone.get("/?number=84951234567")
    form: dict[str, Any] = {name: field(page, name) for name in ("csrf_token", "number", "form_key")}
    k5.clock.forward(seconds=age_s)
    answer = phone.post("/call", **form)
    assert answer.status_code == 409
    assert "Проверьте цену и нажмите ещё раз." in plain(answer)
    assert (made(k5), k5.held()) == ([], rub("0.00"))
    form = {name: field(answer, name) for name in form}
    again = phone.post("/call", **form)
    assert (again.status_code, made(k5)) == (409, []), "a third tap is no reader either"
    assert press(phone, again).status_code == 303
    assert len(made(k5)) == 1


def test_a_form_of_the_future_is_not_obeyed(phone: Browser, k5: House) -> None:
    """A server whose clock was set back: the page is shown again."""
    k5.top_up("50.00")
    page = phone.get(PAGE)
    k5.clock.forward(seconds=-30)
    assert press(phone, page).status_code == 409
    assert made(k5) == []


def test_a_second_tap_on_the_button_is_the_same_call_though_it_is_young(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = phone.get(PAGE)
    first = press(phone, page)
    form: dict[str, Any] = {name: field(page, name) for name in ("csrf_token", "number", "form_key")}
    k5.clock.forward(seconds=-1)
    assert phone.post("/call", **form).headers["Location"] == first.headers["Location"]
