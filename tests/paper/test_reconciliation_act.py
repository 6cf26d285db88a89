"""The act of reconciliation on paper: who owes whom in words, pages with their numbers, nothing beside the sheet."""

from datetime import date
from pathlib import Path

import pytest

from k5web.domain.accounts.undersigned import Undersigned
from k5web.domain.books.period import Period
from k5web.domain.books.reconciliation_act import ReconciliationAct, Row
from k5web.domain.money import Money
from k5web.paper import pdf, svg
from k5web.paper import reconciliation_act as paper
from k5web.paper.sheet import Rule, Text
from tests.fakes.payee import ROMASHKA
from tests.paper.readers import need_readers, pages_of, text_of

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
SIGNER = Undersigned(100001, "ООО «Лютик»", "ИНН 7708789018", "Тула", "", "K5-100001", FIRST)


def act(count: int, closing: str = "100.00", currency: str = "RUB") -> ReconciliationAct:
    """An act of so many payments of one rouble each."""
    rows = [Row.of(FIRST, f"Пополнение: банк с длинным именем, № {n}", Money(100, currency)) for n in range(count)]
    end = Money.parse(closing, currency) if closing[0] != "-" else -Money.parse(closing[1:], currency)
    return ReconciliationAct(Period(FIRST, LAST), end - Money(100 * count, currency), rows, end)


OURS, THEIRS = "ООО «Ромашка»", "ООО «Лютик»"


@pytest.mark.parametrize(
    ("closing", "said"),
    [
        ("100.00", f"стороны {OURS} перед стороной {THEIRS} составляет 100,00 руб. (Сто рублей 00 копеек)"),
        ("-1.50", f"стороны {THEIRS} перед стороной {OURS} составляет 1,50 руб. (Один рубль 50 копеек)"),
        ("0.00", "взаимной задолженности нет."),
    ],
)
def test_who_owes_whom_is_said_in_words(closing: str, said: str) -> None:
    assert said in paper.owed(act(1, closing), ROMASHKA, SIGNER)


def test_an_advance_is_called_one_and_a_debt_is_not() -> None:
    assert paper.owed(act(1), ROMASHKA, SIGNER).endswith("(неиспользованный аванс).")
    assert "аванс" not in paper.owed(act(1, "-1.50"), ROMASHKA, SIGNER)


def test_an_account_in_som_is_reconciled_in_som() -> None:
    assert "100,00 сом (Сто сомов 00 тыйынов)" in paper.owed(act(1, currency="KGS"), ROMASHKA, SIGNER)


@pytest.mark.parametrize("count", [0, 1, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 200])
def test_pages_hold_every_document_once_and_nothing_beside_the_sheet(count: int) -> None:
    sheets = paper.sheets(act(count), ROMASHKA, SIGNER)
    drawn = [item for sheet in sheets for item in sheet.items]
    assert sum(isinstance(item, Text) and item.text.startswith("Пополнение") for item in drawn) == count
    assert sum(isinstance(item, Text) and item.text == "подпись" for item in drawn) == 2
    for sheet in sheets:
        assert sheet.height + sheet.top < 297 - 5
        for item in sheet.items:
            if isinstance(item, Text):
                assert item.x >= 0, item
                assert item.x + item.width <= sheet.width + 0.01, item
                assert item.y <= sheet.height, item
            elif isinstance(item, Rule):
                assert max(item.y1, item.y2) <= sheet.height, item
    titles = [sheet.title for sheet in sheets]
    if len(sheets) > 1:
        assert titles == [f"Акт сверки взаимных расчётов, лист {n + 1} из {len(sheets)}" for n in range(len(sheets))]


def test_turnovers_and_balances_stand_on_their_sides() -> None:
    drawn = svg.draw(paper.sheets(act(3, "5.00"), ROMASHKA, SIGNER)[0])
    assert "Сальдо на начало 01.01.2026" in drawn
    assert "Обороты за период" in drawn
    assert drawn.count(">3,00<") == 1
    assert drawn.count(">5,00<") == 1


@pytest.mark.paper
def test_the_file_has_its_pages_and_its_words_are_found(tmp_path: Path) -> None:
    need_readers()
    sheets = paper.sheets(act(200), ROMASHKA, SIGNER)
    file = tmp_path / "act.pdf"
    file.write_bytes(pdf.draw(*sheets))
    assert pages_of(file) == len(sheets) > 3
    words = " ".join(text_of(file).split())
    for said in (f"лист {len(sheets)} из {len(sheets)}", "№ 199", "От ООО «Лютик»", "М. П.", "Договор № K5-100001"):
        assert said in words, said
