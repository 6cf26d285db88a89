"""What a line says of itself in a file: the reason, both legs of a call, what an allowance paid."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from k5web.domain.books.export import ExportWish, Format, Paper
from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import Movements, Period
from k5web.domain.money import Money, rub
from k5web.domain.prices.call_cover import Cover
from k5web.paper.table import Cell
from k5web.services.books import exports, statements
from k5web.services.books.corrections import reverse
from k5web.services.ports import Report
from k5web.web.books import report_tables
from tests.services.house import House

DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))


def report(k5: House, paper: Paper) -> Report:
    return exports.whole(k5.ports, k5.caller.id, ExportWish(paper, DECEMBER, Movements.ALL, Format.CSV))


def told(made: Report) -> list[dict[str, Cell]]:
    table = report_tables.table(made)
    names = [column.title for column in table.columns]
    return [dict(zip(names, row.cells, strict=True)) for row in table.rows]


@pytest.mark.parametrize("paper", list(Paper))
def test_paper_holds_what_it_is_wide(app: Flask, k5: House, paper: Paper) -> None:
    with app.test_request_context("/"):
        table = report_tables.table(report(k5, paper))
    assert sum(column.width for column in table.columns) == 180
    assert table.columns[table.summed].title == "Сумма"


def test_each_reason_is_told(app: Flask, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    reverse(k5.ports, k5.caller.id, EventName("call", call.id), "staff:1")
    with app.test_request_context("/"):
        lines = told(report(k5, Paper.STATEMENT))
    assert [line["Что"] for line in lines] == [
        "Пополнение",
        "Звонок +7\xa0495\xa0123‑45‑67",
        "Возврат: Звонок +7\xa0495\xa0123‑45‑67",
    ]
    assert lines[0]["Подробности"] == "Номер в платёжной системе: in-1"
    assert lines[1]["Подробности"] == lines[2]["Подробности"]


def test_what_allowances_paid_has_columns_of_its_own(app: Flask, k5: House) -> None:
    """Of a talk of 65 seconds, two minutes are billed: one of leg B is given, and a rouble of money for calls."""
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    covers = (Cover("minutes", 7, "b", 60), Cover("for calls", 8, "", 100, unit="RUB"))
    legs = statements.call_detail(k5.ports, k5.caller.id, call.id)
    cdrs = [leg.cdr for leg in (legs.a, legs.b) if leg.cdr]
    detail = statements.detail_of(replace(call, covers=covers), cdrs)
    with app.test_request_context("/"):
        [line] = told(replace(report(k5, Paper.CALLS), lines=iter([detail])))
    assert line["Из пакета, с (собеседник)"] == 60
    assert line["Стоимость (собеседник)"] == rub("0.45")
    assert line["Из пакета на звонки"] == rub("1.00")


def test_a_charge_whose_call_is_not_there_keeps_its_sum(app: Flask, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    line = statements.line(k5.ports, k5.caller.id, 2)
    with app.test_request_context("/"):
        [row] = told(replace(report(k5, Paper.CALLS), lines=iter([replace(line, detail=None)])))
    assert (row["Сумма"], row["Звонок"]) == (Money(-440), "")
