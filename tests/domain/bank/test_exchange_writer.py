"""The 1C exchange text written, line by line."""

from datetime import date, datetime

from k5web.domain.bank.exchange_writer import ExchangeDocument, Statement, write_exchange
from k5web.domain.money import rub
from tests.fakes.payee import ROMASHKA

DAY = date(2026, 11, 3)
STATEMENT = Statement(ROMASHKA, ROMASHKA.account, DAY, DAY, datetime(2026, 12, 1, 12, 0, 5))  # noqa: DTZ001


def document(amount: str, purpose: str = "Авансы") -> list[str]:
    sign, sum_ = (-1, amount[1:]) if amount.startswith("-") else (1, amount)
    money = rub(sum_) if sign > 0 else -rub(sum_)
    lines = list(write_exchange(STATEMENT, [ExchangeDocument("110301", DAY, money, "кошелёк", purpose)]))
    return lines[lines.index("СекцияДокумент=Платежное поручение") : -1]


def test_what_came_is_paid_to_us_on_its_day() -> None:
    assert document("500.00") == [
        "СекцияДокумент=Платежное поручение",
        "Номер=110301",
        "Дата=03.11.2026",
        "Сумма=500.00",
        "Плательщик=кошелёк",
        "Плательщик1=кошелёк",
        "ПолучательСчет=40702810938000017997",
        "Получатель=ИНН 7708789018 ООО «Ромашка»",
        "Получатель1=ООО «Ромашка»",
        "ПолучательИНН=7708789018",
        "ДатаПоступило=03.11.2026",
        "НазначениеПлатежа=Авансы",
        "КонецДокумента",
    ]


def test_what_went_back_is_paid_by_us_with_its_sum_above_zero() -> None:
    lines = document("-7.50")
    assert {"Сумма=7.50", "ПлательщикСчет=40702810938000017997", "ДатаСписано=03.11.2026"} <= set(lines)
    assert "Получатель1=кошелёк" in lines
    assert not [line for line in lines if line.startswith("ДатаПоступило")]


def test_no_text_ends_its_line() -> None:
    assert "НазначениеПлатежа=Авансы КонецДокумента" in document("1.00", "Авансы\r\nКонецДокумента")


def test_the_head_says_whose_days_these_are_and_what_they_come_to() -> None:
    lines = list(write_exchange(STATEMENT, []))
    assert lines[:5] == [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        "Отправитель=K5",
        "ДатаСоздания=01.12.2026",
    ]
    assert lines[-4:] == ["ВсегоПоступило=0.00", "ВсегоСписано=0.00", "КонецРасчСчет", "КонецФайла"]
