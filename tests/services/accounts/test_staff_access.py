"""Staff's readings of personal data are written down (B14, S26)."""

import pytest

from k5web.errors import NotFound, WrongReason
from k5web.services.accounts import staff_access
from k5web.services.accounts.staff_access import Reader
from k5web.storage.accounts.access_rows import StaffAccess
from tests.services.house import House

ANNA = Reader("staff:anna", "k5 call list", "claim  12")


def test_each_subscriber_whose_data_were_read_has_a_row_once(k5: House) -> None:
    staff_access.note(k5.ports, [k5.caller.id, k5.caller.id], ANNA)
    staff_access.note(k5.ports, [], ANNA)
    assert staff_access.listed(k5.ports, k5.caller.id) == [
        StaffAccess(k5.clock(), "staff:anna", "k5 call list", "claim 12")
    ]


@pytest.mark.parametrize("purpose", ["x" * 201, "claim\x1b[2J"])
def test_a_purpose_is_a_line_that_can_be_read(k5: House, purpose: str) -> None:
    with pytest.raises(WrongReason):
        staff_access.note(k5.ports, [k5.caller.id], Reader("staff:anna", "k5", purpose))
    with pytest.raises(NotFound):
        staff_access.note(k5.ports, [k5.caller.id, 7], ANNA)
    assert staff_access.listed(k5.ports, k5.caller.id) == []
