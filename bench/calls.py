"""Callbacks on a real Asterisk: through the whole of K5, from the press to the settled call, against bare originates.

The same switch, the same town of phones, the same pace, in turn. Each B answers and hangs up after five seconds, so
that a minute is charged. K5 runs as installed: two web processes and one worker.
"""

import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import requests
from sqlalchemy import func, select

from app import open_ports
from bench import Measure
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, passwords, tokens
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.services.prices import ratedecks
from k5web.storage import schema
from k5web.storage.tables import CallRow
from tests.postgres import PostgresServer, find_binaries
from tests.processes import Processes, running, wait_for
from tests.telephony import real
from tests.telephony.real import Telephony

TALK_S = 5.0
WARM_UP = 20  # calls
PRICES = "prefix,destination,per_minute,currency\n79,Россия мобильный,1.75,RUB\n7495,Москва городской,0.45,RUB\n"
PRESSES_AT_ONCE = 16
RATES = (10, 30)
AIM, AIM_UP_TO = 0.8, 30
PRESS_AIM_MS = 150.0
PATIENCE_S = 120.0
LOOK_EVERY_S = 0.25  # seldom, for looking takes from the same cores
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """What a run showed. Units: seconds from a press to the INVITE; CPU of one call in milliseconds."""

    per_second: float
    to_invite: Sequence[float]
    cpu_ms: float

    def percentile_ms(self, percent: int) -> float:
        """Return a percentile of the time until the first phone's INVITE."""
        return statistics.quantiles(self.to_invite, n=100)[percent - 1] * 1000


@dataclass(frozen=True)
class Caller:
    """A subscriber whose phone answers at once, and a program's key to order in its name."""

    number: str
    token: str


def run(rates: Sequence[int] = RATES, seconds: float = 10.0) -> list[Measure]:
    """Return the ratios at each pace. Units: `rates` calls a second, `seconds` of each single run."""
    if lacks := real.missing():
        print(f"    no {lacks} here: {real.INSTALL}")
        return []
    found: list[Measure] = []
    with _house() as (both, processes, ports):
        with patch.object(passwords, "hash_password", lambda password: "nobody logs in"):  # made to take its time
            # One for each call of a run, for a phone can have one call at a time
            callers = [_caller(ports, n) for n in range(max(WARM_UP, round(max(rates) * seconds)))]
        numbers = (f"7495{n:04d}215" for n in range(10_000))
        _through_k5(both, processes, ports, callers, [next(numbers) for _ in range(WARM_UP)], 5)
        for rate in rates:
            dialled = [[next(numbers) for _ in range(round(rate * seconds))] for _ in range(2)]
            bare = _bare(both, callers, dialled[0], rate)
            ours = _through_k5(both, processes, ports, callers, dialled[1], rate)
            found += _measures(rate, ours, bare)
        breaches = verify(ports)
        assert not breaches, breaches
    return found


def _measures(rate: int, ours: Run, bare: Run) -> Iterator[Measure]:
    aim = AIM if rate <= AIM_UP_TO else None
    at = f"at {rate} a second"
    yield Measure(f"callbacks, {at}", ours.per_second, "originate loop", bare.per_second, "/s", aim)
    yield Measure(f"CPU of K5 a call, {at}", ours.cpu_ms, "CPU of Asterisk", bare.cpu_ms, "ms")
    p50, p95 = (ours.percentile_ms(percent) for percent in (50, 95))
    yield Measure(f"press to INVITE, p50, {at}", p50, "originate loop", bare.percentile_ms(50), "ms")
    yield Measure(f"press to INVITE, p95, {at}", p95, "originate loop", bare.percentile_ms(95), "ms")
    yield Measure(f"room for a press, {at}", PRESS_AIM_MS, "p95 to INVITE", p95, "ms", aim and 1.0)


@contextmanager
def _house() -> Iterator[tuple[Telephony, Processes, Ports]]:
    """A switch, a database (PostgreSQL as careful as in earnest, where it is there), the web and a worker."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="k5-bench-")))
        both = stack.enter_context(real.telephony())
        url = f"sqlite:///{folder / 'k5.db'}"
        if binaries := find_binaries():
            server = PostgresServer(binaries)
            stack.callback(server.stop)
            server.start()
            url = server.url
        schema.upgrade(url)
        processes = stack.enter_context(running(Processes(url, folder, 1, **both.switch.environ)))
        ports = open_ports(processes.settings)
        stack.callback(ports.sessions.dispose)
        deck = folder / "k5.csv"
        deck.write_text(PRICES, "utf-8")
        ratedecks.import_deck(ports, deck, "k5", ports.today())
        processes.start_web(processes=2)
        processes.start("worker")
        yield both, processes, ports


def _caller(ports: Ports, n: int) -> Caller:
    number = f"7916{n:04d}200"
    subscriber = accounts.add_subscriber(ports, Msisdn(number), "correct horse", "Анна")
    name = EventName("bench:bank", number)
    credit(ports, subscriber.id, name, rub("1000.00"), "cash.bench", "connector:bench", ports.clock())
    return Caller(number, tokens.make_token(ports, subscriber.id, "bench", may_call=True))


def _through_k5(
    both: Telephony, processes: Processes, ports: Ports, callers: Sequence[Caller], numbers: Sequence[str], rate: int
) -> Run:
    """Press by HTTP, in time; the run ends when the last call is settled."""
    address = f"{processes.environ['K5_PUBLIC_URL']}/api/v1/calls"
    lines = threading.local()
    pids = [processes.pid("serve"), processes.pid("worker")]

    def press(caller: Caller, number: str) -> None:
        if not hasattr(lines, "session"):
            lines.session = requests.Session()
        headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": f"bench-{number}"}
        while True:  # "later" is no answer: a program asks again under the same key
            answer = lines.session.post(address, json={"number": f"+{number}"}, headers=headers, timeout=30)
            if answer.status_code != 503 or answer.json()["code"] != "later":
                break
            time.sleep(LOOK_EVERY_S)
        assert answer.status_code in {200, 201, 202}, answer.text

    cpu = cpu_ms(pids)
    pressed = _in_time(press, callers, numbers, rate, PRESSES_AT_ONCE)
    wait_for(lambda: _unfinished(ports) == 0, "every call is settled", PATIENCE_S, LOOK_EVERY_S)
    with ports.sessions.read() as db:
        ours = select(func.max(CallRow.changed_at), func.min(CallRow.cost_minor)).where(CallRow.b_number.in_(numbers))
        last, cheapest = db.execute(ours).one()
    assert cheapest, "a call was not charged"
    spent = (cpu_ms(pids) - cpu) / len(numbers)
    return _run(both, pressed, numbers, last.timestamp(), spent)


def _bare(both: Telephony, callers: Sequence[Caller], numbers: Sequence[str], rate: int) -> Run:
    """The same calls by one loop of requests on a connection that is kept; ended by the switch's last record."""
    settings = both.switch.settings
    session = requests.Session()
    session.auth = (settings.ari_user, settings.ari_password)

    def originate(caller: Caller, number: str) -> None:
        order = {
            "endpoint": f"PJSIP/{caller.number}@{settings.trunks[0].code}",
            "context": "k5-callback",
            "extension": number,
            "priority": 1,
            "timeout": 40,
            "variables": {"K5_ORDER": number, "K5_RING_B": "45", "K5_TALK_MS": "60000", "K5_LEG_S": "120",
                          "K5_TRUNKS_B": settings.trunks[0].code},
        }  # fmt: skip
        session.post(f"{settings.ari_url}/channels/bench-{number}", json=order, timeout=30).raise_for_status()

    cpu = cpu_ms([both.switch.pid])
    ended = _ends(both.switch.cel_file)
    pressed = _in_time(originate, callers, numbers, rate, threads=1)
    due = len(ended) + len(numbers)
    wait_for(lambda: len(_ends(both.switch.cel_file)) >= due, "every call ends", PATIENCE_S, LOOK_EVERY_S)
    spent = (cpu_ms([both.switch.pid]) - cpu) / len(numbers)
    return _run(both, pressed, numbers, max(_ends(both.switch.cel_file)), spent)


def _run(both: Telephony, pressed: dict[str, float], numbers: Sequence[str], last: float, cpu_ms: float) -> Run:
    """Join the presses with what the phones saw: each number is called once."""
    first = min(pressed.values())
    rang: dict[str, list[float]] = {}
    for event in both.town.events():
        if event.kind == "INVITE":
            rang.setdefault(event.number, []).append(event.at.timestamp())
    assert all(len(rang[number]) == 1 for number in numbers), "a phone rang twice, or never"
    return Run(len(numbers) / (last - first - TALK_S), _to_invite(pressed, rang), cpu_ms)


def _to_invite(pressed: dict[str, float], rang: dict[str, list[float]]) -> list[float]:
    """Return how long after each press its caller's phone got the INVITE: the first one since."""
    waits = []
    for who, at in pressed.items():
        waits.append(min(rang_at for rang_at in rang[who.partition(" ")[0]] if rang_at >= at) - at)
    return waits


def _in_time(
    press: Callable[[Caller, str], None],
    callers: Sequence[Caller],
    numbers: Sequence[str],
    rate: int,
    threads: int,
) -> dict[str, float]:
    """Press at an even pace, whatever the answers take; return when, by "<phone> <number>"."""
    pressed: dict[str, float] = {}

    def one(n: int, number: str) -> None:
        caller = callers[n % len(callers)]
        pressed[f"{caller.number} {number}"] = time.time()
        press(caller, number)

    with ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        tasks = []
        for n, number in enumerate(numbers):
            time.sleep(max(0.0, began + n / rate - time.monotonic()))
            tasks.append(pool.submit(one, n, number))
        for task in tasks:
            task.result()
    return pressed


def _unfinished(ports: Ports) -> int:
    with ports.sessions.read() as db:
        over = ("settled", "not_placed")
        return db.scalar(select(func.count()).select_from(CallRow).where(CallRow.state.not_in(over))) or 0


def _ends(cel_file: Path) -> list[float]:
    """Return when each call ended, by the switch's records."""
    text = cel_file.read_text("utf-8") if cel_file.exists() else ""
    lines = (json.loads(line) for line in text.splitlines() if '"LINKEDID_END"' in line)
    return [float(record["eventtime"]) for record in lines]


def cpu_ms(sessions: Sequence[int]) -> float:
    """Return what the processes of these sessions have used so far. Units: milliseconds of one core."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) in sessions or int(path.parent.name) in sessions:
            ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / TICKS
