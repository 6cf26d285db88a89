"""The Switch port over Asterisk's REST interface: one request starts a call, the switch does the rest by itself."""

import json
import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from k5web.config.switches import SwitchSettings
from k5web.domain.calls.call import CallOrder, Records
from k5web.domain.calls.endings import LAST_WORDS
from k5web.domain.calls.trunk import Trunk
from k5web.domain.prices.number import Msisdn
from k5web.errors import RecordsElsewhere, SwitchRefused, SwitchSilent
from k5web.outgoing.request import Answer, Remote
from k5web.telephony import cel

logger = logging.getLogger(__name__)

CONTEXT = "k5-callback"  # the dialplan that calls B and cuts off, in extensions.conf
NO_REDIRECT = "k5-no-redirect"  # where a carrier's redirection of leg A would look for its number: there is none
NORMAL_CLEARING = 16  # Q.850

_DIGITS = re.compile(r"[0-9]{7,15}", re.ASCII)

# Asterisk dials in a thread of its own, started last: with any of these nothing rings. Other failures may come from
# a proxy that had already passed the request on.
_REFUSALS = frozenset({*range(400, 500), 500, 503}) - {HTTPStatus.CONFLICT, HTTPStatus.REQUEST_TIMEOUT}


class AsteriskSwitch:
    """A real Asterisk or the simulated switch: they speak the same. No request is ever repeated."""

    def __init__(self, settings: SwitchSettings, timeout_s: tuple[float, float] = (2.0, 5.0)) -> None:
        """Units: `timeout_s` seconds to connect and to wait for the answer."""
        self.name = settings.name
        self.calls_at_once = settings.calls_at_once
        self.caller_id = settings.caller_id
        self.trunks = settings.trunks
        self.is_read_here = settings.cel_file is not None
        self._settings = settings
        self._orders = Remote(settings.name, timeout_s, never_sent=SwitchRefused, unknown=SwitchSilent)
        self._questions = replace(self._orders, never_sent=SwitchSilent)

    def originate(self, call: CallOrder) -> None:
        """Ask once to ring leg A. Raises: SwitchRefused (nothing rings), SwitchSilent (it may)."""
        order, path = self._order(call), _channel(call.id, call.attempt)
        answer = self._request(self._orders, "POST", path, reference=call.id, json=order)
        facts = {"call_id": call.id, "a": Msisdn(call.quote.a_number).masked, "b": Msisdn(call.quote.b_number).masked}
        if answer.status == HTTPStatus.CONFLICT:  # the channel lives: this call is placed already
            logger.warning("call is placed already", extra=facts)
        elif answer.status in _REFUSALS:
            raise SwitchRefused(reason=f"status {answer.status}")
        elif not answer.is_success:
            raise SwitchSilent(reason=f"status {answer.status}")
        else:
            logger.info("call placed", extra=facts)

    def cancel(self, call_id: str, attempt: int = 1) -> None:
        """End both legs; a call that is not there is fine. Raises: SwitchSilent."""
        params = {"reason_code": str(NORMAL_CLEARING)}
        self._ask("DELETE", _channel(call_id, attempt), reference=call_id, params=params)

    def living(self) -> Collection[tuple[str, int]]:
        """Return which tries (a call and its attempt) have a channel of leg A now. Raises: SwitchSilent."""
        ours = [cel.OUR_CALL.fullmatch(channel) for channel in self.channels()]
        return {(found[1], int(found[2] or 1)) for found in ours if found}

    def end_leg(self, channel: str) -> None:
        """End one leg; one that is not there is fine. Raises: SwitchSilent."""
        self._ask("DELETE", f"/channels/{quote(channel, safe='')}", params={"reason_code": str(NORMAL_CLEARING)})

    def channels(self) -> Collection[str]:
        """Return the ids of all legs that it has now. Raises: SwitchSilent."""
        answer = self._ask("GET", "/channels", level=logging.DEBUG)  # asked all the time
        try:
            channels = json.loads(answer.body) if answer is not None else None
            if not isinstance(channels, list):
                raise TypeError(type(channels))
            return {channel["id"] + "" for channel in channels}  # a text, or it is no list of ours
        except (ValueError, KeyError, TypeError) as error:
            raise SwitchSilent(reason="no list of channels") from error

    def started_at(self) -> datetime:
        """Return when the switch came up, its health check. Raises: SwitchSilent."""
        answer = self._ask("GET", "/asterisk/info", level=logging.DEBUG, params={"only": "status"})
        try:
            text = json.loads(answer.body)["status"]["startup_time"] if answer is not None else ""
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)
        except (ValueError, KeyError, TypeError) as error:
            raise SwitchSilent(reason="no startup time") from error

    def read_records(self, position: str) -> Records:
        """Return whole records after `position` ("" = from the start), at most a few thousand at once."""
        if self._settings.cel_file is None:
            raise RecordsElsewhere(name=self.name)
        return cel.read_records(self._settings.cel_file, position)

    def _order(self, call: CallOrder) -> Mapping[str, object]:
        """Return the request's body. The switch takes variables as text only."""
        a_number, b_number = call.quote.a_number, call.quote.b_number
        if not (_DIGITS.fullmatch(a_number) and _DIGITS.fullmatch(b_number)):
            raise SwitchRefused(reason="a number is not digits only")  # it would go into the dialplan
        if min(call.ring_a_s, call.ring_b_s, call.talk_ms, call.leg_a_s) <= 0:
            raise SwitchRefused(reason="a limit is missing")  # the dialplan would find out after A had answered
        if not (call.trunks_a and call.trunks_b):
            raise SwitchRefused(reason="no trunk was chosen")
        code = call.trunks_a[-1]
        trunk = next((trunk for trunk in self.trunks if trunk.code == code), Trunk(code, 1))
        return {
            "endpoint": f"PJSIP/{trunk.dials(a_number)}@{code}",
            "context": CONTEXT,
            "extension": b_number,
            "priority": 1,
            "timeout": call.ring_a_s,
            "callerId": trunk.caller_id or self._settings.caller_id,
            "variables": {
                "CHANNEL(accountcode)": call.id,
                "K5_ORDER": call.id,
                "K5_RING_B": str(call.ring_b_s),
                "K5_TALK_MS": str(call.talk_ms),
                "K5_LEG_S": str(call.leg_a_s),
                "K5_TRUNKS_B": ",".join(call.trunks_b),
                "K5_SHOW": self._settings.caller_id,
                "K5_LAST_WORDS": LAST_WORDS,
                "K5_PRESS_1": "1" if call.press_1 else "",
                "K5_REC": "rec" if call.is_recorded else "",
                "CHANNEL(hangup_handler_push)": "k5-end,s,1",  # writes the SIP code also where A never answers
                "FORWARD_CONTEXT": NO_REDIRECT,
            },
        }

    def _ask(self, method: str, path: str, **content: Any) -> Answer | None:
        """Return the answer, None for 404. Raises: SwitchSilent."""
        answer = self._request(self._questions, method, path, **content)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if not answer.is_success:
            raise SwitchSilent(reason=f"status {answer.status}")
        return answer

    def _request(self, remote: Remote, method: str, path: str, **content: Any) -> Answer:
        auth = (self._settings.ari_user, self._settings.ari_password)
        return remote.request(method, self._settings.ari_url + path, auth=auth, **content)


def _channel(call_id: str, attempt: int) -> str:
    """Return the path of leg A's channel: each try has an id of its own, for the same one would dial again."""
    return f"/channels/k5-{call_id}-a{attempt if attempt > 1 else ''}"
