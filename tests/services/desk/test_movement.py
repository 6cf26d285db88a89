"""A charge explained: what made it, all that its event moved, what took it back and what came in its place."""

from datetime import date

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.books.service import first_charge
from k5web.domain.prices.usage import Every
from k5web.errors import NotFound
from k5web.services.books import corrections, statements
from k5web.services.desk import movement
from tests.services.books.test_claims import dispute, take, uphold
from tests.services.house import House, subscriber
from tests.services.prices.test_call_covers import MOSCOW, on_go, use_up
from tests.services.prices.test_subscriptions import connect, fresh
from tests.services.visits import statements as asked


def newest(k5: House) -> int:
    return statements.statement(k5.ports, k5.caller.id).lines[0].posting.seq


def test_a_calls_charge_names_its_legs_and_who_made_it(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "60.1")
    found = movement.explain(k5.ports, k5.caller.id, newest(k5))
    assert found.line.detail is not None
    assert found.line.detail.call.id == call.id
    legs = [
        (leg.rate.prefix, leg.rate.source, leg.charge.billed_s) for leg in (found.line.detail.a, found.line.detail.b)
    ]
    assert legs == [("79", "deck k5 1", 120), ("7495", "deck k5 1", 120)]
    assert found.actor.startswith("job:")
    assert [(purpose, str(posting.amount)) for purpose, posting in found.moved] == [("main", "-4.40")]
    assert (found.reverses, list(found.follow_ups), found.fee, list(found.claims)) == (None, [], None, [])


def test_minutes_of_an_allowance_are_among_what_the_event_moved(k5: House) -> None:
    on_go(k5)
    use_up(k5, 99)
    k5.talk(k5.order(MOSCOW, caller=fresh(k5)), "61")
    found = movement.explain(k5.ports, k5.caller.id, newest(k5))
    assert {purpose for purpose, _ in found.moved} == {"main", "allowance:gift-minutes"}


def test_a_fee_names_its_subscription_and_period(k5: House) -> None:
    k5.top_up("1000.00")
    connect(k5, "plan", "go-100")
    found = movement.explain(k5.ports, k5.caller.id, newest(k5))
    assert found.fee is not None
    assert found.fee.period is not None
    assert (found.fee.subscription.code, found.fee.period.began_on) == ("go-100", date(2026, 12, 1))
    assert found.fee.period.fee_minor == -found.line.posting.amount.minor
    assert found.line.fee is not None
    assert found.line.fee.every is Every.MONTH


def test_what_was_taken_back_and_what_took_it_back_know_each_other(k5: House) -> None:
    k5.top_up("100.00")
    seq = take(k5, 2_20, "number 74950000101 form")
    corrections.reverse(k5.ports, k5.caller.id, EventName("order", "number 74950000101 form"), "staff:anna")
    taken, back = (movement.explain(k5.ports, k5.caller.id, n) for n in (seq, newest(k5)))
    assert [line.posting.seq for line in taken.follow_ups] == [back.line.posting.seq]
    assert back.reverses is not None
    assert (back.reverses.seq, back.actor) == (seq, "staff:anna")


def test_a_corrected_charge_stands_beside_the_wrong_one(k5: House) -> None:
    k5.top_up("100.00")
    seq = take(k5, 2_20, "form-1")
    dispute(k5, seq)
    uphold(k5, minor=1_00)
    found = movement.explain(k5.ports, k5.caller.id, seq)
    assert [str(line.posting.amount) for line in found.follow_ups] == ["2.20", "-1.20"]
    assert [claim.n for claim in found.claims] == [1]
    right = movement.explain(k5.ports, k5.caller.id, found.follow_ups[1].posting.seq)
    assert first_charge(right.line.posting.name) == EventName("order", "form-1")
    assert [claim.n for claim in right.claims] == [1], "the claim is found from the right charge too"


def test_the_fees_of_a_page_are_titled_by_one_statement(k5: House) -> None:
    k5.top_up("1000.00")
    connect(k5, "plan", "go-100")
    one: list[str] = []
    with asked(k5.ports.sessions, one, ("SELECT",)):
        statements.statement(k5.ports, k5.caller.id)
    k5.top_up("5000.00")
    connect(k5, "plan", "go-1000")
    two: list[str] = []
    with asked(k5.ports.sessions, two, ("SELECT",)):
        lines = statements.statement(k5.ports, k5.caller.id).lines
    assert len([line for line in lines if line.fee]) == 2
    assert len(one) == len(two)


def test_movements_of_somebody_else_are_not_found(k5: House) -> None:
    k5.top_up("100.00")
    k5.top_up("100.00")
    stranger = subscriber(k5, 7)
    assert movement.explain(k5.ports, stranger.id, 1).line.posting.owner_id == stranger.id
    with pytest.raises(NotFound):
        movement.explain(k5.ports, stranger.id, 2)
    with pytest.raises(NotFound):
        movement.explain(k5.ports, 999, 1)
