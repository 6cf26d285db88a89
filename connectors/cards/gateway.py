"""Talking to the gateway: one request, one answer, in the form its generation wants. Nothing is ever repeated."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.cards import wire
from connectors.cards.acquirer import Acquirer
from connectors.cards.wire import Fields, Method, Verdict
from k5web.errors import ProviderRefused, ProviderUnknown

logger = logging.getLogger(__name__)

# The gateway's own trouble is 400 and 5xx: it may have done it. These it never came to:
_NOT_DONE = frozenset({401, 403, 404, 405, 429})


class Gateway:
    """One acquirer's gateway."""

    def __init__(self, acquirer: Acquirer, timeout_s: tuple[float, float]) -> None:
        """Units: `timeout_s` seconds to connect and to wait for the answer."""
        self._acquirer = acquirer
        self._timeout_s = timeout_s

    def ask(self, method: Method, fields: Fields) -> tuple[Fields, Verdict | None]:
        """Return the answer's fields and what its error code means, None where all went well.

        Raises: ProviderRefused (it never got there), ProviderUnknown (no answer that can be believed).
        """
        try:
            answer = self._post(method, fields)
        except requests.ConnectionError as error:
            if _never_sent(error):
                raise ProviderRefused(reason="no connection") from error
            raise ProviderUnknown(reason=type(error).__name__) from error
        except requests.RequestException as error:
            raise ProviderUnknown(reason=type(error).__name__) from error
        if answer.status_code in _NOT_DONE:
            logger.error("the card gateway does not serve us", extra=self._facts(method, status=answer.status_code))
            raise ProviderRefused(reason=f"status {answer.status_code}")
        if answer.status_code != requests.codes.ok:
            raise ProviderUnknown(reason=f"status {answer.status_code}")
        try:
            found = wire.read_fields(answer.content)
        except ValueError as error:
            raise ProviderUnknown(reason=f"unreadable answer to {method.value}") from error
        return found, self._verdict(method, wire.error_code(found))

    def _verdict(self, method: Method, code: str) -> Verdict | None:
        if code == "0":
            return None
        verdict = wire.ERRORS[method].get(code)
        logger.warning("the card gateway says no", extra=self._facts(method, error_code=code))
        if verdict is None:
            raise ProviderUnknown(reason=f"{method.value} answered with an unknown code {code[:8]}")
        return verdict

    def _post(self, method: Method, fields: Fields) -> requests.Response:
        """Send one request on a connection of its own: a kept one could break after the request was sent."""
        acquirer = self._acquirer
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc
            return session.post(
                f"{acquirer.base_url}{acquirer.rest_path}/{method.value}",
                timeout=self._timeout_s,
                allow_redirects=False,
                verify=acquirer.ca_file or True,
                **self._content({**acquirer.login, **fields}),
            )

    def _content(self, fields: Fields) -> Mapping[str, Any]:
        """Return the body: a form whose tables are JSON texts, or one JSON object."""
        if self._acquirer.protocol == "rbs-ecom":
            return {"json": fields}
        return {"data": {name: _form_text(value) for name, value in fields.items()}}

    def _facts(self, method: Method, **facts: object) -> Mapping[str, object]:
        return {"connector": "cards", "partner": self._acquirer.partner.code, "method": method.value, **facts}


def _form_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _never_sent(error: requests.ConnectionError) -> bool:
    """True where no connection came about: refused, unreachable, or too slow to connect."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
