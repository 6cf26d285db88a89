"""A deed is written down before it begins, and how it ended after: done, refused, failed, cut short (S26)."""

import pytest

from k5web.domain.desk.audit import AuditFilter, Deed
from k5web.errors import NotFound, WrongReason
from k5web.services.desk import audit
from tests.services.house import House

DEED = Deed("staff:anna", "desk.block", 100001, "  жалоба \n соседа ")


def outcomes(k5: House) -> list[str]:
    return [line.outcome for line in audit.stream(k5.ports, AuditFilter())]


def test_it_is_there_before_the_deed_begins(k5: House) -> None:
    with audit.recorded(k5.ports, DEED):
        assert outcomes(k5) == [""]
    assert outcomes(k5) == ["done"]
    [line] = audit.lines(k5.ports, AuditFilter())
    assert line.reason == "жалоба соседа"


def test_a_refusal_and_a_fault_are_its_end_and_go_on(k5: House) -> None:
    with pytest.raises(NotFound), audit.recorded(k5.ports, DEED):
        raise NotFound(what="x")
    with pytest.raises(ZeroDivisionError), audit.recorded(k5.ports, DEED):
        raise ZeroDivisionError
    assert outcomes(k5) == ["not_found", "failed"]


@pytest.mark.parametrize("reason", ["x" * 501, "a\u202eb", "a\0b"])
def test_a_reason_nobody_can_read_stops_the_deed(k5: House, reason: str) -> None:
    with pytest.raises(WrongReason), audit.recorded(k5.ports, Deed("staff:anna", "desk.block", reason=reason)):
        raise AssertionError("it must not begin")
    assert outcomes(k5) == []
