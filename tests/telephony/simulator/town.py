"""What a simulated switch was told ahead, for its tests: one organisation, its rule, its phones."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from k5web.telephony.simulator.dialplan import play
from k5web.telephony.simulator.pbx_call import Played, Ringing

NUMBER, CALLER, OTHER = "74951110001", "79161234567", "79160000200"
TUESDAY_NOON_US = 1_796_115_600_000_007  # 1 December 2026, 12:00 in Moscow
YES = "yes|8841-17|59000|107|trunk-a,trunk-b|74951110001|"
EXTENSIONS = {"u8841-1": "201", "u8841-2": "486", "u8841-3": "180"}
ENTRIES = {
    f"in/{NUMBER}": "8841|8841r1|free|",
    "ext/8841/201": "u8841-1",
    "ext/8841/486": "u8841-2",
    "ext/8841/180": "u8841-3",
    "ext/8841/0": "u8841-1&u8841-2",
}


class Told:
    """Tables in memory. `looked` counts how often each thing was looked up."""

    def __init__(self, entries: Mapping[str, str], queues: Mapping[str, str] | None = None) -> None:
        self.entries = {**ENTRIES, **entries}
        self._queues = queues or {}

    def entry(self, key: str) -> str | None:
        return self.entries.get(key)

    def members(self, queue: str) -> str | None:
        return self._queues.get(queue)

    def extension(self, login: str) -> str | None:
        return EXTENSIONS.get(login)


def rule(**nodes: str) -> dict[str, str]:
    """Return the entries of the rule in force."""
    return {f"rule/8841r1/{node.replace('_', '.')}": step for node, step in nodes.items()}


def rings(entries: Mapping[str, str], *answers: str, caller: str = CALLER, called: str = NUMBER, **more: Any) -> Played:
    """Return the call, its questions answered so, each 20 ms after it was asked."""
    given: list[tuple[int, str]] = []
    while True:
        ringing = Ringing(caller, called, TUESDAY_NOON_US, 3, answers=tuple(given), **more)
        played = play(ringing, "k5", Told(entries, {"k5-8841-1": "u8841-2&u8841-1"}))
        if played.question is None or len(given) == len(answers):
            return played
        given.append((played.question.at_us + 20_000, answers[len(given)]))


def kinds(played: Played) -> list[str]:
    """Return the records as `kind leg`, without those of bridges and ends of channels."""
    told = [json.loads(record.text) for record in played.records]
    left_out = ("BRIDGE_ENTER", "BRIDGE_EXIT", "CHAN_END")
    return [f"{one['eventtype']} {one['uniqueid'][-1]}" for one in told if one["eventtype"] not in left_out]


def own(played: Played, kind: str) -> list[str]:
    """Return what the records of a kind of ours say."""
    told = [json.loads(record.text) for record in played.records if record.kind == kind]
    return [json.loads(one["eventextra"])["extra"] for one in told]


def heard(played: Played) -> list[str]:
    """Return the story as texts, without the last word."""
    return [f"{step.what} {step.about}".strip() for step in played.story]


def seconds(played: Played, kind: str, leg: int) -> float:
    """Return when the record of this kind of a leg was written, from the beginning of the call."""
    found = next(r for r in played.records if r.kind == kind and r.leg_uuid.endswith(f"{leg:02d}"))
    return (found.at_us - TUESDAY_NOON_US) / 1_000_000


def accounts_file(directory: Path, entries: Mapping[str, str], ahead: Mapping[str, str] | None = None) -> None:
    """Write the file that a switch reads, with the tables of it that the simulated one knows."""
    (directory / "lib").mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(directory / "lib" / "accounts.sqlite3")) as db, db:
        for table in ("k5", "k5_ahead"):
            db.execute(f"create table {table} (key text primary key, val text not null) without rowid")
        db.execute("create table k5_queue (name text primary key, owner_id integer, members text) without rowid")
        db.execute("create table ps_endpoints (id text primary key)")
        db.executemany("insert into k5 values (?, ?)", [*{**ENTRIES, **entries}.items()])
        db.executemany("insert into k5_ahead values (?, ?)", [*(ahead or {}).items()])
        db.execute("insert into k5_queue values ('k5-8841-1', 8841, 'u8841-2&u8841-1')")
        db.executemany("insert into ps_endpoints values (?)", [(login,) for login in EXTENSIONS])
