"""Talking to the gateway: one request, one answer, in the form its generation wants. Nothing is ever repeated."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from connectors.cards import wire
from connectors.cards.acquirer import Acquirer
from connectors.cards.wire import ErrorMeaning, Fields, Method
from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Remote

logger = logging.getLogger(__name__)

# The gateway's own trouble is 400 and 5xx: it may have done it. These it never came to:
_NOT_DONE = frozenset({401, 403, 404, 405, 429})


class Gateway:
    """One acquirer's gateway."""

    def __init__(self, acquirer: Acquirer, timeout_s: tuple[float, float]) -> None:
        """Units: `timeout_s` seconds to connect and to wait for the answer."""
        self._acquirer = acquirer
        self._remote = Remote(f"cards:{acquirer.partner.code}", timeout_s, acquirer.ca_file)

    def ask(self, method: Method, fields: Fields) -> tuple[Fields, ErrorMeaning | None]:
        """Return the answer's fields and what its error code means, None where all went well.

        Raises: ProviderRefused (it never got there), ProviderUnknown (no answer that can be believed).
        """
        acquirer = self._acquirer
        answer = self._remote.request(
            "POST",
            f"{acquirer.base_url}{acquirer.rest_path}/{method.value}",
            reference=_reference(fields),
            **self._content({**acquirer.login, **fields}),
        )
        if answer.status in _NOT_DONE:
            logger.error("the card gateway does not serve us", extra=self._facts(method, status=answer.status))
            raise ProviderRefused(reason=f"status {answer.status}")
        if answer.status != HTTPStatus.OK:
            raise ProviderUnknown(reason=f"status {answer.status}")
        try:
            found = wire.read_fields(answer.body)
        except ValueError as error:
            raise ProviderUnknown(reason=f"unreadable answer to {method.value}") from error
        return found, self._verdict(method, wire.error_code(found))

    def _verdict(self, method: Method, code: str) -> ErrorMeaning | None:
        if code == "0":
            return None
        verdict = wire.ERRORS[method].get(code)
        logger.warning("the card gateway says no", extra=self._facts(method, error_code=code))
        if verdict is None:
            raise ProviderUnknown(reason=f"{method.value} answered with an unknown code {code[:8]}")
        return verdict

    def _content(self, fields: Fields) -> Mapping[str, Any]:
        """Return the body: a form whose tables are JSON texts, or one JSON object."""
        if self._acquirer.protocol == "rbs-ecom":
            return {"json": fields}
        return {"data": {name: _form_text(value) for name, value in fields.items()}}

    def _facts(self, method: Method, **facts: object) -> Mapping[str, object]:
        return {"connector": "cards", "partner": self._acquirer.partner.code, "method": method.value, **facts}


def _reference(fields: Fields) -> str:
    """Return the order's number, or the gateway's id of it: a card's token is a secret and stays out of the log."""
    return str(next((fields[name] for name in ("orderNumber", "orderId", "mdOrder") if name in fields), ""))


def _form_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
