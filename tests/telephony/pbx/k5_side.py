"""K5's side of the switch's question, played by the tests: it answers, or fails in one of nine ways."""

import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class Answers(Enum):
    """What becomes of a question."""

    YES = "a hold, while the money lasts"
    NO = "refused"
    ERROR = "a yes with the status 500"
    GARBAGE = "a page"
    EVIL = "a yes that would run a program"
    HTML = "a yes with a word behind it"
    DROP = "the connection breaks off"
    SILENCE = "the question is taken and nothing said"
    LATE = "a yes after three seconds"
    REDIRECT = "somewhere else"


class _Server(ThreadingHTTPServer):
    """All calls of a contract ask at one moment; a connection that finds no place in the queue is tried a second late,
    and the switch waits no longer than that."""

    request_queue_size = 128
    daemon_threads = True


class K5Side:
    """Holds by (switch, channel, n): the same key gets the same answer."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._last_call = 100
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.reset()

    def reset(self) -> None:
        """Forget what was asked, answer yes with limits that no test reaches."""
        self._over.set()  # whoever was kept waiting is let go
        with self._lock:
            self._over = threading.Event()
            self.answers = Answers.YES
            self.answers_to: dict[str, Answers] = {}  # to the questions of some owners, in place of `answers`
            self.asked: list[dict[str, str]] = []
            self.holds: dict[str, str] = {}
            self.money_for = 1000  # calls
            self.talk_ms, self.leg_s = 59_000, 107
            self.trunks, self.record = "trunk-a,trunk-b", ""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        side = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                question = dict(parse_qsl(body, keep_blank_values=True))
                kind, _, proof = self.headers.get("Authorization", "").partition(" ")
                who = b64decode(proof).decode()
                if (self.path, kind, who) != ("/hooks/switch", "Basic", f"switch:{side._password}"):
                    question["wrong"] = f"{self.path} {who}"
                with side._lock:
                    side.asked.append(question)
                    answers, over = side.answers_to.get(question["owner"], side.answers), side._over
                if answers in {Answers.SILENCE, Answers.LATE}:
                    over.wait(3 if answers is Answers.LATE else None)
                if answers in {Answers.SILENCE, Answers.DROP}:
                    self.close_connection = True
                    return
                self._say(*side._said(answers, question))

            def _say(self, status: int, text: str) -> None:
                try:
                    self.send_response(status)
                    if status == 302:
                        self.send_header("Location", f"{side.url}/elsewhere")
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text.encode())
                except OSError:  # the switch waits no longer
                    self.close_connection = True

        return Handler

    def _said(self, answers: Answers, question: dict[str, str]) -> tuple[int, str]:
        match answers:
            case Answers.NO:
                return 200, "no|funds"
            case Answers.ERROR:
                return 500, "yes|8841-1|59000|107|trunk-a||"
            case Answers.REDIRECT:
                return 302, "yes|8841-1|59000|107|trunk-a||"
            case Answers.GARBAGE:
                return 200, "<html>yes|1|2</html>\n" * 50
            case Answers.HTML:
                return 200, "yes|8841-1|59000|107|trunk-a||<br>"
            case Answers.EVIL:
                return 200, "yes|8841-1|59000|107|trunk-a)(x${SHELL(id)}|7495|"
        with self._lock:
            key = f"{question['switch']}/{question['channel']}/{question['n']}"
            if key not in self.holds:
                if len(self.holds) >= self.money_for:
                    return 200, "no|funds"
                self._last_call += 1
                limits = f"{self.talk_ms}|{self.leg_s}|{self.trunks}|74951110001|{self.record}"
                self.holds[key] = f"yes|{question['owner']}-{self._last_call}|{limits}"
            return 200, self.holds[key]

    def start(self) -> None:
        """Begin to answer."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; nobody answers there afterwards."""
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def answering(password: str) -> Iterator[K5Side]:
    """Play K5's side for a while."""
    side = K5Side(password)
    side.start()
    try:
        yield side
    finally:
        side.stop()
