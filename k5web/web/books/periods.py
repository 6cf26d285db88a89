"""Which days and movements a page of the account is about: read from its address, and written into other addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import abort, request

from k5web.domain.books.period import FIRST_DAY, Movements, Period
from k5web.errors import WrongPeriod
from k5web.web.context import ports
from k5web.web.texts import _

WRITTEN: Final = ("%Y-%m-%d", "%d.%m.%Y")  # a field for days sends the first; people type the second
LONGEST_DAY: Final = 10

_WORDS: Final[Mapping[Movements, Callable[[], str]]] = {
    Movements.ALL: lambda: _("Все операции"),
    Movements.CALLS: lambda: _("Звонки"),
    Movements.FEES: lambda: _("Плата и услуги"),
    Movements.PAYMENTS: lambda: _("Пополнения"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. Without days it is this month."""

    period: Period
    movements: Movements

    @property
    def args(self) -> dict[str, Any]:
        """The same as parts of an address: a whole month with all movements is a month."""
        if self.period.is_month and self.movements is Movements.ALL:
            return {"month": f"{self.period.first:%Y-%m}"}
        return {"from": str(self.period.first), "to": str(self.period.last), "kind": self.movements.value}


def word(movements: Movements) -> str:
    """Return what a kind of movements is called."""
    return _WORDS[movements]()


def said(period: Period) -> str:
    """Return the days as people write them: «12.2026», «с 01.12.2026 по 03.12.2026», «01.12.2026»."""
    if period.is_month:
        return f"{period.first:%m.%Y}"
    if period.first == period.last:
        return f"{period.first:%d.%m.%Y}"
    return _("с %(first)s по %(last)s", first=f"{period.first:%d.%m.%Y}", last=f"{period.last:%d.%m.%Y}")


def asked() -> Asked:
    """Return what this request's address asks for. Raises: WrongPeriod; NotFound for a month that is none."""
    kind = request.args.get("kind", "")
    movements = Movements(kind) if kind in set(Movements) else Movements.ALL
    return Asked(given(request.args) or Period.month(chosen_month() or ports().today()), movements)


def given(fields: Mapping[str, str]) -> Period | None:
    """Return the days of two fields, None where both are empty. Raises: WrongPeriod."""
    first, last = fields.get("from", "").strip(), fields.get("to", "").strip()
    return Period(_day(first, first, last), _day(last, first, last)) if first or last else None


def this_month() -> Asked:
    """Return what is shown where nothing is asked for."""
    return Asked(Period.month(ports().today()), Movements.ALL)


def _day(text: str, first: str, last: str) -> date:
    for written in WRITTEN:
        try:
            return datetime.strptime(text[: LONGEST_DAY + 1], written).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise WrongPeriod(first=first[:LONGEST_DAY], last=last[:LONGEST_DAY])


def chosen_month() -> date | None:
    """Return the first day of the month that the address names, None where it names none; a wrong one is not found."""
    text = request.args.get("month", "")
    if not text:
        return None
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(404)
    if not FIRST_DAY <= month <= ports().today():
        abort(404)
    return month
