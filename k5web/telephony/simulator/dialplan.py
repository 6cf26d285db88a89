"""The dialplan of rented numbers and PBX users, played: deploy/asterisk's extensions in Python, step for step."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from k5web.telephony.simulator.pbx_call import Leg, Played, Question, Ringing
from k5web.telephony.simulator.pbx_line import DIALPLAN, LONGEST_S, Line, LineOver
from k5web.telephony.simulator.phones import SECOND, Phone, find_phone

MOST_HOPS = 40
AGENT_S = 15  # of each member of a queue
STEP_US = 500  # what the real one needs from a step to the next, about

# What an answer is, as the dialplan has it. A no may say why in any words: only these signs of it are taken
YES: Final = re.compile(
    r"yes[|]([0-9]{1,10}-[0-9]{1,10})[|]([0-9]{3,9})[|]([0-9]{1,6})[|]([A-Za-z0-9,_-]{1,200})[|]([0-9]{0,15})[|](rec)?"
)
NO: Final = "no|"
_WHY = re.compile(r"[^a-z_]", re.ASCII)
_NODE = re.compile(r"[0-9a-z]{2,}", re.ASCII)
_SPAN = re.compile(r"([a-z&-]+)/([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", re.ASCII)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOSCOW = ZoneInfo("Europe/Moscow")  # as the dialplan says
_WRONG_NUMBERS = (1, 28)


class Tables(Protocol):
    """What the switch looks up while a call runs."""

    def entry(self, key: str) -> str | None:
        """Return a value of the table k5."""

    def members(self, queue: str) -> str | None:
        """Return the logins of a queue, joined by `&`."""

    def extension(self, login: str) -> str | None:
        """Return an extension of this account; None where no phone registers by it."""


class _Asks(Exception):
    """There is a question without an answer."""

    def __init__(self, question: Question) -> None:
        self.question = question


def is_answer(said: str) -> bool:
    """Return whether this is an answer at all; anything else is silence."""
    return bool(YES.fullmatch(said)) or said.startswith(NO)


def play(ringing: Ringing, switch: str, tables: Tables) -> Played:
    """Return the call as far as it can be told."""
    return _Play(ringing, switch, tables).to_its_end()


class _Play:
    def __init__(self, ringing: Ringing, switch: str, tables: Tables) -> None:
        self.ringing, self.switch, self.tables = ringing, switch, tables
        self.known = dict(ringing.known)
        self.is_user = ringing.caller.startswith(("u", "w"))
        self.owner = ringing.caller[1:].partition("-")[0] if self.is_user else ""
        self.endpoint = ringing.caller if self.is_user else ringing.trunk
        self.line = Line(ringing, self.endpoint, self.owner)
        self.version = self.did = self.node = self.sip = self.why = self.queue_status = ""
        self.is_recorded = self.is_told = False
        self.questions = 0

    def to_its_end(self) -> Played:
        question = None
        try:
            try:
                if self.is_user:
                    self._from_user()
                else:
                    self._from_trunk()
                raise LineOver(16, DIALPLAN)
            except LineOver as over:
                self._end(over)
        except _Asks as asks:
            question = asks.question
        line = self.line
        return Played(line.records, line.story, line.recordings, question, self.known)

    # ------------------------------------------------------------------------------------------------ who rings
    def _from_trunk(self) -> None:
        pointer = self._look("entry", f"in/{self.ringing.called}")
        if not pointer:
            self.line.tell("unknown_number")
            self.line.write("K5_MISSED", self.line.caller, f"{self.ringing.caller}|{self.ringing.called}")
            raise LineOver(17, DIALPLAN)
        self.did = self.ringing.called
        self._belongs(pointer)
        self._follow("start")

    def _belongs(self, pointer: str) -> None:
        """Go on as a call of the organisation that the pointer names, by the rule that is in force now."""
        self.owner, self.version, paid, rec = _parts(pointer, 4)
        self.is_recorded = rec == "rec"
        self.line.caller.account = self.owner
        self.line.write("K5_IN", self.line.caller, f"{self.owner}|{self.version}|{self.did}|{self.ringing.caller}")
        self.line.tell("in", self.owner)
        if self._look("entry", f"black/{self.owner}/{self.ringing.caller}"):
            self.line.tell("black_list")
            raise LineOver(21, DIALPLAN)
        if paid == "in":
            yes = self._ask("in", self.did)
            if yes is None:
                raise LineOver(21, DIALPLAN)
            self.line.fuse_us = self.line.now_us + int(yes[3]) * SECOND
            self.line.in_ms = int(yes[2])

    def _from_user(self) -> None:
        until = self._look("entry", f"until/{self.ringing.caller}")
        if self._look("extension", self.ringing.caller) is None or (until and int(until) * SECOND < self.line.now_us):
            self.line.tell("no_account")
            raise LineOver(21, DIALPLAN)
        users = self._look("entry", f"ext/{self.owner}/{self.ringing.called}")
        if users:
            self._ring(users, 45)
            return
        self._out("out", self.ringing.called, 45)
        raise LineOver(21 if self.why else 16, DIALPLAN)

    # ------------------------------------------------------------------------------------------- node after node
    def _follow(self, node: str) -> None:
        hops = 0
        while node:
            hops += 1
            self.node = node
            step = self._look("entry", f"rule/{self.version}/{node}") if _NODE.fullmatch(node) else None
            op, *told = _parts(step or "", 6)
            run = self._ops().get(op)
            if run is None or hops > MOST_HOPS:
                self._lost(node, hops)
                return
            node = run(told)

    def _ops(self) -> Mapping[str, Callable[[Sequence[str]], str]]:
        return {
            "ring": self._op_ring,
            "forward": self._op_forward,
            "menu": self._op_menu,
            "id": self._op_id,
            "hours": self._op_hours,
            "say": self._op_say,
            "queue": self._op_queue,
            "voicemail": self._op_voicemail,
            "hang": self._op_hang,
        }

    def _lost(self, node: str, hops: int) -> None:
        """A rule that leads nowhere still reaches the owner's people."""
        self.line.write("K5_FAULT", self.line.caller, f"rule|{self.version}|{node}|{hops}")
        self.line.tell("fault", node)
        everybody = self._look("entry", f"ext/{self.owner}/0")
        if not everybody:
            raise LineOver(20, DIALPLAN)
        self._ring(everybody, 30)

    def _op_ring(self, told: Sequence[str]) -> str:
        self._ring(told[0], _whole(told[1]))
        return self._by_status(told[2:5])

    def _op_forward(self, told: Sequence[str]) -> str:
        self._out("forward", told[0], _whole(told[1]))
        return self._by_status(told[2:5])

    def _by_status(self, ways: Sequence[str]) -> str:
        return ways[{"NOANSWER": 0, "BUSY": 1}.get(self.line.dial_status, 2)]

    def _op_menu(self, told: Sequence[str]) -> str:
        prompt, seconds, tries, nothing = told[:4]
        self.line.answer()
        for _try in range(max(1, _whole(tries))):
            keys = self.line.read(prompt, _whole(seconds))
            if not keys:
                continue
            target = self._look("entry", f"rule/{self.version}/{self.node}.{keys}")
            if target:
                return target
            users = self._look("entry", f"ext/{self.owner}/{keys}")
            if users:
                self._ring(users, 30)
                return nothing
            self.line.say("invalid")
        return nothing

    def _op_id(self, told: Sequence[str]) -> str:
        prompt, seconds, tries, nothing = told[:4]
        self.line.answer()
        for _try in range(max(1, _whole(tries))):
            keys = self.line.read(prompt, _whole(seconds))
            pointer = self._look("entry", f"id/{keys}") if keys else None
            if pointer:
                self._belongs(pointer)
                return "start"
            self.line.say("pbx-invalid")
        return nothing

    def _op_hours(self, told: Sequence[str]) -> str:
        spans = self._look("entry", f"rule/{self.version}/{self.node}.hours") or ""
        is_open = any(_covers(span, self.line.now_us) for span in spans.split("+"))
        self.line.tell("open" if is_open else "closed")
        return told[0] if is_open else told[1]

    def _op_say(self, told: Sequence[str]) -> str:
        self.line.answer()
        self.line.say(told[0])
        return told[1]

    def _op_queue(self, told: Sequence[str]) -> str:
        self.line.answer()
        self._record_caller()
        self.line.tell("waits")
        until_us = self.line.now_us + _whole(told[1]) * SECOND
        members = (self._look("members", told[0]) or "").split("&")
        reachable = [one for one in members if one and self._look("extension", one)]
        turn = 0
        self.line.is_queue = True
        while reachable and self.line.now_us < until_us:
            left_s = -(-(until_us - self.line.now_us) // SECOND)
            self._dial_users([reachable[turn % len(reachable)]], min(AGENT_S, left_s))
            turn += 1
            self.line.wait(min(until_us, self.line.now_us + 2 * SECOND))
        self.line.wait(until_us)
        self.line.dial_status, self.queue_status, self.line.is_queue = "", "TIMEOUT", False
        return told[2]

    def _op_voicemail(self, told: Sequence[str]) -> str:
        self.line.answer()
        self.line.say("leave-message")
        file, began_us = f"vm-{self.owner}-{self.line.caller.uuid}.wav", self.line.now_us
        self.line.tell("leaves_message")
        status = "TIMEOUT"
        try:
            self.line.wait(self.line.now_us + _whole(told[1]) * SECOND)
            raise LineOver(16, DIALPLAN)
        except LineOver as over:
            status = "HANGUP" if over.source != DIALPLAN else status
            raise
        finally:
            self.line.recordings.append((file, (self.line.now_us - began_us) // 1000))
            self.line.write("K5_VOICEMAIL", self.line.caller, f"{self.owner}|{told[0]}|{file}|{status}")

    def _op_hang(self, told: Sequence[str]) -> str:
        raise LineOver(_whole(told[0]), DIALPLAN)

    def _tell_of_recording(self) -> None:
        """Both are told before a word is kept: who rings before anything rings."""
        if not self.is_recorded or self.is_told:
            return
        self.is_told = True
        if not self.is_user:
            self.line.answer()
        self.line.say("recorded")

    def _record_caller(self) -> None:
        """Tell the caller, and keep what will be talked from now on."""
        self._tell_of_recording()
        if self.is_recorded:
            self.line.record(self.line.caller, self.owner)

    # ------------------------------------------------------------------------------------------------------ legs
    def _ring(self, users: str, seconds: int) -> None:
        """Ring phones of the organisation, all at once. Costs nothing by itself. Returns where nobody answered."""
        reachable = [user for user in users.split("&") if user and self._look("extension", user)]
        if not reachable:
            self.line.dial_status = "CHANUNAVAIL"
            self.line.tell("unreachable", users)
            return
        if self.did:
            self._record_caller()
        self._dial_users(reachable, seconds)

    def _dial_users(self, users: Sequence[str], seconds: int) -> None:
        self.line.tell("rings", ",".join(self._look("extension", user) or "" for user in users))
        legs = []
        for user in users:
            extension = self._look("extension", user) or ""
            legs.append((self.line.leg(user, extension, account=self.owner), find_phone(extension, is_a=False)))
        self.line.dial(legs, seconds, self._talk_inside)

    def _out(self, kind: str, number: str, seconds: int) -> None:
        """Dial a leg that the owner pays, by one trunk after another. Returns where nobody answered."""
        self.line.dial_status = "CONGESTION"
        yes = self._ask(kind, number)
        if yes is None:
            return
        old_us = self.line.fuse_us
        self.line.fuse_us = min(old_us, self.line.now_us + int(yes[3]) * SECOND)
        talk_ms = min(int(yes[2]), self.line.in_ms) if self.line.in_ms else int(yes[2])
        self.is_recorded = self.is_recorded or bool(yes[6])
        self._tell_of_recording()
        until_us = self.line.now_us + seconds * SECOND
        for at, trunk in enumerate(yes[4].split(",")):
            leg = self.line.leg(trunk, number, account=yes[1])
            phone = find_phone(number, is_a=False, is_first_try=at == 0)
            leg.sip, leg.heard = phone.sip, phone.heard
            self.line.tell("rings_out", number)
            left_s = -(-(until_us - self.line.now_us) // SECOND)
            self.line.dial([(leg, phone)], left_s, lambda met, has: self._talk_paid(met, has, talk_ms))
            self.sip = phone.sip
            is_wrong = phone.refuses in _WRONG_NUMBERS or (phone.refuses == 21 and phone.sip != "403")
            if self.line.dial_status not in ("CONGESTION", "CHANUNAVAIL") or is_wrong or self.line.now_us >= until_us:
                break
        self.line.fuse_us = old_us

    def _talk_inside(self, leg: Leg, phone: Phone) -> None:
        self.line.meet(leg)
        if self.is_recorded and self.did:
            self.line.say("recorded")
        self.line.talk(leg, phone, self.line.now_us + LONGEST_S * SECOND)

    def _talk_paid(self, leg: Leg, phone: Phone, talk_ms: int) -> None:
        self.line.meet(leg)
        until_us = self.line.now_us + talk_ms // 1000 * SECOND  # its own fuse, from its answer on
        if self.is_recorded:
            self.line.record(leg, self.owner)
            self.line.say("recorded", until_us)
        self.line.talk(leg, phone, until_us)

    # ----------------------------------------------------------------------------------------------------- money
    def _ask(self, kind: str, number: str) -> re.Match[str] | None:
        """Return K5's yes; None where it said no, or nothing and nothing was held ahead."""
        self.questions += 1
        self.line.wait(self.line.now_us + STEP_US)
        form = {
            "switch": self.switch,
            "channel": f"{self.ringing.linked_id}/{self.line.caller.uuid}",
            "n": str(self.questions),
            "kind": kind,
            "owner": self.owner,
            "did": self.did,
            "from": self.ringing.caller,
            "to": number,
            "user": self.endpoint,
        }
        if len(self.ringing.answers) < self.questions:
            raise _Asks(Question(self.line.now_us, form))
        at_us, said = self.ringing.answers[self.questions - 1]
        self.line.wait(max(at_us, self.line.now_us))
        yes = YES.fullmatch(said)
        refused = _WHY.sub("", said[len(NO) :][:20])
        self.why = "" if yes else refused if said.startswith(NO) else "silent"
        call = yes[1] if yes else ""
        self.line.write("K5_HOLD", self.line.caller, f"{self.owner}|{self.questions}|{kind}|{number}|{call}|{self.why}")
        self.line.tell("paid" if yes else "not_paid", self.why or call)
        return yes

    # ------------------------------------------------------------------------------------------------------- end
    def _end(self, over: LineOver) -> None:
        line = self.line
        status = "" if line.is_queue else line.dial_status  # app_queue sets none
        done = (self.owner, self.node, status, over.cause, self.sip, self.why, self.queue_status)
        if self.owner:
            line.write("K5_DONE", line.caller, "|".join(map(str, done)))
        line.end(over)

    def _look(self, table: str, key: str) -> str | None:
        """Look something up once: the call keeps what it found."""
        name = f"{table}:{key}"
        if name not in self.known:
            self.known[name] = getattr(self.tables, table)(key)
        return self.known[name]


def _covers(span: str, at_us: int) -> bool:
    """Return whether `mon-fri/09:00-17:59` covers a moment in Moscow; its last minute counts."""
    found = _SPAN.fullmatch(span)
    if found is None:
        return False
    moment = datetime.fromtimestamp(at_us // SECOND, UTC).astimezone(_MOSCOW)
    days = [day for run in found[1].split("&") for day in _run(run)]
    first, last = int(found[2]) * 60 + int(found[3]), int(found[4]) * 60 + int(found[5])
    return _DAYS[moment.weekday()] in days and first <= moment.hour * 60 + moment.minute <= last


def _run(text: str) -> Sequence[str]:
    first, _, last = text.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS:
        return ()
    return _DAYS[_DAYS.index(first) : _DAYS.index(last or first) + 1]


def _parts(text: str, many: int) -> list[str]:
    found = text.split("|")
    return (found + [""] * many)[:many]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
