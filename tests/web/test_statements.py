"""How many questions a page asks the database, and in how many transactions: one more, or one less, is written down."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from k5web.config.settings import Settings
from k5web.storage.session import Sessions, open_sessions
from tests.conftest import Clock
from tests.services.house import THEIRS, House
from tests.web.conftest import Browser, token_of

NO_QUESTIONS = ("PRAGMA ", "BEGIN", "SET LOCAL ", "NOTIFY ")  # what opens a transaction, or wakes the worker at its end
FORM = re.compile(r'name="(form_key|number)" value="([^"]*)"')


@dataclass(frozen=True)
class Asks:
    """What one page or press asks: statements, transactions that read, transactions that write. `twice` names the
    tables of what it asks again with the same values, which no page should; those that still do stand here."""

    statements: int
    reads: int = 0
    writes: int = 0
    twice: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"Asks({self.statements}, {self.reads}, {self.writes}, twice={self.twice})"


# In this order. Four calls are over; the fifth is the press's and rings on the pages behind it. A press asks for its
# form's call and its subscriber before the account's lock to be quick, and under it to be sure
PAGES = {
    f"GET /{THEIRS[1:]}": Asks(6, 1),
    f"POST /call {THEIRS[1:]}": Asks(13, 1, 2, twice=("call", "subscriber")),
    "GET /": Asks(4, 1),
    "GET /c/{over}": Asks(3, 1),
    "GET /c/{live}": Asks(3, 1),
    "GET /c/{live}/status": Asks(3, 1),
    "GET /me/access": Asks(3, 1),
    "GET /me": Asks(10, 1),
    "GET /me/statement": Asks(7, 1),
    "GET /me/calls": Asks(4, 1),
    "GET /me/contacts": Asks(1, 1),
    "GET /me/favourites": Asks(3, 1),
    "GET /me/numbers": Asks(5, 1),
    "GET /tariffs": Asks(1, 1),
}
PAGES_OF_STRANGERS = {
    f"GET /{THEIRS[1:]}": Asks(0),
    "GET /": Asks(0),
    "GET /login": Asks(0),
    "GET /tariffs": Asks(0),
}


@dataclass
class Heard:
    """What reached the doors of the database."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    begun: Counter[str] = field(default_factory=Counter)

    @property
    def asks(self) -> Asks:
        """The same in figures."""
        again = [statement for (statement, _), times in Counter(self.asked).items() if times > 1]
        return Asks(len(self.asked), self.begun["read"], self.begun["write"], tuple(sorted(map(table_of, again))))

    def __str__(self) -> str:
        return "\n".join(f"    {number}. {asked[0]}" for number, asked in enumerate(self.asked, 1))


def table_of(statement: str) -> str:
    found = re.search(r"(?:FROM|INTO|UPDATE) (\w+)", statement)
    return found[1] if found else statement


@contextmanager
def listening(sessions: Sessions) -> Iterator[Heard]:
    """Write down what reaches either door meanwhile."""
    heard = Heard()
    ears: list[tuple[Engine, str, Callable[..., None]]] = []

    def listen(engine: Engine, door: str) -> None:
        def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
            if not statement.startswith(NO_QUESTIONS):
                heard.asked.append((" ".join(statement.split()), repr(values)))

        def count(_connection: object) -> None:
            heard.begun[door] += 1

        ears.extend([(engine, "before_cursor_execute", note), (engine, "begin", count)])

    listen(sessions.write, "write")
    listen(sessions._read, "read")
    for engine, what, hear in ears:
        event.listen(engine, what, hear)
    yield heard
    for engine, what, hear in ears:
        event.remove(engine, what, hear)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The settings of the web tests, on both kinds of database."""
    return Settings.from_env({"K5_DATABASE_URL": database_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)})


@pytest.fixture
def k5(database_url: str, clock: Clock) -> Iterator[House]:
    """A house on either kind of database whose subscriber has talked four times, for ten roubles."""
    sessions = open_sessions(database_url, database_url)
    house = House(sessions, clock)
    house.top_up("100.00")
    for _ in range(4):
        house.talk(house.order(), "40")
    yield house
    sessions.dispose()


def test_a_page_asks_what_is_written_down_and_nothing_twice(phone: Browser, k5: House) -> None:
    check(phone, k5, PAGES)


def test_so_does_a_page_for_strangers(browser: Browser, k5: House) -> None:
    check(browser, k5, PAGES_OF_STRANGERS)


def check(browser: Browser, k5: House, pages: dict[str, Asks]) -> None:
    """Open the pages one after another. Of each that asks something else its line and its statements are told."""
    wrong = []
    for line, written in pages.items():
        method, path, *typed = line.format(over=f"{k5.caller.id}-4", live=f"{k5.caller.id}-5").split()
        if method == "GET":
            browser.get(path)  # what is read once for all pages is no page's question
            with listening(k5.ports.sessions) as heard:
                answer = browser.get(path)
        else:
            answer, heard = pressed(browser, k5, f"/{typed[0]}", path)
        assert answer.status_code == (200 if method == "GET" else 303), f"{line}: {answer.status}"
        if heard.asks != written:
            wrong.append(f"{line}: {heard.asks}, where {written} is written down\n{heard}")
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def pressed(browser: Browser, k5: House, page: str, action: str) -> tuple[TestResponse, Heard]:
    """Open a page, read it, and press its button."""
    form = browser.get(page)
    fields = dict(FORM.findall(form.text)) | {"csrf_token": token_of(form)}
    browser.read()
    browser.get(page)  # prices and plans are read anew once a second, for all pages
    with listening(k5.ports.sessions) as heard:
        return browser.post(action, **fields), heard
