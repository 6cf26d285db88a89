"""A subscriber of the tests becomes an organisation: a plan with a PBX, money, people."""

from k5web.domain.accounts.subscriber import Subscriber
from k5web.services.prices import steps, subscriptions
from k5web.storage.accounts import subscribers
from k5web.storage.pbx import pbx_rows
from tests.services.house import House


def fresh(k5: House) -> Subscriber:
    """Return the subscriber as the database has it now."""
    with k5.ports.sessions.read() as db:
        return subscribers.get(db, k5.caller.id)


def take_plan(k5: House, code: str = "go-100", amount: str = "2000.00") -> None:
    """Pay in and take a plan."""
    k5.top_up(amount)
    order(k5, "plan", code)


def order(k5: House, sort: str, code: str, pieces: int = 1) -> None:
    """Connect something for what it costs."""
    step = steps.look_at(k5.ports, fresh(k5), sort, code, pieces)  # type: ignore[arg-type]
    key = f"{sort}-{code}-{pieces}-{k5.clock()}"
    subscriptions.connect(k5.ports, fresh(k5), step.sort, code, key, step.now, pieces)


def version(k5: House) -> int:
    """Return how often the switch had to hear of a change."""
    with k5.ports.sessions.read() as db:
        found = pbx_rows.find(db, k5.caller.id)
    return found.version if found else 0
