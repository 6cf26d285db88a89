"""Calls that staff look for: each filter, paged by key without a gap."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from k5web.domain.calls.call import CallOrder, Outcome
from k5web.domain.calls.search import CallSearch
from k5web.domain.incident import IncidentKind
from k5web.storage import incidents
from k5web.storage.calls import found_call_rows
from tests.services.house import House, somebody

KAZAN = "+78432123456"


@pytest.fixture
def look(k5: House) -> Callable[..., list[str]]:
    """Return the ids of the calls of today that fit."""

    def found(before: CallOrder | None = None, limit: int = 100, **wanted: object) -> list[str]:
        day, now = k5.ports.today(), k5.clock()
        span = k5.ports.day_began_at(), k5.ports.day_began_at() + timedelta(days=1)
        search = replace(CallSearch(day, day), **wanted)  # type: ignore[arg-type]
        with k5.ports.sessions.read() as db:
            return [call.id for call in found_call_rows.found(db, search, span, now, before, limit)]

    return found


@pytest.fixture
def three(k5: House) -> list[CallOrder]:
    """A talk to Moscow, a busy one to Kazan, somebody else's order that waits; the newest last."""
    k5.top_up("100.00")
    moscow = k5.talk(k5.order(), "30")
    kazan = k5.order(KAZAN)
    k5.work()
    k5.switch.answer_a(kazan.id)
    k5.switch.busy(kazan.id, "b")
    k5.work()
    return [moscow, k5.call(kazan), k5.order(caller=somebody(k5, 1))]


def test_each_filter_leaves_what_fits(look: Callable[..., list[str]], three: list[CallOrder]) -> None:
    moscow, kazan, other = (call.id for call in three)
    assert look() == [other, kazan, moscow]
    assert look(owner_id=three[0].owner_id) == [kazan, moscow]
    assert look(number="7843") == look(number="78432123456") == [kazan]
    assert look(number="7495") == [other, moscow]
    assert look(direction="Казань городской") == [kazan]
    assert look(trunk="trunk") == [kazan, moscow]
    assert look(trunk="trun") == look(trunk="%") == []
    assert look(outcome=Outcome.B_BUSY) == [kazan]
    assert look(number="7495", outcome=Outcome.DONE_B, trunk="trunk") == [moscow]


def test_only_what_waits_for_a_person_is_unsure(
    k5: House, look: Callable[..., list[str]], three: list[CallOrder]
) -> None:
    assert look(is_unsure=True) == []
    moscow = three[0]
    with k5.ports.sessions.begin() as db:
        incidents.report(db, moscow.owner_id, IncidentKind.LATE_RECORD, moscow.id, k5.clock())
        incidents.report(db, moscow.owner_id, IncidentKind.BELOW_MARGIN, three[1].id, k5.clock())
    assert look(is_unsure=True) == [moscow.id]
    with k5.ports.sessions.read() as db:
        assert found_call_rows.doubts(db, three) == {moscow.id: ["late_record"]}
        assert found_call_rows.doubts(db, []) == {}
    with k5.ports.sessions.begin() as db:
        incidents.resolve(db, IncidentKind.LATE_RECORD, moscow.id, k5.clock(), "staff:a")
    assert look(is_unsure=True) == []


def test_a_call_that_is_placed_for_a_minute_without_a_record_is_unsure(
    k5: House, look: Callable[..., list[str]]
) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.switch.silent = "rings_not"
    k5.work()
    k5.clock.forward(seconds=60)
    assert look(is_unsure=True) == []
    k5.clock.forward(seconds=1)
    assert look(is_unsure=True) == [call.id]


def test_pages_follow_each_other_by_key_also_at_one_moment(
    k5: House, look: Callable[..., list[str]], three: list[CallOrder]
) -> None:
    same_moment = [k5.order(caller=somebody(k5, n)) for n in (2, 3)]
    everything = look()
    assert len(everything) == 5
    known = {call.id: call for call in (*three, *same_moment)}
    seen: list[str] = []
    while page := look(before=known[seen[-1]] if seen else None, limit=2):
        seen += page
    assert seen == everything
