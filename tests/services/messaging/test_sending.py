"""Messages are put into the outbox with what causes them."""

import pytest

from k5web.services.messaging import sending
from k5web.storage.messaging import outbox_rows
from tests.services.house import House
from tests.services.messaging.test_codes import PHONE


def test_a_message_is_put_in_once_and_not_at_all_where_its_cause_fails(k5: House) -> None:
    def fail() -> None:
        with k5.ports.sessions.begin() as db:
            sending.queue_to(db, PHONE, "code", {"code": "1"}, "code 1", k5.clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with k5.ports.sessions.begin() as db:
        assert outbox_rows.waiting(db) == 0
        assert sending.queue_to(db, PHONE, "code", {"code": "1"}, "code 1", k5.clock())
        assert not sending.queue_to(db, PHONE, "code", {"code": "2"}, "code 1", k5.clock())
        assert [each.address for each in outbox_rows.due(db, k5.clock(), 9)] == [str(PHONE)]
