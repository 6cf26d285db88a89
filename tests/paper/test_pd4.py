"""The form on paper, read as a bank reads it: by a ruler, by eyes, by two readers of codes."""

import dataclasses
from pathlib import Path

import pytest

from k5web.domain.bank import receipt
from k5web.domain.bank.payee import Payee
from k5web.domain.bank.receipt import Receipt
from k5web.domain.money import rub
from k5web.errors import NotPrintable
from k5web.paper import fonts, pd4, pdf, qr
from tests.fakes.payee import ROMASHKA
from tests.paper.readers import Ink, by_zbar, by_zxing, need_readers, pages_of, picture_of, run, text_of, words_of

pytestmark = pytest.mark.paper

ACCOUNT = "1234567"
KYRGYZ = "Өмүрбеков Үсөн Жаңыбаевич"
HOUSE = "г. Бишкек, ул. Киевская, " + "дом № 12345/67-89 корпус 12 строение 345б"[:40]
LONG_PAYEE = dataclasses.replace(ROMASHKA, name="Ж" * 58, bank="Б" * 45)
WIDE_PAYEE = dataclasses.replace(ROMASHKA, name="W" * 160, bank="Bank")
ENTREPRENEUR = dataclasses.replace(ROMASHKA, inn="504908219824", kpp="", account="40802810538050005372")
LEFT, TOP = 15, 12  # where the frame begins on A4


def make(amount: str = "500.00", payer: str = "", address: str = "", payee: Payee = ROMASHKA) -> Receipt:
    return receipt.make(payee, ACCOUNT, rub(amount) if amount else None, payer, address)


CASES = {
    "usual": make("500.00", "Иванов Иван Иванович"),
    "no sum": make(""),
    "kopeck": make("0.01"),
    "largest": make("9999999.99", KYRGYZ, HOUSE),
    "hostile": make("1.00", "Иванов|Sum=1 =Иван", "a|b=c"),
    "full": make("500.00", "Ж" * 30 + " Иван Иванович", "ул. Мира, " + "д" * 20, LONG_PAYEE),
    "wide": make("500.00", "W" * 120, "W" * 150, WIDE_PAYEE),
    "entrepreneur": make(payee=ENTREPRENEUR),
    "rare letters": make("1.00", "გიორგი Αλέξανδρος"),
}


@pytest.fixture(autouse=True)
def _readers() -> None:
    need_readers()


def printed(made: Receipt, folder: Path) -> Path:
    file = folder / "pd4.pdf"
    file.write_bytes(pdf.draw(pd4.sheet(made)))
    return file


@pytest.mark.parametrize("name", CASES)
def test_two_readers_find_the_same_bytes_in_the_printed_code(name: str, tmp_path: Path) -> None:
    picture = picture_of(printed(CASES[name], tmp_path))
    assert by_zbar(picture) == CASES[name].payload()
    assert by_zxing(picture) == CASES[name].payload()


def test_the_longest_code_is_read_from_a_coarse_print(tmp_path: Path) -> None:
    spare = 560 - len(make("500.00", "Ж", "x").payload()) + 1
    longest = make("500.00", "Ж", "x" * spare)
    assert len(longest.payload()) == 560
    assert qr.encode(longest.payload()).size == 89  # version 18
    picture = picture_of(printed(longest, tmp_path), dpi=150)
    assert by_zbar(picture) == by_zxing(picture) == longest.payload()


@pytest.mark.parametrize("name", CASES)
def test_poppler_opens_it_without_a_warning_as_one_light_page(name: str, tmp_path: Path) -> None:
    file = printed(CASES[name], tmp_path)
    assert pages_of(file) == 1
    assert file.stat().st_size < 100_000
    rows = run("pdffonts", file).decode().splitlines()[2:]
    assert len(rows) >= 4
    for row in rows:
        assert row.split()[-5:-2] == ["yes", "yes", "yes"], row  # embedded, a part, readable


def test_every_word_can_be_found_and_no_number_has_a_space(tmp_path: Path) -> None:
    found = text_of(printed(CASES["largest"], tmp_path))
    for word, times in {
        "Извещение": 1, "Квитанция": 1, "Кассир": 2, "Форма № ПД-4": 1, "7708789018": 2, "КПП 772401001": 2,
        "40702810938000017997": 2, "044525225": 2, "30101810400000000225": 2, "ООО «Ромашка»": 2,
        "ПАО Сбербанк г. Москва": 2, KYRGYZ: 2, HOUSE.strip(): 2, "9999999": 2, "Подпись плательщика": 2,
        "(наименование получателя платежа)": 2, "(ИНН получателя платежа)": 2,
        "(номер счета получателя платежа)": 2, "(наименование банка получателя платежа)": 2,
        "Номер кор./сч. банка получателя платежа": 2, "(наименование платежа)": 2,
        "(номер лицевого счета (код) плательщика)": 2, "Сумма платы за услуги": 2, "Итого": 2,
        "Пополнение лицевого счета 1234567. Услуги связи. Без НДС": 2, "ознакомлен и согласен.": 2,
    }.items():  # fmt: skip
        assert found.count(word) == times, f"{word}: {found.count(word)}"


def test_what_is_not_known_is_left_to_the_pen(tmp_path: Path) -> None:
    found = text_of(printed(CASES["no sum"], tmp_path))
    assert "КПП" in found
    [sums, _] = [line.split() for line in found.splitlines() if "Сумма платежа" in line]
    assert sums == ["Сумма", "платежа", "руб.", "коп.", "Сумма", "платы", "за", "услуги", "руб.", "коп."]
    assert "КПП" not in text_of(printed(CASES["entrepreneur"], tmp_path))


def test_a_kopeck_is_nought_roubles_and_two_digits(tmp_path: Path) -> None:
    found = text_of(printed(CASES["kopeck"], tmp_path))
    [sums, _] = [line.split() for line in found.splitlines() if "Сумма платежа" in line]
    assert sums[2:6] == ["0", "руб.", "01", "коп."]


# What stands on which baseline of the upper half, and where it begins. Units: millimetres from the frame's corner
DRAWING = [
    ("ООО", 10, 53), ("КПП", 10, None), ("получателя", 12.5, None), ("7708789018", 17, 53.9),
    ("40702810938000017997", 17, 102.9), ("ПАО", 24, 56), ("044525225", 24, 143.9), ("Номер", 30, 53),
    ("30101810400000000225", 30, 102.9), ("Пополнение", 36, 53), ("1234567", 36, None), ("Ф.И.О.", 42.5, 53),
    ("Өмүрбеков", 42.5, None), ("Адрес", 47, 53), ("9999999", 51.5, None), ("Итого", 56, 53), ("согласен.", 59.5, None),
    ("Подпись", 63.5, None),
]  # fmt: skip


@pytest.mark.parametrize("half", [0, 73])
def test_every_field_lies_within_a_millimetre_of_the_drawing(half: float, tmp_path: Path) -> None:
    words = words_of(printed(CASES["largest"], tmp_path))
    face = fonts.font("regular").face
    part = face.ascent / (face.ascent - face.descent)  # of a word's height that lies above its baseline
    for text, baseline, start in DRAWING:
        found = [
            (word.left - LEFT, word.top + part * (word.bottom - word.top) - TOP) for word in words if word.text == text
        ]
        near = [(x, y) for x, y in found if abs(y - baseline - half) <= 1]
        assert near, f"{text} stands at {found}, not on {baseline + half}"
        assert start is None or any(abs(x - start) <= 1 for x, _ in near), f"{text} begins at {near}, not at {start}"
    left = {"Извещение": 9, "Квитанция": 123, "Кассир": 131}
    for text, baseline in left.items():
        word = [word for word in words if word.text == text][-1]
        assert word.top + part * (word.bottom - word.top) - TOP == pytest.approx(baseline, abs=1)
        assert (word.left + word.right) / 2 - LEFT == pytest.approx(25, abs=1)


def test_the_frame_and_its_columns_measure_as_drawn(tmp_path: Path) -> None:
    dpi = 300
    ink = Ink(picture_of(printed(CASES["usual"], tmp_path), dpi), dpi)
    assert ink.box() == pytest.approx((15, 12, 195, 157), abs=0.5)
    assert ink.is_line_down(LEFT + 50, TOP + 1, TOP + 144)
    assert ink.is_line_across(TOP + 65, LEFT + 1, LEFT + 179)
    assert ink.is_line_across(TOP + 10.6, LEFT + 53.2, LEFT + 175.8)
    assert ink.is_line_down(LEFT + 53, TOP + 14, TOP + 17.4)  # the first cell of the INN, and the last of the account
    assert ink.is_line_down(LEFT + 176, TOP + 14, TOP + 17.4)
    assert not ink.is_clear(LEFT + 7, TOP + 14, LEFT + 9, TOP + 16)  # the code's corner, and white around it
    assert ink.is_clear(LEFT + 1, TOP + 11, LEFT + 6.9, TOP + 52)
    assert ink.is_clear(LEFT + 43.1, TOP + 11, LEFT + 49.5, TOP + 52)


@pytest.mark.parametrize("name", CASES)
def test_nothing_long_leaves_its_column(name: str, tmp_path: Path) -> None:
    for word in words_of(printed(CASES[name], tmp_path)):
        if word.left > LEFT + 50:
            assert word.right - LEFT <= 176.5, word


def test_the_same_receipt_has_the_same_bytes() -> None:
    first, second = (pdf.draw(pd4.sheet(CASES["usual"])) for _ in range(2))
    assert first == second


def test_a_sign_without_a_letter_is_named() -> None:
    with pytest.raises(NotPrintable) as refused:
        pd4.sheet(make(payer="漢 Иван"))
    assert refused.value.facts["sign"] == "漢"
