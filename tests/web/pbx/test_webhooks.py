"""The page of webhooks: a secret shown once, a test, the log of what was told. Promises: B7, S15."""

import re
from dataclasses import replace

import pytest

from k5web.domain.pbx.webhook import HookAnswer
from k5web.services.pbx import hook_delivery
from k5web.storage.pbx import hook_rows
from tests.fakes.hooks import FakeDoor
from tests.services.house import House
from tests.web.conftest import Browser

PAGE, URL = "/me/hooks", "https://crm.example.ru/k5"


@pytest.fixture
def door() -> FakeDoor:
    """The way to programs."""
    return FakeDoor()


@pytest.fixture
def k5(k5: House, door: FakeDoor) -> House:
    """The house with it."""
    k5.ports = replace(k5.ports, hook_door=door)
    return k5


def tell(k5: House, door: FakeDoor) -> None:
    for each in hook_delivery.due(k5.ports):
        hook_delivery.deliver(k5.ports, door, *each)


def test_a_secret_is_shown_once(phone: Browser) -> None:
    answer = phone.press(PAGE, PAGE, url=URL, event="missed")
    secret = re.search(r"k5h_[\w-]{43}", answer.text)
    assert answer.status_code == 200
    assert secret
    page = phone.get(PAGE).text
    assert URL in page
    assert secret[0] not in page
    assert "пропущенный" in page


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://crm.example.ru/", "https://"),
        ("https://10.0.0.1/", "имя сайта"),
        ("crm", "не похоже на адрес"),
    ],
)
def test_what_is_no_address_is_refused_in_words(phone: Browser, url: str, said: str) -> None:
    answer = phone.press(PAGE, PAGE, url=url, event="missed")
    assert answer.status_code == 400
    assert said in answer.text
    assert "crm" not in phone.get(PAGE).text.partition("Добавить адрес")[0]


def test_an_address_for_nothing_is_refused(phone: Browser) -> None:
    assert "хотя бы одно событие" in phone.press(PAGE, PAGE, url=URL).text


def test_the_log_says_how_each_try_went(phone: Browser, k5: House, door: FakeDoor) -> None:
    phone.press(PAGE, PAGE, url=URL, event="missed")
    for answer, said in [
        (HookAnswer(200), "принято, 200"),
        (HookAnswer(404), "ответ 404, попытка 1 из 6"),
        (HookAnswer(None, "timeout"), "не ответил вовремя, попытка 1 из 6"),
        (HookAnswer(None, "closed"), "имя ведёт во внутреннюю сеть, попытка 1 из 6"),
    ]:
        assert phone.press(PAGE, f"{PAGE}/1/test").status_code == 303
        assert "в очереди" in phone.get(PAGE).text
        door.answer = answer
        tell(k5, door)
        assert said in phone.get(PAGE).text
        k5.clock.forward(seconds=1)


def test_an_address_that_rests_is_switched_on_again(phone: Browser, k5: House) -> None:
    phone.press(PAGE, PAGE, url=URL, event="missed")
    with k5.ports.sessions.begin() as db:
        hook_rows.pause(db, k5.caller.id, 1, k5.clock())
    assert "Остановлен" in phone.get(PAGE).text
    phone.press(PAGE, f"{PAGE}/1/resume")
    assert "Остановлен" not in phone.get(PAGE).text


def test_an_address_is_removed(phone: Browser) -> None:
    phone.press(PAGE, PAGE, url=URL, event="missed")
    assert phone.press(PAGE, f"{PAGE}/1/remove").status_code == 303
    assert URL not in phone.get(PAGE).text
    assert phone.press(PAGE, f"{PAGE}/1/remove").status_code == 404


def test_the_page_needs_the_password_typed_lately(phone: Browser, k5: House) -> None:
    k5.clock.forward(minutes=16)
    assert "confirm" in phone.get(PAGE).headers["Location"]


def test_the_log_of_an_address_told_again_says_what_waits_and_what_was_given_up(
    phone: Browser, k5: House, door: FakeDoor
) -> None:
    phone.press(PAGE, PAGE, url=URL, event="missed")
    for _ in range(2):
        phone.press(PAGE, f"{PAGE}/1/test")
    door.answer = HookAnswer(500)
    given_up, _waits = [each for each, _url in hook_delivery.due(k5.ports)]
    tell(k5, door)
    with k5.ports.sessions.begin() as db:
        hook_rows.note(db, given_up, door.answer, k5.clock(), None)
        hook_rows.pause(db, k5.caller.id, 1, k5.clock())
    page = phone.get(PAGE).text
    assert ("ответ 500, попытка 1 из 6" in page, "ответ 500, больше не повторяем" in page) == (True, True)
    phone.press(PAGE, f"{PAGE}/1/resume")
    page = phone.get(PAGE).text
    assert ("в очереди" in page, "ответ 500, больше не повторяем" in page) == (True, True)
