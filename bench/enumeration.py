"""Whether the time of an answer tells who is a subscriber: known against unknown numbers, in turns (S11).

Three services are timed, in process on SQLite, without the pages that ask them.
Two samples of times are compared by Kolmogorov and Smirnov's distance: `bench/samples.py`.
"""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Final

from app import open_ports
from bench import Measure
from bench.samples import bound, distance
from k5web.config.settings import Settings
from k5web.domain.messaging.sms_limits import SmsTerms
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error
from k5web.services.accounts import accounts, invitations, recovery
from k5web.services.accounts.accounts import Browser
from k5web.services.ports import Ports
from k5web.storage import schema

FULL: Final = 2000  # answers to known numbers, and as many to unknown ones
PASSWORD: Final = "four quiet blue horses"

Ask = Callable[[str, str], object]  # a number, and the address that asks


def run(size: int = FULL) -> list[Measure]:
    """Return how far the samples are from telling anything; from 1 on they tell nothing."""
    with tempfile.TemporaryDirectory() as folder:
        ports = _house(Path(folder))
        known = [_join(ports, f"7916{n:07d}") for n in range(size)]
        link = invitations.make(ports, known[0], "bench").code
        paths: dict[str, Ask] = {
            "a wrong password": partial(_log_in, ports),
            "a new password": partial(recovery.ask, ports),
            "to join": partial(invitations.ask, ports, link),
        }
        found = [_compare(what, ask, size) for what, ask in paths.items()]
        ports.sessions.dispose()
    return found


def _house(folder: Path) -> Ports:
    url = f"sqlite:///{folder / 'k5.db'}"
    schema.upgrade(url)
    settings = {
        "K5_DATABASE_URL": url,
        "K5_SECRET_KEY": "of the benchmark: more than 32 letters",
        "K5_VAR": str(folder),
    }
    return replace(open_ports(Settings.from_env(settings)), sms=SmsTerms(day=rub("1000000.00")))


def _join(ports: Ports, phone: str) -> int:
    return accounts.add_subscriber(ports, Msisdn(phone), PASSWORD, "Анна").id


def _log_in(ports: Ports, phone: str, address: str) -> None:
    accounts.log_in(ports, phone, "a wrong password", Browser("Chrome, Android", address))


def _compare(what: str, ask: Ask, size: int) -> Measure:
    addresses = count()
    known: list[float] = []
    unknown: list[float] = []
    kinds = [(known, "+7916"), (unknown, "+7926")]
    for n in range(size):
        kinds.reverse()  # what one answer leaves for the next to do falls on both alike
        for sample, prefix in kinds:
            address = f"2001:db8:{next(addresses):x}::1"
            began = perf_counter()
            with suppress(K5Error):
                ask(f"{prefix}{n:07d}", address)
            sample.append(perf_counter() - began)
    told = distance(known, unknown)
    return Measure(f"who is a subscriber, by {what}", bound(size), "the samples' distance", told, "", aim=1)
