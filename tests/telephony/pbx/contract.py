"""What every switch does with calls to rented numbers and of PBX users: one list of calls, real or simulated.

A subclass gives the `stage` (class scope): a switch, its tables, K5's side, and people who ring.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol

import pytest

from k5web.domain.calls.pbx_record import PbxRecord, PbxRecordKind
from k5web.domain.pbx.switch_tables import AheadKey, PbxImage, Queue, SipLogin
from k5web.telephony.asterisk import AsteriskSwitch
from k5web.telephony.switch_files import SwitchFiles
from tests.telephony.pbx import sip
from tests.telephony.pbx.k5_side import K5Side
from tests.telephony.pbx.limits import is_cut_at
from tests.telephony.pbx.rows import OUTSIDE, ROWS, SHARED, Row

PASSWORD = "a-password-of-24-letters"
TALK_MS, LEG_S = 4000, 30  # what K5 allows


@dataclass(frozen=True)
class Case:
    """A row with its own organisation and caller."""

    row: Row
    owner_id: int
    caller: str

    @property
    def number(self) -> str:
        """The organisation's number."""
        return f"{'7800' if self.row.is_toll_free else '7495'}{self.owner_id:07d}"

    def real(self, text: str) -> str:
        """Return a text of the row with what its letters stand for."""
        return {"C": self.caller, "N": self.number}.get(text) or text.replace("@", str(self.owner_id))

    def plain(self, text: str) -> str:
        """Return a text of the records as rows have it."""
        known = text.replace(self.number, "N").replace(self.caller, "C")
        call = re.sub(rf"(?<![0-9u]){self.owner_id}-[0-9]+", "call", known)
        return re.sub(rf"(?<![0-9]){self.owner_id}(?![0-9])", "@", call)

    def image(self) -> PbxImage:
        """Return what the switch is told of the organisation."""
        of, row = self.owner_id, self.row
        logins = tuple(f"u{of}-{n}" for n in range(1, len(row.people) + 1))
        nodes = {f"rule/{of}r1/{name.replace('_', '.')}": self.real(step) for name, step in row.rule.items()}
        pointer = f"{of}|{of}r1|{'in' if row.is_toll_free else 'free'}|{'rec' if row.is_recorded else ''}"
        entries = {f"in/{self.number}": pointer, f"id/{of}": pointer, f"ext/{of}/0": "&".join(logins)}
        entries |= {f"ext/{of}/{one}": login for one, login in zip(row.people, logins, strict=True)}
        entries |= {self.real(key).replace("C", self.caller): value for key, value in row.entries.items()}
        accounts = tuple(SipLogin(login, sip.digest(login, PASSWORD), "phone") for login in logins)
        queues = (Queue(f"k5-{of}", (self.real(row.queue),)),) if row.queue else ()
        return PbxImage(of, 1, entries | nodes, accounts, queues)


class Stage(Protocol):
    """A switch and everybody around it."""

    @property
    def switch(self) -> AsteriskSwitch:
        """The switch as K5 reads it."""

    @property
    def tables(self) -> SwitchFiles:
        """As K5 tells it."""

    @property
    def side(self) -> K5Side:
        """Whom it asks."""

    @property
    def position(self) -> str:
        """Where its records begin."""

    def play(self, cases: Sequence[Case]) -> None:
        """Let all of these ring at once; return when all is over and written down."""


@dataclass(frozen=True)
class Told:
    """What the records and K5's side know of one call."""

    said: Sequence[str]  # leg by leg: which of two ends first is chance
    legs: Sequence[str]
    asked: Sequence[str]
    seconds: Mapping[str, float]  # from the answer to the end, by account


class PbxContract:
    """The checks."""

    @pytest.fixture(scope="class")
    @classmethod
    def played(cls, stage: Stage) -> Mapping[str, Told]:
        """All rows at once, each to its end."""
        owners, cases = count(7001), {}
        for name, row in ROWS.items():
            owner = next(owners)
            cases[name] = Case(row, owner, f"7916{owner:07d}")
        shared = {f"in/{SHARED}": "0|shared|free|", "rule/shared/start": "id|enter-id|4|1|sorry"}
        stage.tables.write([case.image() for case in cases.values()])
        stage.tables.write([PbxImage(0, 1, shared | {"rule/shared/sorry": "hang|17"})])
        stage.side.talk_ms, stage.side.leg_s = TALK_MS, LEG_S
        for case in cases.values():
            stage.side.answers_to[str(case.owner_id)] = case.row.k5
            if case.row.ahead:
                key = AheadKey(case.owner_id, "forward", f"{OUTSIDE}200")
                answer = f"yes|{case.owner_id}-902|{TALK_MS}|{LEG_S}|trunk-a||"
                stage.tables.hold_ahead(key, answer, datetime.now(UTC) + timedelta(hours=1))
        try:
            stage.play([*cases.values()])
            records = _records(stage)
            return {name: _told(case, records, stage.side.asked) for name, case in cases.items()}
        finally:
            stage.tables.forget([0, *(case.owner_id for case in cases.values())])

    @pytest.mark.parametrize("name", ROWS)
    def test_each_call_says_what_it_did(self, played: Mapping[str, Told], name: str) -> None:
        assert list(played[name].said) == list(ROWS[name].said)

    @pytest.mark.parametrize("name", ROWS)
    def test_each_call_has_its_legs(self, played: Mapping[str, Told], name: str) -> None:
        assert list(played[name].legs) == list(ROWS[name].legs)

    @pytest.mark.parametrize("name", ROWS)
    def test_k5_is_asked_once_for_what_costs(self, played: Mapping[str, Told], name: str) -> None:
        assert list(played[name].asked) == list(ROWS[name].asked)

    @pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.paid_s is not None])
    def test_a_paid_leg_lasts_as_long_as_it_may(self, played: Mapping[str, Told], name: str) -> None:
        paid_s = ROWS[name].paid_s
        assert paid_s is not None
        account = "@" if ROWS[name].is_toll_free else "call"
        assert is_cut_at(played[name].seconds[account], paid_s)


def _records(stage: Stage) -> Sequence[PbxRecord]:
    found: list[PbxRecord] = []
    position = stage.position
    while (records := stage.switch.read_records(position)).position != position:
        position = records.position
        found += records.pbx
    return found


def _told(case: Case, records: Sequence[PbxRecord], asked: Sequence[Mapping[str, str]]) -> Told:
    ids = {record.linked_id for record in records if record.owner_id == case.owner_id}
    own = [record for record in records if record.linked_id in ids]
    legs: dict[str, list[PbxRecord]] = defaultdict(list)
    for record in own:
        legs[record.leg_uuid].append(record)
    said, seconds = [], {}
    for record in (record for leg in legs.values() for record in leg):
        if record.facts:
            facts = "|".join(record.facts).replace(record.leg_uuid, "leg")
            said.append(f"{record.kind} {case.plain(facts)}")
        elif record.kind is PbxRecordKind.K5_END:
            said.append(f"{record.kind} {record.sip or '-'} {record.heard or '-'}")
    for leg in legs.values():
        times = {record.kind: record.at for record in leg}
        if PbxRecordKind.ANSWER in times:
            account = case.plain(leg[-1].account)
            seconds[account] = (times[PbxRecordKind.HANGUP] - times[PbxRecordKind.ANSWER]).total_seconds()
    questions = [f"{one['kind']} {case.plain(one['to'])}" for one in asked if one["owner"] == str(case.owner_id)]
    return Told(said, [_leg(case, leg) for leg in legs.values()], questions, seconds)


def _leg(case: Case, records: Sequence[PbxRecord]) -> str:
    end = next(record for record in records if record.kind is PbxRecordKind.HANGUP)
    is_up = any(record.kind is PbxRecordKind.ANSWER for record in records)
    who = {"b": "itself", "a": "other"}.get(end.source, end.source or "-")
    account = case.plain(end.account) or "-"
    return f"{case.plain(end.endpoint)} {account} {'up' if is_up else 'down'} {end.cause} {who}"
