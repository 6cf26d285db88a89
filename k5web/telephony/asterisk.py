"""The Switch port over Asterisk's REST interface: one request starts a call, the switch does the rest by itself."""

import logging
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from k5web.domain.calls.call import CallOrder, Records
from k5web.domain.calls.endings import LAST_WORDS
from k5web.domain.prices.number import Msisdn
from k5web.errors import RecordsElsewhere, SwitchRefused, SwitchSilent
from k5web.switches import SwitchSettings
from k5web.telephony import cel

logger = logging.getLogger(__name__)

CONTEXT = "k5-callback"  # the dialplan that calls B and cuts off, in extensions.conf
NO_REDIRECT = "k5-no-redirect"  # where a carrier's redirection of leg A would look for its number: there is none
NORMAL_CLEARING = 16  # Q.850

_DIGITS = re.compile(r"[0-9]{7,15}", re.ASCII)

# Asterisk dials in a thread of its own, started last: with any of these nothing rings. Other failures may come from
# a proxy that had already passed the request on.
_REFUSALS = frozenset({*range(400, 500), 500, 503}) - {requests.codes.conflict, requests.codes.request_timeout}


class AsteriskSwitch:
    """A real Asterisk or the simulated switch: they speak the same. No request is ever repeated."""

    def __init__(self, settings: SwitchSettings, timeout_s: tuple[float, float] = (2.0, 5.0)) -> None:
        """Units: `timeout_s` seconds to connect and to wait for the answer."""
        self.name = settings.name
        self.calls_at_once = settings.calls_at_once
        self.trunks = settings.trunks
        self.is_read_here = settings.cel_file is not None
        self._settings = settings
        self._timeout_s = timeout_s

    def originate(self, call: CallOrder) -> None:
        """Ask once to ring leg A. Raises: SwitchRefused (nothing rings), SwitchSilent (it may)."""
        try:
            answer = self._request("POST", _channel(call.id, call.attempt), json=self._order(call))
        except requests.ConnectionError as error:
            if _never_sent(error):
                raise SwitchRefused(reason="no connection") from error
            raise SwitchSilent(reason=type(error).__name__) from error
        except requests.RequestException as error:
            raise SwitchSilent(reason=type(error).__name__) from error
        facts = {"call_id": call.id, "a": Msisdn(call.quote.a_number).masked, "b": Msisdn(call.quote.b_number).masked}
        if answer.status_code == requests.codes.conflict:  # the channel lives: this call is placed already
            logger.warning("call is placed already", extra=facts)
        elif answer.status_code in _REFUSALS:
            raise SwitchRefused(reason=f"status {answer.status_code}")
        elif not _went_well(answer):
            raise SwitchSilent(reason=f"status {answer.status_code}")
        else:
            logger.info("call placed", extra=facts)

    def cancel(self, call_id: str, attempt: int = 1) -> None:
        """End both legs; a call that is not there is fine. Raises: SwitchSilent."""
        self._ask("DELETE", _channel(call_id, attempt), {"reason_code": str(NORMAL_CLEARING)})

    def living(self) -> Collection[tuple[str, int]]:
        """Return which tries (a call and its attempt) have a channel of leg A now. Raises: SwitchSilent."""
        answer = self._ask("GET", "/channels")
        try:
            channels = answer.json() if answer is not None else None
            if not isinstance(channels, list):
                raise TypeError(type(channels))
            ours = [cel.OUR_CALL.fullmatch(channel["id"]) for channel in channels]
            return {(found[1], int(found[2] or 1)) for found in ours if found}
        except (ValueError, KeyError, TypeError) as error:
            raise SwitchSilent(reason="no list of channels") from error

    def started_at(self) -> datetime:
        """Return when the switch came up, its health check. Raises: SwitchSilent."""
        answer = self._ask("GET", "/asterisk/info", {"only": "status"})
        try:
            text = answer.json()["status"]["startup_time"] if answer is not None else ""
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
        return {
            "endpoint": f"PJSIP/{a_number}@{call.trunks_a[-1]}",
            "context": CONTEXT,
            "extension": b_number,
            "priority": 1,
            "timeout": call.ring_a_s,
            "callerId": self._settings.caller_id,
            "variables": {
                "CHANNEL(accountcode)": call.id,
                "K5_ORDER": call.id,
                "K5_RING_B": str(call.ring_b_s),
                "K5_TALK_MS": str(call.talk_ms),
                "K5_LEG_S": str(call.leg_a_s),
                "K5_TRUNKS_B": ",".join(call.trunks_b),
                "K5_LAST_WORDS": LAST_WORDS,
                "K5_PRESS_1": "1" if call.press_1 else "",
                "CHANNEL(hangup_handler_push)": "k5-end,s,1",  # writes the SIP code also where A never answers
                "FORWARD_CONTEXT": NO_REDIRECT,
            },
        }

    def _ask(self, method: str, path: str, params: Mapping[str, str] | None = None) -> requests.Response | None:
        """Return the answer, None for 404. Raises: SwitchSilent."""
        try:
            answer = self._request(method, path, params=params)
        except requests.RequestException as error:
            raise SwitchSilent(reason=type(error).__name__) from error
        if answer.status_code == requests.codes.not_found:
            return None
        if not _went_well(answer):
            raise SwitchSilent(reason=f"status {answer.status_code}")
        return answer

    def _request(self, method: str, path: str, **content: Any) -> requests.Response:
        """Send one request on a connection of its own: a kept one could break after the request was sent."""
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc: the switch stands beside us
            return session.request(
                method,
                self._settings.ari_url + path,
                auth=(self._settings.ari_user, self._settings.ari_password),
                timeout=self._timeout_s,
                allow_redirects=False,
                **content,
            )


def _channel(call_id: str, attempt: int) -> str:
    """Return the path of leg A's channel: each try has an id of its own, for the same one would dial again."""
    return f"/channels/k5-{call_id}-a{attempt if attempt > 1 else ''}"


def _went_well(answer: requests.Response) -> bool:
    """True for 2xx only: `ok` would take a redirection for a success."""
    return answer.status_code // 100 == 2


def _never_sent(error: requests.ConnectionError) -> bool:
    """True where no connection came about: refused, unreachable, or too slow to connect."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
