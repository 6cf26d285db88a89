"""Plans are published with a day; what becomes dearer needs ten days' notice, and its subscribers are told (B2)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from k5web.domain.prices.plan_version import PlanText
from k5web.errors import NoticeTooShort, PastDay, PlanDayTaken, WrongPlan
from k5web.services.ports import Ports
from k5web.services.prices import plan_publishing
from k5web.services.prices.plan_publishing import Publication, publish
from k5web.storage.session import Sessions
from k5web.storage.tables import OutboxRow, PlanVersionRow
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED, open_doors
from tests.services.house import House, subscriber
from tests.services.prices.test_subscriptions import connect


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    return open_doors(sessions, clock)


def go(fee: str = "470.00", **changes: str) -> PlanText:
    """GO with another fee, or with other texts in place of some."""
    text = SHIPPED.text("go")
    plan = text.plan.replace("470.00", fee)
    for was, now in changes.items():
        plan = plan.replace(was, now)
    return replace(text, plan=plan)


def published(ports: Ports, text: PlanText, days: int, **more: Any) -> Publication:
    return publish(ports, text, ports.today() + timedelta(days=days), "staff:test", **more)


def fee(ports: Ports) -> str:
    return str(ports.plans.current("go").fees[0].amount)


def count(ports: Ports) -> int:
    with ports.sessions.read() as db:
        return len(list(db.scalars(select(PlanVersionRow.id))))


def notices(ports: Ports) -> list[tuple[int, str, dict[str, Any]]]:
    with ports.sessions.read() as db:
        rows = db.scalars(select(OutboxRow).where(OutboxRow.kind == "plan_change").order_by(OutboxRow.owner_id))
        return [(row.owner_id, row.id, row.facts) for row in rows]


@pytest.mark.parametrize("days", [0, 1, 9])
def test_a_dearer_version_sooner_than_ten_days_ahead_is_refused_with_its_rows(ports: Ports, days: int) -> None:
    with pytest.raises(NoticeTooShort) as refused:
        published(ports, go("470.01"), days)
    assert refused.value.facts["rows"] == ("fee of a month: 470.00 → 470.01",)
    assert refused.value.facts["earliest"] == ports.today() + timedelta(days=10)
    assert count(ports) == 0


def test_a_dearer_version_takes_force_on_the_tenth_day(ports: Ports, clock: Clock) -> None:
    assert fee(ports) == "470.00"
    done = published(ports, go("471.00"), 10)
    assert done.version
    clock.forward(seconds=1)
    assert fee(ports) == "470.00"
    clock.now = done.version.effective_from - timedelta(microseconds=1)
    assert fee(ports) == "470.00"
    clock.forward(microseconds=1)
    assert fee(ports) == "471.00"
    assert str(ports.plans.version("go", done.version.published_at)[1].fees[0].amount) == "470.00"


@pytest.mark.parametrize("amount", ["469.99", "470.00"])
def test_an_equal_or_cheaper_version_may_take_force_at_once(ports: Ports, clock: Clock, amount: str) -> None:
    text = go(amount, **{'title = "GO"': 'title = "GO!"'})
    assert published(ports, text, 0).version
    clock.forward(seconds=1)
    assert (fee(ports), ports.plans.current("go").title) == (amount, "GO!")


def test_a_version_is_compared_with_what_is_in_force_on_its_day(ports: Ports) -> None:
    published(ports, go("500.00"), 20)
    assert published(ports, go("499.00"), 21).difference.other == ("fee of a month: 500.00 → 499.00",)
    with pytest.raises(NoticeTooShort):
        published(ports, go("499.00"), 5)


def test_days_that_are_over_are_refused(ports: Ports) -> None:
    with pytest.raises(PastDay, match=r"2026-11-30 is over: choose today, 2026-12-01, or later"):
        published(ports, go(), -1)


def test_the_day_is_that_of_the_operators_clock(ports: Ports, clock: Clock) -> None:
    clock.forward(hours=12.5)  # 21:30 UTC of the 1st: the 2nd in Moscow
    with pytest.raises(PastDay):
        publish(ports, go(), date(2026, 12, 1), "staff:test")


def test_two_publications_for_one_day_are_refused_and_a_repeat_is_known(ports: Ports) -> None:
    first = published(ports, go("450.00"), 3)
    assert first.version
    with pytest.raises(PlanDayTaken):
        published(ports, go("440.00"), 3)
    again = published(ports, go("450.00"), 3)
    assert (again.is_known, again.version, count(ports)) == (True, None, 1)
    assert published(ports, go("440.00"), 4).version


def test_a_dry_run_writes_nothing(ports: Ports) -> None:
    done = published(ports, go("450.00"), 0, dry_run=True)
    assert (done.version, done.difference.other) == (None, ("fee of a month: 470.00 → 450.00",))
    assert count(ports) == 0


def test_a_wrong_file_publishes_nothing(ports: Ports) -> None:
    with pytest.raises(WrongPlan):
        published(ports, go("470.00 KGS"), 0)
    assert count(ports) == 0


def test_a_plan_of_a_new_code_needs_no_notice(ports: Ports, clock: Clock) -> None:
    done = published(ports, go(**{'code = "go"': 'code = "go-2"'}), 0)
    assert (done.is_new, done.difference.dearer) == (True, ())
    clock.forward(seconds=1)
    assert "go-2" in ports.plans.codes()


def test_subscribers_of_the_plan_get_a_notice_with_the_version_and_its_day(k5: House) -> None:
    others = [subscriber(k5, n) for n in range(3)]
    text = SHIPPED.text("k5")
    dearer = replace(text, plan=text.plan.replace("longest_minutes = 60", "longest_minutes = 30"))
    done = published(k5.ports, dearer, 10)
    assert done.version
    facts = {"plan": "k5", "version": done.version.id, "effective": "2026-12-11", "is_dearer": True}
    assert notices(k5.ports) == [
        (owner.id, f"plan_change {done.version.id}", facts)
        for owner in sorted([k5.caller, *others], key=lambda o: o.id)
    ]
    assert done.told == 4


def test_nobody_is_told_of_a_plan_they_do_not_have_or_of_no_change(k5: House) -> None:
    assert published(k5.ports, go("450.00"), 0).told == 0
    text = SHIPPED.text("k5")
    assert published(k5.ports, replace(text, plan=f"{text.plan}# a word for people\n"), 0).version
    assert notices(k5.ports) == []


def test_every_version_is_listed_with_what_is_in_force(ports: Ports, clock: Clock) -> None:
    numbers = [published(ports, go(amount), days).version for amount, days in (("450.00", 0), ("440.00", 5))]
    clock.forward(seconds=1)
    lines = [line for line in plan_publishing.listed(ports) if line.plan.code == "go"]
    assert [line.version for line in lines] == [None, *numbers]
    assert [line.is_in_force for line in lines] == [False, True, False]
    assert [str(line.plan.fees[0].amount) for line in lines] == ["470.00", "450.00", "440.00"]


def test_a_cheaper_interlude_before_a_published_version_needs_notice_of_its_end(ports: Ports) -> None:
    """B2: what is dearer than the days before it is dearer, whichever of the two was published first."""
    published(ports, go(**{'title = "GO"': 'title = "GO!"'}), 5)
    with pytest.raises(NoticeTooShort) as refused:
        published(ports, go("400.00"), 1)
    assert refused.value.facts["rows"] == ("fee of a month: 400.00 → 470.00",)
    assert refused.value.facts["day"] == ports.today() + timedelta(days=5)
    assert count(ports) == 1


def test_the_end_of_a_cheaper_interlude_is_told_as_dearer(k5: House) -> None:
    k5.top_up("470.00")
    connect(k5, "plan", "go")
    coming = published(k5.ports, go(**{'title = "GO"': 'title = "GO!"'}), 12)
    interlude = published(k5.ports, go("400.00"), 1)
    assert coming.version
    assert interlude.version
    told = {id_: facts["is_dearer"] for _, id_, facts in notices(k5.ports)}
    assert told == {
        f"plan_change {coming.version.id}": False,
        f"plan_change {interlude.version.id}": False,
        f"plan_change {coming.version.id} after {interlude.version.id}": True,
    }


def test_whoever_has_the_plan_beside_another_is_told(k5: House) -> None:
    """«Просто» runs beside «Профи»: its subscribers have both."""
    k5.top_up("5000.00")
    connect(k5, "plan", "profi")
    connect(k5, "plan", "prosto")
    text = SHIPPED.text("prosto")
    dearer = replace(text, plan=text.plan.replace('"1000.00 RUB"  # 800', '"1100.00 RUB"  # 800'))
    assert published(k5.ports, dearer, 12).told == 1
