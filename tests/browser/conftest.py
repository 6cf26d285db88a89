"""A real house (web, worker, simulated switch) and a real browser in front of it, the size of a cheap phone."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import update

from app import open_ports
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallOrder
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import Unavailable
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import statements
from k5web.services.payments.topups import credit
from k5web.storage import session
from k5web.storage.session import transactional
from k5web.storage.tables import DeviceRow
from k5web.web.forms import READ_FOR
from tests.processes import PATIENCE_S, ROOT, Processes, do_without, running, wait_for
from tests.reliability.crowd import PATIENCE, insist
from tests.services.house import PRICES, publish
from tests.test_nginx import PUBLIC

expect.set_options(timeout=60_000)  # of a busy machine; what is there is seen at once

PASSWORD = "correct horse"
SPEED = 20  # times real time: a minute of talk takes three seconds
# Chromium without its windows takes a third of the processor time and is the same engine
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that plays tones and may be used unasked; sound may go to this machine itself
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    f"--host-resolver-rules=MAP {PUBLIC} 127.0.0.1",
]
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "locale": "ru-RU", "has_touch": True}

# Of the simulated gateways: pages and providers are started apart, so both are told
GATEWAYS = {"K5_SMS_SECRET": "gateway-of-the-tests-4c1d7e", "K5_USSD_SECRET": "gateway-of-the-tests-9b3f2a"}

# What the last three digits do, in the simulated town: tests name it
TALKS_ON, ONE_MINUTE, BUSY, SILENT = "+74951234200", "+74951234260", "+74951234486", "+74951234180"


class Member:
    """A subscriber of this test alone, whose phone answers at once."""

    def __init__(self, house: "House", phone: str, balance: str) -> None:
        self.house = house
        self.phone = phone
        self.state: Any = None  # a browser's, once somebody logged in for good
        ports = house.ports
        self.subscriber: Subscriber = insist(lambda: add_subscriber(ports, Msisdn.parse(phone), PASSWORD, "Анна"))
        if balance != "0.00":
            name = EventName("test:bank", f"in-{self.subscriber.id}")
            insist(lambda: credit(ports, self.subscriber.id, name, rub(balance), "cash.test", "test", ports.clock()))

    def calls(self) -> list[CallOrder]:
        """All calls, newest first."""
        return list(statements.calls(self.house.ports, self.subscriber.id).calls)

    def call_is_over(self) -> bool:
        """Whether nothing will change any more."""
        return all(call.state.is_over for call in self.calls())

    def log_in(self, page: Page, path: str = "/login") -> None:
        """Fill the login form in the page that asks for it, and wait for the page behind it with its script.

        Again where the answer is «в минуту»: the first rounds of a worker on SQLite let nobody else write for long.
        """
        for _ in range(PATIENCE):
            page.goto(self.house.url + path)
            page.fill("#login", self.phone)
            page.fill("#password", PASSWORD)
            with page.expect_navigation() as answer:
                page.click("button.button")
            if answer.value is None or answer.value.status != Unavailable.status:
                return


class House:
    """The running processes, and the same database seen from the test."""

    _numbers = count(2)

    def __init__(self, processes: Processes, url: str) -> None:
        self.processes = processes
        self.url = url
        self.ports = open_ports(processes.settings)
        insist(lambda: transactional(publish)(self.ports))

    def reprice(self, prefix: str, price: str) -> None:
        """Change one price and wait until it is in force."""
        publish(self.ports, PRICES | {prefix: (PRICES[prefix][0], price)}, version=next(self._numbers))
        mark = f">{price.replace('.', ',')}\N{NO-BREAK SPACE}₽<"

        address = f"{self.url}/tariffs/{prefix}"
        wait_for(lambda: mark in requests.get(address, timeout=10).text, "the new price is in force")

    def age_tokens(self, owner_id: int) -> None:
        """Let this owner's tokens be two days old."""
        self._change_devices(owner_id, rotated_at=self.ports.clock() - timedelta(days=2))

    def age_confirmations(self, owner_id: int) -> None:
        """Let this owner's password have been typed an hour ago."""
        self._change_devices(owner_id, confirmed_at=self.ports.clock() - timedelta(hours=1))

    def _change_devices(self, owner_id: int, **values: datetime) -> None:
        with self.ports.sessions.begin() as db:
            db.execute(update(DeviceRow).where(DeviceRow.owner_id == owner_id).values(**values))

    def member(self, balance: str = "100.00", phone: str | None = None) -> Member:
        """Return a new subscriber with money."""
        return Member(self, phone or self.stranger(), balance)

    def stranger(self) -> str:
        """Return a phone that answers at once and is nobody's yet."""
        return f"+7916{next(self._numbers):04}200"


def lets_write(file: Path) -> bool:
    """Return whether SQLite's one writer was free within a second, five times running."""
    try:
        for _ in range(5):
            with closing(sqlite3.connect(file, timeout=1)) as database:
                database.execute("BEGIN IMMEDIATE")
                database.rollback()
    except sqlite3.OperationalError:
        return False
    return True


@contextmanager
def open_house(
    database_url: str,
    var: Path,
    web_processes: int = 1,
    switch: Mapping[str, str] | None = None,
    *,
    with_providers: bool = False,
) -> Iterator[House]:
    """Run a house; its switch is a simulated one unless settings lead to another."""
    payee, promise = str(ROOT / "k5web" / "config" / "payee.toml"), var / "promise.toml"
    promise.write_text('most = "300.00"\ndays = 3\naccount_days = 0\n')
    processes = Processes(
        database_url,
        var,
        SPEED,
        K5_TRUSTED_PROXIES="1",
        K5_PAYEE=payee,
        K5_PROMISE=str(promise),
        K5_HELP_PHONE="+74951110001",
        **(GATEWAYS if with_providers else {}),
        **(switch or {}),
    )
    with running(processes):
        if switch is None:
            processes.start_simulator()
        if with_providers:
            processes.start_providers()
        processes.start("worker")
        house = House(processes, processes.start_web(web_processes))
        if database_url.startswith("sqlite"):
            wait_for(partial(lets_write, var / "k5.db"), "the first rounds of the worker let others write")
        yield house
        house.ports.sessions.dispose()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that prepares something beside a busy house on SQLite waits for its turn, however long that takes."""
    monkeypatch.setattr(session, "SQLITE_BUSY_S", PATIENCE_S)


@pytest.fixture(scope="session")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house on SQLite, shared by all tests: each brings its own subscriber."""
    var = tmp_path_factory.mktemp("house")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with open_house(f"sqlite:///{var / 'k5.db'}", var) as opened:
        yield opened


@pytest.fixture
def crowded_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on each kind of base with two web processes: where the database alone must keep order."""
    with open_house(database_url, tmp_path, web_processes=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    if CHROMIUM is None:
        do_without("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_phone(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open a fresh phone; what differs from the usual one is named."""
    opened: list[BrowserContext] = []

    def make(**differs: Any) -> BrowserContext:
        opened.append(chromium.new_context(**(PHONE | differs)))
        return opened[-1]

    yield make
    for context in opened:
        context.close()


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def page(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Page:
    """A page of a fresh phone, with and without scripts: everything works both ways."""
    return new_phone(java_script_enabled=request.param).new_page()


@pytest.fixture
def member(house: House) -> Member:
    """Somebody with a hundred roubles."""
    return house.member()


def shown(page: Page) -> str:
    """What a person reads once the page is there, with ordinary spaces."""
    page.wait_for_load_state()
    text = page.inner_text("body").replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")
    return " ".join(text.split())


def read(page: Page) -> None:
    """Let as much time pass as a page must stand on the screen before its buttons are obeyed."""
    page.wait_for_load_state()
    page.wait_for_timeout(READ_FOR / timedelta(milliseconds=1) + 50)


def follow(target: Locator) -> None:
    """Press what leads to another page, and return when that one is there.

    A mere click may return while the page before still stands, and whoever looks then sees either of them, or none.
    """
    with target.page.expect_navigation():
        target.click()


def leave(page: Page, address: str) -> None:
    """Open an address from a page that may go to another by itself at that moment: a live call's, an order's."""

    def is_there() -> bool:
        try:
            page.goto(address)
        except PlaywrightError as error:
            if not any(words in error.message for words in ("ERR_ABORTED", "interrupted by another navigation")):
                raise
            page.wait_for_load_state()
            return False
        return urlsplit(page.url).path == urlsplit(address).path

    wait_for(is_there, f"the browser is at {address}", look_every_s=0.2)


def order(page: Page) -> None:
    """Read the page of a number, press its button and follow the call."""
    read(page)
    page.click("#call button")
    page.wait_for_url("**/c/*")


def wait_until_over(member: Member) -> None:
    """Wait for the worker to settle what the phones did."""
    wait_for(member.call_is_over, "the call is settled")


def one_who_talked(chromium: Browser, house: House, money: str) -> Member:
    """Return somebody with this money in and a call behind, logged in: no page of theirs is empty."""
    member = house.member(money)
    page = chromium.new_context(**PHONE).new_page()
    member.log_in(page, f"/{ONE_MINUTE}")
    order(page)
    wait_until_over(member)
    member.state = page.context.storage_state()
    page.context.close()
    return member
