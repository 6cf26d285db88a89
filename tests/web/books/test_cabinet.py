"""The cabinet: every kopeck has its reason, only one's own rows are seen, files are harmless."""

import csv
import io
import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.domain.books.csv_cells import plain
from k5web.domain.calls.call import CallKind
from k5web.domain.pbx.conversation import ConversationOutcome
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.ports import OPERATOR_ZONE
from k5web.web.books import cabinet
from tests.services.house import House, publish
from tests.services.pbx.conversed import converse, paid_by
from tests.services.pbx.talks import record, with_files
from tests.web.calls.call_page import words
from tests.web.conftest import PASSWORD, Browser


def table(answer: TestResponse) -> list[list[str]]:
    """Return the rows of a file."""
    assert answer.mimetype == "text/csv"
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_account_at_a_glance(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    page = words(phone.get("/me"))
    assert "На счёте 45,60 ₽" in page
    assert f"Лицевой счёт {k5.caller.id}" in page
    assert "Тариф K5" in page
    assert "Потрачено в этом месяце 4,40 ₽" in page
    assert "+7 495 123-45-67 01.12.2026 12:00 · 1 мин 05 с −4,40 ₽" in page


def test_an_empty_account_is_warned_of(phone: Browser) -> None:
    assert "Денег на звонок не хватит" in words(phone.get("/me"))


def test_a_low_balance_is_told_until_it_is_mended(phone: Browser, k5: House) -> None:
    k5.top_up("21.00")
    low = "на счёте меньше 20,00 ₽"
    assert low not in words(phone.get("/me"))
    k5.talk(k5.order(), "30")
    assert f"С {k5.clock.now.astimezone(OPERATOR_ZONE):%d.%m.%Y %H}" in words(phone.get("/me"))
    assert low in words(phone.get("/me"))
    k5.top_up("10.00")
    assert low not in words(phone.get("/me"))


def test_money_reserved_for_a_call_is_shown(phone: Browser, k5: House) -> None:
    k5.top_up("5.00")
    k5.order()
    assert "Из них 4,40 ₽ зарезервировано, доступно 0,60 ₽." in words(phone.get("/me"))


def test_the_statement_explains_every_movement(phone: Browser, k5: House) -> None:
    """«every kopeck on the statement has its reason»: month, sum in, sum out, each line, each charge."""
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    page = words(phone.get("/me/statement"))
    assert "На начало месяца 0,00 ₽ Поступило 50,00 ₽ Списано −4,40 ₽ Сейчас 45,60 ₽" in page
    assert "Звонок +7 495 123-45-67 01.12.2026 12:01 · остаток 45,60 ₽ −4,40 ₽" in page
    assert "Пополнение 01.12.2026 12:00 · остаток 50,00 ₽ +50,00 ₽" in page


def test_the_chart_stands_on_a_table(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    page = phone.get("/me/statement")
    assert page.text.count("<rect ") == 1
    assert "День Потрачено 01.12.2026 4,40 ₽" in words(page)


def test_a_month_can_be_chosen(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.clock.forward(days=31)
    k5.talk(k5.order(), "10")
    page = words(phone.get("/me/statement?month=2026-12"))
    assert "На конец месяца 50,00 ₽" in page
    assert "Звонок" not in page.partition("История операций")[2].partition("Скачать")[0]
    assert "На начало месяца 50,00 ₽" in words(phone.get("/me/statement"))


def test_a_month_that_is_none_is_not_found(phone: Browser) -> None:
    for month in ("2026-13", "x", "2026", "9999-99", "9999-12", "0001-01", "1999-12", "2027-01"):
        for page in ("/me/statement", "/me/statement.csv"):
            assert phone.get(f"{page}?month={month}").status_code == 404, (page, month)


def test_a_movement_that_is_none_is_not_found(phone: Browser) -> None:
    for seq in ("0", "7", "9" * 18, "9" * 19, "9" * 23, "1" * 5000):
        assert phone.get(f"/me/statement/{seq}").status_code == 404, seq
        assert phone.get(f"/me/statement?before={seq}").status_code == 200, seq


def test_a_movement_leads_to_the_call_it_paid_for(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    page = phone.get("/me/statement/2")
    assert "−4,40 ₽" in words(page)
    assert f'href="/me/calls/{call.id}"' in page.text


def test_a_call_is_explained_to_the_second(phone: Browser, k5: House) -> None:
    """Both legs: when, seconds talked, rounded, price, charge."""
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65.4")
    page = words(phone.get(f"/me/calls/{call.id}"))
    assert "Разговор окончен." in page
    assert "Списано 4,40 ₽" in page
    legs = page.partition("Звонок на ваш телефон")[2]
    assert re.search(
        r"Номер \+7 916 123-45-67 Направление Россия мобильный Код направления 79 "
        r"Вызов 01.12.2026 12:00:00 Ответ 01.12.2026 12:00:04 "
        r"Конец 01.12.2026 12:01:14 Засчитано 65,4 с Округлено 2 мин Цена минуты 1,75 ₽ "
        r"Откуда цена прайс-лист k5, № 1 Сумма 3,50 ₽ "
        r"1 мин 05 с от ответа собеседника, округлено до 2 мин: 2 мин × 1,75 ₽\.",
        legs,
    )
    assert "Цена минуты 0,45 ₽ Откуда цена прайс-лист k5, № 1 Сумма 0,90 ₽" in legs


def test_calls_are_paged_by_key(phone: Browser, k5: House) -> None:
    """Budget: 25 rows a page."""
    k5.top_up("50.00")
    for _ in range(27):
        k5.talk(k5.order(), "1")
    first = phone.get("/me/calls")
    assert first.text.count("<li><a") == 25
    older = re.search(r'href="(/me/calls\?before=\d+)" rel="next"', first.text)
    assert older
    assert phone.get(older[1]).text.count("<li><a") == 2


def test_the_statement_is_paged_by_key(phone: Browser, k5: House) -> None:
    for _ in range(27):
        k5.top_up("1.00")
    first = phone.get("/me/statement")
    assert first.text.count("<li><a") == 25
    older = re.search(r'href="(/me/statement\?before=\d+&amp;month=2026-12)" rel="next"', first.text)
    assert older
    assert phone.get(older[1].replace("&amp;", "&")).text.count("<li><a") == 2


def test_the_month_is_a_file_with_every_line(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    rows = table(phone.get("/me/statement.csv?month=2026-12"))
    assert rows[0] == ["Номер", "День", "Записано", "Что", "Сумма", "Остаток", "Валюта", "Подробности"]
    assert [row[4:7] for row in rows[1:]] == [["50,00", "50,00", "RUB"], ["-4,40", "45,60", "RUB"]]


def test_the_calls_are_a_file_with_every_call(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    heading, row = table(phone.get("/me/calls.csv"))
    told = dict(zip(heading, row, strict=True))
    assert (told["Звонок"], told["Ваш телефон"], told["Собеседник"]) == (call.id, "79161234567", "74951234567")
    assert (told["Сумма"], told["Валюта"]) == ("-4,40", "RUB")


@pytest.mark.parametrize("file", ["/me/calls.csv", "/me/statement.csv?month=2026-12"])
def test_a_file_of_whom_one_called_asks_for_the_password_again(phone: Browser, k5: House, file: str) -> None:
    """docs/pages.md: the full call detail; the password is not older than fifteen minutes."""
    assert phone.get(file).status_code == 200
    assert " download" not in phone.get("/me/statement").text, "it would keep the page that asks for the password"
    k5.clock.forward(minutes=16)
    answer = phone.get(file)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/confirm?next={file.replace('=', '%3D')}")


@pytest.mark.parametrize("text", ["=1+1", "+7 495", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert plain(text) == f"'{text}"


def test_a_destination_that_looks_like_a_formula_is_only_text(phone: Browser, k5: House) -> None:
    publish(k5.ports, {"79": ("Россия мобильный", "1.75"), "7495": ('=HYPERLINK("x")', "0.45")}, version=9)
    k5.clock.forward(seconds=5)
    k5.top_up("50.00")
    k5.talk(k5.order(), "10")
    assert '\'=HYPERLINK("x")' in table(phone.get("/me/calls.csv"))[1]


def test_other_peoples_rows_are_not_seen(app: Flask, phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    add_subscriber(k5.ports, Msisdn.parse("+79261234567"), PASSWORD, "Борис")
    other = Browser(app.test_client())
    other.log_in(login="+79261234567")
    assert "Вы ещё не звонили." in words(other.get("/me/calls"))
    assert "В этом месяце операций не было." in words(other.get("/me/statement"))
    assert other.get("/me/statement/1").status_code == 404
    assert len(table(other.get("/me/calls.csv"))) == 1
    assert len(table(other.get("/me/statement.csv"))) == 1


OWN_PAGES = [
    "/me",
    "/me/statement",
    "/me/statement/1",
    "/me/statement.csv",
    "/me/calls",
    "/me/calls.csv",
    "/me/calls/1-1",
]


def test_strangers_are_asked_to_log_in(browser: Browser) -> None:
    for path in OWN_PAGES:
        answer = browser.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["Location"].startswith("/login?next="), path


def test_any_days_can_be_looked_at_with_their_sums(phone: Browser, k5: House) -> None:
    """B3: the statement of any period; a month's link goes on working."""
    k5.top_up("50.00")
    k5.clock.forward(days=3)
    k5.talk(k5.order(), "65")
    k5.clock.forward(days=3)
    k5.top_up("7.00")
    page = words(phone.get("/me/statement?from=2026-12-02&to=2026-12-05"))
    assert "На начало 50,00 ₽ Поступило 0,00 ₽ Списано −4,40 ₽ На конец 45,60 ₽" in page
    assert "с 02.12.2026 по 05.12.2026" in page
    assert "Пополнение" not in page.partition("История операций")[2].partition("Сделать файл")[0]
    one_day = words(phone.get("/me/statement?from=07.12.2026&to=07.12.2026"))
    assert "На начало 45,60 ₽ Поступило 7,00 ₽ Списано 0,00 ₽ На конец 52,60 ₽" in one_day


def test_a_kind_of_movements_is_looked_at_alone(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    december = "/me/statement?from=2026-12-01&to=2026-12-31"
    calls = words(phone.get(f"{december}&kind=calls"))
    assert "Поступило 0,00 ₽ Списано −4,40 ₽ Итого −4,40 ₽" in calls
    assert "На начало" not in calls
    assert "Поступило 50,00 ₽ Списано 0,00 ₽ Итого 50,00 ₽" in words(phone.get(f"{december}&kind=payments"))
    assert "Таких операций в эти дни не было." in words(phone.get(f"{december}&kind=fees"))


@pytest.mark.parametrize("days", ["from=2026-12-05&to=2026-12-01", "from=x&to=2026-12-01", "to=2026-12-01", "from=1"])
def test_days_that_make_no_period_are_explained(phone: Browser, days: str) -> None:
    for page in ("/me/statement", "/me/calls", "/me/documents/files"):
        answer = phone.get(f"{page}?{days}")
        assert answer.status_code == 400
        assert "Укажите оба дня, первый не позже последнего" in answer.text


def test_the_calls_of_some_days_are_shown_with_what_they_took(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    k5.clock.forward(days=5)
    k5.talk(k5.order("+73433123456"), "10")
    page = words(phone.get("/me/calls?from=2026-12-01&to=2026-12-02"))
    assert "Списано за звонки в эти дни 4,40 ₽" in page
    assert "+7 343 312-34-56" not in page
    assert "В эти дни звонков не было." in words(phone.get("/me/calls?from=2026-11-01&to=2026-11-02"))


def test_a_movement_for_a_call_says_how_it_came_about(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    assert (
        "Собеседник +7 495 123-45-67: 7495 Москва городской, 0,45 ₽ за минуту (прайс-лист k5, № 1); "
        "разговор 65 с, к оплате 120 с, из пакета 0 с: 0,90 ₽" in words(phone.get("/me/statement/2"))
    )


def test_a_long_file_is_left_to_the_worker(phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    k5.top_up("50.00")
    monkeypatch.setattr(cabinet, "MOST_AT_ONCE", 0)
    answer = phone.get("/me/statement.csv?month=2026-12")
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/me/documents/files?paper=statement&month=2026-12",
    )


def test_the_list_of_calls_has_conversations_and_a_missed_one_is_rung_back(phone: Browser, k5: House) -> None:
    """B7: call detail of incoming, forwarded and missed calls."""
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    k5.clock.forward(minutes=1)
    converse(k5, "k5-1.1", outcome=ConversationOutcome.MISSED)
    k5.clock.forward(minutes=1)
    converse(k5, "k5-1.2", caller="", outcome=ConversationOutcome.MISSED)
    page = phone.get("/me/calls")
    said = words(page)
    assert "номер скрыт 01.12.2026 12:03 · входящий, пропущен бесплатно +7 916 765-43-21" in said
    assert "бесплатно Перезвонить +7 916 765-43-21 +7 495 123-45-67" in said
    assert page.text.count("Перезвонить") == 1
    assert 'href="/+79167654321"' in page.text
    missed = words(phone.get("/me/calls?kind=missed"))
    assert "+7 495" not in missed
    assert "номер скрыт" in missed
    assert "Таких звонков нет." in words(phone.get("/me/calls?kind=out"))
    assert "номер скрыт" in words(phone.get("/me"))


def test_a_conversation_is_explained_with_its_legs(phone: Browser, k5: House) -> None:
    """B7: each leg with its seconds and its charge."""
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    converse(k5, "k5-1.1", answered_by="74951234567", outcome=ConversationOutcome.FORWARDED)
    paid_by(k5, "k5-1.1", call, CallKind.FORWARD)
    page = phone.get("/me/calls/k5/k5-1.1")
    said = words(page)
    for each in (
        "Звонок переадресован: ответил +7 495 123-45-67.",
        "Кто звонил +7 916 765-43-21",
        "На номер +7 495 111-00-01",
        "Разговор 35 с",
        "Списано −4,40 ₽",
        "+7 916 765-43-21 12:01 · на связи 35 с",
    ):
        assert each in said, each
    assert f'href="/me/calls/{call.id}"' in page.text
    assert phone.get("/me/calls/k5/k5-9.9").status_code == 404
    assert phone.get("/me/calls/other/k5-1.1").status_code == 404


def test_a_recorded_conversation_is_listened_to_where_it_is_explained(phone: Browser, k5: House) -> None:
    converse(k5, "k5-1.1")
    files = with_files(k5)
    recording = record(k5, files, linked_id="k5-1.1")
    assert f'src="/me/recordings/k5/{recording.file}"' in phone.get("/me/calls/k5/k5-1.1").text


def test_the_file_of_calls_has_conversations(phone: Browser, k5: House) -> None:
    """B7: they are part of the call detail, also where they cost nothing."""
    k5.top_up("50.00")
    converse(k5, "k5-1.1")
    k5.clock.forward(minutes=1)
    k5.talk(k5.order(), "65")
    rows = table(phone.get("/me/calls.csv"))
    row = next(row for row in rows if row[0] == "k5-1.1")
    assert row[2].replace("\N{NO-BREAK SPACE}", " ").endswith(": входящий, ответил 201 Анна, 35 с")
    assert (row[3], row[12], row[17], row[22]) == ("74951110001", "79167654321", "35", "0,00")
    assert {len(each) for each in rows if each[0].startswith(("k5-", "100001-"))} == {len(row)}
