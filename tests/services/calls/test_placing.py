"""The worker places each order at most once, and finds what was lost: the recovery rules, one test each."""

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from sqlalchemy import insert, select

from k5web.domain.books.ledger import HoldState
from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.money import rub
from k5web.services.calls import ordering, placing, settling
from k5web.services.calls.placing import LOOK_AGAIN, place_due, recover
from k5web.services.calls.settling import Importer
from k5web.services.pbx import recordings
from k5web.storage.calls import call_rows
from k5web.storage.calls.call_rows import CALL
from k5web.storage.tables import CallRow
from tests.services.house import House, subscriber


class Killed(BaseException):
    """The process ends here, as by SIGKILL: no handler runs."""


def ordered(k5: House) -> CallOrder:
    """An order in the queue."""
    k5.top_up("100.00")
    return k5.order()


def test_an_order_is_placed_once_by_many_workers(k5: House) -> None:
    ordered(k5)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: place_due(k5.ports), range(8)))
    assert len(k5.switch.orders) == 1


def test_a_call_is_recorded_where_its_owner_ordered_that(k5: House) -> None:
    """B7: as it was ordered at the moment when the switch is asked."""
    for is_recorded in (False, True, False):
        recordings.order(k5.ports, k5.caller.id, is_recorded=is_recorded)
        k5.talk(ordered(k5), "61")
    assert [each.is_recorded for each in k5.switch.orders] == [False, True, False]


def test_a_refusal_by_the_switch_frees_the_money_at_once(k5: House) -> None:
    call = ordered(k5)
    k5.switch.refuses = "full"
    k5.work()
    ended = k5.call(call)
    assert (ended.state, ended.outcome, ended.cost) == (CallState.NOT_PLACED, Outcome.NOT_PLACED, rub("0.00"))
    assert k5.hold_state(call) is HoldState.RELEASED
    k5.assert_sound()


@pytest.mark.parametrize("rang", [True, False])
def test_a_doubtful_answer_is_never_asked_again(k5: House, rang: bool) -> None:
    call = ordered(k5)
    k5.switch.silent = "rings" if rang else "rings_not"
    for _ in range(3):
        k5.work()
        k5.clock.forward(seconds=30)
        k5.sweep()
    assert len(k5.switch.orders) == 1
    if rang:
        k5.switch.silent = ""
        assert k5.talk_on(call, "60").outcome is Outcome.DONE_B
        assert k5.charges() == ["-2.20"]
    else:
        assert k5.call(call).outcome is Outcome.NOT_PLACED
    k5.assert_sound()


def test_killed_between_taking_and_asking_never_rings(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    call = ordered(k5)

    def die(_: CallOrder) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(k5.switch, "originate", die)
        with pytest.raises(Killed):
            k5.work()
    assert k5.call(call).state is CallState.PLACING
    k5.clock.forward(seconds=59)
    k5.sweep()
    assert k5.call(call).state is CallState.PLACING  # it might still ring
    k5.clock.forward(seconds=2)
    k5.sweep()
    assert (k5.call(call).state, k5.switch.orders) == (CallState.NOT_PLACED, [])
    k5.assert_sound()


def test_killed_between_asking_and_noting_goes_on_by_the_records(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    call = ordered(k5)
    originate = k5.switch.originate

    def ring_and_die(order: CallOrder) -> None:
        originate(order)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(k5.switch, "originate", ring_and_die)
        with pytest.raises(Killed):
            k5.work()
    assert k5.talk(call, "60").outcome is Outcome.DONE_B
    assert len(k5.switch.orders) == 1
    k5.assert_sound()


def test_killed_between_importing_and_settling_is_finished_by_the_sweep(
    k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = ordered(k5)
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.clock.forward(seconds=60)
    k5.switch.hang_up(call.id)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("k5web.services.calls.settling.advance", die)
        with pytest.raises(Killed):
            k5.work()
    k5.clock.forward(seconds=6)
    k5.sweep()
    assert (k5.call(call).state, k5.charges()) == (CallState.SETTLED, ["-2.20"])
    k5.assert_sound()


def test_a_switch_that_died_in_the_talk_charges_only_what_is_proved(k5: House) -> None:
    call = ordered(k5)
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(seconds=70)
    k5.switch.die()
    k5.clock.forward(seconds=6)
    k5.sweep()
    ended = k5.call(call)
    assert (ended.state, ended.outcome, ended.cost) == (CallState.SETTLED, Outcome.LOST, rub("0.00"))
    assert k5.incidents() == ["call_lost"]
    k5.assert_sound()


def test_a_switch_that_stays_away_holds_nothing_for_ever(k5: House) -> None:
    call = ordered(k5)
    k5.work()
    k5.switch.unreachable = True
    k5.clock.forward(minutes=5)
    k5.sweep()
    assert k5.call(call).state is CallState.CALLING_A  # it may still talk
    k5.clock.forward(hours=2)
    k5.sweep()
    assert k5.call(call).outcome is Outcome.LOST
    k5.assert_sound()


def test_an_order_nobody_placed_for_five_minutes_is_given_up(k5: House) -> None:
    call = ordered(k5)
    k5.clock.forward(minutes=6)
    k5.work()
    assert (k5.call(call).state, k5.switch.orders) == (CallState.NOT_PLACED, [])
    k5.assert_sound()


def test_a_wish_to_end_that_overtakes_the_order_is_heard(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """«Завершить» while the switch is being asked: it finds no call there yet, so it is said again after."""
    call = ordered(k5)
    originate = k5.switch.originate

    def press_meanwhile(order: CallOrder) -> None:
        ordering.end_call(k5.ports, k5.caller.id, call.id)
        originate(order)

    monkeypatch.setattr(k5.switch, "originate", press_meanwhile)
    k5.work()
    assert k5.call(call).outcome is Outcome.CANCELLED
    k5.assert_sound()


def test_sixty_long_talks_keep_nobody_from_being_looked_after(k5: House) -> None:
    call = ordered(k5)
    k5.switch.silent = "rings_not"
    k5.work()
    k5.clock.forward(seconds=-100)
    with k5.ports.sessions.begin() as db:
        row = select(CALL).where(CALL.c.owner_id == call.owner_id)
        old = dict(db.execute(row).one()._mapping)
        talks = [
            old
            | {"n": 100 + n, "form_key": f"talk-{n}", "a_number": f"7916000{n:04d}", "state": CallState.TALKING}
            | {"changed_at": k5.clock()}
            for n in range(60)
        ]
        db.execute(insert(CallRow), talks)
    k5.clock.forward(seconds=100 + 61)
    ids = calls_to_look_at(k5)
    assert len(ids) == 61
    assert ids[0] == call.id


def talking(k5: House, count: int) -> list[CallOrder]:
    """So many calls whose people talk."""
    talks = [k5.order(caller=subscriber(k5, n)) for n in range(count)]
    k5.work()
    for call in talks:
        k5.switch.answer_a(call.id)
        k5.switch.answer_b(call.id)
    k5.work()
    return talks


def test_talks_that_go_on_cost_one_question_to_their_switch(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    talks = talking(k5, 3)
    with monkeypatch.context() as patch:
        asked, advanced = Mock(wraps=k5.switch.living), Mock()
        patch.setattr(k5.switch, "living", asked)
        patch.setattr(placing, "advance", advanced)
        k5.clock.forward(seconds=6)
        k5.sweep()
    assert (asked.call_count, advanced.call_count) == (1, 0)
    k5.switch.die()
    k5.clock.forward(seconds=6)
    k5.sweep()
    assert [k5.call(call).outcome for call in talks] == [Outcome.LOST] * 3
    k5.assert_sound()


def test_a_wish_to_end_a_talk_that_its_switch_did_not_hear_is_said_again(k5: House) -> None:
    other, call = talking(k5, 2)
    k5.switch.unreachable = True
    ordering.end_call(k5.ports, call.owner_id, call.id)
    k5.switch.unreachable = False
    k5.clock.forward(seconds=6)
    k5.sweep()
    k5.work()
    assert (k5.call(call).outcome, k5.call(other).state) == (Outcome.CANCELLED, CallState.TALKING)
    k5.assert_sound()


def test_records_that_were_kept_but_not_followed_end_a_talk_by_the_next_sweep(k5: House) -> None:
    """Busy accounts put calls off: the list of their switch tells that they are over."""
    [call] = talking(k5, 1)
    k5.clock.forward(seconds=60)
    k5.switch.hang_up(call.id)
    settling._take_records(k5.ports, k5.switch)
    k5.sweep()
    assert (k5.call(call).outcome, k5.call(call).cost) == (Outcome.DONE_B, rub("2.20"))
    k5.assert_sound()


def test_a_fault_in_one_call_stops_no_other(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    call = ordered(k5)
    k5.work()
    k5.switch.busy(call.id, "a")

    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(settling, "advance", fail)
        assert Importer(k5.ports, k5.switch).run_once() > 0
    assert k5.incidents() == ["call_fault"]
    k5.clock.forward(seconds=6)
    k5.sweep()
    assert k5.call(call).outcome is Outcome.A_BUSY
    k5.assert_sound()


def calls_to_look_at(k5: House) -> list[str]:
    """The sweep's list."""
    with k5.ports.sessions.read() as db:
        states = [CallState.PLACING, CallState.TALKING]
        return [call.id for call in call_rows.unheard_of(db, states, k5.clock() - LOOK_AGAIN)]


def test_a_call_beyond_its_limits_is_ended_at_the_switch(k5: House) -> None:
    """The watchdog: the switch failed to cut, so the worker does."""
    call = ordered(k5)
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(hours=3)
    k5.sweep()
    k5.work()
    ended = k5.call(call)
    assert k5.switch.cancelled == [call.id]
    assert (ended.state, ended.cost) == (CallState.SETTLED, call.hold)
    assert k5.balance() == rub("100.00") - call.hold


@pytest.mark.parametrize("does_hear", [True, False])
def test_a_call_that_rings_after_it_was_given_up_is_ended_and_listed(k5: House, does_hear: bool) -> None:
    """A switch that stood still took the order from its socket minutes later: nobody would pay for this talk."""
    k5.top_up("100.00")
    call = k5.order()
    k5.switch.silent = "rings_not"
    k5.work()
    k5.clock.forward(minutes=3)
    k5.sweep()
    assert k5.call(call).outcome is Outcome.NOT_PLACED
    k5.switch.ring_after_all(call.id)
    k5.switch.unreachable = not does_hear
    k5.work()
    assert k5.switch.cancelled == [call.id] * does_hear
    assert "late_record" in k5.incidents()
    assert k5.charges() == []
    k5.work()
    assert k5.switch.cancelled == [call.id] * does_hear
    k5.assert_sound()


def test_a_switch_read_elsewhere_is_not_silent_before_its_importer_looked(k5: House) -> None:
    """Its records may lie unread on its machine: that a call never rang is known only when they were read."""
    k5.top_up("100.00")
    call = k5.order()
    k5.switch.silent = "rings_not"
    place_due(k5.ports)
    k5.clock.forward(minutes=3)
    recover(k5.ports, {})
    assert k5.call(call).state is CallState.PLACING
    k5.importers[0].run_alone()
    recover(k5.ports, {})
    assert k5.call(call).outcome is Outcome.NOT_PLACED
    k5.assert_sound()


def test_a_talk_whose_records_lie_elsewhere_is_not_lost_with_its_switch(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.work()
    k5.clock.forward(seconds=60)
    k5.switch.hang_up(call.id)
    k5.switch.die()
    k5.clock.forward(seconds=30)
    recover(k5.ports, {})
    assert k5.call(call).state is CallState.TALKING
    k5.importers[0].run_alone()
    assert (k5.call(call).outcome, k5.charges()) == (Outcome.DONE_B, ["-2.20"])
    k5.assert_sound()
