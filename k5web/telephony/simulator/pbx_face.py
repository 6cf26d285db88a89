"""The simulated switch's face for its calls to rented numbers: who rings, what happens, which channels there are.

`POST /simulator/incoming` rings, `GET` and `DELETE /simulator/incoming/<name>` look and hang up; no real switch has
these. The channels are told as Asterisk tells them.
"""

import json
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from k5web.errors import NotFound
from k5web.telephony.simulator.pbx_calls import PbxCalls

logger = logging.getLogger(__name__)

INCOMING: Final = "/simulator/incoming"  # below the address of the REST interface
MOST_SECONDS: Final = 7200

_NAME = re.compile(rf"{INCOMING}/(k5-[0-9.]{{1,40}})", re.ASCII)
_CHANNEL = re.compile(r"/channels/(k5-[0-9]{1,12}\.[0-9]{6})[0-9]{2}", re.ASCII)  # of any leg
_CALLER = re.compile(r"\+?[0-9]{2,15}|u[1-9][0-9]{0,9}-[1-9][0-9]{0,9}|", re.ASCII)
_CALLED = re.compile(r"\+?[0-9]{2,15}", re.ASCII)
_KEYS = re.compile(r"[0-9]{0,10}(,[0-9]{0,10}){0,9}", re.ASCII)

Answer = tuple[HTTPStatus, object]


class PbxFace:
    """Requests as values in, answers as values out; None for what is not of these calls."""

    def __init__(self, calls: PbxCalls) -> None:
        self._calls = calls

    def answer(self, method: str, path: str, body: bytes) -> Answer | None:
        """Return the answer to one request."""
        if (method, path) == ("POST", INCOMING):
            return self._ring(body)
        if method == "DELETE" and (leg := _CHANNEL.fullmatch(path)):
            return (HTTPStatus.NO_CONTENT if self._calls.hang_up(f"{leg[1]}00") else HTTPStatus.NOT_FOUND), None
        found = _NAME.fullmatch(path)
        if found is None:
            return None
        if method == "DELETE":
            return (HTTPStatus.NO_CONTENT if self._calls.hang_up(found[1]) else HTTPStatus.NOT_FOUND), None
        try:
            steps, is_over = self._calls.story(found[1])
        except NotFound:
            return HTTPStatus.NOT_FOUND, None
        told = [{"at_us": step.at_us, "what": step.what, "about": step.about} for step in steps]
        return HTTPStatus.OK, {"steps": told, "is_over": is_over}

    def channels(self) -> list[Mapping[str, object]]:
        """Return the channels of the calls under way."""
        found: dict[str, dict[str, object]] = {}
        for record in self._calls.records():
            told = json.loads(record.text)
            if record.kind == "CHAN_START":
                found[record.leg_uuid] = {"id": record.leg_uuid, "name": told["channame"], "state": "Ringing"}
            elif record.kind == "ANSWER":
                found[record.leg_uuid]["state"] = "Up"
            elif record.kind == "HANGUP":
                found.pop(record.leg_uuid, None)
            if record.leg_uuid in found:
                found[record.leg_uuid]["accountcode"] = told["accountcode"]
        return list(found.values())

    def _ring(self, body: bytes) -> Answer:
        try:
            asked = json.loads(body or b"{}")
            caller, called, keys = (str(asked[name]) for name in ("caller", "called", "keys"))
            seconds = int(asked["seconds"])
            if not (_CALLER.fullmatch(caller) and _CALLED.fullmatch(called) and _KEYS.fullmatch(keys)):
                raise ValueError(asked)
            if not 1 <= seconds <= MOST_SECONDS:
                raise ValueError(seconds)
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"message": "a caller, a number, keys and seconds are wanted"}
        pressed = keys.split(",") if keys else []
        try:
            name = self._calls.ring(caller.lstrip("+"), called.lstrip("+"), pressed, seconds)
        except OSError:
            logger.exception("the spool cannot be written")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "Allocation failed"}
        return HTTPStatus.OK, {"id": name}
