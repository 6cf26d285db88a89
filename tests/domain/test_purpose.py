"""What a purpose names: every spelling that a person reads as an account is read, and no other. Promise: B13."""

import sys
import time
from collections.abc import Callable

import pytest

from k5web.domain.purpose import Purpose, read_purpose

OF_ONE = [  # each means account 100001 to whoever reads it
    "Пополнение лицевого счета 100001. Услуги связи. Без НДС",
    "Лицевой счёт № 100001",
    "ЛИЦЕВОЙ СЧЕТ №100001",
    "лицевой счет: 100001",
    "на лицевой счет100001",
    "лицевой счет (100001)",
    "лицевой счет «100001»",
    "лицевой\nсчет 100001",
    "Лицевой cчет 100001",  # with a Latin c
    "лицевой\u00a0счет\u00a0100\u200b001",
    "номер лицевого счета (код) плательщика 100001",
    "лицевого счёта абонента 100001",
    "на лицевой 100001",
    "лиц. счет 100001",
    "лиц.счёт 100001",
    "лиц.сч. 100001",
    "лиц сч 100001",
    "лицсчет 100001",
    "л/с 100001",
    "Л/С №100001",
    "л/с: 100001",
    "л/с-100001",
    "л/c 100001",  # with a Latin c
    "л\\с 100001",
    "л-с 100001",
    "л/сч. № 100001",
    "л/счет 100001",
    "л.с. 100001",
    "л. с. 100001",
    "ноябрь 2026 л.с.100001",
    "ЛС 100001",
    "ЛС№100001",
    "ЛС:100001",
    "лс100001",
    "ЛС N 100001",
    "K5-100001",
    "К5-100001",  # Cyrillic
    "к5–100001",
    "K5 - 100001",
    "По договору № K5-100001 от 01.12.2026",
    "дог.К5-100001",
    "К5-100001-12",  # a top-up's number
    "л/с K5-100001",
    "лицевой счет K5 100001",
    "л/с 100001, K5-100001",
    "по счету № 7 от 20.11.2026, договор K5-100001",
    "л/с 100001 от 27.11.2026",
    "л/с 100001 27/11/2026",
    "л/с 100001 за 11.2026",
    "л/с 100001 за ноябрь 2026",
    "л/с 100001, сумма 500-00",
    "л/с 100001 300 руб.",
    "л/с 100001, 12 000 руб. 00 коп.",
    "л/с 100001 (по 300 руб.)",
    "л/с 100001; тел. 89161234567",
    "л/с 100001, +7 916 123-45-67",
    "л/с 100001 8 (916) 123-45-67",
    "л/с 100001 чек № 123456",
    "л/с 100001 п/п 123456",
    "ИНН 7708789018 л/с 100001",
    "л/с 100001 р/с 40702810938000017997",
    "л/с 100001 г. Москва, ул. Ленина 5, кв 12",
    "ПЕРИОД:112026;ЛС:100001;СУММА:500.00",
    "ЛС 100001//ИВАНОВ ИВАН//",
    "ЛС 100001-ИВАНОВ И. И.",
]

OF_SEVERAL = [  # a person would ask
    "лицевые счета 100001, 100002 (по 300 руб.)",
    "лицевые счета 100001,100002",
    "л/с 100001; 100002",
    "л/с 100001 100002",
    "л/с 100001/100002",
    "л/с 100001-100005",
    "л/с 100001 - 100005",
    "л/с с 100001 по л/с 100005",
    "л/с 100001 по 100005",
    "л/с 100001 и 100002",
    "л/с 100001 и № 100002",
    "л/с 100001 (100002)",
    "л/с 100001, ЛС 100002",
    "л/с 100001 300р, 100002 300р",
    "л/с 8841 300р, 8842 300р",
    "100002, л/с 100001",
    "л/с 100001 по договору № 100002",
    "л/с 100001, счет 100002",
    "K5-100001, 100002",
    "K5-100001 и K5-100002",
    "K5-100001-100005",
    "K5-100001/2024",
    "K5-100001/А",
    "л/с 100001-б",
    "л/с 100001/2026",
    "Оплата услуг связи. По лицевому счету 100002 77. Без НДС",  # one number in two pieces
    "по лицевому счету 100 001",
]

OF_NOBODY = [  # nothing of ours is named
    "",
    "Перевод средств по договору № 100001 от 01.02.2024 по Реестру Операций. Сумма комиссии 1500 руб. 00 коп.",
    "Возврат переплаты по договору 100001 от 11.03.2025 за аренду офиса",
    "договор № 12/К5-8841",
    "код BK5-8841",
    "услуги K5 100001",
    "K5100001",
    "тел. 100001",
    "89161234567",
    "л/с 89161234567",
    "л/с +7 916 123-45-67",
    "л/с 8 916 123-45-67",
    "27.11.2026",
    "л/с 27.11.2026",
    "л/с 500 руб.",
    "ИНН 7708789018",
    "сумма 100001",
    "карта 4276 1234 5678 9012",
    "счет-фактура 100001",
    "счет фактура № 100001",
    "расчетный счет 100001",
    "р/счет 100001",
    "р/с 40702810938000017997",
    "на счет 40702810938000017997",
    "лицевой счет 40702810938000017997",
    "лицевой счет 99999999999",
    "чек № 100001",
    "заказ 100001",
    "л/с 20736У12345",
    "л/с 100001А",
    "л/с 100001²",
    "л/с ٥100001",
    "л/с 0100001",
    "двигатель 150 л.с. 2026",
    "электросчетчик 100001",
    "клс 100001",
    "кл/с 100001",
]


@pytest.mark.parametrize("text", OF_ONE)
def test_what_a_person_reads_as_an_account_is_read(text: str) -> None:
    assert read_purpose(text) == Purpose((100001,), 7 if "№ 7" in text else None)


@pytest.mark.parametrize("text", OF_SEVERAL)
def test_a_second_number_that_may_be_an_account_asks_for_a_person(text: str) -> None:
    found = read_purpose(text)
    assert found.is_unclear or len(found.subscriber_ids) > 1


@pytest.mark.parametrize("text", OF_NOBODY)
def test_what_is_no_account_of_ours_is_not_read(text: str) -> None:
    assert (read_purpose(text).subscriber_ids, read_purpose(text).is_unclear) == ((), False)


def test_a_glued_number_is_read_whole() -> None:
    assert read_purpose("Оплата связи лицевой счет5100002") == Purpose((5100002,), None)


@pytest.mark.parametrize(
    ("text", "invoice"),
    [
        ("Оплата по счёту № 12 от 20.11.2026. Услуги связи. Без НДС", 12),
        ("ОПЛАТА ПО СЧЁТУ 12 БЕЗ НДС", 12),
        ("Счёт на оплату №12.", 12),
        ("по счету No 12", 12),
        ("сч. 12", 12),
        ("счет 12, счет 13", None),
        ("по счетам № 12, 13", None),
        ("по счетам 12 и 13", None),
        ("счет № 12/1", None),
        ("счет № 12-А", None),
        ("счет № 12А", None),
        ("на счет 500 руб.", None),
        ("счет-фактура 12", None),
        ("счет-договор 12", None),
        ("счетчик 12", None),
        ("расчетный счет 12", None),
        ("лицевой счет 12", None),
        ("по договору 12/2026", None),
        ("счет 40702810938000017997", None),
    ],
)
def test_an_invoice_is_read_as_we_print_it(text: str, invoice: int | None) -> None:
    assert read_purpose(text).invoice == invoice


ADVERSE = [
    "счет" + " " * 3000,
    "лицевой счет" + " " * 3000,
    "л/с ",
    "л/с № : # ",
    "K5-",
    "1,",
    "1 ",
    "100 ",
    "100001, ",
    "л/с 100001, ",
    "счет 12 и ",
    "8 916 123-45-6",
    "7(",
    "лиц.",
    "12-",
    "a",
    "\u200b",
    "№" * 9 + "0",
]


@pytest.mark.parametrize("seed", ADVERSE)
def test_the_work_grows_with_the_length_alone(seed: str) -> None:
    """Function calls are counted; the patterns, which make none, are timed: sixteen times the text, not 256 times."""
    short, long = ((seed * (size // len(seed) + 1))[:size] for size in (4096, 65536))
    assert _calls(lambda: read_purpose(long)) < 20 * _calls(lambda: read_purpose(short)) + 100
    assert _quickest(lambda: read_purpose(long)) < 100 * _quickest(lambda: read_purpose(short))


def _calls(act: Callable[[], object]) -> int:
    count = 0

    def note(_frame: object, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


def _quickest(act: Callable[[], object]) -> float:
    def once() -> float:
        begun = time.thread_time()
        act()
        return time.thread_time() - begun

    return min(once() for _ in range(3))
