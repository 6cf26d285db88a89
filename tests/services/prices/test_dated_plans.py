"""A plan by the days of the uses: each is priced by the version that was in force when it began."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from k5web.domain.prices.plan_version import PlanText
from k5web.errors import NoPlan, NoPlanThen
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.services.prices.bulk import INPUT, rate_file
from k5web.services.prices.dated_plans import DatedPlan
from k5web.services.prices.plan_publishing import publish
from k5web.services.prices.simulation import Simulation, simulate
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED, open_doors
from tests.plan_samples import SMALL_GROUPS, SMALL_PLAN, plan_of

ON_NET = "+79901234567"
CHANGE = date(2026, 12, 20)


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A house whose «Старт» asks 1.00 for calls on its own network, 0.50 from 20 December, 0.25 from the 25th; the plan
    `small` begins on the 20th. It is the 26th."""
    doors = open_doors(sessions, clock)
    start = SHIPPED.text("start")
    for day, price in ((CHANGE, "0.50"), (date(2026, 12, 25), "0.25")):
        cheaper = replace(start, plan=start.plan.replace('price = "1.00 RUB/min"', f'price = "{price} RUB/min"'))
        publish(doors, cheaper, day, "staff:test")
    publish(doors, PlanText("small.toml", SMALL_PLAN, SMALL_GROUPS), CHANGE, "staff:test")
    clock.now = datetime(2026, 12, 26, 12, tzinfo=OPERATOR_ZONE)
    return doors


def rated(ports: Ports, folder: Path, code: str, *moments: str) -> list[list[str]]:
    """Rate a call of a minute at each moment; return its charge and its error."""
    calls, out = folder / "calls.csv", folder / "rated.csv"
    calls.write_text("\n".join([",".join(INPUT), *(f"1,{at},+79161234567,{ON_NET},60,60" for at in moments)]))
    rate_file(calls, DatedPlan.published(ports, code), out)
    lines = [line.split(",") for line in out.read_text().splitlines()[1:]]
    return [[line[-3], line[-1]] for line in lines]


def month(ports: Ports, folder: Path, code: str, *rows: str) -> Simulation:
    uses = folder / "uses.csv"
    uses.write_text("\n".join(["at,kind,to,zone,quantity,option", *rows]))
    return simulate(DatedPlan.published(ports, code), uses)


def test_calls_in_bulk_are_priced_by_the_version_of_their_day_in_moscow(ports: Ports, tmp_path: Path) -> None:
    moments = (
        "2026-12-25T00:00:00+03:00",
        "2026-12-01T12:00:00+03:00",
        "2026-12-19T23:59:59+03:00",
        "2026-12-19T21:00:00Z",
        "2026-12-24T20:59:59Z",
    )
    charges = [charge for charge, _ in rated(ports, tmp_path, "start", *moments)]
    assert charges == ["0.25", "1.00", "1.00", "0.50", "0.50"]


def test_a_call_before_the_plan_keeps_its_place_and_says_why(ports: Ports, tmp_path: Path) -> None:
    found = rated(ports, tmp_path, "small", "2026-12-19T12:00:00+03:00", "2026-12-20T12:00:00+03:00")
    assert found == [["", "plan 'small' was not in force then"], ["2.00", ""]]


def test_a_month_is_priced_and_explained_by_the_versions_of_its_days(ports: Ports, tmp_path: Path) -> None:
    days = (19, 20, 25)
    result = month(ports, tmp_path, "start", *(f"2026-12-{day}T12:00:00+03:00,call,{ON_NET},,60," for day in days))
    assert [str(line.charge) for line in result.lines] == ["1.00", "0.50", "0.25"]
    told = [line.why.split(",")[1].strip() for line in result.lines]
    assert told == ["as shipped", "version 1", "version 2"]


def test_fees_are_those_of_the_version_of_their_day(sessions: Sessions, clock: Clock, tmp_path: Path) -> None:
    ports = open_doors(sessions, clock)
    text = SHIPPED.text("economny")
    cheaper = replace(text, plan=text.plan.replace('fee = "5.00 RUB"', 'fee = "4.00 RUB"'))
    publish(ports, cheaper, CHANGE, "staff:test")
    clock.forward(seconds=2)  # a process looks for publications once a second
    rows = (f"2026-12-{day}T12:00:00+03:00,call,{ON_NET},,60,vklyuchaysya" for day in (19, 20))
    result = month(ports, tmp_path, "economny", *rows)
    assert [(fee.at.day, str(fee.charge)) for fee in result.fees] == [(19, "5.00"), (20, "4.00")]


def test_a_service_that_a_version_gave_up_costs_nothing_from_then_on(
    sessions: Sessions, clock: Clock, tmp_path: Path
) -> None:
    ports = open_doors(sessions, clock)
    text = SHIPPED.text("go")
    head, *tables = text.plan.split("[[service]]")
    kept = [table for table in tables if 'code = "extra_user"' not in table]
    publish(ports, replace(text, plan="[[service]]".join([head, *kept])), date(2027, 2, 1), "staff:test")
    clock.forward(seconds=2)
    rows = (
        "2026-12-31T12:00:00+03:00,service,extra_user,,1,",
        "2027-01-05T12:00:00+03:00,service,number_495,,0,",
        "2027-02-05T12:00:00+03:00,service,number_495,,0,",
    )
    fees = [(str(fee.at.date()), fee.what) for fee in month(ports, tmp_path, "go", *rows).fees]
    assert [day for day, what in fees if what == "extra_user"] == ["2027-01-01"]


def test_a_plan_that_nobody_knows_is_refused_before_the_first_line(ports: Ports) -> None:
    with pytest.raises(NoPlan, match="there is no plan 'nope'"):
        DatedPlan.published(ports, "nope")


def test_before_the_first_version_the_nearest_is_that_one(ports: Ports) -> None:
    plan = DatedPlan.published(ports, "small")
    with pytest.raises(NoPlanThen):
        plan.on(CHANGE - timedelta(days=1))
    assert plan.nearest(CHANGE - timedelta(days=300)) is plan.on(CHANGE)
    assert DatedPlan.published(ports, "start").on(date(2000, 1, 1)).version == "as shipped"


def test_a_day_keeps_its_answer_through_a_run(ports: Ports, clock: Clock) -> None:
    """A publication in the middle of a file divides no day."""
    plan = DatedPlan.published(ports, "start")
    day = ports.today()
    before = plan.on(day)
    text = SHIPPED.text("start")
    publish(ports, replace(text, plan=text.plan.replace('"1.00 RUB/min"', '"0.01 RUB/min"')), day, "staff:test")
    clock.forward(seconds=2)
    assert plan.on(day) is before
    assert DatedPlan.published(ports, "start").on(day).version == "version 4"


def test_a_plan_out_of_a_file_is_the_same_on_every_day() -> None:
    plan = DatedPlan.alone(plan_of("start"), lambda deck, event, number: pytest.fail("it has no list"))
    assert plan.on(date.min) is plan.on(date.max)
    assert plan.on(date.min).version == ""
