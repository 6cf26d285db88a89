"""The application on paper: all of it on one sheet, lines for the pen where nothing is known."""

from datetime import date
from pathlib import Path

import pytest

from k5web.domain.accounts.undersigned import Undersigned
from k5web.paper import application as paper
from k5web.paper import pdf, svg
from k5web.paper.application import Application
from k5web.paper.sheet import Rule, Text
from tests.fakes.payee import ROMASHKA
from tests.paper.readers import need_readers, pages_of, text_of

DAY = date(2026, 11, 1)
PERSON = Undersigned(100001, "Анна Петрова", "", "Тула", "+7 916 123-45-67", "K5-100001", DAY)
LONGEST = Undersigned(
    2**33, "W" * 160, "ИНН 7708789018, КПП 772401001, ОГРН 1157746000000", "улица " * 33, "", "K5-1", DAY
)
NOBODY = Undersigned(1, "漢字", "", "", "", "K5-1", DAY)
ASKED = Application(
    "о возврате неиспользованного аванса",
    "Прошу вернуть неиспользованный аванс, 100,00 руб. (Сто рублей 00 копеек), так как прекращён договор. " * 3,
    [("Получатель:", "Анна " * 24), ("Номер счёта:", ""), ("БИК банка:", "")],
    "05.12.2026",
    "Заявление принято в личном кабинете. " * 8,
)


@pytest.mark.parametrize("signer", [PERSON, LONGEST, NOBODY])
def test_everything_stays_on_the_sheet(signer: Undersigned) -> None:
    sheet = paper.sheet(ASKED, ROMASHKA, signer)
    assert sheet.height + sheet.top < 297 - 10
    for item in sheet.items:
        if isinstance(item, Text):
            assert item.x >= 0, item
            assert item.x + item.width <= sheet.width + 0.01, item
            assert item.y <= sheet.height, item
        elif isinstance(item, Rule):
            assert max(item.x1, item.x2) <= sheet.width


def test_what_is_not_known_is_a_line_for_the_pen() -> None:
    known = Application("о расторжении договора", "Прошу.", [("Последний день:", "31 декабря 2026 г.")], "", "")
    blank = Application("о расторжении договора", "Прошу.", [("Последний день:", "")], "", "")

    def rules(application: Application) -> int:
        return sum(isinstance(item, Rule) for item in paper.sheet(application, ROMASHKA, PERSON).items)

    assert rules(blank) == rules(known) + 1


def test_a_person_signs_by_name_and_an_organisation_by_whoever_it_sends() -> None:
    assert svg.draw(paper.sheet(ASKED, ROMASHKA, PERSON)).count("Анна Петрова") == 2
    assert svg.draw(paper.sheet(ASKED, ROMASHKA, LONGEST)).count("W" * 160) == 1


@pytest.mark.paper
def test_the_file_is_one_page_whose_words_are_found(tmp_path: Path) -> None:
    need_readers()
    file = tmp_path / "application.pdf"
    file.write_bytes(pdf.draw(paper.sheet(ASKED, ROMASHKA, PERSON)))
    assert pages_of(file) == 1
    words = " ".join(text_of(file).split())
    for said in ("ЗАЯВЛЕНИЕ о возврате неиспользованного аванса", "ООО «Ромашка»", "+7 916 123-45-67", "05.12.2026"):
        assert said in words, said
