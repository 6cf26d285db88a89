"""The plans that K5 comes with and the CloverTel price list, as the tests of plans use them."""

import csv
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache

from k5web import plans, pricelists
from k5web.domain.money import Price
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.plan_rating import PlanMeter
from k5web.domain.prices.rating import Rate, RateTable
from k5web.domain.prices.usage import UsageEvent
from k5web.errors import WrongPlan
from k5web.services.in_force import planfiles

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SMALL_PLAN = """\
code = "small"
title = "Малый"
operator = "Испытание"
source = "Проба"
groups = "two"

[calling]
legs = "b"

[[option]]
code = "bonus"
title = "Бонус"
fee = "5.00 RUB"
every = "day"

[[allowance]]
code = "gift"
title = "Подарок"
amount = "50 min"
every = "day"
kind = ["call"]
option = "bonus"

[[rate]]
kind = "call"
to = ["near"]
with = ["bonus"]
price = "1.00 RUB/min"

[[rate]]
kind = "call"
to = ["near"]
unpaid = ["bonus"]
without = ["bonus"]
price = "2.00 RUB/min"

[[rate]]
kind = "call"
to = ["far"]
price = "9.00 RUB/min"

[[service]]
code = "sim_change"
title = "Замена SIM-карты"
price = "0.00 RUB"
every = "once"
"""
SMALL_GROUPS = """\
code = "two"
source = "Проба"

[[group]]
code = "near"
title = "Близко"
prefixes = ["7"]

[[group]]
code = "far"
title = "Далеко"
rest = true
"""

CODES = sorted(path.stem for path in plans.HERE.glob("*.toml"))


@cache
def plan_of(code: str) -> Plan:
    """Return a plan of K5 by its code."""
    path = plans.HERE / f"{code}.toml"
    return planfiles.parse_plan(path.name, planfiles.read_text(path), planfiles.read_groups(plans.GROUPS))


def meter_of(code: str) -> PlanMeter:
    """Return what rates uses on a plan, with the price lists that K5 comes with."""
    return PlanMeter(plan_of(code), listed_rate)


def listed_rate(deck: str, event: UsageEvent, number: str) -> Rate:
    """Return the rate of a number in a price list of K5."""
    return price_list(deck).find(number)


@cache
def price_list(deck: str) -> RateTable:
    """Return a price list of K5 as a table."""
    with pricelists.path(deck).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return RateTable(
        deck,
        1,
        [Rate(row["prefix"], row["destination"], Price.parse(row["per_minute"])) for row in rows if _has_price(row)],
    )


def _has_price(row: dict[str, str]) -> bool:
    return row["per_minute"][:1].isdigit()


def read_small(text: str = SMALL_PLAN, plans: Collection[str] | None = None) -> Plan:
    """Return the plan of a text that belongs to the small groups; a new one is held against the other plans."""
    return planfiles.parse_plan(
        "small.toml",
        text,
        lambda code: planfiles.parse_groups("two.toml", SMALL_GROUPS) if code == "two" else None,
        plans,
    )


def faults_of(text: str, plans: Collection[str] | None = None) -> list[str]:
    """Return what is wrong with the text of a plan, each fault as it is printed."""
    try:
        read_small(text, plans)
    except WrongPlan as wrong:
        return [str(fault) for fault in wrong.facts["found"]]  # type: ignore[attr-defined]
    return []
