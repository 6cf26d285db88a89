"""One request, one answer, one line in the log. Nothing is repeated here: the caller knows what may be asked twice."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from k5web.errors import K5Error, ProviderRefused, ProviderUnknown

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes
    content_type: str = ""

    @property
    def is_success(self) -> bool:
        """True for 2xx only: a redirection is no success, and none is followed."""
        return self.status // 100 == 2


@dataclass(frozen=True, slots=True)
class Remote:
    """A party that K5 asks over HTTP. Units: `timeout_s` seconds to connect and to wait for the answer."""

    name: str  # for the log: "net:bank", a switch's name
    timeout_s: tuple[float, float]
    ca_file: str = ""  # of the certificates to trust; "": those of the system
    never_sent: type[K5Error] = ProviderRefused  # raised where the other side cannot have seen the request
    unknown: type[K5Error] = ProviderUnknown  # raised where it may have seen and done it

    def request(self, method: str, url: str, reference: str = "", level: int = logging.INFO, **content: Any) -> Answer:
        """Return the answer to one request.

        `reference` names the payment or the call in the log, where neither address nor content appear: it is never a
        telephone number or a secret. `level` is the line's where all went well.
        Raises: `never_sent` or `unknown`, each with its reason.
        """
        began = monotonic()
        facts = {"provider": self.name, "method": method, "reference": reference}
        try:
            answer = self._send(method, url, content)
        except requests.RequestException as error:
            kind, reason = self._trouble(error)
            failed = facts | {"status": reason, "duration_s": _since(began)}
            logger.log(level if level < logging.INFO else logging.WARNING, "request failed", extra=failed)
            raise kind(reason=reason) from error
        logger.log(level, "request", extra=facts | {"status": answer.status, "duration_s": _since(began)})
        return answer

    def _send(self, method: str, url: str, content: Mapping[str, Any]) -> Answer:
        """Send one request on a connection of its own: a kept one could break after the request was sent."""
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc
            found = session.request(
                method,
                url,
                timeout=self.timeout_s,
                allow_redirects=False,
                verify=self.ca_file or True,
                **content,
            )
            return Answer(found.status_code, found.content, found.headers.get("Content-Type", ""))

    def _trouble(self, error: requests.RequestException) -> tuple[type[K5Error], str]:
        if isinstance(error, requests.ConnectionError) and _never_sent(error):
            return self.never_sent, "no connection"
        return self.unknown, type(error).__name__


def _never_sent(error: requests.ConnectionError) -> bool:
    """True where no connection came about: refused, unreachable, or too slow to connect."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _since(began: float) -> float:
    return round(monotonic() - began, 3)
