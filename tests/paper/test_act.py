"""An act on paper: who, what, how much, in figures and in words; one page for a common month. Promises: B10, B6."""

from datetime import date
from pathlib import Path

import pytest

from k5web.domain.books.act import Act, ActLine, Operator
from k5web.domain.books.service import ServiceKind
from k5web.domain.money import Money
from k5web.paper import act as paper
from k5web.paper import pdf, svg
from k5web.paper.sheet import Rule, Sheet, Text
from k5web.services.books.acts import Party
from tests.paper.readers import need_readers, pages_of, text_of

CLOVERTEL = Operator(
    "ООО «Кловертел»", "7708789018", "772401001", "1137746405510", "115516, г. Москва, ул. Бехтерева, 47",
    "Злобина Юлия Михайловна", "Без НДС",
)  # fmt: skip
LUTIK = Party("ООО «Лютик»", "7708789018", "772401001", "1137746405510", "109012, г. Москва, Никольская улица, 1")
LONG = Party("Общество с ограниченной ответственностью «" + "Сыновья и " * 12 + "»", address="Никольская улица, " * 11)


def line(kind: ServiceKind, quantity: int, minor: int, title: str = "", currency: str = "RUB") -> ActLine:
    return ActLine(kind, title, quantity, Money(minor, currency), quantity, 0)


def lines(currency: str = "RUB") -> tuple[ActLine, ...]:
    """One line of each kind."""
    calls = ActLine(ServiceKind.CALLS, "", 1, Money(123_45, currency), 15, 2550)
    others = [kind for kind in ServiceKind if kind is not ServiceKind.CALLS]
    return (calls, *(line(kind, at, 500_00, "GO 100", currency) for at, kind in enumerate(others, 1)))


def make(found: tuple[ActLine, ...], currency: str = "RUB", corrects: str = "") -> Act:
    return Act(
        owner_id=100001,
        month=date(2026, 11, 1),
        version=2 if corrects else 1,
        year=2026,
        number=15,
        day=date(2026, 11, 30),
        contract="K5-100001",
        contract_day=date(2026, 3, 1),
        operator=CLOVERTEL,
        lines=found,
        currency=currency,
        upto_seq=1,
        corrects=corrects,
    )


def words_of(sheets: list[Sheet]) -> str:
    return " ".join(item.text for sheet in sheets for item in sheet.items if isinstance(item, Text))


def test_it_says_who_rendered_what_to_whom_and_what_it_came_to() -> None:
    said = words_of(paper.sheets(make(lines()), LUTIK))
    for words in (
        "Акт № 15/2026 от 30 ноября 2026 г.",
        "об оказании услуг связи за ноябрь 2026 г. (с 01.11.2026 по 30.11.2026)",
        "ООО «Кловертел», ИНН 7708789018, КПП 772401001, ОГРН 1137746405510,",
        "ООО «Лютик», ИНН 7708789018",
        "Договор № K5-100001 от 01.03.2026, лицевой счёт 100001",
        "Телефонные соединения: звонков – 15, минут разговора – 43",
        "Абонентская плата «GO 100»",
        "Итого: 10 623,45 НДС: Без НДС Всего: 10 623,45",
        "на сумму 10 623,45 руб. (Десять тысяч шестьсот двадцать три рубля 45 копеек). Без НДС.",
        "Злобина Юлия Михайловна",
    ):
        assert words in said, words
    assert "Исправленный" not in said


def test_a_corrected_one_names_what_it_takes_the_place_of() -> None:
    said = words_of(paper.sheets(make(lines(), corrects="№ 12/2026 от 31.10.2026"), LUTIK))
    assert "Исправленный. Заменяет акт № 12/2026 от 31.10.2026." in said


def test_an_act_in_som_is_spelt_in_som() -> None:
    said = words_of(paper.sheets(make(lines("KGS"), "KGS"), LUTIK))
    assert "10 623,45 сом (Десять тысяч шестьсот двадцать три сома 45 тыйынов)" in said


def test_where_nothing_is_left_of_a_month_it_says_so() -> None:
    assert "платных услуг не оказано" in words_of(paper.sheets(make((), corrects="№ 1/2026"), LUTIK))


def test_letters_that_no_face_has_are_marked_and_the_rest_stands() -> None:
    assert paper.printable("ООО 漢字 Лютик") == "ООО … Лютик"
    assert paper.sheets(make(lines()), Party("漢字"))


@pytest.mark.parametrize("count", [0, 1, 7, 20, 34, 35, 36, 80, 200])
@pytest.mark.parametrize("party", [LUTIK, LONG])
def test_every_line_stands_on_a_page_once_and_nothing_leaves_it(count: int, party: Party) -> None:
    found = tuple(line(ServiceKind.ORDER, 1, 1_00 + n, f"Услуга {n:03}") for n in range(count))
    pages = paper.sheets(make(found), party)
    said = words_of(pages)
    assert [said.count(f"«Услуга {n:03}»") for n in range(count)] == [1] * count
    assert said.count("Итого:") == 1
    for sheet in pages:
        assert sheet.top + sheet.height <= 297 - 10
        for item in sheet.items:
            if isinstance(item, Text):
                assert item.x >= 0, item
                assert item.x + item.width <= sheet.width + 0.01, item
                assert item.y <= sheet.height, item
            else:
                assert isinstance(item, Rule)
                assert item.y2 <= sheet.height
    assert (len(pages) == 1) is (count <= 20)
    assert ("лист 2 из" in said) == (len(pages) > 1)


def test_the_page_says_the_same_as_the_paper() -> None:
    (sheet,) = paper.sheets(make(lines()), LUTIK)
    assert "(Десять тысяч шестьсот двадцать три рубля 45 копеек)" in svg.draw(sheet)


@pytest.mark.paper
def test_the_file_has_its_pages_and_its_words_are_found(tmp_path: Path) -> None:
    need_readers()
    file = tmp_path / "act.pdf"
    for count, pages in ((7, 1), (100, 3)):
        found = tuple(line(ServiceKind.ORDER, 1, 1_00 + n, f"Услуга {n}") for n in range(count))
        file.write_bytes(pdf.draw(*paper.sheets(make(found), LUTIK)))
        assert pages_of(file) == pages
        assert "Акт № 15/2026 от 30 ноября 2026 г." in " ".join(text_of(file).split())
