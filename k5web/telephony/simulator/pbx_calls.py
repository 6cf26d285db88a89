"""The simulated switch's calls to rented numbers: each is played by a thread, and kept on disk until its end.

A killed switch plays them anew from what was kept: records due in between are written late with their planned times,
and some may then stand there twice, which their reader allows.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from k5web.errors import NotFound, SwitchSilent, SwitchUnreachable
from k5web.outgoing.request import Remote
from k5web.telephony.simulator.dialplan import is_answer, play
from k5web.telephony.simulator.pbx_call import PbxRecord, Played, Question, Ringing, Step
from k5web.telephony.simulator.phones import SECOND
from k5web.telephony.simulator.sounds import write_recording
from k5web.telephony.simulator.tables import AccountsTables
from k5web.telephony.switch_files import RECORDINGS

logger = logging.getLogger(__name__)

QUESTION: Final = "/hooks/switch"
ASKS_S: Final = (1.0, 2.0)  # to connect, and for the answer, as the dialplan
PAUSE_AFTER_FAILURE_S: Final = 1.0
MOST_TOLD: Final = 100  # calls that are over and still told of
_END_OF_A_FILE = ("K5_DONE", "K5_VOICEMAIL")


@dataclass(frozen=True, slots=True)
class Home:
    """The switch as others know it."""

    name: str
    password: str  # by which it asks K5
    k5_url: str
    trunk: str
    speed: int  # times real time


@dataclass(frozen=True, slots=True)
class Place:
    """Where its calls are kept and written, and what time it is. Units: microseconds since the epoch."""

    directory: Path
    next: Callable[[], tuple[int, int]]  # a moment that no other call has, and a number for its channels
    append: Callable[[list[str]], None]  # to the file of records; raises OSError
    now_us: Callable[[], int]


@dataclass(slots=True)
class _Call:
    ringing: Ringing
    played: Played | None = None
    written: int = 0
    changed: threading.Event = field(default_factory=threading.Event)
    is_over: bool = False


class PbxCalls:
    """Safe to use from several threads."""

    def __init__(self, home: Home, place: Place) -> None:
        """Play on what a killed switch left."""
        self._home, self._place = home, place
        self._tables = AccountsTables(place.directory)
        self._spool = place.directory / "spool" / "pbx"
        self._spool.mkdir(parents=True, exist_ok=True)
        (place.directory / RECORDINGS).mkdir(parents=True, exist_ok=True)
        self._remote = Remote(home.name, ASKS_S, never_sent=SwitchSilent, unknown=SwitchSilent)
        self._lock = threading.Lock()
        self._is_closed = threading.Event()
        self._calls: dict[str, _Call] = {}
        self._threads: list[threading.Thread] = []
        for path in sorted(self._spool.glob("*.json")):
            try:
                self._begin(_read(json.loads(path.read_text())))
            except (ValueError, TypeError, KeyError):
                logger.exception("a kept call cannot be read", extra={"file": str(path)})
                path.replace(path.with_suffix(".bad"))

    def ring(self, caller: str, called: str, keys: Sequence[str] = (), hangs_up_s: int = 60) -> str:
        """Let somebody ring; return the switch's name of it. Raises: OSError (nothing rings)."""
        placed_us, number = self._place.next()
        ringing = Ringing(caller, called, placed_us, number, self._home.trunk, tuple(keys), hangs_up_s)
        self._keep(ringing)
        self._begin(ringing)
        return ringing.linked_id

    def hang_up(self, linked_id: str) -> bool:
        """Let the caller hang up now; False where no such call is under way. Raises: OSError."""
        call = self._calls.get(linked_id)
        if call is None or call.is_over:
            return False
        with self._lock:
            if call.ringing.cut_us is None:
                call.ringing = replace(call.ringing, cut_us=self._switch_now(call))
                self._keep(call.ringing)
        call.changed.set()
        return True

    def story(self, linked_id: str) -> tuple[list[Step], bool]:
        """Return what happened so far, and whether it is over. Raises: NotFound."""
        call = NotFound.unless(self._calls.get(linked_id), "call")
        now_us = self._switch_now(call)
        steps = call.played.story if call.played else ()
        return [step for step in steps if call.is_over or step.at_us <= now_us], call.is_over

    def records(self) -> list[PbxRecord]:
        """Return the records, written or due, of the calls under way: what has a channel, and in which state."""
        found: list[PbxRecord] = []
        for call in list(self._calls.values()):
            if call.played and not call.is_over:
                now_us = self._switch_now(call)
                found += [record for record in call.played.records if record.at_us <= now_us]
        return found

    def close(self) -> None:
        """Stop playing; what is not over goes on at the next start."""
        self._is_closed.set()
        for call in list(self._calls.values()):
            call.changed.set()
        for thread in self._threads:
            thread.join()

    # ------------------------------------------------------------------------------------------------- one thread
    def _begin(self, ringing: Ringing) -> None:
        call = _Call(ringing)
        with self._lock:
            self._calls[ringing.linked_id] = call
            for name in [name for name, old in self._calls.items() if old.is_over][:-MOST_TOLD]:
                del self._calls[name]
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._play, args=(call,), name=ringing.linked_id)
            self._threads.append(thread)
        thread.start()

    def _play(self, call: _Call) -> None:
        while not (self._is_closed.is_set() or call.is_over):
            call.changed.clear()
            ringing = call.ringing
            try:
                call.played = play(ringing, self._home.name, self._tables)
                self._remember(call, call.played)
                self._go_on(call, ringing, call.played)
            except (OSError, SwitchUnreachable):
                logger.exception("a simulated call waits", extra={"linked_id": ringing.linked_id})
                self._is_closed.wait(PAUSE_AFTER_FAILURE_S)

    def _go_on(self, call: _Call, ringing: Ringing, played: Played) -> None:
        """Write what comes due; at its end ask K5, or be done. Returns early where the call was changed."""
        while call.written < len(played.records):
            record = played.records[call.written]
            if self._waits_till(call, record.at_us):
                return
            if record.kind in _END_OF_A_FILE:
                for file, milliseconds in played.recordings:
                    write_recording(self._place.directory / RECORDINGS / file, milliseconds)
            self._place.append([record.text])
            call.written += 1
        if played.question is None:
            self._spooled(ringing).unlink(missing_ok=True)
            call.is_over = True
            return
        if self._waits_till(call, played.question.at_us):
            return
        said = self._ask(played.question)
        with self._lock:
            answers = (*call.ringing.answers, (self._switch_now(call), said))
            call.ringing = replace(call.ringing, answers=answers)
            self._keep(call.ringing)

    def _remember(self, call: _Call, played: Played) -> None:
        """Keep what was looked up: a call follows the rule that it began with."""
        with self._lock:
            if played.known != call.ringing.known:
                call.ringing = replace(call.ringing, known=played.known)
                self._keep(call.ringing)

    def _ask(self, question: Question) -> str:
        """Return K5's answer; where it is silent what was answered ahead, once; else nothing."""
        url, auth = self._home.k5_url + QUESTION, ("switch", self._home.password)
        try:
            answer = self._remote.request("POST", url, data=dict(question.form), auth=auth)
            said = answer.body.decode("utf-8", "replace") if answer.is_success else ""
        except SwitchSilent:
            said = ""
        return said if is_answer(said) else self._tables.take_ahead(question.ahead_key)

    def _waits_till(self, call: _Call, at_us: int) -> bool:
        """Wait until a moment of the switch's time; return True at once where the call is changed before."""
        real_us = call.ringing.placed_us + -(-(at_us - call.ringing.placed_us) // self._home.speed)
        while (left_us := real_us - self._place.now_us()) > 0:
            if call.changed.wait(left_us / SECOND):
                return True
        return call.changed.is_set()

    def _switch_now(self, call: _Call) -> int:
        placed_us = call.ringing.placed_us
        return placed_us + max(0, self._place.now_us() - placed_us) * self._home.speed

    def _spooled(self, ringing: Ringing) -> Path:
        return self._spool / f"{ringing.linked_id}.json"

    def _keep(self, ringing: Ringing) -> None:
        path = self._spooled(ringing)
        half = path.with_suffix(".part")
        half.write_text(json.dumps(asdict(ringing)))
        half.replace(path)


def _read(kept: dict[str, Any]) -> Ringing:
    answers = tuple((int(at_us), str(said)) for at_us, said in kept["answers"])
    return Ringing(**{**kept, "keys": tuple(kept["keys"]), "answers": answers})
