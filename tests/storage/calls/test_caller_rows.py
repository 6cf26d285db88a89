"""What stands about a subscriber for a call and what the calls used: all kinds of rows in one statement each."""

from datetime import datetime, timedelta

from k5web.domain.calls.own_limit import OwnLimit
from k5web.domain.calls.risk import Risk, SafetyLimits
from k5web.domain.money import Money
from k5web.services.calls.ordering import show_call
from k5web.storage.books import ledger
from k5web.storage.calls import caller_rows, limit_rows, own_limit_rows
from k5web.storage.calls.caller_rows import CallerFacts, Used
from tests.services.house import THEIRS, House, subscriber

B_NUMBER = THEIRS.removeprefix("+")


def facts_of(k5: House) -> CallerFacts:
    with k5.ports.sessions.read() as db:
        return caller_rows.facts(db, k5.caller.id)


def used(k5: House, today: datetime, first: datetime, *, by_number: bool = False) -> Used:
    with k5.ports.sessions.read() as db:
        rung_since = k5.clock() - timedelta(hours=1)
        return caller_rows.used(
            db, k5.caller.id, B_NUMBER, today=today, first=first, rung_since=rung_since, by_number=by_number
        )


def test_of_somebody_new_there_is_an_empty_account_and_what_everybody_may(k5: House) -> None:
    facts = facts_of(k5)
    assert facts == CallerFacts(k5.caller.id, {"main": k5.purse()}, SafetyLimits(), {}, frozenset(), None)
    assert facts.purse == k5.purse()


def test_all_that_stands_about_a_subscriber_is_told_as_its_own_readers_tell_it(k5: House) -> None:
    began, owner_id, soon = k5.clock(), k5.caller.id, k5.clock() + timedelta(days=1)
    k5.top_up("100.00")
    k5.clock.forward(hours=1)
    k5.top_up("1.00")
    subscriber(k5, 1)  # whose rows are nobody else's
    with k5.ports.sessions.begin() as db:
        bonus = ledger.open_account(db, owner_id, "bonus", "RUB", floor_minor=-500)
        ledger.open_account(db, owner_id, "main", "KGS")  # of two the older counts
        limit_rows.set_limits(db, owner_id, {"costly_minor": 4200, "unanswered_an_hour": 7})
        limit_rows.open_direction(db, owner_id, "satellite", began)
        limit_rows.open_direction(db, owner_id, "88299", began)
        own_limit_rows.keep(db, owner_id, OwnLimit("day", 50_00, 200_00, soon))
        own_limit_rows.keep(db, owner_id, OwnLimit("to:KG", 0))
    k5.order()
    facts = facts_of(k5)
    with k5.ports.sessions.read() as db:
        assert facts.purses == ledger.purses(db, owner_id)
        assert facts.purses["bonus"].account_id == bonus
        assert facts.purses["bonus"].floor == Money(-500, "RUB")
        assert facts.limits == limit_rows.limits(db, owner_id) == SafetyLimits(costly_minor=4200, unanswered_an_hour=7)
        assert facts.own == own_limit_rows.of_owner(db, owner_id)
        assert facts.own["day"] == OwnLimit("day", 50_00, 200_00, soon)
        assert facts.opened == limit_rows.opened(db, owner_id) == {"satellite", "88299"}
    assert facts.first_money_at == began
    assert facts.purse.held == k5.held()


def test_a_call_under_way_counts_by_what_it_holds_and_a_settled_one_by_its_cost(k5: House) -> None:
    k5.top_up("100.00")
    began = k5.clock()
    call = k5.order()
    later = began + timedelta(hours=5)
    for today in (began, later):  # it was under way then
        assert used(k5, today, began).today == {Risk.ORDINARY: call.hold.minor}
    k5.talk(call, "60")
    assert used(k5, began, began) == Used({Risk.ORDINARY: 220}, 220, [], {})
    assert used(k5, later, began) == Used({}, 220, [], {})
    assert used(k5, began, later) == Used({Risk.ORDINARY: 220}, 0, [], {})
    assert used(k5, began, began, by_number=True).to_number == {B_NUMBER: 220}
    assert used(k5, later, began, by_number=True).to_number == {}


def test_calls_that_nobody_answered_are_told_by_their_time_the_one_that_rings_too(k5: House) -> None:
    k5.top_up("100.00")
    times = []
    for _ in range(2):
        call = k5.order()
        times.append(call.ordered_at)
        k5.work()
        k5.switch.answer_a(call.id)
        k5.clock.forward(seconds=30)
        k5.switch.hang_up(call.id, "a")
        k5.work()
        assert not show_call(k5.ports, k5.caller.id, call.id).call.state.is_live
    ringing = k5.order()
    assert used(k5, k5.clock(), k5.clock()).unanswered == [*times, ringing.ordered_at]
    k5.clock.now = times[0] + timedelta(hours=1)
    assert used(k5, k5.clock(), k5.clock()).unanswered == [*times[1:], ringing.ordered_at]
