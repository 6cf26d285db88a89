"""Who reads how a payment comes in, function by function as they are called, need not walk about in the house."""

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from k5web.domain.payments.top_up import TopUpState
from k5web.storage.session import open_sessions
from tests.conftest import Clock
from tests.fakes.connector import query
from tests.services.payments.shop import Shop

ROOT = Path(__file__).parent.parent.parent.parent
OURS = ("k5web/", "tests/fakes/connector.py")
BEGIN, END = ("k5web/web/payments/hooks.py", "notice"), ("k5web/storage/books/ledger.py", "_link")
# What every use case stands on, the clock, the doors, the database, the refusals: read once for the whole house
PLUMBING = {
    *(f"k5web/storage/{name}.py" for name in ("session", "sql", "types", "values")),
    *("k5web/errors/general.py", "k5web/services/ports.py", "k5web/web/context.py"),
}
MOST_STAYS, MOST_RETURNS = 15, 5


@pytest.fixture
def k5(sqlite_url: str, clock: Clock) -> Iterator[Shop]:
    """The house behind the pages, whose provider takes orders."""
    sessions = open_sessions(sqlite_url, sqlite_url)
    yield Shop(sessions, clock)
    sessions.dispose()


@pytest.fixture
def client(k5: Shop, make_app: Callable[..., Flask]) -> FlaskClient:
    """The provider's program."""
    return make_app().test_client()


class Walk:
    """The functions of K5 in the order in which they are first called, from one to another."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        """Note a call; what a value says of itself, by a property or an operator, is no way to go."""
        step = (place_of(frame), frame.f_code.co_qualname)
        if event != "call" or not step[0].startswith(OURS) or step[0] in PLUMBING or step[1].endswith(">"):
            return
        if is_of_a_value(frame) or is_of_a_value(frame.f_back):
            return
        if (step == BEGIN or self.steps) and END not in self.steps and step not in self.steps:
            self.steps.append(step)

    @property
    def stays(self) -> list[str]:
        """The modules, each as often as the walk comes to it."""
        places = [place for place, _name in self.steps]
        return [place for place, before in zip(places, ["", *places], strict=False) if place != before]


def is_of_a_value(frame: FrameType | None) -> bool:
    """Return whether an operator or a property of ours runs."""
    if frame is None or not place_of(frame).startswith(OURS):
        return False
    found: object = sys.modules.get(frame.f_globals["__name__"])
    for name in frame.f_code.co_qualname.split("."):
        found = inspect.getattr_static(found, name, None)
    return isinstance(found, property) or frame.f_code.co_name.startswith("__")


def place_of(frame: FrameType) -> str:
    return frame.f_code.co_filename.removeprefix(f"{ROOT}/")


def walk(client: FlaskClient, **fields: str) -> Walk:
    """Deliver a notice and note the way to its posting."""
    found = Walk()
    sys.setprofile(found.note)
    try:
        answer = client.get(f"/hooks/fake/bank?{query(**fields)}")
    finally:
        sys.setprofile(None)
    assert answer.status_code == 200
    assert found.steps[-1] == END, answer.data
    return found


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("pay", {"sum": "100.00", "key": "700", "account": "79161234567"}),
        ("order", {"sum": "100.00"}),
        ("look", {}),  # of the sum the provider is asked
    ],
)
def test_a_payments_way_from_the_hook_to_the_posting_is_short_and_straight(
    k5: Shop, client: FlaskClient, kind: str, said: dict[str, str]
) -> None:
    top_up = k5.begin()
    k5.provider_says(top_up.number, TopUpState.PAID)
    client.get(f"/hooks/fake/bank?{query(do='hello')}")  # what is made once is made by now
    found = walk(client, do=kind, **said, number=top_up.number)
    stays = found.stays
    assert len(stays) <= MOST_STAYS, stays
    assert len(stays) - len(set(stays)) <= MOST_RETURNS, stays
