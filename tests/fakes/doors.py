"""The doors of a house for tests: price lists and plans in force, a switch that the test plays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from k5web import plans
from k5web.domain.calls.call import Switch, Switches
from k5web.domain.prices.plan_cells import PriceGrid
from k5web.services.in_force.plan_folder import PlanFolder, parse
from k5web.services.in_force.plans import PlanBook
from k5web.services.in_force.rates import RateBook
from k5web.services.ports import Ports
from k5web.storage.session import Sessions
from tests.fakes.switch import FakeSwitch

SHIPPED = PlanFolder(plans.HERE)
K5 = parse(SHIPPED.text("k5"))


def open_doors(sessions: Sessions, clock: Callable[[], datetime], *switches: Switch, **more: Any) -> Ports:
    """Return ports over these sessions, with the plans that K5 comes with."""
    rates = RateBook(sessions, clock)
    played = Switches(switches or [FakeSwitch(clock)])
    return Ports(sessions, played, rates, PlanBook(sessions, clock, SHIPPED, rates), clock, **more)


def change_plan(monkeypatch: pytest.MonkeyPatch, code: str = "k5", **rules: Any) -> None:
    """Let a plan have other rules from now on, in every house of this process, without a publication."""
    changed, unchanged = PriceGrid(replace(parse(SHIPPED.text(code)), **rules)), PlanBook.grid

    def grid(book: PlanBook, asked: str) -> PriceGrid:
        return changed if asked == code else unchanged(book, asked)

    monkeypatch.setattr(PlanBook, "grid", grid)
