"""After the end of a contract no page offers what would be refused; each says why, and where the money is."""

import re
from dataclasses import replace

import pytest

from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.money import rub
from k5web.services.accounts import blocking
from k5web.storage.accounts import subscribers
from tests.services.accounts.stock import A, fill, on
from tests.services.house import House
from tests.web.calls.call_page import plain
from tests.web.conftest import Browser

OVER = "Договор закончился. Остаток денег можно вернуть по заявлению в кабинете."
TRANSFER, PROMISE, NUMBER, INVITE = "/me/transfer", "/me/promise", f"/me/numbers/{A}", "/me/invite"
PLAN = "/me/services/plan/go"


@pytest.fixture
def house(phone: Browser, k5: House) -> House:
    """A house in which everything is offered."""
    fill(k5.ports, A)
    on(k5.ports, "go-100", k5.caller)
    k5.top_up("1000.00")
    doors = replace(k5.ports, promise=PromiseTerms(rub("300.00"), 5, account_days=0))
    phone.client.application.extensions["k5.ports"] = doors
    return k5


def end(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        subscribers.set_ended(db, k5.caller.id, k5.clock())


def buttons(page: str) -> list[str]:
    """What the page would begin: the forms that are sent, without the way out of the cabinet."""
    return [action for action in re.findall(r'method="post" action="([^"]+)"', page) if "logout" not in action]


@pytest.mark.parametrize("path", [TRANSFER, PROMISE, NUMBER, INVITE, PLAN])
def test_what_begins_no_more_is_not_offered_on_its_page(house: House, phone: Browser, path: str) -> None:
    assert buttons(phone.get(path).text), "while the contract goes on"
    end(house)
    page = phone.get(path)
    assert OVER in plain(page)
    assert buttons(page.text) == []


def test_a_suspended_subscriber_reads_why_there_too(house: House, phone: Browser) -> None:
    blocking.suspend(house.ports, house.caller.id, "staff:ivan", "мешающие звонки")
    page = phone.get(TRANSFER)
    assert "Услуги приостановлены" in plain(page)
    assert buttons(page.text) == []


@pytest.mark.parametrize("path", [TRANSFER, NUMBER, INVITE, PLAN])
def test_a_form_that_was_open_before_says_so_on_its_own_page(house: House, phone: Browser, path: str) -> None:
    page = phone.get(path)
    action = buttons(page.text)[0]
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    typed = {"receiver": "+79160000067", "sum": "300"} if path == TRANSFER else {}
    end(house)
    house.clock.forward(seconds=5)  # no hasty second tap
    answer = phone.post(action, None, **(fields | typed))
    assert (answer.status_code, OVER in plain(answer)) == (403, True)
    assert re.findall(r"<h1>(.+)</h1>", answer.text) != ["Не получилось"]
    assert house.balance() == rub("1000.00")


@pytest.mark.parametrize("path", ["/me", "/pay"])
def test_no_page_leads_there(house: House, phone: Browser, path: str) -> None:
    led = {TRANSFER, PROMISE}
    assert led <= set(re.findall(r'href="([^"]+)"', phone.get(path).text))
    end(house)
    assert not led & set(re.findall(r'href="([^"]+)"', phone.get(path).text))
