"""Plans, options and services are connected, paid, suspended, brought back and ended, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.domain.prices.subscription import Sort, SubscriptionState
from k5web.errors import AlreadyThere, InsufficientFunds, NotInPlan, PlanNotOpen, PlanUnpaid, SumChanged
from k5web.services.books.verify import verify
from k5web.services.prices import billing, steps, subscriptions
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from tests.services.house import House


def fresh(k5: House) -> Subscriber:
    with k5.ports.sessions.read() as db:
        return subscribers.get(db, k5.caller.id)


def connect(k5: House, sort: Sort, code: str, pieces: int = 1, key: str = "") -> None:
    step = steps.look_at(k5.ports, fresh(k5), sort, code, pieces)
    subscriptions.connect(k5.ports, fresh(k5), sort, code, key or f"{sort}-{code}-{k5.clock()}", step.now, pieces)


def left(k5: House) -> dict[str, int]:
    return {each.title: each.left for each in subscriptions.overview(k5.ports, fresh(k5)).allowances}


def states(k5: House) -> dict[str, SubscriptionState]:
    with k5.ports.sessions.read() as db:
        return {each.code: each.state for each in subscription_rows.live(db, k5.caller.id)}


def sound(k5: House) -> None:
    assert list(verify(k5.ports)) == []


def test_a_plan_costs_the_days_left_of_its_first_month_and_gives_its_minutes(k5: House) -> None:
    """B5: connected on the 1st of December the whole fee is taken; gift minutes are there at once (B7)."""
    k5.top_up("1000.00")
    connect(k5, "plan", "go-100")
    assert k5.balance() == rub("400.00")
    assert left(k5) == {"Минуты в подарок": 100 * 60}
    assert fresh(k5).plan_code == "go-100"
    sound(k5)


def test_on_the_1st_the_fee_takes_itself_once_whoever_runs_it(k5: House) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    k5.clock.now = datetime(2026, 12, 31, 21, 0, tzinfo=UTC)  # midnight in Moscow
    first, second = billing.run(k5.ports), billing.run(k5.ports)
    assert (first.paid, second.paid) == (1, 0)
    assert k5.balance() == rub("800.00")
    sound(k5)


def test_what_was_left_of_the_minutes_does_not_roll_over(k5: House) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(k5.ports)
    assert left(k5) == {"Минуты в подарок": 100 * 60}
    sound(k5)


def test_without_a_kopeck_of_the_fee_the_plan_stops_and_comes_back_by_itself(k5: House) -> None:
    """B9: fee due with 0.01 too little; the top-up brings it back, for the days that are left."""
    k5.top_up("1199.99")
    connect(k5, "plan", "go-100")
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert billing.run(k5.ports).suspended == 1
    assert states(k5) == {"go-100": SubscriptionState.SUSPENDED}
    assert k5.balance() == rub("599.99")
    assert left(k5) == {"Минуты в подарок": 0}
    assert billing.run(k5.ports).resumed == 0
    k5.clock.now = datetime(2027, 1, 11, 9, tzinfo=UTC)
    k5.top_up("0.01")
    assert billing.run(k5.ports).resumed == 1
    assert k5.balance() == rub("193.55")  # 600.00 less 406.45: 21 of 31 days
    assert left(k5) == {"Минуты в подарок": 68 * 60}
    assert billing.run(k5.ports).resumed == 0
    sound(k5)


def test_after_three_month_ends_asleep_each_month_is_taken_in_its_order(k5: House) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    k5.clock.now = datetime(2027, 3, 5, 9, tzinfo=UTC)
    done = billing.run(k5.ports)
    assert (done.paid, done.suspended) == (2, 1)
    assert k5.balance() == rub("200.00")
    with k5.ports.sessions.read() as db:
        found = [(each.began_on, each.state) for each in subscription_rows.periods(db, k5.caller.id, 1)]
    assert found == [
        (date(2026, 12, 1), "paid"),
        (date(2027, 1, 1), "paid"),
        (date(2027, 2, 1), "paid"),
        (date(2027, 3, 1), "suspended"),
    ]
    sound(k5)


def test_the_same_form_connects_once(k5: House) -> None:
    k5.top_up("2000.00")
    for _ in range(2):
        subscriptions.connect(k5.ports, fresh(k5), "plan", "go-100", "form", rub("600.00"))
    assert k5.balance() == rub("1400.00")
    sound(k5)


def test_another_sum_than_was_shown_takes_nothing(k5: House) -> None:
    k5.top_up("2000.00")
    with pytest.raises(SumChanged):
        subscriptions.connect(k5.ports, fresh(k5), "plan", "go-100", "form", rub("599.99"))
    assert k5.balance() == rub("2000.00")


def test_too_little_money_connects_nothing(k5: House) -> None:
    k5.top_up("599.99")
    with pytest.raises(InsufficientFunds):
        connect(k5, "plan", "go-100")
    assert fresh(k5).plan_code == "k5"
    assert states(k5) == {}


def test_an_option_is_paid_each_day_and_its_minutes_are_the_days(k5: House) -> None:
    """E2: «Включайся» begins with the plan: 5 roubles a day."""
    k5.top_up("10.00")
    connect(k5, "plan", "economny")
    assert k5.balance() == rub("5.00")
    assert left(k5) == {"Минуты на операторов региона": 3000, "Интернет": 153_600}
    k5.clock.forward(days=2)
    done = billing.run(k5.ports)
    assert (done.paid, done.suspended) == (1, 1)
    assert states(k5)["vklyuchaysya"] is SubscriptionState.SUSPENDED
    assert left(k5) == {"Минуты на операторов региона": 0, "Интернет": 0}
    sound(k5)


def test_one_package_takes_the_place_of_another(k5: House) -> None:
    """E3: 30 for 40, then 60 for 75."""
    k5.top_up("200.00")
    connect(k5, "plan", "economny")
    connect(k5, "option", "sms-30")
    k5.clock.forward(minutes=1)
    connect(k5, "option", "sms-60")
    assert k5.balance() == rub("200.00") - rub("5.00") - rub("40.00") - rub("75.00")
    assert set(states(k5)) == {"economny", "vklyuchaysya", "sms-60"}
    assert left(k5)["SMS пакет 60"] == 60
    sound(k5)


def test_an_option_that_is_ended_runs_to_the_end_of_what_is_paid(k5: House) -> None:
    """Removed and kept again in a day: nothing is taken twice."""
    k5.top_up("200.00")
    connect(k5, "plan", "economny")
    connect(k5, "option", "sms-30")
    subscriptions.disconnect(k5.ports, fresh(k5), 3)
    with pytest.raises(AlreadyThere):
        connect(k5, "option", "sms-30", key="again")
    subscriptions.keep(k5.ports, fresh(k5), 3)
    subscriptions.disconnect(k5.ports, fresh(k5), 3)
    assert states(k5)["sms-30"] is SubscriptionState.ACTIVE
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(k5.ports)
    assert "sms-30" not in states(k5)
    sound(k5)


def test_a_change_within_thirty_days_costs_its_fee(k5: House) -> None:
    """E5: 100 roubles, and free from the thirtieth day on."""
    k5.top_up("2000.00")
    connect(k5, "plan", "go")
    k5.clock.forward(days=29)
    assert steps.look_at(k5.ports, fresh(k5), "plan", "economny").one_off == rub("100.00")
    for _ in ("day 30", "day 31"):
        k5.clock.forward(days=1)
        assert steps.look_at(k5.ports, fresh(k5), "plan", "economny").one_off == rub("0.00")


def test_a_number_plan_runs_beside_profi_and_never_alone(k5: House) -> None:
    """D5."""
    k5.top_up("9000.00")
    with pytest.raises(PlanNotOpen):
        connect(k5, "plan", "prosto")
    connect(k5, "plan", "profi")
    connect(k5, "plan", "prosto")
    assert states(k5) == {"profi": SubscriptionState.ACTIVE, "prosto": SubscriptionState.ACTIVE}
    assert fresh(k5).plan_code == "profi"
    connect(k5, "plan", "vip")
    assert set(states(k5)) == {"vip", "prosto"}
    k5.clock.forward(minutes=1)
    connect(k5, "plan", "k5")
    assert set(states(k5)) == {"k5"}
    sound(k5)


def test_what_the_plan_lacks_is_refused(k5: House) -> None:
    with pytest.raises(NotInPlan):
        steps.look_at(k5.ports, fresh(k5), "service", "extra_user")
    with pytest.raises(NotInPlan):
        steps.look_at(k5.ports, fresh(k5), "option", "sms-30")
    k5.top_up("1000.00")
    connect(k5, "plan", "go")
    for code, pieces in (("number_495", 1), ("extra_user", 0), ("nope", 1)):
        with pytest.raises(NotInPlan):
            steps.look_at(k5.ports, fresh(k5), "service", code, pieces)


def test_minutes_end_with_the_plan_also_on_the_day_of_its_suspension(k5: House) -> None:
    """Suspended, brought back and left on one day: what was given that day goes with the plan."""
    k5.top_up("1000.00")
    connect(k5, "plan", "go-100")
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert billing.run(k5.ports).suspended == 1
    k5.top_up("2000.00")
    assert billing.run(k5.ports).resumed == 1
    connect(k5, "plan", "k5")
    with k5.ports.sessions.read() as db:
        assert ledger.purse(db, k5.caller.id, "allowance:gift-minutes").balance.minor == 0
    sound(k5)


def test_midnight_between_the_look_and_the_step_takes_no_other_sum(k5: House) -> None:
    """The whole fee of January is not taken where the last day of December was agreed to."""
    k5.top_up("1000.00")
    k5.clock.now = datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC)
    step = steps.look_at(k5.ports, fresh(k5), "plan", "go-100")
    assert step.now == rub("19.35")
    asked: list[datetime] = []

    def clock() -> datetime:
        """Stand before midnight when it is asked first, after it from then on."""
        asked.append(k5.clock())
        return k5.clock() + (timedelta(seconds=2) if len(asked) > 1 else timedelta(0))

    ports = replace(k5.ports, clock=clock)
    subscriptions.connect(ports, fresh(k5), "plan", "go-100", "form", step.now)
    assert k5.balance() == rub("980.65")
    k5.clock.forward(minutes=1)
    assert billing.run(k5.ports).paid == 1
    assert k5.balance() == rub("380.65")
    sound(k5)


def test_an_option_that_needs_the_paid_plan_is_not_sold_while_the_plan_is_unpaid(k5: House) -> None:
    """E4: the day of it would be neither paid nor, by the next bill, refused."""
    k5.top_up("5.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=1)
    billing.run(k5.ports)
    k5.top_up("100.00")
    with pytest.raises(PlanUnpaid):
        connect(k5, "option", "unlimited-internet")
    billing.run(k5.ports)
    connect(k5, "option", "unlimited-internet")
    assert k5.balance() == rub("20.00")
    sound(k5)


def test_what_ends_before_the_1st_is_no_part_of_what_the_1st_takes(k5: House) -> None:
    k5.top_up("100.00")
    connect(k5, "plan", "economny")
    connect(k5, "option", "sms-30")
    held = subscriptions.overview(k5.ports, fresh(k5))
    assert held.month_ahead == rub("40.00")
    n = next(each.subscription.n for each in held.held if each.subscription.code == "sms-30")
    subscriptions.disconnect(k5.ports, fresh(k5), n)
    assert subscriptions.overview(k5.ports, fresh(k5)).month_ahead == rub("0.00")


def test_a_plan_taken_again_in_its_month_gives_what_was_left_and_what_its_fee_buys(k5: House) -> None:
    """Else the last day of a month gives a month's minutes for a day's fee, as often as one changes there and back."""
    k5.clock.now = datetime(2026, 12, 31, 9, tzinfo=UTC)
    k5.top_up("1000.00")
    connect(k5, "plan", "go-1000")
    assert left(k5) == {"Минуты в подарок": 33 * 60}  # 62.58 of 1 940.00 is 32.3 minutes
    with k5.ports.sessions.begin() as db:
        account_id = ledger.purse(db, k5.caller.id, "allowance:gift-minutes").account_id
        used = Event(
            k5.caller.id, EventName("order", "x"), (Move(account_id, -30 * 60, "sale.order"),), "t", k5.clock()
        )
        ledger.record(db, used, k5.ports.today(), k5.clock())
    connect(k5, "plan", "k5")
    shown = steps.look_at(k5.ports, fresh(k5), "plan", "go-1000").gives
    assert [each.left for each in shown] == [(3 + 33) * 60]
    k5.clock.forward(minutes=1)
    connect(k5, "plan", "go-1000")
    assert left(k5) == {"Минуты в подарок": (3 + 33) * 60}
    k5.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    k5.top_up("2000.00")
    billing.run(k5.ports)
    assert left(k5) == {"Минуты в подарок": 1000 * 60}, "the next month gives all"
    sound(k5)


def number_of(k5: House, code: str) -> int:
    """Return the number of the live subscription of this code."""
    with k5.ports.sessions.read() as db:
        return next(each.n for each in subscription_rows.live(db, k5.caller.id) if each.code == code)


@pytest.mark.parametrize(("code", "fee"), [("vklyuchaysya", "5.00"), ("unlimited-internet", "75.00")])
def test_a_daily_option_that_is_removed_and_ordered_again_in_a_day_is_paid_once(k5: House, code: str, fee: str) -> None:
    """It runs to midnight, so there is nothing to order: its end is taken back, and what it gave is still there."""
    k5.top_up("500.00")
    connect(k5, "plan", "economny")
    if code != "vklyuchaysya":
        connect(k5, "option", code)
    before, given = k5.balance(), left(k5)
    subscriptions.disconnect(k5.ports, fresh(k5), number_of(k5, code))
    k5.clock.forward(minutes=1)
    with pytest.raises(AlreadyThere):
        connect(k5, "option", code)
    subscriptions.keep(k5.ports, fresh(k5), number_of(k5, code))
    assert (k5.balance(), left(k5)) == (before, given)
    subscriptions.disconnect(k5.ports, fresh(k5), number_of(k5, code))
    k5.clock.forward(days=1)
    billing.run(k5.ports)
    assert code not in states(k5)
    before = k5.balance()
    connect(k5, "option", code)
    billing.run(k5.ports)
    assert k5.balance() == before - rub(fee), "the new day is paid once"
    sound(k5)


def test_a_daily_option_that_could_not_be_paid_is_removed_and_ordered_again_for_one_fee(k5: House) -> None:
    k5.top_up("5.00")
    connect(k5, "plan", "economny")
    k5.clock.forward(days=1)
    assert billing.run(k5.ports).suspended == 1
    subscriptions.disconnect(k5.ports, fresh(k5), number_of(k5, "vklyuchaysya"))
    k5.top_up("20.00")
    connect(k5, "option", "vklyuchaysya")
    billing.run(k5.ports)
    assert k5.balance() == rub("15.00")
    sound(k5)


def test_a_day_is_paid_again_by_whoever_leaves_the_plan_and_takes_it_again_in_it(k5: House) -> None:
    """Another plan takes the place of all at once; what was paid is not given back, and the step says so."""
    k5.top_up("120.00")
    connect(k5, "plan", "economny")
    connect(k5, "plan", "k5")
    assert steps.look_at(k5.ports, fresh(k5), "plan", "economny").now == rub("105.00")  # and the fee of the change
    connect(k5, "plan", "economny", key="again")
    assert k5.balance() == rub("10.00")
    billing.run(k5.ports)
    assert k5.balance() == rub("10.00")
    sound(k5)


def test_what_is_done_once_is_not_ordered_here_however_often(k5: House) -> None:
    k5.top_up("500.00")
    connect(k5, "plan", "economny")
    for _ in range(2):
        with pytest.raises(NotInPlan):
            connect(k5, "service", "owner_change")
    assert k5.balance() == rub("495.00")
