"""A real switch with K5's side played by the tests, its organisations written as K5 writes them, its records read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import requests

from k5web.domain.pbx.switch_tables import PbxImage, Queue, SipLogin
from k5web.telephony.switch_files import RECORDINGS, SwitchFiles
from tests.processes import PATIENCE_S, wait_for
from tests.telephony import real
from tests.telephony.pbx import sip
from tests.telephony.pbx.k5_side import K5Side, answering
from tests.telephony.pbx.phone import Phone
from tests.telephony.real import RealSwitch, Town

PASSWORD = "a-password-of-24-letters"
CALLER = "79161234567"
PHONES_HOST = "127.0.0.2"  # phones of the PBX; the carriers' calls come from 127.0.0.1
OURS = ("K5_IN", "K5_HOLD", "K5_DONE", "K5_REC", "K5_VOICEMAIL", "K5_XFER", "K5_MISSED", "K5_FAULT")


@dataclass(frozen=True)
class Leg:
    """One leg as its records tell it. Units: seconds from its answer to its end, none where it was never answered."""

    unique_id: str
    account: str
    channel: str
    seconds: float

    @property
    def is_paid(self) -> bool:
        """Whether a call's id stands with it."""
        return "-" in self.account


@dataclass(frozen=True)
class Told:
    """What the records of some calls say, all of them over."""

    legs: Sequence[Leg]
    said: Mapping[str, Sequence[str]]  # of our own records, by their type

    @property
    def paid(self) -> list[float]:
        """How long each paid leg lasted that was answered."""
        return [leg.seconds for leg in self.legs if leg.is_paid and leg.seconds]

    def holds(self) -> list[str]:
        """The ids of the calls that were granted."""
        return [hold.split("|")[4] for hold in self.said["K5_HOLD"] if hold.split("|")[4]]


@dataclass
class Organisation:
    """An organisation of a test, with people 201, 202 … who have a phone each."""

    lab: "Lab"
    owner_id: int
    image: PbxImage
    phones: dict[int, Phone] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Its number in Moscow."""
        return f"7495{self.owner_id:07d}"

    @property
    def free_phone(self) -> str:
        """Its 8-800 number."""
        return f"7800{self.owner_id:07d}"

    def rule(self, number: str = "", flags: str = "free|", **nodes: str) -> None:
        """Let a number go by these nodes, from now on; `hours_keys` is written `hours.keys`."""
        version = f"{self.owner_id}r{self.image.version + 1}"
        steps = {f"rule/{version}/{name.replace('_', '.')}": step for name, step in nodes.items()}
        pointer = {f"in/{number or self.number}": f"{self.owner_id}|{version}|{flags}"}
        kept = {key: value for key, value in self.image.entries.items() if not key.startswith("rule/")}
        older = {key: value for key, value in self.image.entries.items() if key.startswith("rule/")}
        self.write(kept | older | pointer | steps)

    def write(self, entries: Mapping[str, str], logins: Sequence[SipLogin] = (), queues: Sequence[Queue] = ()) -> None:
        """Tell the switch of it anew, as a version of its own."""
        self.image = replace(
            self.image,
            version=self.image.version + 1,
            entries=dict(entries),
            logins=tuple(logins) or self.image.logins,
            queues=tuple(queues) or self.image.queues,
        )
        self.lab.tables.write([self.image])

    def phone(self, n: int, **more: str) -> Phone:
        """The registered phone of person 200 + n."""
        if n not in self.phones:
            login = f"u{self.owner_id}-{n}"
            made = self.lab.phone(self.lab.switch.users_address, login, PASSWORD, host=PHONES_HOST, **more)
            assert made.register() == 200
            self.phones[n] = made
        return self.phones[n]


@dataclass
class Lab:
    """The switch, the town behind its trunks, K5's side, and what happened since `begin`."""

    switch: RealSwitch
    town: Town
    side: K5Side
    tables: SwitchFiles
    carrier: Phone  # where trunk-c leads: a phone that speaks
    owners: int = 8840
    opened: list[Phone] = field(default_factory=list)
    position: int = 0

    def begin(self) -> None:
        """Begin a test: nothing was asked, the records so far are another one's."""
        self.side.reset()
        self.carrier.state, self.carrier.on_invite, self.carrier.speaks = "idle", "answer", True
        self.position = self.switch.cel_file.stat().st_size if self.switch.cel_file.exists() else 0

    def end(self) -> None:
        """End a test: its phones are gone, its calls over."""
        for phone in self.opened:
            if phone.state == "up":
                phone.bye()
            phone.close()
        self.opened.clear()
        wait_for(lambda: not self.channels(), "no call is up")

    def organisation(self, people: int = 2) -> Organisation:
        """A new organisation with people, extensions and accounts, and no number yet."""
        self.owners += 1
        owner = self.owners
        logins = tuple(
            SipLogin(f"u{owner}-{n}", sip.digest(f"u{owner}-{n}", PASSWORD), "phone") for n in range(1, people + 1)
        )
        entries = {f"ext/{owner}/{200 + n}": f"u{owner}-{n}" for n in range(1, people + 1)}
        entries[f"ext/{owner}/0"] = "&".join(login.login for login in logins)
        made = Organisation(self, owner, PbxImage(owner, 0, entries, logins))
        made.write(entries)
        return made

    def phone(self, server: str, user: str = "", password: str = "", host: str = "127.0.0.1", name: str = "") -> Phone:
        """A phone that ends with the test."""
        made = Phone(server, user, password, host, name)
        self.opened.append(made)
        return made

    def outside(self, caller: str = CALLER) -> Phone:
        """A phone of somebody in town, whose carrier brings its calls to the switch."""
        return self.phone(self.switch.sip_address, name=caller)

    def channels(self) -> Sequence[object]:
        """Every channel that is up."""
        found: Sequence[object] = self.ari("GET", "/channels").json()
        return found

    def ari(self, method: str, path: str, body: object = None) -> requests.Response:
        """Ask the switch's REST interface."""
        of = self.switch.settings
        answer = requests.request(
            method, of.ari_url + path, json=body, auth=(of.ari_user, of.ari_password), timeout=PATIENCE_S
        )
        answer.raise_for_status()
        return answer

    def lead_clock(self, moment: datetime | None) -> None:
        """Let the switch ask rules of hours by a moment that stands still, or by its own clock again.

        Source: `pbx_builtin_gotoiftime` of Asterisk 22, which looks at the variable TESTTIME before the clock.
        """
        told = "" if moment is None else f"&value={int(moment.timestamp())}"
        self.ari("POST", f"/asterisk/variable?variable=TESTTIME{told}")

    def name_emergency_trunk(self, code: str) -> None:
        """Let K5's settings name a trunk of emergency calls, or none, as a worker does that starts anew."""
        self.switch.settings = replace(self.switch.settings, emergency=code)
        self.tables = open_tables(self.switch)
        self.tables.tell_settings()

    def records(self) -> Sequence[Mapping[str, str]]:
        """The records since the test began, as far as they are whole lines."""
        if not self.switch.cel_file.exists():
            return []
        with self.switch.cel_file.open("rb") as file:
            file.seek(self.position)
            lines = file.read().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def said(self, kind: str) -> list[str]:
        """What our own records of a type say so far."""
        return [json.loads(one["eventextra"])["extra"] for one in self.records() if one["eventtype"] == kind]

    def told(self) -> Told:
        """What the records say when all calls are over."""
        wait_for(self.is_quiet, "every record is written")
        records = self.records()
        legs = []
        for unique_id in dict.fromkeys(one["uniqueid"] for one in records):
            own = [one for one in records if one["uniqueid"] == unique_id]
            times = {one["eventtype"]: float(one["eventtime"]) for one in own}
            seconds = times["HANGUP"] - times["ANSWER"] if {"ANSWER", "HANGUP"} <= set(times) else 0.0
            legs.append(Leg(unique_id, own[-1]["accountcode"], own[0]["channame"], seconds))
        return Told(legs, {kind: self.said(kind) for kind in OURS})

    def kept(self, beginning: str) -> int:
        """How many bytes the recorded file has whose name begins so; none where there is none."""
        return max((size for name, size, _ in self.tables.recordings() if name.startswith(beginning)), default=0)

    def recorded(self, name: str) -> Path:
        """Where a recorded file lies."""
        assert self.switch.settings.directory
        return self.switch.settings.directory / RECORDINGS / name

    def is_quiet(self) -> bool:
        """Whether there were calls, and all of them are over and written down."""
        by_type: dict[str, set[str]] = {"CHAN_START": set(), "CHAN_END": set()}
        for one in self.records():
            by_type.setdefault(one["eventtype"], set()).add(one["uniqueid"])
        return bool(by_type["CHAN_START"]) and by_type["CHAN_START"] == by_type["CHAN_END"] and not self.channels()


@contextmanager
def opened() -> Iterator[Lab]:
    """Run a switch, its town and K5's side for a while."""
    real.require()
    with ExitStack() as stack, real.folder() as folder:
        side = stack.enter_context(answering("k5-of-the-tests"))
        town = Town(folder)
        stack.callback(town.stop)
        town.start()
        carrier = Phone("127.0.0.1:9", name="carrier")
        stack.callback(carrier.close)
        trunks = {"trunk-a": town.address, "trunk-b": town.address, "trunk-c": carrier.address}
        switch = RealSwitch(folder, trunks, k5_url=side.url)
        stack.callback(switch.kill)
        switch.start()
        host, _, port = switch.sip_address.rpartition(":")
        carrier.server = (host, int(port))
        yield Lab(switch, town, side, open_tables(switch), carrier)


def open_tables(switch: RealSwitch) -> SwitchFiles:
    """The switch's files, with a busy machine's patience."""
    return SwitchFiles(switch.settings, lambda: datetime.now(UTC), (30.0, 60.0))
