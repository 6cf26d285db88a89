"""Talking to the provider: one request, one answer. Nothing is repeated here: who asks knows what may be repeated."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.qiwi import wire
from k5web.errors import MalformedNotice, ProviderRefused, ProviderUnknown

logger = logging.getLogger(__name__)

_NOT_DONE = frozenset(range(400, 500)) - {requests.codes.request_timeout, requests.codes.conflict}


@dataclass(frozen=True, slots=True)
class Api:
    """One partner's interface. Units: `timeout_s` seconds to connect and to wait for the answer."""

    base_url: str
    timeout_s: tuple[float, float]
    authorization: str = field(repr=False)  # the header
    origin: str  # for the log

    def ask(self, method: str, *path: str, **content: Any) -> Mapping[str, object] | None:
        """Return the answer's JSON object, None where the thing is not found.

        Raises: ProviderRefused (it did not do it), ProviderUnknown (no answer that can be believed).
        """
        try:
            answer = self._send(method, "/".join(quote(part, safe="") for part in path), content)
        except requests.ConnectionError as error:
            if _never_sent(error):
                raise ProviderRefused(reason="no connection") from error
            raise ProviderUnknown(reason=type(error).__name__) from error
        except requests.RequestException as error:
            raise ProviderUnknown(reason=type(error).__name__) from error
        if answer.status_code == requests.codes.not_found:
            return None
        if answer.status_code in _NOT_DONE:
            reason = _error_code(answer)
            logger.warning("the provider says no", extra={"origin": self.origin, "reason": reason})
            raise ProviderRefused(reason=reason)
        if answer.status_code // 100 != 2:
            raise ProviderUnknown(reason=f"status {answer.status_code}")
        try:
            return wire.read_json(answer.content)
        except MalformedNotice as error:
            raise ProviderUnknown(reason="the answer cannot be read") from error

    def _send(self, method: str, path: str, content: Mapping[str, Any]) -> requests.Response:
        """Send one request on a connection of its own: a kept one could break after the request was sent."""
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc
            headers = {"Accept": "application/json", "Authorization": self.authorization}
            return session.request(
                method,
                f"{self.base_url}/{path}",
                headers=headers,
                timeout=self.timeout_s,
                allow_redirects=False,
                **content,
            )


def _error_code(answer: requests.Response) -> str:
    """Return the provider's word for what is wrong, else the bare status."""
    try:
        return wire.plain(wire.at(wire.read_json(answer.content), "errorCode"))
    except MalformedNotice:
        return f"status {answer.status_code}"


def _never_sent(error: requests.ConnectionError) -> bool:
    """True where no connection came about: refused, unreachable, or too slow to connect."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
