"""The columns and cells of a statement and of a call detail: the one home of what a line says of itself in a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from k5web.domain.books.export import Paper
from k5web.domain.books.period import Movements
from k5web.domain.money import Money
from k5web.paper.table import Cell, Column, Row, Table, TableWords
from k5web.services.books.report_lines import ConversationLine
from k5web.services.books.statements import CallDetail, LegDetail, StatementLine
from k5web.services.ports import OPERATOR_ZONE, Report
from k5web.web import words
from k5web.web.books import periods, reasons
from k5web.web.calls import progress
from k5web.web.calls.kinds import call_title
from k5web.web.pbx import talk_words
from k5web.web.texts import _

_TITLES: Final[Mapping[Paper, Callable[[], str]]] = {
    Paper.STATEMENT: lambda: _("Выписка"),
    Paper.CALLS: lambda: _("Детализация звонков"),
}


def title(paper: Paper) -> str:
    """Return what a file is called."""
    return _TITLES[paper]()


def table(report: Report) -> Table:
    """Return a report as a table, in the language of the moment; its rows are made while they are read."""
    is_calls = report.wish.paper is Paper.CALLS
    columns = _call_columns() if is_calls else _statement_columns()
    rows = _CallRows(_Words.now(), report.total.currency) if is_calls else _StatementRows(_Words.now())
    return Table(
        title(report.wish.paper),
        tuple(_facts(report)),
        columns,
        rows.all(report.lines),
        next(n for n, column in enumerate(columns) if column.title == _("Сумма")),
        Money(0, report.total.currency),
        tuple(_totals(report)),
        TableWords(_("Итого, строк: %(count)s"), _("К переносу"), _("Перенос")),
    )


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield _("Лицевой счёт"), str(report.owner_id)
    if report.name:
        yield _("Абонент"), report.name
    yield _("Период"), periods.said(report.wish.period)
    if report.wish.other:
        yield _("С номером"), words.phone(report.wish.other)
    if report.wish.paper is Paper.STATEMENT:
        yield _("Операции"), periods.word(report.wish.movements)
        if report.wish.movements is Movements.ALL:
            yield _("На начало"), words.money(report.opening)


def _totals(report: Report) -> Iterator[tuple[str, Money]]:
    yield _("Поступило"), report.total_in
    yield _("Списано"), report.total_out
    if report.wish.paper is Paper.STATEMENT and report.wish.movements is Movements.ALL:
        yield _("На конец"), report.opening + report.total


def _statement_columns() -> tuple[Column, ...]:
    return (
        Column(_("Номер"), 29),
        Column(_("День")),
        Column(_("Записано"), 25),
        Column(_("Что"), 78),
        Column(_("Сумма"), 24, is_right=True),
        Column(_("Остаток"), 24, is_right=True),
        Column(_("Валюта")),
        Column(_("Подробности")),
    )


def _call_columns() -> tuple[Column, ...]:
    legs = [(_("Ваш телефон"), _("вы")), (_("Собеседник"), _("собеседник"))]
    return (
        Column(_("Звонок"), 25),
        Column(_("Заказан"), 25),
        Column(_("Что"), 104),
        *(column for number, whose in legs for column in _leg_columns(number, whose)),
        Column(_("Из пакета на звонки")),
        Column(_("Сумма"), 26, is_right=True),
        Column(_("Валюта")),
        Column(_("Учтён")),
    )


def _leg_columns(number: str, whose: str) -> Iterator[Column]:
    yield Column(number)
    yield Column(_("Код (%(whose)s)", whose=whose))
    yield Column(_("Направление (%(whose)s)", whose=whose))
    yield Column(_("Цена минуты (%(whose)s)", whose=whose))
    yield Column(_("Откуда цена (%(whose)s)", whose=whose))
    yield Column(_("Разговор, с (%(whose)s)", whose=whose))
    yield Column(_("К оплате, с (%(whose)s)", whose=whose))
    yield Column(_("Из пакета, с (%(whose)s)", whose=whose))
    yield Column(_("Стоимость (%(whose)s)", whose=whose))


@dataclass(frozen=True, slots=True)
class _Words:
    """Sentences of many lines, looked up once: a long file would spend its time in the catalogue."""

    own: str
    other: str
    way: str

    @classmethod
    def now(cls) -> "_Words":
        """Return them in the language of the moment."""
        return cls(
            _("Ваш телефон %(number)s: %(place)s, %(price)s за минуту%(source)s; разговор %(talked)s с, к оплате "
              "%(billed)s с, из пакета %(covered)s с: %(sum)s"),
            _("Собеседник %(number)s: %(place)s, %(price)s за минуту%(source)s; разговор %(talked)s с, к оплате "
              "%(billed)s с, из пакета %(covered)s с: %(sum)s"),
            _("Номер в платёжной системе: %(key)s"),
        )  # fmt: skip

    def legs(self, detail: CallDetail) -> tuple[str, ...]:
        """Return a call explained, a sentence for each leg."""
        return self.own % _leg_facts(detail.a), self.other % _leg_facts(detail.b)


def _leg_facts(leg: LegDetail) -> dict[str, object]:
    source = reasons.source(leg.rate)
    return {
        "number": words.phone(leg.number),
        "place": f"{leg.rate.prefix} {words.destination(leg.rate)}".strip(),
        "price": words.price(leg.rate.per_minute),
        "source": f" ({source})" if source else "",
        "talked": leg.duration_us // 1_000_000,
        "billed": leg.charge.billed_s,
        "covered": leg.charge.covered_s,
        "sum": words.money(leg.charge.charge),
    }


class _StatementRows:
    """Lines of a statement as rows."""

    def __init__(self, said: _Words) -> None:
        self._said = said

    def all(self, lines: Iterable[object]) -> Iterator[Row]:
        """Yield a row for each line."""
        for line in lines:
            assert isinstance(line, StatementLine)
            yield self._row(line)

    def _row(self, line: StatementLine) -> Row:
        posting, notes = line.posting, explained(line, self._said)
        when = _local(line.recorded_at)
        sums = (posting.amount, posting.balance, posting.amount.currency)
        return Row((str(posting.number), posting.day, when, reasons.reason(line), *sums, "; ".join(notes)), notes)


def explained(line: StatementLine, said: _Words | None = None) -> tuple[str, ...]:
    """Return what a movement says of itself beside its reason: both legs of a call, a payment's number elsewhere."""
    said = said or _Words.now()
    if line.detail is not None:
        return said.legs(line.detail)
    name = line.posting.name
    return (said.way % {"key": name.key},) if name.is_outside and line.posting.amount.minor > 0 else ()


class _CallRows:
    """Lines of a call detail as rows: charges, what takes them back, calls that took no money, conversations."""

    def __init__(self, said: _Words, currency: str) -> None:
        self._said = said
        self._currency = currency

    def all(self, lines: Iterable[object]) -> Iterator[Row]:
        """Yield a row for each line."""
        for line in lines:
            if isinstance(line, CallDetail):
                yield self._row(line, Money(0, line.total.currency), self._free(line), None)
            elif isinstance(line, ConversationLine):
                yield self._talk(line)
            else:
                assert isinstance(line, StatementLine)
                what = reasons.reason(line)
                yield self._row(line.detail, line.posting.amount, what, _local(line.recorded_at))

    def _talk(self, line: ConversationLine) -> Row:
        """Say with whom it was and how it went; what its legs cost stands in their own rows."""
        one = line.conversation
        what = f"{talk_words.other(line)}: {talk_words.word(line)}"
        there = one.caller if one.direction == "in" else one.called
        legs: tuple[Cell, ...] = (one.number, *[None] * 8, there, *[None] * 4, one.talk_s, *[None] * 3)
        return Row(
            (one.linked_id, _local(one.began_at), what, *legs, None, Money(0, self._currency), self._currency, None)
        )

    def _free(self, detail: CallDetail) -> str:
        title, outcome = call_title(detail.call), progress.outcome_word(detail.call)
        return _("%(title)s: %(outcome)s", title=title, outcome=outcome)

    def _row(self, detail: CallDetail | None, amount: Money, what: str, charged: datetime | None) -> Row:
        end: tuple[Cell, ...] = (amount, amount.currency, charged)
        if detail is None:  # an old charge whose call is not here
            return Row(("", charged, what, *[None] * 18, None, *end))
        given = sum(cover.units for cover in detail.used if not cover.legs)
        legs = (*_leg_cells(detail.a), *_leg_cells(detail.b), Money(given, amount.currency))
        begin = (detail.call.id, _local(detail.call.ordered_at), what)
        return Row((*begin, *legs, *end), self._said.legs(detail))


def _leg_cells(leg: LegDetail) -> tuple[Cell, ...]:
    rate, charge = leg.rate, leg.charge
    begin: tuple[Cell, ...] = (leg.number, rate.prefix, words.destination(rate), rate.per_minute, reasons.source(rate))
    return (*begin, leg.duration_us // 1_000_000, charge.billed_s, charge.covered_s, charge.charge)


def _local(moment: datetime) -> datetime:
    """Return a moment as the operator's clock shows it."""
    return moment.astimezone(OPERATOR_ZONE).replace(tzinfo=None)
