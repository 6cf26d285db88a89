"""People at their browsers, over HTTP: each opens the page of a number, presses, and waits as its page does."""

import re
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from bench.house import CALL_PAGE, form_fields
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, devices
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.web.forms import READ_FOR
from tests.processes import PATIENCE_S

MINUTE_TALKER = "74951234260"  # the simulated phone that hangs up after exactly a minute
_PAGE_OF_CALL = re.compile(r"/c/([0-9]+-[0-9]+)")
_REPEATS = re.compile(r'id="later" data-again-ms="([0-9]+)"')


@dataclass
class Person:
    """One subscriber with a remembered browser; `address` is the web it asks, `call_id` what its press led to."""

    subscriber: Subscriber
    address: str
    browser: requests.Session
    form: dict[str, str] = field(default_factory=dict)
    may_press_at: float = 0.0  # when the page can have been read, on the monotonic clock
    call_id: str = ""
    put_off: int = 0  # how often it was told «позже»
    answered_at: float = 0.0  # on the monotonic clock

    def open_page(self) -> None:
        """Read the page of the number, as the link of a contact leads there."""
        page = self.browser.get(f"{self.address}{CALL_PAGE[:2]}{MINUTE_TALKER}", timeout=PATIENCE_S)
        assert page.status_code == 200, page.text
        self.form = form_fields(page.text)
        self.may_press_at = time.monotonic() + READ_FOR.total_seconds()
        self.browser.close()  # the server ends a connection that rests; a press on it must not meet that moment

    def look(self, path: str) -> requests.Response:
        """Read another page."""
        return self.browser.get(self.address + path, timeout=PATIENCE_S)

    def press(self) -> None:
        """Press; where the page says «позже», it presses again by itself, with the form that it holds."""
        time.sleep(max(0.0, self.may_press_at - time.monotonic()))
        key = self.form["form_key"]
        while True:
            answer = self.browser.post(f"{self.address}/call", self.form, timeout=PATIENCE_S, allow_redirects=False)
            if found := _PAGE_OF_CALL.fullmatch(answer.headers.get("Location", "")):
                self.call_id, self.answered_at = found[1], time.monotonic()
                return
            assert answer.status_code == 503, f"{answer.status_code}: {answer.text}"
            assert answer.headers["Retry-After"]
            repeats = _REPEATS.search(answer.text)
            assert repeats, "the page does not say when it repeats the press"
            self.form = form_fields(answer.text)
            assert self.form["form_key"] == key, "another key would ring twice"
            self.put_off += 1
            time.sleep(int(repeats[1]) / 1000)


def people(ports: Ports, addresses: Sequence[str], count: int) -> list[Person]:
    """Return so many subscribers with 100 roubles, each remembered by a browser of their own, shared among webs."""
    found = []
    for n in range(count):
        newcomer = accounts.Newcomer(Msisdn(f"7916{n:04d}200"), f"Абонент {n}", "RUB", "nobody logs in")
        with ports.sessions.begin() as db:
            subscriber = accounts.write(ports, db, newcomer, is_verified=True)
        name = EventName("test:bank", f"in-{n}")
        credit(ports, subscriber.id, name, rub("100.00"), "cash.test", "connector:test", ports.clock())
        with ports.sessions.begin() as db:
            visit = devices.remember(db, subscriber, ports.clock(), browser="Chrome", place="", is_own=True)
        browser = requests.Session()
        assert visit.token is not None
        browser.cookies.set("k5d", visit.token)
        found.append(Person(subscriber, addresses[n % len(addresses)], browser))
    return found


def press_evenly(persons: Sequence[Person], seconds: float) -> None:
    """Let all press at an even pace, whatever the answers take."""
    with ThreadPoolExecutor(len(persons)) as pool:
        began = time.monotonic()
        tasks = []
        for n, person in enumerate(persons):
            time.sleep(max(0.0, began + n * seconds / len(persons) - time.monotonic()))
            tasks.append(pool.submit(person.press))
        for task in tasks:
            task.result()


def channels(cel_file: Path) -> Counter[str]:
    """How many legs the switch began for each call, by its own records (a repeated line counts once)."""
    lines = {line for line in cel_file.read_text("utf-8").splitlines() if '"CHAN_START"' in line}
    found = (re.search(r'"linkedid": ?"k5-([0-9]+-[0-9]+)-', line) for line in lines)
    return Counter(each[1] for each in found if each)
