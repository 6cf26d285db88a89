"""What staff see of calls and lines."""

import pytest

from k5web.domain.calls.call import CallState
from k5web.domain.incident import IncidentKind
from k5web.domain.money import rub
from k5web.errors import NotFound
from k5web.services.calls import staff_view
from k5web.storage import incidents
from tests.services.house import House


def test_a_settled_call_has_its_legs_its_charge_and_what_was_listed_about_it(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    waiting = staff_view.sheet(k5.ports, call.id)
    assert (waiting.call.state, waiting.legs, waiting.charge, waiting.margin) == (CallState.RESERVED, [], None, None)
    k5.talk(call, "61")
    with k5.ports.sessions.begin() as db:
        incidents.report(db, k5.caller.id, IncidentKind.LATE_RECORD, call.id, k5.clock())
    sheet = staff_view.sheet(k5.ports, call.id)
    assert [leg.leg for leg in sheet.legs] == ["a", "b"]
    assert sheet.charge is not None
    assert sheet.charge.charged == sheet.call.cost == rub("4.40")
    assert [found.kind for found in sheet.incidents] == ["late_record"]
    assert sheet.margin is None, "the carrier's price list is not known"
    with pytest.raises(NotFound):
        staff_view.sheet(k5.ports, f"{k5.caller.id}-2")


def test_calls_are_listed_while_they_live_and_for_ever_by_their_subscriber(k5: House) -> None:
    k5.top_up("100.00")
    first = k5.talk(k5.order(), "5")
    second = k5.order("+78432123456")
    assert [call.id for call in staff_view.live_calls(k5.ports)] == [second.id]
    assert [call.id for call in staff_view.calls_of(k5.ports, k5.caller.id)] == [second.id, first.id]
    assert staff_view.calls_of(k5.ports, k5.caller.id + 1) == []


def test_an_incident_waits_until_somebody_resolves_it(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        incidents.report(db, 0, IncidentKind.DAMAGED_RECORD, "fake 1:0", k5.clock())
    assert [found.reference for found in staff_view.open_incidents(k5.ports)] == ["fake 1:0"]
    staff_view.resolve_incident(k5.ports, "damaged_record", "fake 1:0", "staff:1")
    assert staff_view.open_incidents(k5.ports) == []
    with pytest.raises(NotFound):
        staff_view.resolve_incident(k5.ports, "damaged_record", "fake 1:0", "staff:1")


def test_lines_tell_their_load_and_the_price_list_of_their_carrier(k5: House) -> None:
    k5.top_up("100.00")
    k5.order()
    k5.work()
    lines = staff_view.lines(k5.ports)
    [switch], [trunk] = lines.switches, lines.trunks
    assert (switch.name, switch.load, switch.limit, switch.rests) == ("fake", 1, 1000, False)
    assert (trunk.name, trunk.load, trunk.switches, trunk.deck_version) == ("trunk", 2, ["fake"], None)
