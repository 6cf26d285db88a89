"""The gateway's daily list: read line by line, believed only where its total agrees."""

import pytest

from k5web.domain.money import rub
from k5web.errors import WrongRegister
from tests.conftest import Clock
from tests.connectors.cards.acquirer import acquirer_table, open_one

HEADING = "date;operation;mdOrder;orderNumber;amount;currency"
PAID = "2026-12-01T12:00:08+03:00;deposited;md-1;K5-1-1;50000;643"
BACK = "2026-12-01T13:00:08+03:00;refunded;md-1;K5-1-1;20000;643"


@pytest.mark.parametrize("operation", ["refunded", "reversed"])
def test_payments_and_what_went_back_are_lines(clock: Clock, operation: str) -> None:
    back = BACK.replace("refunded", operation)
    lines = list(open_one(acquirer_table(), clock).read_register([HEADING, PAID, back, "total;2;30000"]))
    assert [(line.line_no, line.key, line.account, line.amount, line.is_cancel) for line in lines] == [
        (2, "md-1", "K5-1-1", rub("500.00"), False),
        (3, "md-1", "K5-1-1", -rub("200.00"), True),
    ]
    assert lines[0].at is not None
    assert lines[0].at.isoformat() == "2026-12-01T09:00:08+00:00"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([], 1),
        (["date;mdOrder"], 1),
        ([HEADING, PAID], 2),
        ([HEADING, PAID, "total;2;50000"], 3),
        ([HEADING, PAID, "total;1;50001"], 3),
        ([HEADING, PAID, "total;1;50000", PAID], 4),
        ([HEADING, PAID.replace("deposited", "created")], 2),
        ([HEADING, PAID.replace("50000", "500.00")], 2),
        ([HEADING, PAID.replace("643", "417")], 2),
        ([HEADING, PAID.replace("2026-12-01T", "01.12.2026 ")], 2),
        ([HEADING, PAID.replace("2026-12-01T", "2026-12-٠١T")], 2),
        ([HEADING, PAID + ";more"], 2),
    ],
)
def test_a_list_that_cannot_be_believed_is_refused_by_its_line(lines: list[str], line: int, clock: Clock) -> None:
    with pytest.raises(WrongRegister) as refusal:
        list(open_one(acquirer_table(), clock).read_register(lines))
    assert refusal.value.facts["line"] == line
