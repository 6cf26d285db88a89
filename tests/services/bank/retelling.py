"""One payment as several files tell it, and what became of each import."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from k5web.domain.money import rub
from k5web.services.bank.statement_import import BankImport, import_statement
from tests.bank_files import OURS, Came
from tests.services.house import House

SECOND = "40702810100000000022"


ACTOR = "staff:1"


Format = Callable[[list[Came]], bytes]


PAID = Came("4017", rub("500.00"), "Лицевой счет {id}. Без НДС", "27.11.2026")


def take(k5: House, folder: Path, content: bytes, *own: str, dry_run: bool = False) -> BankImport:
    path = folder / "statement"
    path.write_bytes(content)
    return import_statement(k5.ports, path, own or (OURS,), dry_run)


def paid(k5: House, **parts: object) -> Came:
    return replace(PAID, **({"purpose": PAID.purpose.format(id=k5.caller.id)} | parts))  # type: ignore[arg-type]


def outcome(done: BankImport) -> tuple[int, int, int]:
    return done.credited.count + done.suspended.count, done.known, done.doubtful.count


def to(k5: House, *numbers: str, amount: str = "500.00", purpose: str = "Лицевой счет {id}. Без НДС") -> list[Came]:
    return [Came(number, rub(amount), purpose.format(id=k5.caller.id)) for number in numbers]
