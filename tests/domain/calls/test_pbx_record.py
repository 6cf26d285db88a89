"""Whose a record is, and which call pays for its leg."""

from datetime import UTC, datetime

import pytest

from k5web.domain.calls.pbx_record import PbxRecord, PbxRecordKind

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "account", "facts", "owner_id", "call_id"),
    [
        (PbxRecordKind.ANSWER, "8841-117", (), 8841, "8841-117"),
        (PbxRecordKind.ANSWER, "8841", (), 8841, ""),
        (PbxRecordKind.CHAN_START, "", (), None, ""),
        (PbxRecordKind.K5_IN, "", ("0", "shared", "74952121562", ""), 0, ""),
        (PbxRecordKind.K5_IN, "", ("8841", "8841r1", "74952121562", ""), 8841, ""),
        (PbxRecordKind.K5_FAULT, "8841", ("rule", "8841r1", "x", "3"), 8841, ""),
    ],
)
def test_a_record_says_whose_it_is(
    kind: PbxRecordKind, account: str, facts: tuple[str, ...], owner_id: int | None, call_id: str
) -> None:
    record = PbxRecord(kind, "k5-1.1", "k5-1.1", AT, account, "trunk-a", facts)
    assert (record.owner_id, record.call_id) == (owner_id, call_id)
