"""A SIP phone of the tests, on a port of loopback: registers, calls, answers, presses keys, transfers, speaks."""

import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Literal

from tests.processes import PATIENCE_S, wait_for
from tests.telephony.pbx import sip
from tests.telephony.pbx.sip import Address, Message

PACKET_S = 0.02
SILENT_S = 0.25  # how seldom a phone looks that says nothing: sixty of them share one processor with K5's side
SPEECH = bytes(0xD5 ^ (0x10 if n // 10 % 2 else 0x30) for n in range(160))  # 400 Hz in A-law
KEYS = "0123456789*#"
CHALLENGES = {401, 407}

State = Literal["idle", "ringing", "up", "over"]


@dataclass
class Dialog:
    """One call of a phone, from its own side."""

    call_id: str
    uri: str  # of the first request
    to: str
    local_tag: str
    me: str
    target: str
    remote_tag: str = ""
    sequence: int = 1
    via: str = ""
    invite: Message | None = None  # of a call that came in


class Phone:
    """One phone with one line. `on_invite` says what it does with a call: answer, ring on, or a code."""

    def __init__(
        self, server: str, user: str = "", password: str = "", host: str = "127.0.0.1", name: str = ""
    ) -> None:
        """`server`: host:port; `name`: what stands in From, where it is another than the account's."""
        address, _, port = server.rpartition(":")
        self.server: Address = (address, int(port))
        self.user, self.password, self.host = user, password, host
        self.name = name or user
        self.on_invite: Literal["answer", "ring"] | int = "answer"
        self.speaks = False
        self.state: State = "idle"
        self.invites = 0
        self.rung_from: Address | None = None
        self.provisional: list[int] = []
        self.sound = bytearray()  # so far
        self._keys: list[str] = []
        self._dialog: Dialog | None = None
        self._finals: dict[tuple[str, str], Message] = {}
        self._peer = self.server
        self._signals = _bound(host)
        self._media = _bound(host)
        self._remote_media: Address | None = None
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._listen, self._hear)]
        for thread in self._threads:
            thread.start()

    @property
    def heard(self) -> int:
        """Bytes of sound so far."""
        return len(self.sound)

    @property
    def address(self) -> str:
        """Where it is called, as host:port."""
        return f"{self.host}:{self._signals.getsockname()[1]}"

    def register(self, expires: int = 300) -> int:
        """Return the final code."""
        uri = f"sip:{self.server[0]}:{self.server[1]}"
        me = f"sip:{self.user}@{self.server[0]}"
        dialog = Dialog(sip.new_id(), uri, me, sip.new_id(), me, uri)
        return self._ask("REGISTER", dialog, f"Expires: {expires}\r\n").code

    def call(self, number: str) -> int:
        """Dial and return the final code; 487 where it was cancelled."""
        uri = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        self.provisional.clear()
        dialog = Dialog(sip.new_id(), uri, uri, sip.new_id(), f"sip:{self.name}@{self.host}", uri)
        self._dialog, self.state = dialog, "idle"
        return self._ask("INVITE", dialog, "", sip.description(self.host, self._media_port)).code

    def call_without_waiting(self, number: str) -> None:
        """Dial and go on."""
        thread = threading.Thread(target=self.call, args=(number,))
        thread.start()
        self._threads.append(thread)

    @property
    def keys_left(self) -> int:
        """Keys that are not pressed yet."""
        return len(self._keys)

    @property
    def dialled(self) -> str:
        """The number by which the call came that it has or had."""
        assert self._dialog
        return self._dialog.me.removeprefix("sip:").partition("@")[0]

    @property
    def called_by(self) -> str:
        """Who was said to call."""
        assert self._dialog
        return self._dialog.to

    def cancel(self) -> None:
        """Give up while the other phone rings."""
        assert self._dialog
        self._request("CANCEL", self._dialog, via=self._dialog.via, sequence=self._dialog.sequence)

    def bye(self) -> None:
        """Hang up."""
        assert self._dialog
        self._ask("BYE", self._dialog)
        self.state = "over"

    def refer(self, number: str, instead_of: str = "") -> int:
        """Ask the switch to send the other party to a number, or into the call of another line; return the code."""
        assert self._dialog
        host, port = self.server
        return self._ask("REFER", self._dialog, f"Refer-To: <sip:{number}@{host}:{port}{instead_of}>\r\n").code

    @property
    def replaces(self) -> str:
        """This call, as another phone names it in the Refer-To of an attended transfer."""
        assert self._dialog
        one = self._dialog
        return f"?Replaces={one.call_id}%3Bto-tag%3D{one.remote_tag}%3Bfrom-tag%3D{one.local_tag}"

    def press(self, keys: str) -> None:
        """Press keys one after another."""
        self._keys.extend(keys)

    def wait(self, *states: State) -> None:
        """Return when it is in one of these states."""
        wait_for(lambda: self.state in states, f"phone {self.name} is {' or '.join(states)}, not {self.state}")

    def answer(self) -> None:
        """Take the call that rings."""
        assert self._dialog
        assert self._dialog.invite
        body = sip.description(self.host, self._media_port)
        self._reply(self._dialog.invite, 200, self._dialog.local_tag, body)

    def close(self) -> None:
        """End its threads and leave its ports."""
        self._closed.set()
        for bound in (self._signals, self._media):
            with socket.socket(type=socket.SOCK_DGRAM) as last:
                last.sendto(b"", bound.getsockname())
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self._signals.close()
        self._media.close()

    @property
    def _media_port(self) -> int:
        port: int = self._media.getsockname()[1]
        return port

    def _ask(self, method: str, dialog: Dialog, extra: str = "", body: str = "") -> Message:
        """Send a request, again with the password where it is asked for; return the final answer."""
        answer = self._final(method, dialog, extra, body)
        if answer.code in CHALLENGES and self.password:
            proof = sip.authorization(answer, self.user, self.password, method, dialog.target)
            return self._final(method, dialog, extra + proof, body)
        return answer

    def _final(self, method: str, dialog: Dialog, extra: str, body: str) -> Message:
        dialog.sequence += 1
        key = (dialog.call_id, f"{dialog.sequence} {method}")
        dialog.via = f"SIP/2.0/UDP {self.address};branch=z9hG4bK{sip.new_id()};rport"
        self._request(method, dialog, extra, body, via=dialog.via)
        wait_for(lambda: key in self._finals, f"an answer to {method} of {self.name}")
        return self._finals[key]

    def _request(
        self, method: str, dialog: Dialog, extra: str = "", body: str = "", via: str = "", sequence: int = 0
    ) -> None:
        host, port = self.host, self._signals.getsockname()[1]
        remote = f";tag={dialog.remote_tag}" if dialog.remote_tag and method != "CANCEL" else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        own_via = via or f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{sip.new_id()};rport"
        text = (
            f"{method} {dialog.uri if method == 'CANCEL' else dialog.target} SIP/2.0\r\nVia: {own_via}\r\n"
            f"Max-Forwards: 70\r\nFrom: <{dialog.me}>;tag={dialog.local_tag}\r\nTo: <{dialog.to}>{remote}\r\n"
            f"Call-ID: {dialog.call_id}\r\nCSeq: {sequence or dialog.sequence} {method}\r\n"
            f"Contact: <sip:{self.name}@{host}:{port}>\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._signals.sendto(text.encode(), self.server)

    def _reply(self, request: Message, code: int, tag: str, body: str = "") -> None:
        to = request.headers["to"] + ("" if request.tag("to") else f";tag={tag}")
        vias = "".join(f"Via: {via}\r\n" for via in request.vias)
        contact = f"<sip:{self.name}@{self.address}>"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (
            f"SIP/2.0 {code} Said\r\n{vias}From: {request.headers['from']}\r\nTo: {to}\r\n"
            f"Call-ID: {request.call_id}\r\nCSeq: {request.headers['cseq']}\r\nContact: {contact}\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._signals.sendto(text.encode(), self._peer)

    def _listen(self) -> None:
        while True:
            data, self._peer = self._signals.recvfrom(65535)
            if self._closed.is_set():
                return
            if not data.strip():
                continue
            message = sip.parse(data)
            if message.code:
                self._take_answer(message)
            else:
                self._take_request(message)

    def _take_answer(self, answer: Message) -> None:
        dialog = self._dialog
        if answer.code < 200:
            if answer.method == "INVITE":
                self.provisional.append(answer.code)
                self._remote_media = answer.media or self._remote_media
            return
        if answer.method == "INVITE" and dialog and answer.call_id == dialog.call_id:
            dialog.remote_tag = answer.tag("to")
            sequence = int(answer.headers["cseq"].split()[0])
            if answer.code < 300:
                dialog.target = answer.uri("contact") or dialog.target
                self._remote_media = answer.media
                self._request("ACK", dialog, sequence=sequence)
                self.state = "up" if self.state != "over" else self.state
            else:
                self._request("ACK", dialog, via=answer.vias[0], sequence=sequence)
                dialog.remote_tag = ""
                self.state = "idle" if answer.code in CHALLENGES else "over"
        self._finals[answer.call_id, answer.headers["cseq"]] = answer

    def _take_request(self, request: Message) -> None:
        dialog = self._dialog
        is_known = dialog is not None and request.call_id == dialog.call_id
        if request.method == "INVITE":
            self._take_invite(request, is_known)
        elif request.method == "ACK":
            if is_known and self.state == "ringing":
                self.state = "up"
        elif request.method == "CANCEL":
            self._reply(request, 200, "")
            if dialog and dialog.invite and self.state == "ringing":
                self._reply(dialog.invite, 487, dialog.local_tag)
                self.state = "over"
        else:
            self._reply(request, 200, "")
            if request.method == "BYE" and is_known:
                self.state = "over"

    def _take_invite(self, request: Message, is_known: bool) -> None:
        if is_known:
            assert self._dialog
            if self.state == "up":  # a re-INVITE moves the sound
                self._remote_media = request.media or self._remote_media
                self._reply(request, 200, self._dialog.local_tag, sip.description(self.host, self._media_port))
            return
        self.invites += 1
        self.rung_from = self._peer
        tag = sip.new_id()
        if self.state in {"up", "ringing"} or isinstance(self.on_invite, int):
            self._reply(request, self.on_invite if isinstance(self.on_invite, int) else 486, tag)
            return
        self._dialog = Dialog(
            request.call_id,
            request.uri("contact"),
            request.uri("from"),
            tag,
            request.uri("to"),
            request.uri("contact"),
            remote_tag=request.tag("from"),
            sequence=100,
            invite=request,
        )
        self._remote_media, self.state = request.media, "ringing"
        self._reply(request, 180, tag)
        if self.on_invite == "answer":
            self.answer()

    def _hear(self) -> None:
        """Count what comes and, while it is up, speak and press keys: a packet every 20 ms."""
        sequence, due = 0, time.monotonic()
        while not self._closed.is_set():
            self._media.settimeout(PACKET_S if self.speaks or self._keys else SILENT_S)
            try:
                data = self._media.recv(4096)
            except TimeoutError:
                data = b""
            if len(data) > 12:
                self.sound += data[12:]
            if self.state == "up" and self._remote_media and self._keys:
                sequence = self._press(self._keys.pop(0), sequence, self._remote_media)
            elif self.speaks and self.state == "up" and self._remote_media and time.monotonic() >= due:
                due = max(due + PACKET_S, time.monotonic() - 1)  # what a busy machine left out follows
                head = struct.pack("!BBHII", 0x80, 8, sequence & 0xFFFF, sequence * 160, 4711)
                self._media.sendto(head + SPEECH, self._remote_media)
                sequence += 1

    def _press(self, key: str, sequence: int, to: Address) -> int:
        """Three packets while the key is down, the last one thrice, then a pause. Source: RFC 4733."""
        stamp = sequence * 160
        for n in range(6):
            head = struct.pack("!BBHII", 0x80, (0x80 if n == 0 else 0) | 101, (sequence + n) & 0xFFFF, stamp, 4711)
            body = struct.pack("!BBH", KEYS.index(key), 0x8A if n > 2 else 0x0A, 160 * (min(n, 3) + 1))
            self._media.sendto(head + body, to)
            self._closed.wait(PACKET_S)
        self._closed.wait(0.1)
        return sequence + 12


def _bound(host: str) -> socket.socket:
    made = socket.socket(type=socket.SOCK_DGRAM)
    made.bind((host, 0))
    return made
