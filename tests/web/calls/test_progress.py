"""Where a call stands and how it ended: rows, small status answers, words for what went wrong."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber, find_subscriber
from k5web.services.payments.topups import credit
from tests.fakes.doors import change_plan
from tests.services.house import House
from tests.web.calls.call_page import field, plain
from tests.web.conftest import PASSWORD, Browser


def test_the_rows_follow_the_phones(phone: Browser, k5: House) -> None:
    """Each phone has a word and a sign; the row that needs the reader says what to do."""
    k5.top_up("50.00")
    call = k5.order()
    page = f"/c/{call.id}"
    assert "Ваш телефон: звоним Возьмите трубку" in plain(phone.get(page))
    k5.work()
    assert "Собеседник: ждём" in plain(phone.get(page))
    k5.switch.answer_a(call.id)
    k5.work()
    assert "Ваш телефон: ответил" in plain(phone.get(page))
    assert "Собеседник: звоним Не кладите трубку" in plain(phone.get(page))
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(seconds=65)
    words = plain(phone.get(page))
    assert "Собеседник: ответил" in words
    assert "1:05 к списанию 4,40 ₽" in words
    assert "Завершить" in words


def test_who_wishes_to_press_1_is_told_so_before_the_other_phone_rings(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    assert "Сейчас: соединяем сразу." in plain(phone.get("/me/profile"))
    phone.press("/me/profile", "/me/profile/press-1", press_1="on")
    assert "Сейчас: просим нажать 1." in plain(phone.get("/me/profile"))
    call = k5.order(caller=find_subscriber(k5.ports, str(k5.caller.id)))
    page = f"/c/{call.id}"
    k5.work()
    assert "Собеседник: ждём Позвоним, когда вы нажмёте 1" in plain(phone.get(page))
    k5.switch.ask_a(call.id)
    k5.work()
    assert "Ваш телефон: ответил Нажмите 1 на телефоне" in plain(phone.get(page))
    k5.switch.press_nothing(call.id)
    k5.work()
    words = plain(phone.get(page))
    assert "На вашем телефоне не нажали 1, поэтому собеседнику не звонили. Деньги не списаны." in words
    phone.press("/me/profile", "/me/profile/press-1", press_1="off")
    assert not find_subscriber(k5.ports, str(k5.caller.id)).press_1


def test_where_the_operator_asks_everybody_there_is_nothing_to_choose(app: Flask, phone: Browser, k5: House) -> None:
    app.extensions["k5.ports"] = replace(k5.ports, press_1=True)
    words = plain(phone.get("/me/profile"))
    assert "только когда вы нажмёте 1" in words
    assert "Просить нажать 1" not in words


def test_an_order_that_waits_for_a_line_says_how_many_go_before_it(phone: Browser, k5: House) -> None:
    """Nothing rings yet, so nobody is told to pick up; what is placed in a moment is not told of a queue."""
    other = add_subscriber(k5.ports, Msisdn("79160000200"), PASSWORD, "Борис")
    credit(k5.ports, other.id, EventName("test:bank", "other"), rub("50.00"), "cash.test", "test", k5.clock())
    k5.top_up("50.00")
    k5.switch.calls_at_once = 1
    first = k5.order(caller=other)
    k5.clock.forward(seconds=1)
    page = f"/c/{k5.order().id}"
    assert "Ваш телефон: в очереди Перед вами 1 звонок. Наберём сами." in plain(phone.get(page))
    k5.work()
    version = phone.get(f"{page}/status").get_json()["version"]
    assert "Ваш телефон: звоним Возьмите трубку" in plain(phone.get(page))
    k5.clock.forward(seconds=2)
    assert "Ваш телефон: в очереди Вы первые. Наберём, как освободится линия." in plain(phone.get(page))
    assert phone.get(f"{page}/status?since={version}").get_json()["a"][1] == "в очереди"
    k5.switch.cancel(first.id)
    k5.work()
    k5.work()
    assert "Ваш телефон: звоним Возьмите трубку" in plain(phone.get(page))


def test_the_page_reads_itself_anew_without_script_until_it_is_told_not_to(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    refresh = '<meta http-equiv="refresh"'
    page = phone.get(f"/c/{call.id}").text
    assert refresh in page
    assert "Обновить" in page
    assert f"/c/{call.id}?auto=0" in page
    assert refresh not in phone.get(f"/c/{call.id}?auto=0").text
    k5.talk(call, "10")
    assert refresh not in phone.get(f"/c/{call.id}").text


def test_a_status_answer_is_small_and_says_nothing_when_nothing_changed(phone: Browser, k5: House) -> None:
    """Budget: 0.6 KB with headers while a call runs, 204 without a body where nothing changed."""
    k5.top_up("50.00")
    call = k5.order()
    first = phone.get(f"/c/{call.id}/status")
    facts = first.get_json()
    version = facts["version"]
    assert facts["a"] == ["s-ring", "звоним", "Возьмите трубку"]
    same = phone.get(f"/c/{call.id}/status?since={version}")
    assert (same.status_code, same.data) == (204, b"")
    k5.work()
    k5.switch.answer_a(call.id)
    k5.work()
    changed = phone.get(f"/c/{call.id}/status?since={version}", **{"Accept-Encoding": "gzip"})
    assert changed.status_code == 200
    for answer in (first, same, changed):
        headers = sum(len(name) + len(value) + 4 for name, value in answer.headers)
        assert headers + len(answer.data) + 100 <= 600  # 100: status line, Date, Server, Connection of a server


def test_a_script_whose_device_was_logged_out_learns_it(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    phone.client.delete_cookie("k5d")
    assert phone.get(f"/c/{call.id}/status").status_code == 401


def test_ending_is_a_press_and_leads_back_to_the_call(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    k5.work()
    answer = phone.press(f"/c/{call.id}", f"/c/{call.id}/end")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/c/{call.id}")
    assert k5.switch.cancelled == [call.id]


def test_the_second_tap_of_the_one_that_called_ends_nothing(phone: Browser, k5: House) -> None:
    """«Завершить» may lie where «Позвонить» lay: pressed within a second of its page it is shown again, then obeyed."""
    k5.top_up("50.00")
    call = k5.order()
    k5.work()
    path = f"/c/{call.id}"
    page = phone.get(path)
    form: dict[str, Any] = {name: field(page, name) for name in ("csrf_token", "shown")}
    k5.clock.forward(seconds=0.9)
    answer = phone.post(f"{path}/end", **form)
    assert answer.status_code == 409
    assert "Чтобы завершить, нажмите ещё раз." in plain(answer)
    assert k5.switch.cancelled == []
    k5.clock.forward(seconds=0.1)
    assert field(answer, "shown") == form["shown"], "whoever presses again and again is obeyed"
    form["shown"] = field(answer, "shown")
    assert phone.post(f"{path}/end", **form).status_code == 303
    assert k5.switch.cancelled == [call.id]


def test_a_page_that_read_itself_anew_is_obeyed_at_once(phone: Browser, k5: House) -> None:
    """Without a script it is new every five seconds, and its button has meant the same all the time."""
    k5.top_up("50.00")
    call = k5.order()
    k5.work()
    page = phone.get(f"/c/{call.id}").text
    assert f'content="5; url=/c/{call.id}?auto=1"' in page
    again = phone.get(f"/c/{call.id}?auto=1")
    assert 'name="shown"' not in again.text
    assert phone.post(f"/c/{call.id}/end", csrf_token=field(again, "csrf_token")).status_code == 303
    assert k5.switch.cancelled == [call.id]


def test_the_end_is_answered_at_once_and_the_clock_stands(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(seconds=65)
    version = phone.get(f"/c/{call.id}/status").get_json()["version"]
    k5.switch.unreachable = True
    phone.press(f"/c/{call.id}", f"/c/{call.id}/end")
    k5.clock.forward(seconds=30)
    page = phone.get(f"/c/{call.id}")
    assert "1:05 к списанию 4,40 ₽" in plain(page)
    assert "Завершаем…" in plain(page)
    assert f'action="/c/{call.id}/end"' not in page.text
    facts = phone.get(f"/c/{call.id}/status?since={version}").get_json()
    assert (facts["ending"], facts["talk_s"]) == (True, 65)


def test_an_old_page_of_a_call_asks_for_one_more_press(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    answer = phone.post(f"/c/{call.id}/end", csrf_token="old")
    assert "Нажмите ещё раз." in plain(answer)
    assert k5.call(call).state.is_live
    assert phone.post(f"/c/{call.id}/end", csrf_token=field(answer, "csrf_token")).status_code == 303
    assert not k5.call(call).state.is_live


def test_the_page_is_told_each_sum_before_the_clock_comes_to_it(phone: Browser, k5: House) -> None:
    """Sums are rounded in one place: the page's script shows what the server wrote."""
    k5.top_up("6.00")
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    assert "costs" not in phone.get(f"/c/{call.id}/status").get_json()
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(seconds=1)
    facts = phone.get(f"/c/{call.id}/status").get_json()
    assert facts["costs"] == [[1, "0,00\xa0₽"], [3, "2,20\xa0₽"]]
    path = f"/c/{call.id}/status?since={facts['version']}&till={facts['till']}"
    k5.clock.forward(seconds=35)
    assert phone.get(path).status_code == 204
    k5.clock.forward(seconds=1)
    again = phone.get(path).get_json()
    assert (again["version"], again["costs"]) == (facts["version"], [[37, "2,20\xa0₽"], [61, "4,40\xa0₽"]])
    assert again["till"] > facts["till"]


def test_a_talk_too_short_to_cost_says_so(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    short, longer = k5.talk(k5.order(), "2.9"), k5.talk(k5.order(), "3")
    assert "Разговор окончен. Разговоры короче 3 секунд бесплатны. Деньги не списаны." in plain(
        phone.get(f"/c/{short.id}")
    )
    assert "бесплатны" not in phone.get(f"/c/{longer.id}").text


def test_when_it_is_over_the_page_says_what_it_cost_and_why(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    words = plain(phone.get(f"/c/{call.id}"))
    assert "Разговор окончен. Списано 4,40 ₽." in words
    assert "1 мин 05 с разговора" in words
    assert re.search(r"звонок на ваш телефон 2 мин × 1,75 ₽ 3,50 ₽ звонок собеседнику 2 мин × 0,45 ₽ 0,90 ₽", words)
    assert "Позвонить ещё раз" in words
    assert "Что-то не так?" in words


@pytest.mark.parametrize(
    ("befalls", "words"),
    [
        ("a_busy", "Ваш телефон занят. Положите трубку и нажмите ещё раз. Деньги не списаны."),
        ("a_silent", "Ваш телефон не ответил. Возьмите его в руки и нажмите ещё раз. Деньги не списаны."),
        ("b_silent", "Собеседник не ответил. Деньги не списаны."),
        ("b_busy", "У собеседника занято. Деньги не списаны."),
        ("refused", "Не получилось соединить – сбой на нашей стороне. Деньги не списаны."),
    ],
)
def test_what_went_wrong_is_said_and_that_no_money_moved(phone: Browser, k5: House, befalls: str, words: str) -> None:
    """docs/pages.md, for the K5 plan: nobody reached, nothing charged."""
    k5.top_up("50.00")
    if befalls == "refused":
        k5.switch.refuses = "no route"
    call = k5.order()
    k5.work()
    if befalls.startswith("b_"):
        k5.switch.answer_a(call.id)
    actions: dict[str, Callable[[], None]] = {
        "a_busy": lambda: k5.switch.busy(call.id, "a"),
        "a_silent": lambda: k5.switch.no_answer(call.id, "a"),
        "b_silent": lambda: k5.switch.no_answer(call.id, "b"),
        "b_busy": lambda: k5.switch.busy(call.id, "b"),
        "refused": lambda: None,
    }
    actions[befalls]()
    k5.work()
    assert words in plain(phone.get(f"/c/{call.id}"))
    assert k5.balance() == rub("50.00")


def test_a_plan_that_counts_from_your_answer_says_what_it_took(
    phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/pages.md, plan with `a_leg_from = "a_answer"`."""
    change_plan(monkeypatch, a_leg_from="a_answer")
    k5.top_up("50.00")
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.clock.forward(seconds=30)
    k5.switch.no_answer(call.id, "b")
    k5.work()
    words = plain(phone.get(f"/c/{call.id}"))
    assert "Собеседник не ответил. За соединение с вашим телефоном списано 1,75 ₽." in words
    assert "Почему столько?" in words


@pytest.mark.parametrize("path", ["/c/{}", "/c/{}/status", "/me/calls/{}"])
def test_other_peoples_calls_are_not_there(app: Flask, k5: House, path: str) -> None:
    k5.top_up("50.00")
    call = k5.order()
    add_subscriber(k5.ports, Msisdn.parse("+79261234567"), PASSWORD, "Борис")
    other = Browser(app.test_client())
    other.log_in(login="+79261234567")
    assert other.get(path.format(call.id)).status_code == 404
    assert other.press("/me", f"/c/{call.id}/end").status_code == 404
    assert k5.call(call).state.is_live
