"""The simulated switch's face: the part of Asterisk's REST interface that K5 uses, answer for answer."""

import base64
import hmac
import json
import logging
import re
import signal
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from k5web.config.switches import SwitchSettings
from k5web.errors import WrongSetting
from k5web.telephony.simulator.caller import MISSED
from k5web.telephony.simulator.pbx_calls import Home, PbxCalls, Place
from k5web.telephony.simulator.pbx_face import PbxFace
from k5web.telephony.simulator.phones import SECOND
from k5web.telephony.simulator.script import Order
from k5web.telephony.simulator.switch import Call, SimulatedSwitch, StillAlive

logger = logging.getLogger(__name__)

LONGEST_BODY = 64 * 1024
DEFAULT_RING_S = 30  # Asterisk's own, where no timeout is given

_CHANNEL = re.compile(r"/channels/([A-Za-z0-9][A-Za-z0-9._-]{0,79})", re.ASCII)  # the id becomes a file name
_ENDPOINT = re.compile(r"PJSIP/([^@/]+)@([A-Za-z0-9_-]+)", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9]{5,15}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)

Answer = tuple[HTTPStatus, object]

_NO_CHANNEL: Answer = HTTPStatus.NOT_FOUND, {"message": "Channel not found"}


def serve(settings: SwitchSettings, k5_url: str) -> None:
    """Play the switch until SIGTERM or Ctrl-C; calls under way go on at the next start. Raises: WrongSetting.

    It asks K5 at this address before whatever costs.
    """
    if settings.cel_file is None:
        raise WrongSetting(name="K5_CEL_FILE", reason="the simulated switch needs a file for its records")
    switch = SimulatedSwitch(settings.cel_file, settings.speed)
    calls = open_calls(settings, switch, k5_url)
    try:
        server = open_server(settings, switch, calls)
    except OSError as error:
        raise WrongSetting(name="K5_ARI_URL", reason=f"cannot listen on {settings.ari_url}: {error}") from error
    stop = threading.Event()

    def play() -> None:
        try:
            switch.run(stop)
        finally:
            stop.set()  # without its records the switch must not look alive

    threads = [threading.Thread(target=play), threading.Thread(target=server.serve_forever, args=(0.1,))]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for thread in threads:
        thread.start()
    logger.info("the simulated switch listens on %s and writes %s", settings.ari_url, settings.cel_file)
    stop.wait()
    server.shutdown()
    switch.wake()
    for thread in threads:
        thread.join()
    server.server_close()
    calls.close()
    switch.close()


def open_calls(settings: SwitchSettings, switch: SimulatedSwitch, k5_url: str) -> PbxCalls:
    """Return the calls to rented numbers, those of before a kill playing on."""
    assert settings.directory is not None, "of a simulated switch it is here"
    trunk = settings.trunks[0].code
    place = Place(settings.directory, switch.next_place, switch.append, switch.now_us)
    return PbxCalls(Home(settings.name, settings.ari_password, k5_url, trunk, settings.speed), place)


def open_server(settings: SwitchSettings, switch: SimulatedSwitch, calls: PbxCalls) -> ThreadingHTTPServer:
    """Return a server bound to the address of `K5_ARI_URL`, not yet serving. Raises: OSError."""
    address = urlsplit(settings.ari_url)
    face = Face(switch, PbxFace(calls), address.path, f"{settings.ari_user}:{settings.ari_password}")

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    handler = type("Handler", (_Handler,), {"face": face})
    return Server((address.hostname or "127.0.0.1", address.port or 80), handler)


class Face:
    """Requests as values in, answers as values out."""

    def __init__(self, switch: SimulatedSwitch, pbx: PbxFace, root: str, credentials: str) -> None:
        self._switch = switch
        self._pbx = pbx
        self._root = root
        self._authorization = "Basic " + base64.b64encode(credentials.encode()).decode()

    def answer(self, method: str, path: str, authorization: str, body: bytes) -> Answer:
        """Return the answer Asterisk would give."""
        if not hmac.compare_digest(authorization.encode(), self._authorization.encode()):
            return HTTPStatus.UNAUTHORIZED, {"message": "Authentication required"}
        if not path.startswith(self._root):
            return HTTPStatus.NOT_FOUND, {"message": "Resource not found"}
        path = unquote(path.removeprefix(self._root))
        if (method, path) == ("GET", "/asterisk/info"):
            up_since = _stamp(self._switch.started_us)
            return HTTPStatus.OK, {"status": {"startup_time": up_since, "last_reload_time": up_since}}
        if (method, path) == ("GET", "/channels"):
            ours = [channel for call in self._switch.calls() for channel in self._channels(call)]
            return HTTPStatus.OK, [*ours, *self._pbx.channels()]
        if (method, path) == ("POST", MISSED):
            return self._miss(body)
        if (told := self._pbx.answer(method, path, body)) is not None:
            return told
        match = _CHANNEL.fullmatch(path)
        if match is None:
            return HTTPStatus.NOT_FOUND, {"message": "Resource not found"}
        return self._channel(method, match[1], body)

    def _channel(self, method: str, channel_id: str, body: bytes) -> Answer:
        try:
            if method == "POST":
                return self._place(channel_id, body)
            if method == "DELETE":
                return (HTTPStatus.NO_CONTENT, None) if self._switch.cut(channel_id) else _NO_CHANNEL
        except OSError:
            logger.exception("the spool cannot be written")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "Allocation failed"}
        call = self._switch.find(channel_id)
        return (HTTPStatus.OK, self._channels(call)[0]) if call else _NO_CHANNEL

    def _miss(self, body: bytes) -> Answer:
        """Refuse a call to an access number as busy, as the dialplan does."""
        try:
            asked = json.loads(body or b"{}")
            numbers = [_NUMBER.fullmatch(asked[name]) for name in ("caller", "access")]
            if None in numbers:
                raise ValueError(numbers)
            self._switch.miss(*(found[0] for found in numbers if found))
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"message": "caller and access must be numbers"}
        except OSError:
            logger.exception("a record cannot be written")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "Allocation failed"}
        return HTTPStatus.NO_CONTENT, None

    def _place(self, channel_id: str, body: bytes) -> Answer:
        try:
            order = _order(channel_id, json.loads(body or b"{}"))
            call = self._switch.place(order)
        except StillAlive:
            return HTTPStatus.CONFLICT, {"message": "Channel with given unique ID already exists"}
        except json.JSONDecodeError:
            return HTTPStatus.BAD_REQUEST, {"message": "Error parsing request body"}
        except ValueError as error:
            return HTTPStatus.BAD_REQUEST, {"message": str(error)}
        except LookupError:  # no such trunk
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "Allocation failed"}
        return HTTPStatus.OK, self._channels(call)[0]

    def _channels(self, call: Call) -> list[dict[str, object]]:
        """Return A's channel and, once it was dialled, B's."""
        order, seen = call.order, self._switch.happened(call)
        channels = [_channel_facts(order, is_a=True, is_up=("ANSWER", True) in seen)]
        if ("CHAN_START", False) in seen:
            channels.append(_channel_facts(order, is_a=False, is_up=("ANSWER", False) in seen))
        return channels


class _Handler(BaseHTTPRequestHandler):
    face: Face
    server_version = "K5-simulator"
    timeout = 10  # seconds for a request to arrive

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not _WHOLE.fullmatch(length) or int(length) > LONGEST_BODY:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(int(length))
        path = urlsplit(self.path).path
        status, content = self.face.answer(self.command, path, self.headers.get("Authorization", ""), body)
        text = b"" if content is None else json.dumps(content, separators=(",", ":")).encode()
        self.send_response(status)
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="Asterisk REST Interface"')
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Requests go to the log, not to the terminal."""
        logger.debug(format, *args)


def _order(channel_id: str, body: Any) -> Order:
    """Return the order of a request's body. Raises: ValueError, LookupError (no such trunk)."""
    if not isinstance(body, dict) or not isinstance(body.get("endpoint"), str):
        raise ValueError("Endpoint must be specified")
    variables = body.get("variables", {})
    if not (isinstance(variables, dict) and all(isinstance(value, str) for value in variables.values())):
        raise ValueError("Each value in 'variables' must be a string")
    endpoint = _ENDPOINT.fullmatch(body["endpoint"])
    if endpoint is None:
        raise LookupError(body["endpoint"])
    ring_s = body.get("timeout", DEFAULT_RING_S)
    return Order(
        id=channel_id,
        placed_us=0,
        number=0,
        a_number=endpoint[1],
        trunk=endpoint[2],
        extension=str(body.get("extension", "")),
        account=variables.get("CHANNEL(accountcode)", ""),
        caller_id=str(body.get("callerId", "")),
        ring_a_s=ring_s if type(ring_s) is int and ring_s > 0 else DEFAULT_RING_S,
        ring_b_s=_limit(variables, "K5_RING_B"),
        talk_ms=_limit(variables, "K5_TALK_MS"),
        leg_a_s=_limit(variables, "K5_LEG_S"),
        trunks_b=variables.get("K5_TRUNKS_B", ""),
        last_words=variables.get("K5_LAST_WORDS", ""),
        press_1=variables.get("K5_PRESS_1") == "1",
    )


def _limit(variables: dict[str, str], name: str) -> int:
    text = variables.get(name, "")
    return int(text) if _WHOLE.fullmatch(text) else 0


def _channel_facts(order: Order, *, is_a: bool, is_up: bool) -> dict[str, object]:
    dialplan: dict[str, object] = {
        "context": "k5-callback" if is_a and is_up else "incoming",
        "exten": order.extension if is_a and is_up else "s",
        "priority": 1,
        "app_name": "Dial" if is_a and is_up else "AppDial2",
        "app_data": "",
    }
    numbers = [order.caller_id, order.extension]
    return {
        "id": order.id if is_a else order.b_id(),
        "name": order.a_channel if is_a else order.b_channel(),
        "state": "Up" if is_up else "Ringing",
        "protocol_id": f"{order.placed_us}-{'a' if is_a else 'b'}",
        "caller": {"name": "", "number": numbers[0 if is_a else 1]},
        "connected": {"name": "", "number": numbers[1 if is_a else 0]},
        "accountcode": order.account,
        "dialplan": dialplan,
        "creationtime": _stamp(order.placed_us),
        "language": "en",
    }


def _stamp(at_us: int) -> str:
    """Return the time as Asterisk writes it: 2026-11-20T18:13:56.661+0000."""
    at = datetime.fromtimestamp(at_us // SECOND, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_us % SECOND // 1_000:03d}+0000"
