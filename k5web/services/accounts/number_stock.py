"""The operator's side of the stock of numbers: added one by one or by a file, listed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from k5web.domain.accounts.stock_number import NumberState, StockNumber, stock_number
from k5web.domain.prices.deck import RejectedRow, SheetRow
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, K5Error, WrongStock
from k5web.services.ports import Ports
from k5web.storage.accounts import number_rows
from k5web.storage.session import transactional

HEADING = ("number", "номер")
BEAUTIFUL = {"": False, "0": False, "no": False, "нет": False, "1": True, "yes": True, "да": True}
ROWS_AT_ONCE = 500

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class StockImport:
    """What an import did."""

    added: int
    known: int  # in the stock already; they stay as they are


class _WrongRow(ValueError):
    """Why a row of the file cannot be taken."""


@transactional
def add(ports: Ports, text: str, is_beautiful: bool, actor: str) -> Msisdn:
    """Put one number into the stock. Raises: WrongNumber, WrongCode, AlreadyThere."""
    number = stock_number(text)
    with ports.sessions.begin() as db:
        if not number_rows.add(db, {number: is_beautiful}, ports.clock(), actor):
            raise AlreadyThere(what=f"number {number}")
    return number


@transactional
def listed(ports: Ports, code: str | None = None, state: NumberState | None = None) -> list[StockNumber]:
    """Return the stock in the order of digits: of one code, of one state, or all."""
    with ports.sessions.read() as db:
        return list(number_rows.listed(db, code, state, ports.clock()))


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@transactional
def add_all(ports: Ports, numbers: Mapping[Msisdn, bool], actor: str, progress: Progress = _silent) -> StockImport:
    """Put numbers into the stock, each beautiful or not, all in one transaction; those that are there already stay."""
    added, rows = 0, list(numbers.items())
    with ports.sessions.begin() as db:
        for at in range(0, len(rows), ROWS_AT_ONCE):
            part = dict(rows[at : at + ROWS_AT_ONCE])
            added += len(number_rows.add(db, part, ports.clock(), actor))
            progress("numbers", at + len(part), len(rows))
    return StockImport(added, len(rows) - added)


def import_numbers(ports: Ports, name: str, rows: Iterable[SheetRow], actor: str, progress: Progress) -> StockImport:
    """Put the numbers of a file into the stock, all or none; those that are there already are counted and stay.

    Raises: WrongStock, which names each wrong row with its reason.
    """
    taken: dict[Msisdn, tuple[int, bool]] = {}
    rejected: list[RejectedRow] = []
    for line, cells in rows:
        if not any(cells) or (line == 1 and cells[0].strip().lower() in HEADING):
            continue
        try:
            _take(line, cells, taken)
        except (K5Error, _WrongRow) as wrong:
            rejected.append(RejectedRow(line, str(wrong)))
    if rejected:
        raise WrongStock(file=name, rows=len(rejected), rejected=tuple(rejected))
    if not taken:
        raise WrongStock(file=name, rows=1, rejected=(RejectedRow(1, "the file names no number"),))
    return add_all(ports, {number: is_beautiful for number, (_, is_beautiful) in taken.items()}, actor, progress)


def _take(line: int, cells: Sequence[str], taken: dict[Msisdn, tuple[int, bool]]) -> None:
    """Note the number of a row. Raises: WrongNumber, WrongCode, _WrongRow."""
    number = stock_number(cells[0].strip())
    if number in taken:
        raise _WrongRow(f"{number} stands in line {taken[number][0]} already")
    mark, *more = [*[cell.strip().lower() for cell in cells[1:]], ""]
    if mark not in BEAUTIFUL or any(more):
        raise _WrongRow(f"'{mark[:40]}' does not say whether it is beautiful: write yes or no, or nothing")
    taken[number] = line, BEAUTIFUL[mark]
