"""At-once mode: a page counts down and presses its own button, only where every condition holds."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import devices
from k5web.services.contacts import favourites
from tests.services.house import House
from tests.web.calls.call_page import PAGE, field, made, press
from tests.web.conftest import PASSWORD, Browser

FROM_CONTACTS = {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}


@pytest.fixture
def eager(phone: Browser, k5: House) -> Browser:
    """A phone with «Звонить сразу» on, whose owner has called this number by the button before."""
    k5.top_up("100.00")
    press(phone, phone.get(PAGE))
    k5.talk(made(k5)[0], "30")
    answer = phone.press("/me/devices", "/me/devices/at-once", on="1", limit="5,00", password=PASSWORD)
    assert answer.status_code == 303
    return phone


def ticket(page: TestResponse) -> str:
    """Return the ticket of the countdown, empty on the ordinary page."""
    found = re.search(r'id="at-once" hidden data-ticket="([^"]+)"', page.text)
    return found[1] if found else ""


def count_down(eager: Browser, k5: House, seconds: float = 3) -> TestResponse:
    """Open the page as a contact does and let the countdown end."""
    page = eager.get(PAGE, **FROM_CONTACTS)
    assert ticket(page)
    k5.clock.forward(seconds=seconds)
    return press(eager, page, form_key=ticket(page))


def test_it_is_off_until_it_is_switched_on(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    press(phone, phone.get(PAGE))
    k5.talk(made(k5)[0], "10")
    assert not ticket(phone.get(PAGE, **FROM_CONTACTS))


def test_the_countdown_calls(eager: Browser, k5: House) -> None:
    answer = count_down(eager, k5)
    assert answer.status_code == 303
    assert made(k5)[0].at_once
    assert len(made(k5)) == 2


def test_the_same_ticket_is_the_same_call(eager: Browser, k5: House) -> None:
    """The ticket is the form key: a lost answer and a retry make one call, and the button beside it no second."""
    page = eager.get(PAGE, **FROM_CONTACTS)
    k5.clock.forward(seconds=3)
    first = press(eager, page, form_key=ticket(page))
    k5.clock.forward(seconds=5)
    again = press(eager, page, form_key=ticket(page))
    by_hand = press(eager, page)
    assert first.headers["Location"] == again.headers["Location"] == by_hand.headers["Location"]
    assert len(made(k5)) == 2


@pytest.mark.parametrize("seconds", [0, 2.4, 60.5])
def test_a_ticket_too_young_or_too_old_gets_the_ordinary_page(eager: Browser, k5: House, seconds: float) -> None:
    answer = count_down(eager, k5, seconds)
    assert answer.status_code == 200
    assert not ticket(answer)
    assert len(made(k5)) == 1
    assert press(eager, answer).status_code == 303


@pytest.mark.parametrize("seconds", [2.5, 60])
def test_a_ticket_is_good_from_two_and_a_half_seconds_to_a_minute(eager: Browser, k5: House, seconds: float) -> None:
    assert count_down(eager, k5, seconds).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "https://evil.example/"},
    ],
)
def test_another_sites_link_gets_the_ordinary_page(eager: Browser, headers: dict[str, str]) -> None:
    page = eager.get(PAGE, **headers)
    assert not ticket(page)
    assert field(page, "form_key")


@pytest.mark.parametrize(
    "headers", [{}, FROM_CONTACTS, {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}]
)
def test_ones_own_wish_counts_down(eager: Browser, headers: dict[str, str]) -> None:
    """A phone's address book sends `none`; old browsers send nothing at all."""
    assert ticket(eager.get(PAGE, **headers))


def test_a_number_never_called_by_the_button_asks_for_it(eager: Browser) -> None:
    """No web page can make the phone ring a costly number."""
    assert not ticket(eager.get("/+78432123456", **FROM_CONTACTS))


def test_a_number_of_the_own_list_counts_down_though_it_was_never_called(eager: Browser, k5: House) -> None:
    """Its owner put it there; a form that only looks like one of ours puts nothing there."""
    favourites.keep(k5.ports, k5.caller.id, Msisdn("77172123456"), "Мама")
    assert ticket(eager.get("/+77172123456", **FROM_CONTACTS))
    assert not ticket(eager.get("/+77172123456", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}))
    favourites.remove(k5.ports, k5.caller.id, Msisdn("77172123456"))
    assert not ticket(eager.get("/+77172123456", **FROM_CONTACTS))


def test_a_second_countdown_within_a_minute_asks_for_the_button(eager: Browser, k5: House) -> None:
    """People reload pages."""
    count_down(eager, k5)
    k5.talk(made(k5)[0], "10")
    assert not ticket(eager.get(PAGE, **FROM_CONTACTS))
    k5.clock.forward(seconds=61)
    assert ticket(eager.get(PAGE, **FROM_CONTACTS))


def test_two_pages_open_at_once_make_one_countdown(eager: Browser, k5: House) -> None:
    first, second = eager.get(PAGE, **FROM_CONTACTS), eager.get(PAGE, **FROM_CONTACTS)
    k5.clock.forward(seconds=3)
    press(eager, first, form_key=ticket(first))
    k5.talk(made(k5)[0], "1")
    k5.clock.forward(seconds=1)
    assert press(eager, second, form_key=ticket(second)).status_code == 200
    assert len(made(k5)) == 2


def test_a_minute_dearer_than_the_limit_asks_for_the_button(eager: Browser, k5: House) -> None:
    page = eager.get(PAGE, **FROM_CONTACTS)
    eager.press("/me/devices", "/me/devices/at-once", on="1", limit="2,20")
    assert not ticket(eager.get(PAGE, **FROM_CONTACTS))
    k5.clock.forward(seconds=3)
    assert press(eager, page, form_key=ticket(page)).status_code == 200


def test_a_phone_not_used_for_a_month_asks_for_the_button(eager: Browser, k5: House) -> None:
    k5.clock.forward(days=31)
    assert not ticket(eager.get(PAGE, **FROM_CONTACTS))
    assert ticket(eager.get(PAGE, **FROM_CONTACTS))  # that look was a use


def test_a_ticket_of_another_phone_is_no_ticket(app: Flask, eager: Browser, k5: House) -> None:
    other = Browser(app.test_client())
    other.log_in()
    other.press("/me/devices", "/me/devices/at-once", on="1", limit="5,00", password=PASSWORD)
    stolen = ticket(other.get(PAGE, **FROM_CONTACTS))
    assert stolen
    k5.clock.forward(seconds=3)
    assert press(eager, eager.get(PAGE), form_key=stolen).status_code == 200
    assert len(made(k5)) == 1


def test_switching_it_off_takes_effect_on_open_pages(eager: Browser, k5: House) -> None:
    page = eager.get(PAGE, **FROM_CONTACTS)
    eager.press("/me/devices", "/me/devices/at-once", on="0")
    k5.clock.forward(seconds=3)
    assert press(eager, page, form_key=ticket(page)).status_code == 200
    assert not ticket(eager.get(PAGE, **FROM_CONTACTS))


def test_the_phones_own_token_does_not_stand_in_the_page(eager: Browser, k5: House) -> None:
    found = devices.list_devices(k5.ports, k5.caller.id).live
    page = eager.get(PAGE, **FROM_CONTACTS).text
    assert found
    for device in found:
        assert device.selector not in page


def test_with_a_call_under_way_nothing_counts_down(eager: Browser, k5: House) -> None:
    count_down(eager, k5)
    k5.clock.forward(seconds=61)
    assert not ticket(eager.get(PAGE, **FROM_CONTACTS))
