"""S6, S8, S9, S13, S14, S16, S25, S28: every route, by everybody, with values of the grammar.

One furnished house for all. `./test --full` asks 10 000 times, with other values than the ordinary suite; a fault is
told with its request, and comes again with the same seed.
"""

import io
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from sqlalchemy import text
from werkzeug.test import TestResponse

from k5web.domain.desk.staff import Role
from k5web.logs import OneLine
from k5web.services.books.verify import verify
from tests.browser.layout.furnished import Furnished, furnished
from tests.services.house import OWN
from tests.web.conftest import Browser, token_of
from tests.web.desk.conftest import log_in, take_on
from tests.web.fuzz.answers import hold
from tests.web.fuzz.asking import Asked, requests
from tests.web.fuzz.doors import Door, doors
from tests.web.fuzz.grammar import PHONE

POOR = "79270000004"
RENEW_AFTER = 300  # requests: five minutes by the house's clock, so nobody's log-in grows old
# Not by a browser's token but by secrets of their own, or, a visitor's form, by nobody's session
OWN_WAYS = ("hooks.", "api.", "sms.", "ussd.", "switch.", "visitors.")


class Visitors:
    """The furnished house and everybody who comes to it, logged in."""

    def __init__(self, house: Furnished) -> None:
        self.house = house
        self.doors: list[Door] = doors(house)
        self.browsers: dict[str, Browser] = {}
        self.tokens: dict[str, str] = {}
        self._asked = 0
        self._made = {role: take_on(house.k5, f"fuzz-{role.value}", role.value) for role in Role}

    @property
    def readers(self) -> list[str]:
        """Who comes."""
        return ["stranger", "member", "poor", *(f"staff {role.value}" for role in Role)]

    def ask(self, asked: Asked) -> TestResponse:
        """Send a request, a second after the one before."""
        if self._asked % RENEW_AFTER == 0:
            self.come()
        self._asked += 1
        self.house.k5.clock.forward(seconds=1)
        body, path = self._with_token(asked), asked.path + (f"?{asked.query}" if asked.query else "")
        answer = self.browsers[asked.reader].client.open(
            path, method=asked.method, data=body, content_type=asked.content_type, headers=dict(asked.headers)
        )
        answer.get_data()
        answer.close()
        return answer

    def _with_token(self, asked: Asked) -> bytes:
        if (
            asked.method in {"GET", "HEAD"}
            or asked.token == "none"
            or not asked.content_type.startswith("application/x-")
        ):
            return asked.body
        foreign = self.tokens["poor" if asked.reader == "member" else "member"]
        token = {"right": self.tokens[asked.reader], "wrong": "x.y.z", "another's": foreign}[asked.token]
        return asked.body + f"&csrf_token={quote(token)}".encode()

    def come(self) -> None:
        """Let everybody log in anew."""
        self.browsers = {reader: Browser(self.house.app.test_client()) for reader in self.readers}
        for reader, login in (("member", OWN), ("poor", POOR)):
            assert self.browsers[reader].log_in(login).status_code == 303, reader
        for role, made in self._made.items():
            assert log_in(self.browsers[f"staff {role.value}"], self.house.k5, made).status_code == 303, role
        pages = {"stranger": "/login", "member": "/me/profile", "poor": "/me/profile"}
        self.tokens = {
            reader: token_of(browser.get(pages.get(reader, "/desk"))) for reader, browser in self.browsers.items()
        }

    def moved(self) -> tuple[int, ...]:
        """What costs or moves money, counted."""
        with self.house.k5.ports.sessions.read() as db:
            return tuple(
                db.execute(text(f"select count(*) from {table}")).scalar_one()
                for table in ("posting", "hold", "call", "topup", "proposal")
            )


@pytest.fixture(scope="module")
def visitors(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """Everybody, before a house in which no page is empty."""
    folder = tmp_path_factory.mktemp("fuzz")
    shutil.copyfile(sqlite_template, folder / "k5.db")
    with furnished(f"sqlite:///{folder / 'k5.db'}", folder) as house:
        yield Visitors(house)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What K5 would tell its operator meanwhile."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLine())
    logging.getLogger().addHandler(handler)
    logging.getLogger("k5web").setLevel(logging.INFO)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    ("begins", "count"), [(1, 300), pytest.param(2, 10_000, marks=[pytest.mark.full, pytest.mark.timeout(3600)])]
)
def test_anything_asked_of_every_route_by_anybody(
    visitors: Visitors, log: io.StringIO, begins: int, count: int
) -> None:
    known = sorted({*visitors.house.values.values(), *visitors.house.desk_values.values(), OWN, POOR})

    @seed(begins)
    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(requests(visitors.doors, visitors.readers, known))
    def one(asked: Asked) -> None:
        is_idle = not asked.may_act and not asked.door.view.startswith(OWN_WAYS)
        before = visitors.moved() if is_idle else ()
        answer = visitors.ask(asked)
        assert hold(answer, asked.reader) == []
        assert not is_idle or visitors.moved() == before, "money moved without a token"

    one()
    visitors.house.k5.sweep()  # a hold whose call the clock left behind ends
    assert list(verify(visitors.house.k5.ports)) == []
    lines = log.getvalue().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ |    ", line) and line.isprintable() for line in lines)
    assert not [line for line in lines if PHONE in re.sub(r"\D", "", line.partition("request_id")[0])]
    assert not [line for line in lines if "Traceback" in line]
