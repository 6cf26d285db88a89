"""The pages of paying: every way with the payer's own identifiers, a payment begun here followed to its end (A12)."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from k5web.domain.money import rub
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import polling, topups
from k5web.services.ports import Connectors
from tests.services.house import House
from tests.web.conftest import PASSWORD, Browser, token_of
from tests.web.payments.fake_way import GATEWAY, FakeWay, begin, form_of, pay


def test_a_member_sees_the_ways_of_their_currency_and_their_own_numbers(phone: Browser, k5: House) -> None:
    page = phone.get("/pay").text
    assert page.count("Банк «Ромашка»") == 1
    assert f"<b>{k5.caller.id}</b>" in page
    assert "+7\N{NO-BREAK SPACE}916" in page
    way = phone.get("/pay/fake-bank").text
    assert f'<span id="fact-1">{k5.caller.id}</span>' in way
    assert "кассиру&lt;/b&gt;" in way
    assert way.count("<svg") == 1
    assert 'href="tel:0312960888"' in way


def test_a_stranger_reads_every_way_and_learns_nothing_about_anybody(browser: Browser, k5: House) -> None:
    page = browser.get("/pay").text
    assert page.count("Банк «Ромашка»") == 2
    way = browser.get("/pay/fake-bank").text
    assert "Заплатите" in way
    assert str(k5.caller.id) not in page + way
    assert 'name="sum"' not in way
    answer = browser.post("/pay/fake-bank", csrf_token=token_of(browser.get("/login")), sum="500")
    assert 'name="password"' in answer.text


def test_a_way_of_another_currency_is_told_and_begins_nothing(phone: Browser, bank: FakeWay) -> None:
    page = phone.get("/pay/fake-som").text
    assert "в другой валюте" in page
    assert 'name="sum"' not in page


def test_pressing_leads_to_the_provider_at_once_and_back_to_the_form(phone: Browser, bank: FakeWay, k5: House) -> None:
    there = begin(phone, "500")
    page = phone.get(there).text
    assert f'content="0; url={GATEWAY}"' in page
    assert f'href="{GATEWAY}"' in page
    [started] = bank.started
    assert (started.amount, started.owner_id) == (rub("500.00"), k5.caller.id)
    assert started.return_url == f"http://127.0.0.1:8000/pay/return/{started.reference}"
    again = phone.get(f"/me/pay/{started.reference}").text  # without "go": the page stays, and reads itself anew
    assert f'http-equiv="refresh" content="15; url=/me/pay/{started.reference}"' in again
    assert "4821907" in again
    still = phone.get(f"/me/pay/{started.reference}?auto=0").text
    assert "refresh" not in still, "who reads slowly stops it"
    assert "обновляется сама" not in still


def test_who_may_pay_in_an_app_chooses_before_being_led_anywhere(phone: Browser, bank: FakeWay) -> None:
    bank.app_link = "https://qr.example/1?sum=50000&cur=RUB"
    page = phone.get(begin(phone, "500")).text
    assert f'href="{GATEWAY}"' in page
    assert 'href="https://qr.example/1?sum=50000&amp;cur=RUB"' in page
    assert page.count("<svg") == 1
    assert "url=https:" not in page


def test_the_same_form_twice_begins_one_payment(phone: Browser, bank: FakeWay) -> None:
    fields = form_of(phone.get("/pay/fake-bank").text)
    answers = {phone.post("/pay/fake-bank", None, **fields, sum="500").headers["Location"] for _press in range(3)}
    assert len(answers) == 1
    assert len(bank.started) == 1
    changed = phone.post("/pay/fake-bank", None, **fields, sum="999")
    assert changed.status_code == 409
    assert len(bank.started) == 1


def test_a_sum_that_cannot_be_is_named_and_begins_nothing(phone: Browser, bank: FakeWay) -> None:
    for typed in ("", "0", "9.99", "1000.01", "-5", "1e3", "٥٠٠", "500,005", "много", "9" * 20):
        page = phone.get("/pay/fake-bank")
        answer = phone.post("/pay/fake-bank", None, **form_of(page.text), sum=typed)
        assert answer.status_code == 400, typed
        assert 'role="alert"' in answer.text, typed
        assert "поломка" not in answer.text, typed
        assert bank.started == [], typed


def test_a_provider_in_trouble_is_told_without_a_trace_of_it(phone: Browser, bank: FakeWay) -> None:
    for trouble in (ProviderRefused(reason="secret words"), ProviderUnknown(reason="secret words")):
        bank.trouble = trouble
        page = phone.get("/pay/fake-bank")
        answer = phone.post("/pay/fake-bank", None, **form_of(page.text), sum="500")
        assert answer.status_code == 502
        assert "secret words" not in answer.text
        assert "Платёжная система" in answer.text


def test_the_payment_is_followed_to_the_account(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    [started] = bank.started
    address = f"/me/pay/{started.reference}"
    assert "Ждём оплаты" in phone.get(address).text
    bank.seen[started.number] = Seen(TopUpState.PAID, rub("500.00"), provider_id="P1", occurred_at=k5.clock())
    topups.look(k5.ports, started.reference)
    page = phone.get(address).text
    assert "✓ Деньги на счёте" in page
    assert "refresh" not in page
    assert k5.balance() == rub("500.00")
    assert "✓ Деньги на счёте" in phone.get("/me/pay").text
    statement = phone.get("/me/statement").text
    assert "Пополнение: Банк" in statement
    assert "P1" in phone.get("/me/statement/1").text


def test_coming_back_proves_nothing(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    [started] = bank.started
    answer = phone.get(f"/pay/return/{started.reference}?status=paid")
    assert answer.headers["Location"] == f"/me/pay/{started.reference}?back=1"
    page = phone.get(answer.headers["Location"]).text
    assert f'http-equiv="refresh" content="1; url=/me/pay/{started.reference}?back=2"' in page, "once soon"
    page = phone.get(f"/me/pay/{started.reference}?back=2").text
    assert f'http-equiv="refresh" content="5; url=/me/pay/{started.reference}?back=2"' in page
    assert k5.balance() == rub("0.00")


def ask_now(phone: Browser, started: TopUp) -> str:
    """Press «Проверить сейчас» and return the page it leads to."""
    answer = phone.press(f"/me/pay/{started.reference}", f"/me/pay/{started.reference}/look")
    assert answer.status_code == 303
    return phone.get(answer.headers["Location"]).text


def test_asking_now_answers_at_once_and_the_worker_asks_the_provider(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    [started] = bank.started
    bank.seen[started.number] = Seen(TopUpState.DECLINED)
    page = ask_now(phone, started)
    assert "Спрашиваем платёжную систему" in page
    assert "Ждём оплаты" in page, "no page asks by itself"
    assert polling.poll(k5.ports) == 1
    page = phone.get(f"/me/pay/{started.reference}").text
    assert "Оплата не прошла, деньги не списаны" in page
    assert "Спрашиваем" not in page
    assert "/pay/fake-bank?sum=500.00" in page


def test_asking_again_and_again_is_one_question_at_a_time_and_seldom(
    phone: Browser, bank: FakeWay, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(phone, "500")
    [started] = bank.started
    asked: list[str] = []

    def look(top_up: TopUp) -> Seen:
        asked.append(top_up.number)
        if len(asked) == 1:  # while the provider thinks, the payer presses on, and another worker comes by
            for _press in range(5):
                assert "Спрашиваем платёжную систему" in ask_now(phone, started)
                polling.poll(k5.ports)
        return Seen(TopUpState.WAITING)

    monkeypatch.setattr(bank, "look", look)
    ask_now(phone, started)
    polling.poll(k5.ports)
    assert len(asked) == 1
    for _press in range(5):
        ask_now(phone, started)
        polling.poll(k5.ports)
    assert len(asked) == 1, "the provider rests a moment"
    k5.clock.forward(seconds=5)
    polling.poll(k5.ports)
    assert len(asked) == 2


def test_what_ended_is_not_asked_about_for_a_press(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    [started] = bank.started
    bank.seen[started.number] = Seen(TopUpState.PAID, rub("500.00"), provider_id="P1", occurred_at=k5.clock())
    topups.look(k5.ports, started.reference)
    phone.press("/me/profile", f"/me/pay/{started.reference}/look")
    assert polling.poll(k5.ports) == 0


def test_an_old_payment_that_nobody_watches_is_asked_about_for_a_press(
    phone: Browser, bank: FakeWay, k5: House
) -> None:
    begin(phone, "500")
    [started] = bank.started
    bank.seen[started.number] = Seen(TopUpState.HELD)
    for _hour in range(30):
        k5.clock.forward(hours=1)
        polling.poll(k5.ports)
    bank.seen[started.number] = Seen(TopUpState.PAID, rub("500.00"), provider_id="P1", occurred_at=k5.clock())
    assert polling.poll(k5.ports) == 0, "the day of looking is over"
    ask_now(phone, started)
    polling.poll(k5.ports)
    assert k5.balance() == rub("500.00")


def test_payments_of_others_are_not_there(phone: Browser, bank: FakeWay, k5: House, app: Flask) -> None:
    begin(phone, "500")
    [started] = bank.started
    add_subscriber(k5.ports, Msisdn("79160000001"), PASSWORD, "Ольга")
    other = Browser(app.test_client())
    other.log_in("79160000001")
    assert other.get(f"/me/pay/{started.reference}").status_code == 404
    assert other.press("/me/profile", f"/me/pay/{started.reference}/look").status_code == 404
    assert "500,00" not in other.get("/me/pay").text


@pytest.mark.parametrize("reference", ["K5-1-1", "x", "K5-1", "K5-9-99999999999999999999", "K5-1-1-1-1"])
def test_a_payment_that_is_not_there_is_a_page(phone: Browser, reference: str) -> None:
    for address in (f"/me/pay/{reference}", f"/pay/fake-{reference}"):
        assert phone.get(address).status_code == 404


def test_the_list_is_paged_by_key(phone: Browser, bank: FakeWay, k5: House) -> None:
    for at in range(topups.PAGE + 2):
        k5.clock.forward(seconds=1)
        begin(phone, f"{100 + at}")
    first = phone.get("/me/pay").text
    older = re.search(r'href="(/me/pay\?before=\d+)"', first)
    assert older
    assert first.count('<li><a href="/me/pay/') == topups.PAGE
    assert phone.get(older[1]).text.count('<li><a href="/me/pay/') == 2


def test_no_ways_at_all_is_said(make_app: Callable[..., Flask], k5: House) -> None:
    k5.ports = replace(k5.ports, connectors=Connectors(), payee=None)
    assert "ещё не подключены" in Browser(make_app().test_client()).get("/pay").text


def test_a_code_that_ran_out_can_be_tried_again(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    [started] = bank.started
    k5.clock.forward(hours=1)
    bank.seen[started.number] = Seen(TopUpState.EXPIRED)
    topups.look(k5.ports, started.reference)
    assert "Время вышло" in phone.get(f"/me/pay/{started.reference}").text


def test_who_is_back_unpaid_is_asked_what_happened_and_offered_two_ways_on(
    phone: Browser, bank: FakeWay, k5: House
) -> None:
    begin(phone, "500")
    address = f"/me/pay/{bank.started[0].reference}"
    first = phone.get(f"{address}?back=1").text
    assert "Оплата не прошла?" not in first, "the notice may be on its way"
    page = phone.get(f"{address}?back=2").text
    assert "<h1>Оплата не прошла?</h1>" in page
    assert f'<a class="button" href="{GATEWAY}" rel="noreferrer">Ещё раз</a>' in page
    assert "Другим способом" in page
    pay(k5, bank)
    assert "✓ Деньги на счёте" in phone.get(f"{address}?back=2").text


def test_another_way_takes_the_order_back_at_the_provider(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    address = f"/me/pay/{bank.started[0].reference}"
    form = form_of(phone.get(address).text)
    assert phone.post(f"{address}/cancel", None, **form).headers["Location"] == address
    assert bank.cancelled == [], "the second tap of the one that began it"
    phone.read()
    answer = phone.post(f"{address}/cancel", None, **form)
    assert answer.headers["Location"] == "/pay?sum=500.00"
    assert bank.cancelled == [bank.started[0].number]
    assert "Вы отменили, деньги не списаны" in phone.get(address).text
    again = phone.post(f"{address}/cancel", None, **form)
    assert (again.status_code, len(bank.cancelled)) == (303, 1)
    pay(k5, bank)
    assert k5.balance() == rub("500.00"), "money that came all the same is credited"


def test_an_order_that_was_paid_meanwhile_is_shown_as_paid(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    started = bank.started[0]
    address = f"/me/pay/{started.reference}"
    form = form_of(phone.get(address).text)
    phone.read()
    bank.seen[started.number] = Seen(TopUpState.PAID, rub("500.00"), provider_id="P1", occurred_at=k5.clock())
    bank.troubles = [ProviderRefused(reason="it is paid")]
    assert phone.post(f"{address}/cancel", None, **form).headers["Location"] == address
    assert "✓ Деньги на счёте" in phone.get(address).text


def test_a_provider_that_says_nothing_leaves_the_order_open(phone: Browser, bank: FakeWay, k5: House) -> None:
    begin(phone, "500")
    address = f"/me/pay/{bank.started[0].reference}"
    form = form_of(phone.get(address).text)
    phone.read()
    bank.troubles = [ProviderUnknown(reason="no answer")]
    answer = phone.post(f"{address}/cancel", None, **form)
    assert answer.headers["Location"] == address
    page = phone.get(address).text
    assert "Ждём оплаты" in page
    assert "Спрашиваем платёжную систему." in page


def test_nobody_cancels_anothers_payment(phone: Browser, bank: FakeWay, k5: House, app: Flask) -> None:
    begin(phone, "500")
    add_subscriber(k5.ports, Msisdn("79160000001"), PASSWORD, "Ольга")
    other = Browser(app.test_client())
    other.log_in("79160000001")
    answer = other.press("/me/profile", f"/me/pay/{bank.started[0].reference}/cancel")
    assert (answer.status_code, bank.cancelled) == (404, [])
