"""Lines of a file: all of a period, oldest first, up to what was the last when it was begun."""

from datetime import date

from k5web.domain.books.export import ExportWish, Format, Paper
from k5web.domain.books.period import Movements, Period
from k5web.services.books import report_lines
from k5web.services.books.report_lines import ConversationLine
from k5web.services.books.statements import CallDetail, StatementLine
from tests.services.house import House
from tests.services.pbx.conversed import converse

DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))


def test_a_call_detail_takes_calls_alone_whatever_is_wished(k5: House) -> None:
    wish = ExportWish(Paper.CALLS, DECEMBER, Movements.FEES, Format.CSV)
    assert report_lines.movements_of(wish) is Movements.CALLS
    assert (
        report_lines.movements_of(ExportWish(Paper.STATEMENT, DECEMBER, Movements.FEES, Format.CSV)) is Movements.FEES
    )


def test_paid_and_free_calls_come_in_the_order_in_which_they_were_ordered(k5: House) -> None:
    k5.top_up("50.00")
    ordered = []
    for seconds in ("2", "65", "1", "70"):
        ordered.append(k5.talk(k5.order(), seconds).id)
        k5.clock.forward(minutes=1)
    wish = ExportWish(Paper.CALLS, DECEMBER, Movements.ALL, Format.CSV)
    with k5.ports.sessions.read() as db:
        to = report_lines.extent(db, k5.caller.id, wish)
    found = list(report_lines.read(k5.ports, k5.caller.id, wish, to))
    assert [line.call.id for line in found if not isinstance(line, ConversationLine) and line.call] == ordered
    assert [type(line) for line in found] == [CallDetail, StatementLine, CallDetail, StatementLine]
    assert (to.lines, to.last_seq) == (4, 3)


def test_conversations_of_the_pbx_stand_between_at_their_beginning(k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    k5.clock.forward(minutes=1)
    converse(k5, "k5-1.1")
    k5.clock.forward(minutes=1)
    k5.talk(k5.order(), "2")
    wish = ExportWish(Paper.CALLS, DECEMBER, Movements.ALL, Format.CSV)
    with k5.ports.sessions.read() as db:
        to = report_lines.extent(db, k5.caller.id, wish)
    found = list(report_lines.read(k5.ports, k5.caller.id, wish, to))
    assert [type(line) for line in found] == [StatementLine, ConversationLine, CallDetail]
    assert to.lines == 3
    assert isinstance(found[1], ConversationLine)
    assert found[1].people["u1-1"].extension == "201"
