"""A step says what it takes and gives before it is taken, and starts on the version that it showed (B5, B7)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from k5web.domain.money import rub
from k5web.errors import TermsChanged
from k5web.services.prices import steps, subscriptions
from k5web.services.prices.plan_publishing import publish as publish_plan
from k5web.storage.prices import subscription_rows
from tests.fakes.doors import SHIPPED
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect, fresh, left, sound


@pytest.mark.parametrize(
    ("day", "fee", "minutes"),
    [
        (date(2026, 12, 15), "329.03", 55),
        (date(2026, 12, 28), "77.42", 13),
        (date(2026, 12, 29), "58.06", 10),
        (date(2026, 12, 30), "38.71", 7),
        (date(2026, 12, 31), "19.35", 4),
        (date(2027, 2, 1), "600.00", 100),
        (date(2027, 2, 28), "21.43", 4),
        (date(2027, 2, 15), "300.00", 50),
        (date(2028, 2, 29), "20.69", 4),
    ],
)
def test_the_first_fee_is_in_proportion_to_the_days_left_and_brings_as_many_minutes(
    k5: House, day: date, fee: str, minutes: int
) -> None:
    """B5, B7: a day's fee never brings a month's minutes; a begun minute counts whole."""
    k5.clock.now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    k5.top_up("1000.00")
    shown = steps.look_at(k5.ports, fresh(k5), "plan", "go-100")
    assert (shown.now, [each.left for each in shown.gives]) == (rub(fee), [minutes * 60])
    connect(k5, "plan", "go-100")
    assert k5.balance() == rub("1000.00") - rub(fee)
    assert left(k5) == {"Минуты в подарок": minutes * 60}
    sound(k5)


def test_a_step_starts_on_the_version_that_it_showed_whatever_takes_force_meanwhile(k5: House) -> None:
    """The same sum is no consent to other terms: the step is shown again; and no version is read twice in one step."""
    k5.top_up("1000.00")
    shown = steps.look_at(k5.ports, fresh(k5), "plan", "go-100")
    text = SHIPPED.text("go-100")
    more = replace(text, plan=text.plan.replace('amount = "100 min"', 'amount = "120 min"'))
    done = publish_plan(k5.ports, more, k5.ports.today(), "staff:test")
    k5.clock.forward(seconds=2)
    with pytest.raises(TermsChanged):
        subscriptions.connect(k5.ports, fresh(k5), "plan", "go-100", "form", shown.now, version=shown.terms.version)
    assert k5.balance() == rub("1000.00")
    again = steps.look_at(k5.ports, fresh(k5), "plan", "go-100")
    subscriptions.connect(k5.ports, fresh(k5), "plan", "go-100", "form", again.now, version=again.terms.version)
    assert done.version
    with k5.ports.sessions.read() as db:
        assert [each.plan_version for each in subscription_rows.periods(db, k5.caller.id, 1)] == [done.version.id]
