"""Talking to the provider: one request, one answer. Nothing is repeated here: who asks knows what may be repeated."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from connectors.qiwi import wire
from k5web.errors import MalformedNotice, ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Answer, Remote

logger = logging.getLogger(__name__)

_NOT_DONE = frozenset(range(400, 500)) - {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}


@dataclass(frozen=True, slots=True)
class Api:
    """One partner's interface."""

    base_url: str
    remote: Remote
    authorization: str = field(repr=False)  # the header

    def ask(self, method: str, *path: str, **content: Any) -> Mapping[str, object] | None:
        """Return the answer's JSON object, None where the thing is not found.

        Raises: ProviderRefused (it did not do it), ProviderUnknown (no answer that can be believed).
        """
        place = "/".join(quote(part, safe="") for part in path)
        headers = {"Accept": "application/json", "Authorization": self.authorization}
        answer = self.remote.request(method, f"{self.base_url}/{place}", reference=place, headers=headers, **content)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.status in _NOT_DONE:
            reason = _error_code(answer)
            logger.warning("the provider says no", extra={"origin": self.remote.name, "reason": reason})
            raise ProviderRefused(reason=reason)
        if not answer.is_success:
            raise ProviderUnknown(reason=f"status {answer.status}")
        try:
            return wire.read_json(answer.body)
        except MalformedNotice as error:
            raise ProviderUnknown(reason="the answer cannot be read") from error


def _error_code(answer: Answer) -> str:
    """Return the provider's word for what is wrong, else the bare status."""
    try:
        return wire.plain(wire.at(wire.read_json(answer.body), "errorCode"))
    except MalformedNotice:
        return f"status {answer.status}"
