"""Drafts of plans: checked line by line, their effect priced on real months, published as they were shown."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from k5web.domain.prices.price_draft import DraftState, PriceDraft
from k5web.errors import DraftEnded, DraftOutdated, DraftTaken, NoticeTooShort, PastDay, WrongFile, WrongPlan
from k5web.services.ports import Ports
from k5web.services.prices import drafts, plan_drafts
from k5web.services.prices.plan_drafts import PlanFile
from k5web.services.prices.plan_publishing import publish
from k5web.storage.accounts import subscribers
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED
from tests.plan_samples import SMALL_GROUPS, SMALL_PLAN
from tests.services.house import House

DAY = date(2027, 1, 20)
START = SHIPPED.text("start").plan


def priced(price: str) -> bytes:
    return START.replace('price = "5.00 RUB/min"', f'price = "{price} RUB/min"').encode()


def upload(ports: Ports, content: bytes, day: date = DAY) -> PriceDraft:
    return plan_drafts.upload(ports, PlanFile("start.toml", content), day, "anna")


def approve(ports: Ports, draft: PriceDraft) -> int:
    with ports.sessions.begin() as db:
        return plan_drafts.publish_draft(ports, db, draft.id, "boris").id


def test_the_difference_is_told_in_words_and_nothing_is_published(ports: Ports, clock: Clock) -> None:
    draft = upload(ports, priced("6.00"))
    assert (draft.name, draft.shown["is_new"], draft.shown["other"]) == ("start", False, [])
    [dearer] = draft.shown["dearer"]
    assert "5.00 RUB/min" in dearer
    assert "6.00 RUB/min" in dearer
    clock.forward(seconds=2)
    assert ports.plans.following("start") is None


def test_approval_publishes_what_was_shown(ports: Ports, clock: Clock) -> None:
    draft = upload(ports, priced("6.00"))
    version = approve(ports, draft)
    done = drafts.find(ports, draft.id)
    assert (done.state, done.ended_by, done.version_id) == (DraftState.PUBLISHED, "boris", version)
    clock.forward(seconds=2)
    following = ports.plans.following("start")
    assert following is not None
    assert ports.day_of(following[0]) == DAY
    with pytest.raises(DraftEnded):
        approve(ports, draft)


def test_each_fault_is_named_by_its_line(ports: Ports) -> None:
    wrong = START.replace('price = "5.00 RUB/min"', 'price = "5.00 RUB/sms"')
    with pytest.raises(WrongPlan) as refused:
        upload(ports, wrong.encode())
    line = wrong[: wrong.index("RUB/sms")].count("\n") + 1
    assert str(refused.value.facts["first"]).startswith(f"line {line}: ")
    with pytest.raises(WrongFile):
        upload(ports, b"\xff\xfe")
    assert drafts.listed(ports, "plan") == []


def test_dearer_plans_need_their_ten_days_and_days_that_are_over_are_refused(ports: Ports) -> None:
    """B2."""
    with pytest.raises(NoticeTooShort):
        upload(ports, priced("6.00"), date(2026, 12, 5))
    with pytest.raises(PastDay):
        upload(ports, priced("4.00"), date(2026, 11, 30))
    upload(ports, priced("4.00"), date(2026, 12, 5))


def test_what_was_published_since_stops_the_approval_until_it_is_looked_at(ports: Ports) -> None:
    draft = upload(ports, priced("6.00"))
    text = replace(SHIPPED.text("start"), plan=priced("4.00").decode())
    publish(ports, text, date(2026, 12, 5), "staff:vera")
    with pytest.raises(DraftOutdated):
        approve(ports, draft)
    again = plan_drafts.check_again(ports, draft.id, "anna")
    assert "4.00 RUB/min" in again.shown["dearer"][0]
    approve(ports, again)


def test_one_draft_of_a_plan_and_day_is_open_at_a_time(ports: Ports) -> None:
    first = upload(ports, priced("6.00"))
    assert upload(ports, priced("6.00")).id == first.id
    with pytest.raises(DraftTaken):
        upload(ports, priced("7.00"))


def test_a_plan_may_bring_its_own_direction_groups(ports: Ports, clock: Clock) -> None:
    file = PlanFile("small.toml", SMALL_PLAN.encode(), SMALL_GROUPS.encode())
    draft = plan_drafts.upload(ports, file, DAY, "anna")
    assert draft.shown["is_new"]
    approve(ports, draft)
    clock.forward(seconds=2)
    assert ports.plans.knows("small")


def test_the_effect_is_what_subscribers_would_have_paid_for_their_own_month(k5: House) -> None:
    """Two calls of a minute at 5.00 become two at 6.00; the month has no fee."""
    k5.top_up("200.00")
    with k5.ports.sessions.begin() as db:
        subscribers.set_plan(db, k5.caller.id, "start")
    k5.clock.now = datetime(2026, 12, 10, 9, tzinfo=UTC)
    for _ in range(2):
        k5.talk(k5.order(), "59")
    k5.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    shown = upload(k5.ports, priced("6.00")).shown
    assert (shown["month"], shown["subscribers"], shown["priced"]) == ("2026-12-01", 1, 1)
    assert shown["effect"] == [
        {
            "currency": "RUB", "subscribers": 1, "calls": 2, "unpriced": 0, "now": 1000, "then": 1200, "dearer": 1,
            "cheaper": 0, "most": 200,
        }
    ]  # fmt: skip
