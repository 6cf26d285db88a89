"""The operator's side of the stock: one number, a file of them, all or none. Promise: D3."""

import pytest

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.prices.deck import RejectedRow, SheetRow
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, WrongStock
from k5web.services.accounts import number_stock, numbers
from k5web.services.accounts.number_stock import StockImport
from tests.services.accounts.stock import PROSTO, A, B, C, fill, on
from tests.services.house import House


def silent(what: str, done: int, total: int) -> None:
    pass


def take(k5: House, *rows: list[str]) -> StockImport:
    listed: list[SheetRow] = list(enumerate(rows, start=1))
    return number_stock.import_numbers(k5.ports, "stock.csv", listed, "staff:anna", silent)


def stock(k5: House) -> dict[str, bool]:
    return {one.msisdn.digits: one.is_beautiful for one in number_stock.listed(k5.ports)}


def test_a_number_is_added_once(k5: House) -> None:
    assert number_stock.add(k5.ports, f"+{A}", is_beautiful=True, actor="staff:anna") == Msisdn(A)
    with pytest.raises(AlreadyThere):
        number_stock.add(k5.ports, f"+{A}", is_beautiful=False, actor="staff:anna")
    assert stock(k5) == {A: True}


def test_a_file_is_taken_whole_and_again_without_harm(k5: House) -> None:
    rows = [["Номер", "красивый"], [f"+{A}"], [f"+{B}", "yes"], [""], [f"+{C}", "да", ""]]
    assert take(k5, *rows) == StockImport(added=3, known=0)
    assert stock(k5) == {A: False, B: True, C: True}
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, k5.caller), A)
    assert take(k5, *rows, ["+78120000104"]) == StockImport(added=1, known=3)
    reserved = number_stock.listed(k5.ports, state=NumberState.RESERVED)
    assert [one.msisdn.digits for one in reserved] == [A], "a number that is in use stays so"


def test_each_wrong_row_has_its_line_and_reason_and_nothing_is_added(k5: House) -> None:
    rows = [[f"+{A}"], [f"+{B}", "perhaps"], [f"+{A}"], ["+79161234567"], ["84950000101"], [f"+{C}", "no", "more"]]
    with pytest.raises(WrongStock) as refused:
        take(k5, *rows)
    wrong = refused.value.facts["rejected"]
    assert isinstance(wrong, tuple)
    assert all(isinstance(row, RejectedRow) for row in wrong)
    assert [row.line for row in wrong] == [2, 3, 4, 5, 6]
    assert wrong[1].reason == f"+{A} stands in line 1 already"
    assert "+74950000101" in wrong[3].reason
    assert stock(k5) == {}


def test_a_file_without_numbers_is_refused(k5: House) -> None:
    with pytest.raises(WrongStock):
        take(k5, ["number"], ["", ""])


def test_progress_is_told_to_the_end(k5: House) -> None:
    told: list[tuple[str, int, int]] = []
    rows: list[SheetRow] = [(n, [f"+7495{n:07d}"]) for n in range(1, 1102)]
    number_stock.import_numbers(k5.ports, "stock.csv", rows, "staff:anna", lambda *facts: told.append(facts))
    assert told == [("numbers", 500, 1101), ("numbers", 1000, 1101), ("numbers", 1101, 1101)]


def test_the_list_is_of_one_code_and_one_state_as_they_are_now(k5: House) -> None:
    fill(k5.ports)
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, k5.caller), A)

    def listed(code: str | None = None, state: NumberState | None = None) -> list[str]:
        return [one.msisdn.digits for one in number_stock.listed(k5.ports, code, state)]

    assert listed("495") == [A, B]
    assert (listed("495", NumberState.FREE), listed("495", NumberState.RESERVED)) == ([B], [A])
    k5.clock.forward(minutes=15)
    assert (listed("495", NumberState.FREE), listed("495", NumberState.RESERVED)) == ([A, B], [])
    assert listed(None, NumberState.RENTED) == []
