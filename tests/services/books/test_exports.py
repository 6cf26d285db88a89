"""Files of the statement and the call detail: their sums are the ledger's, one comes of one wish, for a week.

Promise: B3.
"""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import BinaryIO

import pytest

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.books import export as rules
from k5web.domain.books.export import KEPT_FOR, LEASE, MOST_ATTEMPTS, Export, ExportState, ExportWish, Format, Paper
from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import Movements, Period
from k5web.domain.calls.call import CallKind
from k5web.errors import ExportTooLong, NotFound, TooMany
from k5web.services.books import exports, report_lines, statements
from k5web.services.books.corrections import reverse
from k5web.services.ports import Ports, Report
from k5web.storage.accounts import email_rows
from k5web.storage.messaging import outbox_rows
from k5web.web.books import report_files
from tests.services.house import House, subscriber
from tests.services.pbx.conversed import CALLER, converse, paid_by

DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))
LATER = timedelta(seconds=1)


@pytest.fixture
def ports(k5: House) -> Ports:
    k5.ports = replace(k5.ports, write_report=report_files.write)
    return k5.ports


def wish(paper: Paper = Paper.STATEMENT, period: Period = DECEMBER, kind: Movements = Movements.ALL) -> ExportWish:
    return ExportWish(paper, period, kind, Format.CSV)


def ask(k5: House, wanted: ExportWish | None = None, key: str = "form-1", link: str = "") -> Export:
    return exports.ask(k5.ports, k5.caller.id, wanted or wish(), key, link)


def made(k5: House, wanted: ExportWish | None = None, key: str = "form-1") -> list[dict[str, str]]:
    """Return the rows of a file that was asked for and made."""
    asked = ask(k5, wanted, key)
    exports.make_due(k5.ports)
    return rows(k5, asked)


def rows(k5: House, asked: Export) -> list[dict[str, str]]:
    found = exports.ready(k5.ports, k5.caller.id, asked.token)
    text = b"".join(exports.content(k5.ports, found)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def sum_of(found: list[dict[str, str]]) -> int:
    """Return what the sums of a file come to. Units: kopecks."""
    return sum(int(row["Сумма"].replace(",", "")) for row in found)


def turnover(k5: House, kind: Movements = Movements.ALL, period: Period = DECEMBER) -> int:
    page = statements.statement(k5.ports, k5.caller.id, period, movements=kind)
    return (page.total_in + page.total_out).minor


def story(k5: House) -> None:
    """Money in, calls paid, free and taken back."""
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    k5.talk(k5.order(), "2")
    taken_back = k5.talk(k5.order(), "10")
    reverse(k5.ports, k5.caller.id, EventName("call", taken_back.id), "staff:1")
    k5.talk(k5.order(), "130")


def test_the_sum_of_a_statement_is_what_moved_in_the_ledger(k5: House, ports: Ports) -> None:
    story(k5)
    found = made(k5)
    assert sum_of(found) == turnover(k5) != 0
    assert len(found) == len(statements.statement(ports, k5.caller.id, limit=100).lines)
    assert found[-1]["Остаток"].replace(",", ".") == str(k5.balance())
    for n, kind in enumerate(Movements):
        assert sum_of(made(k5, wish(kind=kind), f"kind-{n}")) == turnover(k5, kind)


def test_the_sum_of_a_call_detail_is_what_calls_took_and_gave_back(k5: House, ports: Ports) -> None:
    story(k5)
    found = made(k5, wish(Paper.CALLS, kind=Movements.CALLS))
    assert sum_of(found) == turnover(k5, Movements.CALLS) != 0
    assert [row["Что"].partition(":")[0] for row in found].count("Возврат") == 1
    assert [row["Сумма"] for row in found].count("0,00") == 1, "the free call is told of, too"


def test_pages_of_lines_lose_and_repeat_nothing(k5: House, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    story(k5)
    for paper in Paper:
        whole = made(k5, wish(paper), f"whole-{paper}")
        monkeypatch.setattr(report_lines, "PAGE", 1)
        assert made(k5, wish(paper), f"paged-{paper}") == whole
        monkeypatch.undo()


def test_a_call_explains_itself_in_its_columns(k5: House, ports: Ports) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65.9")
    [found] = made(k5, wish(Paper.CALLS))
    assert found["Звонок"] == call.id
    of_b = [found[f"{name} (собеседник)"] for name in ("Код", "Направление", "Цена минуты", "Откуда цена")]
    assert of_b == ["7495", "Москва городской", "0,45", "прайс-лист k5, № 1"]
    counted = [found[f"{name} (вы)"] for name in ("Разговор, с", "К оплате, с", "Из пакета, с", "Стоимость")]
    assert counted == ["65", "120", "0", "3,50"]


def test_an_empty_period_is_a_file_with_a_heading_alone(k5: House, ports: Ports) -> None:
    assert made(k5, wish(period=Period(date(2026, 11, 1), date(2026, 11, 30)))) == []


def test_one_day_holds_its_own_movements_alone(k5: House, ports: Ports) -> None:
    k5.top_up("1.00")
    k5.clock.forward(days=1)
    k5.top_up("2.00")
    k5.clock.forward(days=1)
    k5.top_up("3.00")
    assert sum_of(made(k5, wish(period=Period(date(2026, 12, 2), date(2026, 12, 2))))) == 200


def test_the_year_ends_at_midnight_in_moscow(k5: House, ports: Ports) -> None:
    k5.clock.now = k5.clock.now.replace(day=31, hour=20, minute=59, second=59)
    k5.top_up("10.00")
    k5.clock.forward(seconds=1)
    k5.top_up("20.00")
    assert sum_of(made(k5)) == 1000
    assert sum_of(made(k5, wish(period=Period(date(2027, 1, 1), date(2027, 1, 1))), "new-year")) == 2000


def test_a_call_over_the_years_end_is_told_of_once_where_the_statement_has_it(k5: House, ports: Ports) -> None:
    k5.top_up("50.00")
    k5.clock.now = k5.clock.now.replace(day=31, hour=20, minute=59, second=30)
    k5.talk(k5.order(), "65")
    january = Period(date(2027, 1, 1), date(2027, 1, 31))
    in_december, in_january = (made(k5, wish(Paper.CALLS, period), str(period.first)) for period in (DECEMBER, january))
    assert (sum_of(in_december), sum_of(in_january)) == (0, -440)
    assert turnover(k5, Movements.CALLS, january) == -440


def test_the_same_form_asks_for_one_file(k5: House, ports: Ports) -> None:
    assert ask(k5).token == ask(k5).token
    assert len(exports.mine(ports, k5.caller.id)) == 1


def test_too_many_files_at_once_are_refused(k5: House, ports: Ports) -> None:
    for n in range(rules.MOST_OPEN):
        ask(k5, key=f"form-{n}")
    with pytest.raises(TooMany):
        ask(k5, key="one more")
    exports.make_due(ports)
    for n in range(rules.MOST_OPEN, rules.MOST_KEPT):
        ask(k5, key=f"form-{n}")
        exports.make_due(ports)
        k5.clock.forward(minutes=2)
    with pytest.raises(TooMany):
        ask(k5, key="one more")
    exports.remove(ports, k5.caller.id, exports.mine(ports, k5.caller.id)[0].token)
    ask(k5, key="one more")


def test_a_period_of_too_many_lines_is_refused_with_both_figures(
    k5: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    story(k5)
    monkeypatch.setattr(exports, "MOST_LINES", 2)
    with pytest.raises(ExportTooLong) as refused:
        ask(k5)
    assert refused.value.facts == {"lines": 5, "most_lines": 2}


def test_a_file_that_gets_too_large_is_not_kept(k5: House, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    k5.top_up("1.00")
    monkeypatch.setattr(exports, "MOST_BYTES", 10)
    ask(k5)
    assert exports.make_due(ports) == 0
    assert [each.state for each in exports.mine(ports, k5.caller.id)] == [ExportState.TOO_LARGE]


def test_a_file_is_kept_in_parts_and_comes_back_whole(k5: House, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    story(k5)
    whole = made(k5)
    monkeypatch.setattr(exports, "PART_BYTES", 64)
    assert made(k5, key="in parts") == whole


class Killed(BaseException):
    """The end of a process."""


def killing(after: int) -> Callable[[Report, BinaryIO], None]:
    """Return a writer that is killed after some lines."""

    def write(report: Report, out: BinaryIO) -> None:
        def lines() -> Iterator[object]:
            for n, line in enumerate(report.lines):
                if n == after:
                    raise Killed
                yield line

        report_files.write(replace(report, lines=lines()), out)

    return write


def test_a_worker_killed_half_way_leaves_one_file_to_the_next(k5: House, ports: Ports) -> None:
    story(k5)
    asked = ask(k5)
    with suppress(Killed):
        exports.make_due(replace(ports, write_report=killing(2)))
    assert [each.state for each in exports.mine(ports, k5.caller.id)] == [ExportState.MAKING]
    assert exports.make_due(ports) == 0, "it may still be made"
    k5.clock.now += LEASE + LATER
    assert exports.make_due(ports) == 1
    assert sum_of(rows(k5, asked)) == turnover(k5)
    assert exports.make_due(ports) == 0


def test_what_kills_each_worker_is_given_up_after_some_tries(k5: House, ports: Ports) -> None:
    story(k5)
    ask(k5)
    for _ in range(MOST_ATTEMPTS + 2):
        with suppress(Killed):
            exports.make_due(replace(ports, write_report=killing(1)))
        k5.clock.now += LEASE + LATER
    exports.sweep(ports)
    assert [each.state for each in exports.mine(ports, k5.caller.id)] == [ExportState.FAILED]


def test_two_workers_make_one_file_once(k5: House, ports: Ports) -> None:
    """The second comes while the first writes, and again when the first has lost its lease: one file is kept."""
    story(k5)
    asked, looks = ask(k5), []

    def slow(report: Report, out: BinaryIO) -> None:
        looks.append(exports.make_due(ports))
        k5.clock.now += LEASE + LATER
        looks.append(exports.make_due(ports))
        report_files.write(report, out)

    assert exports.make_due(replace(ports, write_report=slow)) == 0, "its file was another's by then"
    assert looks == [0, 1]
    assert sum_of(rows(k5, asked)) == turnover(k5)


def test_where_no_file_waits_nobody_takes_the_databases_writer(
    k5: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ports.sessions, "begin", None)
        assert exports.make_due(ports) == 0
    ask(k5)
    assert exports.make_due(ports) == 1


def test_a_file_that_is_removed_while_it_is_made_is_not_kept(k5: House, ports: Ports) -> None:
    story(k5)
    asked = ask(k5)

    def slow(report: Report, out: BinaryIO) -> None:
        exports.remove(ports, k5.caller.id, asked.token)
        report_files.write(report, out)

    assert exports.make_due(replace(ports, write_report=slow)) == 0
    assert exports.mine(ports, k5.caller.id) == []


def test_what_comes_while_a_file_is_written_stays_out_of_it(k5: House, ports: Ports) -> None:
    k5.top_up("1.00")
    asked = ask(k5)

    def slow(report: Report, out: BinaryIO) -> None:
        k5.top_up("2.00")
        report_files.write(report, out)

    exports.make_due(replace(ports, write_report=slow))
    assert sum_of(rows(k5, asked)) == 100


def test_how_far_a_file_is_can_be_seen(k5: House, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    story(k5)
    ask(k5)
    monkeypatch.setattr(exports, "NOTED_EVERY", 2)
    seen = []

    def watched(report: Report, out: BinaryIO) -> None:
        for _ in report.lines:
            [found] = exports.mine(ports, k5.caller.id)
            seen.append((found.lines_done, found.lines))

    exports.make_due(replace(ports, write_report=watched))
    assert seen == [(0, 5), (0, 5), (2, 5), (2, 5), (4, 5)]


def test_after_a_week_a_file_is_gone(k5: House, ports: Ports) -> None:
    k5.top_up("1.00")
    asked = ask(k5)
    exports.make_due(ports)
    k5.clock.now += KEPT_FOR - LATER
    exports.sweep(ports)
    assert exports.ready(ports, k5.caller.id, asked.token)
    k5.clock.now += LATER
    with pytest.raises(NotFound):
        exports.ready(ports, k5.caller.id, asked.token)
    exports.sweep(ports)
    with pytest.raises(NotFound):
        list(exports.content(ports, replace(asked, size=1)))


def test_nobody_elses_file_is_found(k5: House, ports: Ports) -> None:
    k5.top_up("1.00")
    asked = ask(k5)
    exports.make_due(ports)
    other = subscriber(k5, 1)
    with pytest.raises(NotFound):
        exports.ready(ports, other.id, asked.token)
    exports.remove(ports, other.id, asked.token)
    assert exports.ready(ports, k5.caller.id, asked.token)


@pytest.mark.parametrize(("link", "is_confirmed", "letters"), [("x/", True, 1), ("x/", False, 0), ("", True, 0)])
def test_a_letter_goes_to_the_confirmed_address_where_it_is_wished(
    k5: House, ports: Ports, link: str, is_confirmed: bool, letters: int
) -> None:
    with ports.sessions.begin() as db:
        email_rows.give(db, k5.caller.id, EmailAddress("anna@mail.ru"), k5.clock())
        if is_confirmed:
            email_rows.confirm(db, k5.caller.id, EmailAddress("anna@mail.ru"), k5.clock())
    asked = ask(k5, link=link)
    exports.make_due(ports)
    with ports.sessions.read() as db:
        found = [each for each in outbox_rows.due(db, k5.clock(), 10) if each.kind == "export"]
    assert len(found) == letters
    assert [each.facts["link"] for each in found] == [f"x/{asked.token}"] * letters


def test_a_call_detail_of_a_number_has_its_calls_alone_and_their_sum(k5: House, ports: Ports) -> None:
    """Those to it, also free ones and one taken back, and what a forwarded call of it took of the owner's money."""
    story(k5)
    theirs = [k5.talk(k5.order(f"+{CALLER}"), seconds) for seconds in ("65", "2")]
    converse(k5, "k5-1.1")
    paid_by(k5, "k5-1.1", k5.talk(k5.order("+78432123456"), "10"), CallKind.FORWARD)
    reverse(ports, k5.caller.id, EventName("call", theirs[0].id), "staff:1")
    wanted = replace(wish(Paper.CALLS, kind=Movements.CALLS), other=CALLER)
    with ports.sessions.read() as db:
        lines = report_lines.extent(db, k5.caller.id, wanted).lines
    found = made(k5, wanted)
    calls, owner = [row["Звонок"] for row in found], k5.caller.id
    assert sorted(calls) == sorted([theirs[0].id, theirs[0].id, theirs[1].id, f"{owner}-7", "k5-1.1"])
    assert len(found) == lines
    assert sum_of(found) == -statements.spent_for_calls(ports, owner, DECEMBER, CALLER).minor != 0
    assert sum_of(found) != turnover(k5, Movements.CALLS)
