"""The invoice on paper: all that a bookkeeper looks for, and a code that banks and our own import read alike (B13)."""

from datetime import date
from pathlib import Path

import pytest

from k5web.domain.bank.invoice import Buyer, Contract, Invoice
from k5web.domain.bank.purpose import Purpose, read_purpose
from k5web.domain.money import rub
from k5web.errors import NotPrintable
from k5web.paper import invoice as paper
from k5web.paper import pdf, svg
from k5web.paper.sheet import Rule, Square, Text
from tests.fakes.payee import ROMASHKA
from tests.paper.readers import by_zbar, by_zxing, need_readers, pages_of, picture_of, run, text_of

LONG = Buyer(
    "Общество с ограниченной ответственностью «Өмүрбеков, Жаңыбаев и " + "сыновья " * 10 + "»",
    "7708789018",
    "772401001",
    "109012, г. Москва, " + "Никольская улица, " * 8,
)


def make(amount: str = "1234.56", buyer: Buyer = LONG) -> Invoice:
    contract = Contract.of(100001, date(2026, 11, 1))
    return Invoice(100001, 12, date(2026, 12, 1), rub(amount), contract, buyer, "Без НДС")


def test_its_purpose_is_read_back_by_the_import() -> None:
    assert read_purpose(make().purpose) == Purpose((100001,), 12)


@pytest.mark.parametrize("amount", ["0.01", "9999999.99"])
@pytest.mark.parametrize("buyer", [LONG, Buyer("И", "504908219824"), Buyer("W" * 160, "7708789018", "", "W" * 200)])
def test_everything_stays_on_the_sheet(amount: str, buyer: Buyer) -> None:
    sheet = paper.sheet(make(amount, buyer), ROMASHKA)
    assert sheet.height + sheet.top < 297 - 10
    for item in sheet.items:
        match item:
            case Text():
                assert item.x >= 0, item
                assert item.x + item.width <= sheet.width + 0.01, item
                assert item.y <= sheet.height, item
            case Rule():
                assert max(item.x1, item.x2) <= sheet.width
            case Square():
                assert item.side == 36


def test_a_letter_that_no_face_has_is_refused_before_drawing() -> None:
    with pytest.raises(NotPrintable):
        paper.check_letters("ООО 漢")


def test_the_page_says_the_same_as_the_paper() -> None:
    drawn = svg.draw(paper.sheet(make(), ROMASHKA))
    assert "Счёт на оплату № 12 от 1 декабря 2026 г." in drawn
    assert "(Одна тысяча двести тридцать четыре рубля 56 копеек). Без НДС." in drawn


@pytest.mark.paper
def test_the_file_is_one_page_whose_words_are_found_and_whose_code_pays(tmp_path: Path) -> None:
    need_readers()
    made = make()
    file = tmp_path / "invoice.pdf"
    file.write_bytes(pdf.draw(paper.sheet(made, ROMASHKA)))
    assert pages_of(file) == 1
    assert file.stat().st_size < 100_000
    words = " ".join(text_of(file).split())
    for said in ("Счёт на оплату № 12", "Договор № K5-100001 от 01.11.2026", "Без НДС", "Өмүрбеков, Жаңыбаев"):
        assert said in words, said
    for number in (ROMASHKA.account, ROMASHKA.bic, ROMASHKA.correspondent, ROMASHKA.inn, "1 234,56"):
        assert number in words, number
    fonts = run("pdffonts", file).decode().splitlines()[2:]
    assert all(" yes " in line for line in fonts if "K5Sans" in line)
    picture = picture_of(file)
    assert by_zbar(picture) == by_zxing(picture) == made.payload(ROMASHKA)
