"""The price list of the contract on a day: what was in force then, by the plans and lists that K5 sells by."""

from datetime import timedelta

from k5web.services.accounts import price_summary
from tests.services.house import House, publish


def test_a_day_names_the_plans_and_lists_in_force_at_its_end(k5: House) -> None:
    first = k5.ports.today()
    k5.clock.forward(days=2)
    publish(k5.ports, {"79": ("Россия мобильный", "1.00")}, version=2)
    publish(k5.ports, name="carrier-c", version=3)
    found = price_summary.on(k5.ports)
    assert {"k5", "go", "economny"} <= {plan.code for plan in found.plans}
    assert [(deck.name, deck.row_count) for deck in found.decks] == [("k5", 1)]
    assert found.days == (first + timedelta(days=2), first)
    [before] = price_summary.on(k5.ports, first + timedelta(days=1)).decks
    assert before.row_count == 8
    assert price_summary.on(k5.ports, first - timedelta(days=1)).decks == ()
