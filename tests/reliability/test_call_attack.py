"""S19, S20 over HTTP: hostile numbers and forged forms order nothing, break nothing; a crowd of presses is one call."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from k5web.domain.money import rub
from k5web.services.books import statements
from k5web.services.calls import safety
from k5web.storage.session import Sessions
from k5web.web.forms import READ_FOR
from tests.conftest import Clock
from tests.processes import PATIENCE_S, Processes, running
from tests.services.house import OWN, PRICES, THEIRS, House, publish

pytestmark = pytest.mark.server

PASSWORD = "correct horse"
CROWD = 12
OWN_LINE = "74950000000"  # the caller id of a house that sets none
PREMIUM, SATELLITE = "+78091234567", "+881612345678"
DECK = PRICES | {"7809": ("Россия", "1.00"), "8816": ("Иридиум", "1.00"), "49": ("Германия", "1.00")}

CLOSED = [PREMIUM, "8 809 123-45-67", "007 809 1234567", SATELLITE, "+8816 1234 5678", "+4930112", "+49900123456789"]
CLOSED += [f"+{OWN_LINE}", "8 (495) 000-00-00", "112", "+7112", "02", "911", OWN]
NONSENSE = [
    *["", " ", "+", "0", "-1", "1e9", "NaN", "null", "true", "[]", "{}", "٧٤٩٥١٢٣٤٥٦٧", "Ⅶ", "7" * 5000, "\0", "%00"],
    *["7495\r\nX: y", f"{THEIRS},,112", f"{THEIRS};ext=112", f"{THEIRS}p112", "*31#74951234567", "*100#", "tel:112"],
    *["sip:112@evil.example", f"{THEIRS}@evil.example", "PJSIP/112@trunk", "74951234567&PJSIP/112", "${SHELL(id)}"],
    *["' OR 1=1 --", "{{7*7}}", "../../etc/passwd", "<script>", "\u202e76543215947", "\ud7ff"],
]


class Thief:
    """A browser without scruples: logged in, sends what no page of ours would."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        token = field(self.get("/login").text, "csrf_token")
        fields = {"login": OWN, "password": PASSWORD, "remember": "1", "csrf_token": token}
        assert self.post("/login", fields).status_code == 303

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=PATIENCE_S)

    def post(self, path: str, fields: dict[str, str]) -> requests.Response:
        return self.session.post(self.url + path, fields, timeout=PATIENCE_S, allow_redirects=False)

    def form(self, number: str) -> dict[str, str]:
        """What the button of a number's page would send."""
        page = self.get(f"/{quote(number)}").text
        return {name: field(page, name) for name in ("csrf_token", "number", "form_key")}


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} on the page"
    return found[1]


@pytest.fixture
def k5(sessions: Sessions) -> House:
    """A house with money for hours, whose owner is known for days: the processes have their own clock, the real one."""
    clock = Clock(datetime.now(UTC) - timedelta(days=3))
    k5 = House(sessions, clock)
    clock.forward(seconds=2)
    publish(k5.ports, DECK, version=100)
    k5.top_up("900.00")
    clock.now = datetime.now(UTC)
    return k5


@pytest.fixture
def thief(k5: House, database_url: str, tmp_path: Path) -> Iterator[Thief]:
    """Somebody who knows the password."""
    with running(Processes(database_url, tmp_path)) as processes:
        yield Thief(processes.start_web(processes=2))


def ordered(k5: House) -> list[str]:
    return [call.quote.b_number for call in statements.calls(k5.ports, k5.caller.id).calls]


def test_hostile_numbers_order_nothing_and_break_nothing(k5: House, thief: Thief) -> None:
    form = thief.form(THEIRS)
    for number in [*CLOSED, *NONSENSE]:
        tries = [
            thief.get(f"/?number={quote(number)}"),
            thief.get(f"/{quote(number, safe='')}"),
            thief.post("/call", form | {"number": number}),
            thief.post("/call", {"csrf_token": form["csrf_token"], "number": number}),
            thief.post("/call", form | {"number": number, "form_key": form["form_key"][::-1]}),
        ]
        assert not [answer for answer in tries if answer.status_code in (500, 502)], number
        assert not any("/c/" in answer.headers.get("Location", "") for answer in tries), number
        if number in CLOSED:
            assert not any('name="form_key"' in answer.text for answer in tries), number
    assert ordered(k5) == []
    assert k5.held() == rub("0.00")


def test_a_crowd_of_presses_is_one_call_within_the_limit(k5: House, thief: Thief) -> None:
    safety.set_limits(k5.ports, k5.caller.id, {"daily_minor": 10_00})
    forms = [thief.form(to) for to in [THEIRS, "+73431234567", "+77172123456"] * (CROWD // 3)]
    time.sleep(READ_FOR.total_seconds())  # a form is obeyed once somebody can have read it
    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(lambda form: thief.post("/call", form), forms))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {303, 409, 503}  # 503: a busy machine's lock, «later»; nothing is ordered then
    assert statuses.count(303) <= 1
    assert len(ordered(k5)) == 1
    assert rub("0.00") < k5.held() <= rub("10.00")
    refused = safety.show(k5.ports, k5.caller.id).refusals
    assert statuses.count(409) <= refused["too_many_calls"] < CROWD
