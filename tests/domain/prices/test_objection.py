"""An objection is open while the old terms are in force, and ends the contract on the change's day."""

from datetime import UTC, date, datetime, timedelta

from k5web.domain.prices.objection import Change, Objection

CHANGE = Change("deck", "k5", 5, date(2026, 12, 14))


def test_one_may_object_until_the_day_before() -> None:
    found = {n: CHANGE.is_open(CHANGE.effective + timedelta(days=n)) for n in (-12, -1, 0, 1)}
    assert found == {-12: True, -1: True, 0: False, 1: False}


def test_an_objection_ends_the_contract_on_the_day_of_the_change() -> None:
    said = Objection.to(CHANGE, 7, datetime(2026, 12, 2, tzinfo=UTC), "subscriber:7")
    assert (said.owner_id, said.ends_on, said.actor) == (7, CHANGE.effective, "subscriber:7")
    assert said.what == "version 5 of price list k5"


def test_a_plan_and_a_list_of_the_same_number_have_keys_of_their_own() -> None:
    assert CHANGE.key == "deck-5"
    assert Change("plan", "k5", 5, CHANGE.effective).key == "plan-5"
