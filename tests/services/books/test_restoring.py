"""A restored house: calls and money wait until somebody opens it, and no number is given twice after that."""

import pytest
from sqlalchemy import text

from k5web.errors import HouseRestored
from k5web.services.books import restoring
from k5web.storage import allocator, restored
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.net import Net
from tests.tamper import tampering


@pytest.fixture
def brought_back(sessions: Sessions, clock: Clock, database_url: str) -> Net:
    """A house with money and a call, whose database is a backup that nobody opened yet."""
    house = Net(sessions, clock)
    house.top_up("100.00")
    house.talk(house.order(), "61")
    with tampering(database_url) as connection:
        connection.execute(text("UPDATE house SET place = '1/2'"))
    restored.guard(sessions)
    return house


def test_calls_are_refused_and_payments_put_off_until_it_is_opened(brought_back: Net) -> None:
    assert restoring.is_shut(brought_back.ports)
    with pytest.raises(HouseRestored):
        brought_back.order()
    assert brought_back.pays() == brought_back.checks() == "refused later"
    assert brought_back.rows() == [], "nothing of it is kept: the provider says it again"

    found = restoring.look(brought_back.ports)
    assert (found.is_shut, found.newest["call"] is not None) == (True, True)
    brought_back.ports.sessions.gate = None  # a command's own sessions have none
    moved = restoring.open_doors(brought_back.ports, 50)
    restored.guard(brought_back.ports.sessions)
    assert restoring.open_doors(brought_back.ports, 50) == {}, "once"
    assert not restoring.is_shut(brought_back.ports)

    assert brought_back.pays().startswith("paid ")
    call = brought_back.order()
    assert call.id == f"{brought_back.caller.id}-{moved['call']}"
    assert moved["call"] == 1 + 50 + 1, "it had one call"


def test_every_kind_of_number_goes_on_higher(brought_back: Net) -> None:
    sessions = brought_back.ports.sessions
    with sessions.read() as db:
        before = {row.kind: row.next_id for row in db.execute(text("SELECT kind, next_id FROM allocator"))}
    sessions.gate = None
    moved = restoring.open_doors(brought_back.ports, 700)
    year = brought_back.ports.today().year
    fresh = ("proposal", f"act {year}", f"act {year - 1}")
    assert not {*fresh} & {*before}
    assert {kind: moved[kind] for kind in fresh} == dict.fromkeys(fresh, 701), "their first numbers were given, too"
    with sessions.begin() as db:
        assert allocator.allocate_many(db, f"act {year}", 2) == range(701, 703)
    assert {kind: moved[kind] - number for kind, number in before.items()} == dict.fromkeys(before, 700)
