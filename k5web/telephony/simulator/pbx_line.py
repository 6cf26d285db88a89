"""The leg of who rings and all it meets: time, a fuse, our voice, phones that are rung, a talk, its recording."""

from collections.abc import Callable, Sequence

from k5web.telephony.simulator.pbx_call import Leg, PbxRecord, Ringing, Step, compact, record
from k5web.telephony.simulator.phones import SECOND, Phone

LONGEST_S = 7200  # of any call: its last fuse
PROMPT_US, KEY_US, REFUSAL_US = 3 * SECOND, SECOND, 6_000  # what the real one needs, about
DIALPLAN = "dialplan/builtin"  # who hung up, where it was neither party

_WORDS = ("BUSY", "CONGESTION", "CHANUNAVAIL")  # the strongest first


class LineOver(Exception):
    """The caller's leg ended."""

    def __init__(self, cause: int, source: str = "") -> None:
        """`cause`: Q.850; `source`: the channel that hung up, DIALPLAN, or "" (a fuse, a cut)."""
        self.cause, self.source = cause, source


class Line:
    """Units: `_us` microseconds since the epoch, switch time."""

    def __init__(self, ringing: Ringing, endpoint: str, account: str) -> None:
        self.ringing = ringing
        self.now_us = ringing.placed_us
        self.records: list[PbxRecord] = []
        self.story: list[Step] = []
        self.recordings: list[tuple[str, int]] = []
        self._legs = 0
        self.caller = self.leg(endpoint, ringing.caller, account, ringing.called)
        self._keys = list(ringing.keys)
        hangs_up_us = ringing.placed_us + ringing.hangs_up_s * SECOND
        self._is_cut = ringing.cut_us is not None and ringing.cut_us < hangs_up_us
        self._hangs_up_us = min(hangs_up_us, ringing.cut_us or hangs_up_us)
        self.fuse_us = ringing.placed_us + LONGEST_S * SECOND
        self.in_ms = 0  # that the owner pays the caller's leg for: from the first answer
        self.dial_status = ""
        self._file = ""
        self.is_queue = False  # that the caller waits or talks in
        self.write("CHAN_START", self.caller)

    def leg(self, endpoint: str, number: str, account: str = "", extension: str = "s") -> Leg:
        """Return one more leg."""
        uuid = self.ringing.leg_uuid(self._legs)
        channel = f"PJSIP/{endpoint}-{16 * self.ringing.number + self._legs:08x}"
        self._legs += 1
        return Leg(uuid, channel, number, account, extension)

    def wait(self, until_us: int) -> None:
        """Let time pass. Raises: LineOver where the caller's leg ends before."""
        last_us = min(self._hangs_up_us, self.fuse_us)
        if until_us >= last_us:
            self.now_us = max(self.now_us, last_us)
            is_caller = self._hangs_up_us <= self.fuse_us and not self._is_cut
            raise LineOver(self._cause(is_caller), self.caller.channel if is_caller else "")
        self.now_us = until_us

    def _cause(self, is_caller: bool) -> int:
        """Return the Q.850 cause that the real switch writes of a leg that ended here: where nobody talks, none comes
        with the caller's leaving or a fuse."""
        if self.dial_status == "ANSWER" or self._is_cut:
            return 16
        return 127 if is_caller and not self.caller.is_up else 0

    def pause(self, pause_us: int) -> None:
        """Let so much time pass. Raises: LineOver."""
        self.wait(self.now_us + pause_us)

    def write(self, kind: str, leg: Leg, extra: str = "") -> None:
        """Write a record."""
        self.records.append(record(self.ringing, self.now_us, kind, leg, extra))

    def tell(self, what: str, about: str = "") -> None:
        """Tell whoever tries the number out."""
        self.story.append(Step(self.now_us, what, about))

    # -------------------------------------------------------------------------------------------------- our voice
    def answer(self) -> None:
        """Answer the caller ourselves."""
        if not self.caller.is_up:
            self.caller.is_up = True
            self.write("ANSWER", self.caller)
            self._light_fuse()

    def say(self, prompt: str, until_us: int | None = None) -> None:
        """Play a prompt to its end, or to a moment. Raises: LineOver."""
        self.tell("heard", prompt)
        end_us = self.now_us + PROMPT_US
        self.wait(end_us if until_us is None else min(end_us, until_us))

    def read(self, prompt: str, seconds: int) -> str:
        """Return the keys that are pressed at this prompt, or in the seconds after it. Raises: LineOver."""
        self.tell("heard", prompt)
        keys = self._keys.pop(0) if self._keys else ""
        if keys:
            self.pause(KEY_US)
            self.tell("pressed", keys)
        else:
            self.pause(PROMPT_US + seconds * SECOND)
            self.tell("nothing_pressed")
        return keys

    def _light_fuse(self) -> None:
        """The time that the owner has money for begins with the first answer."""
        if self.in_ms:
            self.fuse_us = self.now_us + self.in_ms // 1000 * SECOND
            self.in_ms = 0

    # ------------------------------------------------------------------------------------------------------ legs
    def dial(self, legs: Sequence[tuple[Leg, Phone]], seconds: int, talk: Callable[[Leg, Phone], None]) -> None:
        """Ring legs until one answers, all refuse, or the time is over; `dial_status` says which.

        Raises: LineOver, when the talk is over or the caller is gone before.
        """
        self.dial_status = "CANCEL"  # where the caller is gone first
        dialled = self.now_us
        ringing = {leg.uuid: leg for leg, _phone in legs}
        for leg, _phone in legs:
            self.write("CHAN_START", leg)
        words = []
        try:
            for after_us, leg, phone in sorted(((_news_us(each[1]), *each) for each in legs), key=lambda one: one[0]):
                if after_us >= seconds * SECOND:
                    break
                self.wait(dialled + after_us)
                if phone.refuses is None:
                    self._hang_up([one for one in ringing.values() if one is not leg], 26)
                    ringing = {leg.uuid: leg}
                    talk(leg, phone)
                del ringing[leg.uuid]
                self._hang_up([leg], phone.refuses or 16, leg.channel)
                words.append(phone.dial_status)
            if ringing:
                self.wait(dialled + seconds * SECOND)
                words = ["NOANSWER"]
                self._hang_up(list(ringing.values()), 0)
        except LineOver as over:
            talking = self.dial_status == "ANSWER"
            for leg in ringing.values():
                self._hang_up([leg], over.cause or 16, self._source(leg, over) if talking else "")
            raise
        self.dial_status = next((word for word in _WORDS if word in words), "NOANSWER")
        self.tell("no_answer", self.dial_status)

    def meet(self, leg: Leg) -> None:
        """This leg answered."""
        leg.is_up = True
        self.write("ANSWER", leg)
        self.tell("answered", leg.number)
        self._light_fuse()
        self.dial_status = "ANSWER"

    def record(self, leg: Leg, owner: str) -> None:
        """Keep what is talked, on the outside party's leg, in one file."""
        if self._file:
            return
        self._file = f"rec-{owner}-{leg.uuid}.alaw"
        self.write("K5_REC", leg, f"{owner}|{self._file}")
        self.tell("recorded")

    def talk(self, leg: Leg, phone: Phone, fuse_us: int) -> None:
        """Join both and let them talk. Raises: LineOver, when somebody hangs up or a fuse has burnt down."""
        if not self.caller.is_up:
            self.caller.is_up = True
            self.write("ANSWER", self.caller)
        for one in (leg, self.caller):
            self.write("BRIDGE_ENTER", one)
        began_us = self.now_us
        hangs_up_us = fuse_us if phone.hangs_up_us is None else began_us + phone.hangs_up_us
        try:
            self.wait(min(fuse_us, hangs_up_us))
            raise LineOver(16, leg.channel if hangs_up_us < fuse_us else "")
        finally:
            if self._file:
                self.recordings.append((self._file, (self.now_us - began_us) // 1000))
            for one in (leg, self.caller):
                self.write("BRIDGE_EXIT", one)

    def end(self, over: LineOver) -> None:
        """Write the last records."""
        self._hang_up([self.caller], over.cause, self._source(self.caller, over))
        self.write("LINKEDID_END", self.caller)
        self.tell("over", self.dial_status)

    def _source(self, leg: Leg, over: LineOver) -> str:
        """What the real switch writes of who hung up: a recording or a queue between them tells nobody but oneself."""
        is_between = (self._file or self.is_queue) and over.source != DIALPLAN
        return "" if is_between and over.source != leg.channel else over.source

    def _hang_up(self, legs: Sequence[Leg], cause: int, source: str = "") -> None:
        for leg in legs:
            status = self.dial_status if leg is self.caller else ""
            if "-" in leg.account:  # a carrier's: what came back says how the carrier does
                said = "|" if leg.is_up else f"{leg.sip}|{leg.heard}"
                self.write("K5_END", leg, f"||{cause}|{said}")
            self.write("HANGUP", leg, compact({"hangupcause": cause, "hangupsource": source, "dialstatus": status}))
            self.write("CHAN_END", leg)


def _news_us(phone: Phone) -> int:
    """Return after how long a phone answers or refuses; one that does neither, never."""
    if phone.refuses is not None:
        return phone.rings_us + REFUSAL_US
    return LONGEST_S * SECOND if phone.answers_us is None else phone.answers_us
